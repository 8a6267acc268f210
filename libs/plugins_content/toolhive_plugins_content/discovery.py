"""Finds a plugin's components in every place where a client may look."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import evolve

from toolhive_artifact import JsonObject, JsonValue
from toolhive_plugins_content.components import (
    Components,
    ComponentType,
    Hook,
    LspServer,
    McpServer,
    Monitor,
    Prompt,
    Source,
)
from toolhive_plugins_content.config import Config, load_config
from toolhive_plugins_content.declarations import (
    BUNDLE_SUFFIXES,
    SKILL_FILE,
    Declaration,
    default_files,
    read_declaration,
)
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest
from toolhive_plugins_content.tree import FileTree, resolve_path

if TYPE_CHECKING:
    from toolhive_plugins_content.markdown_files import MarkdownFiles

_Json = Hook | McpServer | LspServer
_T = TypeVar("_T", bound=_Json)

_MONITORS_FILE: Final = "monitors/monitors.json"
_IN_MANIFEST: Final = Source(MANIFEST_PATH, declared=True)


def discover_components(tree: FileTree, manifest: PluginManifest) -> Components:
    """Find a plugin's components, both where `plugin.json` declares them and in the default places.

    Clients differ in whether a declaration replaces the default place or adds to it. Both matter to whoever asks what might run;
    `Source.declared` distinguishes them.

    Args:
        tree: the files that the plugin ships.
        manifest: its manifest.

    Raises:
        ToolhiveError: a file cannot be read, or changed since the tree was made.
    """
    return _Discovery(tree, manifest).components()


def read_json_components(tree: FileTree, source: Source, kind: ComponentType, findings: Findings) -> list[_Json]:
    """Return the hooks, MCP servers or LSP servers of one file; `findings` takes what is wrong with it."""
    if kind is ComponentType.MCP_SERVERS and source.path.endswith(BUNDLE_SUFFIXES):
        return [McpServer(name=source.path, transport="bundle", source=source)]
    config = load_config(tree, source, findings)
    return [] if config is None else list(_read_json(kind, config))


def _read_json(kind: ComponentType, config: Config) -> Iterator[_Json]:
    from toolhive_plugins_content import (
        config_files,  # lazily, as all readers here: only a plugin with such files needs it
    )

    readers: dict[ComponentType, Callable[[Config], Iterator[_Json]]] = {
        ComponentType.HOOKS: config_files.read_hooks,
        ComponentType.MCP_SERVERS: config_files.read_mcp_servers,
        ComponentType.LSP_SERVERS: config_files.read_lsp_servers,
    }
    return readers[kind](config)


class _Discovery:
    def __init__(self, tree: FileTree, manifest: PluginManifest) -> None:
        self._tree = tree
        self._manifest = manifest
        self._findings = Findings()
        self._declared = {
            kind: read_declaration(tree, manifest, kind, self._findings) or Declaration() for kind in ComponentType
        }

    def components(self) -> Components:
        commands = (*map(self._command, self._sources(ComponentType.COMMANDS)), *self._inline_commands())
        return Components(
            commands=commands,
            agents=tuple(map(self._agent, self._sources(ComponentType.AGENTS))),
            skills=tuple(map(self._skill, self._sources(ComponentType.SKILLS))),
            hooks=tuple(self._json(ComponentType.HOOKS, Hook)),
            mcp_servers=tuple(self._json(ComponentType.MCP_SERVERS, McpServer)),
            lsp_servers=tuple(self._json(ComponentType.LSP_SERVERS, LspServer)),
            monitors=tuple(self._monitors()),
            problems=self._findings.in_order_found(),
        )

    def _sources(self, kind: ComponentType) -> list[Source]:
        declared = self._declared[kind].files
        default = [path for path in default_files(self._tree, kind) if path not in declared]
        return [
            *(Source(path, declared=True) for path in declared),
            *(Source(path, declared=False) for path in default),
        ]

    def _json(self, kind: ComponentType, cls: type[_T]) -> Iterator[_T]:
        """Yield the hooks, MCP servers or LSP servers, each of which is a `cls`."""
        found: list[_Json] = []
        for source in self._sources(kind):
            found.extend(read_json_components(self._tree, source, kind, self._findings))
        for inline in self._declared[kind].inline:
            found.extend(_read_json(kind, self._in_manifest(inline.value, inline.at)))
        urls = self._declared[kind].urls
        found.extend(McpServer(name=url, transport="bundle", url=url, source=_IN_MANIFEST) for url in urls)
        return (item for item in found if isinstance(item, cls))

    def _in_manifest(self, value: JsonValue, at: tuple[str | int, ...]) -> Config:
        return Config(value, _IN_MANIFEST, self._manifest.document, self._findings, at)

    @cached_property
    def _markdown(self) -> "MarkdownFiles":
        from toolhive_plugins_content.markdown_files import MarkdownFiles

        return MarkdownFiles(self._tree, self._findings)

    def _command(self, source: Source) -> Prompt:
        name = source.path.removeprefix("commands/").removesuffix(".md").replace("/", ":")
        return self._markdown.prompt(source, name)

    def _agent(self, source: Source) -> Prompt:
        """Read an agent, which its front matter names, or else its file."""
        agent = self._markdown.prompt(source, _stem(source.path))
        return evolve(agent, name=_own_name(agent) or agent.name)

    def _skill(self, source: Source) -> Prompt:
        """Read a skill, which is named after its folder; at the root there is none."""
        folder, _, file = source.path.rpartition("/")
        skill = self._markdown.prompt(source, folder.rpartition("/")[2] if file == SKILL_FILE else _stem(source.path))
        return skill if skill.name else evolve(skill, name=_own_name(skill) or self._manifest.name)

    def _inline_commands(self) -> Iterator[Prompt]:
        """Yield the commands of `{"commands": {name: {"source": path} or {"content": text}}}`."""
        read: dict[str, Prompt] = {}
        for inline in self._declared[ComponentType.COMMANDS].inline:
            for name, entry in self._in_manifest(inline.value, inline.at).members():
                path = resolve_path(entry.value if isinstance(entry.value, str) else entry.text("source"))
                if path is not None and path in self._tree.files:
                    if path not in read:
                        read[path] = self._markdown.prompt(Source(path, declared=True), name)
                    yield evolve(read[path], name=name)
                elif entry.get("content") is not None:
                    yield self._markdown.inline(entry.text("content"), _IN_MANIFEST, name)
                else:
                    entry.wrong("does not lead to a command")

    def _monitors(self) -> Iterator[Monitor]:
        """Yield the monitors of the default file, and those that `plugin.json` contains or names."""
        at: tuple[str, ...] = ("experimental", "monitors")
        experimental = self._manifest.document.get("experimental")
        declared = experimental.get("monitors") if isinstance(experimental, JsonObject) else None
        if declared is None:
            at, declared = ("monitors",), self._manifest.document.get("monitors")
        items = declared if isinstance(declared, tuple) else (declared,)
        paths = {resolve_path(item): True for item in items if isinstance(item, str)}
        for path, is_declared in {_MONITORS_FILE: False, **paths}.items():
            if path is not None and path in self._tree.files:
                config = load_config(self._tree, Source(path, is_declared), self._findings)
                yield from _read_monitors(config) if config else ()
            elif is_declared:
                self._in_manifest(declared, at).wrong("monitors: does not lead to a file that is packaged")
        if any(isinstance(item, JsonObject) for item in items):
            yield from _read_monitors(self._in_manifest(declared, at))


def _read_monitors(config: Config) -> Iterator[Monitor]:
    from toolhive_plugins_content.config_files import read_monitors

    return read_monitors(config)


def _own_name(prompt: Prompt) -> str:
    from toolhive_plugins_content.markdown_files import own_name

    return own_name(prompt)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")
