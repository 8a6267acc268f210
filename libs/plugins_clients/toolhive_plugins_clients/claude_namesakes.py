"""Other plugins of the same name, which Claude Code loads in the place of an installed one, or beside it.

Which one it takes was seen in sessions: docs/clients.md, *Installing*.
"""

import json
import stat
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_clients.claude_files import SKILLS_DIR, base_of, installed_plugins
from toolhive_plugins_clients.claude_settings import Settings, decision
from toolhive_plugins_clients.documents import read_client_file
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.files import names_in, read_file
from toolhive_plugins_clients.health import Ailment, HealthStatus
from toolhive_plugins_clients.placements import Placement

_MAX_MANIFEST: Final = 64 * 1024


def namesakes_of_folder(placement: Placement, settings: list[Settings]) -> Iterator[Ailment]:
    """Yield what is loaded in the place of a folder: a marketplace's plugin, the user's folder in a project, another folder."""
    for key, each in _enabled(placement, SKILLS_DIR, settings):
        yield Ailment(HealthStatus.SHADOWED, f"{key} has the same name, and is loaded in its place", each.path)
    users = placement.homes.folder("CLAUDE_CONFIG_DIR", ".claude") / "skills"
    own = base_of(placement) / "skills"
    for folder in dict.fromkeys((users, own)):
        for found in _named(folder, placement.name):
            if found == own / placement.name:
                continue
            if folder == users and folder != own:
                text = "the user's own plugin of the same name is loaded in its place"
            else:
                text = "another folder has the same name in its plugin.json, and only one of them is loaded"
            yield Ailment(HealthStatus.SHADOWED, text, found)


def namesakes_of_entry(placement: Placement, marketplace: str, settings: list[Settings]) -> Iterator[Ailment]:
    """Yield the plugins of other marketplaces that are enabled beside one, of which the hooks of only one run."""
    for key, each in _enabled(placement, marketplace, settings):
        text = f"{key} is enabled, too, and Claude Code runs the hooks of only one of them"
        yield Ailment(HealthStatus.LIMITED, text, each.path)


def _enabled(placement: Placement, marketplace: str, settings: list[Settings]) -> Iterator[tuple[str, Settings]]:
    """Yield the plugins of a name that are enabled and that the client can load, but for that of a marketplace."""
    installed = _installed(placement)
    known = {name for each in settings for name in each.table(each.known)}
    for key in dict.fromkeys(key for each in settings for key in each.table("enabledPlugins")):
        plugin, _, market = key.rpartition("@")
        if plugin != placement.name or market in (marketplace, SKILLS_DIR) or not (key in installed or market in known):
            continue
        decided = decision(key, settings)
        if decided is not None and decided[0] is True:
            yield shown(key), decided[1]


def _installed(placement: Placement) -> Collection[str]:
    """Return what the client has in its own list; nothing where that cannot be read."""
    try:
        listed = read_client_file(installed_plugins(placement.homes)).document.plain()
    except ClientFileError:
        return ()
    plugins = listed.get("plugins") if isinstance(listed, dict) else None
    return plugins if isinstance(plugins, dict) else ()


def _named(folder: Path, name: str) -> Iterator[Path]:
    """Yield the plugins in a skills folder that have a name in their manifests."""
    for entry in names_in(folder):
        manifest = folder / entry / ".claude-plugin" / "plugin.json"
        if entry.startswith("."):
            continue
        try:
            state = manifest.stat()
        except (OSError, ValueError):
            continue
        version = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        if stat.S_ISREG(state.st_mode) and _name_in(manifest, entry, version) == name:
            yield folder / entry


@lru_cache(maxsize=2000)
def _name_in(manifest: Path, default: str, _version: tuple[int, ...]) -> str | None:
    """Return the name that a manifest gives its plugin, None where it gives none that can be read.

    A folder is looked through for each plugin in it, so each version of a file is read once, or a list would read the square of its length.
    """
    try:
        document = json.loads(read_file(manifest, max_size=_MAX_MANIFEST).data or b"{}")
    except (ClientFileError, ValueError, RecursionError):
        return None
    name = document.get("name", default) if isinstance(document, dict) else None
    return name if isinstance(name, str) else None
