"""Finds where a plugin's components are: in the default place for each type, and where `plugin.json` declares them.

A declared path leads to files of the tree or nowhere; nothing here reads a disk.
"""

from typing import Final

from attrs import frozen

from toolhive_artifact import JsonObject, JsonValue
from toolhive_artifact.errors import shown
from toolhive_plugins_content.components import ComponentType
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree, resolve_path, under

SKILL_FILE: Final = "SKILL.md"
MARKDOWN_TYPES: Final = frozenset({ComponentType.COMMANDS, ComponentType.AGENTS, ComponentType.SKILLS})
"""The types whose components are Markdown files; those of the others are entries of JSON files."""

REPLACES_DEFAULT: Final = frozenset({ComponentType.COMMANDS, ComponentType.AGENTS})
"""The types of which Claude Code ignores the default place if `plugin.json` declares them; the others add to it."""

BUNDLE_SUFFIXES: Final = (".mcpb", ".dxt")
"""The suffixes of MCP bundles."""

_DEFAULT_FILES: Final = {
    ComponentType.HOOKS: "hooks/hooks.json",
    ComponentType.MCP_SERVERS: ".mcp.json",
    ComponentType.LSP_SERVERS: ".lsp.json",
}


@frozen
class Inline:
    """Components that `plugin.json` itself contains."""

    value: JsonValue
    at: tuple[str | int, ...]
    """The keys and indexes that lead to it in the manifest."""


@frozen
class Declaration:
    """What `plugin.json` declares of one component type."""

    files: tuple[str, ...] = ()
    """The files that its paths lead to, each once."""

    inline: tuple[Inline, ...] = ()
    """What it contains itself."""

    urls: tuple[str, ...] = ()
    """The addresses of MCP bundles, which a client would download."""

    counted: int = 0
    """How many components everything but the paths is, counted as toolhive-core counts."""


def default_files(tree: FileTree, kind: ComponentType) -> tuple[str, ...]:
    """Return the files in the default place for `kind`."""
    paths = tree.paths
    if kind in (ComponentType.COMMANDS, ComponentType.AGENTS):
        return _markdown_in(paths, kind.value)
    if kind is ComponentType.SKILLS:
        skills = under(paths, "skills")
        # A SKILL.md at the root makes the plugin one skill, unless it has a folder of skills.
        return _skills_in(skills, "skills") if skills else _present(SKILL_FILE, tree)
    return _present(_DEFAULT_FILES[kind], tree)


def read_declaration(
    tree: FileTree, manifest: PluginManifest, kind: ComponentType, findings: Findings
) -> Declaration | None:
    """Return what the manifest declares of `kind`; None if it declares nothing, or null."""
    pairs = manifest.document.fields(kind.value)
    if not pairs or pairs[-1][1] is None:
        return None
    key, value = pairs[-1]
    reader = _DeclarationReader(tree, manifest, kind, findings)
    if isinstance(value, JsonObject):
        reader.take_object(value, key)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            reader.take(item, (key, index))
    else:
        reader.take(value, (key,))
    return reader.declaration()


class _DeclarationReader:
    def __init__(self, tree: FileTree, manifest: PluginManifest, kind: ComponentType, findings: Findings) -> None:
        self._tree = tree
        self._findings = findings
        self._manifest = manifest
        self._kind = kind
        self._files: dict[str, None] = {}
        self._inline: list[Inline] = []
        self._urls: list[str] = []
        self._counted = 0
        self._followed: set[str] = set()

    def take(self, item: JsonValue, at: tuple[str | int, ...]) -> None:
        if isinstance(item, str):
            self._path(item, at)
            return
        self._counted += 1
        if isinstance(item, JsonObject) and self._kind not in MARKDOWN_TYPES:
            self._inline.append(Inline(item, at))
        else:
            self._error(Rule.TYPE, "must be a path, or a list of paths", at)

    def take_object(self, value: JsonObject, key: str) -> None:
        """Read an object that is the whole declaration: the components themselves, or commands by name."""
        self._counted = len(value)
        if self._kind in (ComponentType.AGENTS, ComponentType.SKILLS):
            self._error(Rule.TYPE, "must be a path, or a list of paths", (key,))
        else:
            self._inline.append(Inline(value, (key,)))

    def _path(self, text: str, at: tuple[str | int, ...]) -> None:
        if self._kind is ComponentType.MCP_SERVERS and text.startswith(("https://", "http://")):
            self._urls.append(text)
            self._counted += 1
            return
        path = resolve_path(text)
        if path is None:
            self._error(Rule.PATH, f"{shown(text)!r} leads out of the plugin and is not followed", at)
            return
        if path in self._followed:
            return
        found = _files_at(self._tree, path, self._kind)
        self._files.update(dict.fromkeys(found))
        if found:
            self._followed.add(path)
        else:
            problem = f"{self._kind.value}: no component that is packaged is at {shown(text)!r}"
            self._findings.warning(Rule.PATH_MISSING, problem, MANIFEST_PATH, self._position(at))

    def _error(self, rule: Rule, problem: str, at: tuple[str | int, ...]) -> None:
        self._findings.error(rule, f"{self._kind.value}: {problem}", MANIFEST_PATH, self._position(at))

    def _position(self, at: tuple[str | int, ...]) -> tuple[int, int]:
        return (0, 0) if self._findings.is_full(MANIFEST_PATH) else self._manifest.document.position(*at)

    def declaration(self) -> Declaration:
        return Declaration(tuple(self._files), tuple(self._inline), tuple(self._urls), self._counted)


def _files_at(tree: FileTree, path: str, kind: ComponentType) -> tuple[str, ...]:
    if path in tree.files:
        return (path,)
    if kind is ComponentType.SKILLS:
        own = f"{path}/{SKILL_FILE}" if path else SKILL_FILE
        return (own,) if own in tree.files else _skills_in(tree.paths, path)
    return _markdown_in(tree.paths, path) if kind in MARKDOWN_TYPES else ()


def _markdown_in(paths: tuple[str, ...], folder: str) -> tuple[str, ...]:
    return tuple(path for path in under(paths, folder) if path.endswith(".md"))


def _skills_in(paths: tuple[str, ...] | list[str], folder: str) -> tuple[str, ...]:
    depth = folder.count("/") + 2 if folder else 1
    return tuple(path for path in under(paths, folder) if path.endswith(f"/{SKILL_FILE}") and path.count("/") == depth)


def _present(path: str, tree: FileTree) -> tuple[str, ...]:
    return (path,) if path in tree.files else ()
