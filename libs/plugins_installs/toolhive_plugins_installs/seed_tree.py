"""The files of a `CLAUDE_CODE_PLUGIN_SEED_DIR`: a marketplace and plugins that Claude Code loads in place, without fetching anything.

known_marketplaces.json                     names the marketplace; no path in it, so that the folder can be moved
marketplaces/NAME/.claude-plugin/marketplace.json
marketplaces/NAME/plugins/PLUGIN/           what `plugin list` and `plugin details` read
cache/NAME/PLUGIN/VERSION/                  what sessions load
.toolhive-seed.json                         what we put there
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from toolhive_plugins import FileTree, PluginFile, path_bytes, shown
from toolhive_plugins_installs.errors import InstallsError
from toolhive_plugins_installs.folder_state import read_folder

MARKER: Final = ".toolhive-seed.json"
"""The file that tells a seed of ours from any other folder."""

_MARKETPLACE_FILE: Final = ".claude-plugin/marketplace.json"
_NOT_IN_FOLDERS: Final = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)
_MAX_VERSION: Final = 100
_CHUNK: Final = 256 * 1024
_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@frozen(kw_only=True)
class SeededPlugin:
    """A plugin of a seed."""

    name: str
    version: str
    """The name of its folder in the seed: its version as Claude Code writes it, or the beginning of its digest."""

    source: str
    """The target as it was written."""

    reference: str
    """Always names the same content."""

    digest: str
    description: str = ""


class FolderTree(FileTree):
    """All files of a folder on disk, which are not expected to change.

    Raises:
        InstallsError: the folder has more files than are looked at, or something that is not a file.
    """

    def __init__(self, folder: Path) -> None:
        state = read_folder(folder)
        if state is None or state.odd:
            raise InstallsError("is not a folder of plain files", where=shown(folder), remedy="Write it anew")
        self._folder = folder
        paths = sorted(state.files, key=path_bytes)
        self.files = {
            path: PluginFile(path, os.lstat(folder / path).st_size, 0o755 if state.files[path].executable else 0o644)
            for path in paths
        }

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        with os.fdopen(os.open(self._folder / path, _READ), "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


class SeedTree(FileTree):
    """The files of a seed.

    Args:
        marketplace: its name.
        plugins: what it has, and the files of each.
    """

    def __init__(self, marketplace: str, plugins: Sequence[tuple[SeededPlugin, FileTree]]) -> None:
        listed = [plugin for plugin, _ in plugins]
        self._made = _documents(marketplace, listed)
        self._trees: dict[str, tuple[FileTree, str]] = {}
        files = {path: PluginFile(path, len(data), 0o644) for path, data in self._made.items()}
        for plugin, tree in plugins:
            for folder in plugin_folders(marketplace, plugin):
                for path, file in tree.files.items():
                    place = f"{folder}/{path}"
                    files[place] = PluginFile(place, file.size, file.mode)
                    self._trees[place] = (tree, path)
        self.files = {path: files[path] for path in sorted(files, key=path_bytes)}

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        if path in self._made:
            return iter((self._made[path],))
        tree, inner = self._trees[path]
        return tree.chunks(inner)


def plugin_folders(marketplace: str, plugin: SeededPlugin) -> tuple[str, str]:
    """Return where a plugin is in a seed: for sessions, and for what lists plugins."""
    return f"cache/{marketplace}/{plugin.name}/{plugin.version}", f"marketplaces/{marketplace}/plugins/{plugin.name}"


def version_folder(version: str, digest: str) -> str:
    """Return the name of a version's folder as Claude Code makes it from `plugin.json`; of the digest where there is no version.

    Raises:
        InstallsError: the version cannot be a folder's name.
    """
    if not version:
        return digest.rpartition(":")[2][:12]
    name = _NOT_IN_FOLDERS.sub("-", version)
    if not name.strip(".") or len(name) > _MAX_VERSION:
        raise InstallsError(
            f"the version {shown(version)!r} cannot be the name of a folder", remedy="Ask the publisher for another"
        )
    return name


def _documents(marketplace: str, plugins: Sequence[SeededPlugin]) -> dict[str, bytes]:
    # The kind "settings" has no place of its own that the client would look at, or fetch from.
    known = {
        marketplace: {
            "source": {"source": "settings", "name": marketplace, "plugins": []},
            "installLocation": f"marketplaces/{marketplace}",
            "lastUpdated": "1970-01-01T00:00:00.000Z",
        }
    }
    entries = [_entry(plugin) for plugin in plugins]
    market = {"name": marketplace, "owner": {"name": "ToolHive"}, "plugins": entries}
    ours = {"version": 1, "marketplace": marketplace, "plugins": [_marked(plugin) for plugin in plugins]}
    return {
        "known_marketplaces.json": _json(known),
        f"marketplaces/{marketplace}/{_MARKETPLACE_FILE}": _json(market),
        MARKER: _json(ours),
    }


def _entry(plugin: SeededPlugin) -> Mapping[str, Any]:
    entry = {"name": plugin.name, "source": f"./plugins/{plugin.name}", "version": plugin.version}
    return {**entry, "description": plugin.description} if plugin.description else entry


def _marked(plugin: SeededPlugin) -> Mapping[str, str]:
    fields = ("name", "version", "source", "reference", "digest", "description")
    return {field: getattr(plugin, field) for field in fields}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
