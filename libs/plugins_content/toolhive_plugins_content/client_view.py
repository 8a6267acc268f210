"""The hidden files that clients read in a plugin's directory, although no artifact holds them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.tree import FileTree, PluginFile, path_bytes, resolve_path

CLIENT_FILES: Final = (
    ".codex-plugin/plugin.json",
    ".app.json",
    ".lsp.json",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pnpmfile.cjs",
)
"""Hidden files that some client, or the package manager that it runs, reads in a plugin's directory."""

COMPONENT_FOLDERS: Final = frozenset(
    {"commands", "agents", "skills", "hooks", "monitors", "workflows", "output-styles", "bin"}
)
"""Where clients look for components, folded."""


class ClientView(FileTree):
    """A plugin's files, with hidden ones that are not the plugin's.

    Args:
        plugin: the plugin's own files.
        hidden: the hidden files, by path.
        chunks_of: yields the content of a hidden file.
    """

    def __init__(
        self,
        plugin: FileTree,
        hidden: Mapping[str, PluginFile],
        chunks_of: Callable[[PluginFile], Iterator[bytes]],
    ) -> None:
        self._plugin = plugin
        self._hidden = hidden
        self._chunks_of = chunks_of
        files = {**plugin.files, **hidden}
        self.files = {path: files[path] for path in sorted(files, key=path_bytes)}

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        hidden = self._hidden.get(path)
        return self._plugin.chunks(path) if hidden is None else self._chunks_of(hidden)


def hidden_client_paths(
    left_out: Iterable[str], files_in: Callable[[str], Iterable[str]], manifest: JsonObject | None
) -> Iterator[str]:
    """Yield where hidden files may be that clients read; some may not exist, and some may come twice.

    Args:
        left_out: the hidden paths of the plugin; a folder ends in a slash.
        files_in: returns the files in a hidden folder, at any depth.
        manifest: the manifest, if it can be read: its values may name hidden files.
    """
    yield from CLIENT_FILES
    yield from _hidden_components(left_out, files_in)
    for text in _texts(manifest):
        path = resolve_path(text.replace("${CLAUDE_PLUGIN_ROOT}/", "")) if "." in text else None
        if path and any(part.startswith(".") for part in path.split("/")):
            yield path


def _hidden_components(left_out: Iterable[str], files_in: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield the hidden files where clients look for components or manifests, in any case."""
    known = {path.lower() for path in (*CLIENT_FILES, ".mcp.json")}
    for path in left_out:
        top, slash, rest = path.lower().partition("/")
        in_place = (slash and rest and top in COMPONENT_FOLDERS) or _is_manifest_folder(top)
        if path.endswith("/"):
            if in_place:
                yield from files_in(path[:-1])
        elif in_place or path.lower() in known:
            yield path


def _texts(value: JsonValue) -> Iterator[str]:
    """Yield every text in a value; nothing is nested deeper than a manifest may be."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, JsonObject):
        for _, item in value.pairs:
            yield from _texts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _is_manifest_folder(name: str) -> bool:
    return name.startswith(".") and name.endswith("-plugin")
