"""The executable surface of a plugin: all that it could run on a machine, read from its content and from nothing else.

What hooks, servers, monitors, commands, agents and skills say comes from `discovery`. Added here
is what is no component but runs all the same: executable files, and what `settings.json` names.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen

from toolhive_artifact import JsonObject, JsonValue, parse_json
from toolhive_artifact.errors import InvalidDocumentError, ToolhiveError
from toolhive_artifact.json_writer import encode_json
from toolhive_plugins_content.components import (
    Agent,
    Command,
    Components,
    Hook,
    LspServer,
    McpServer,
    Monitor,
    Skill,
)
from toolhive_plugins_content.discovery import discover_components
from toolhive_plugins_content.errors import UnreadableFileError
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest
from toolhive_plugins_content.tree import FileTree, resolve_path

_SETTINGS: Final = "settings.json"
_HOOKS: Final = "hooks/hooks.json"
_CONFIG_LIMIT: Final = 1024 * 1024
"""The largest configuration that is read, in bytes."""
_SESSION_EVENTS: Final = frozenset({"SessionStart", "Setup"})
_NATIVE: Final = (
    (b"\x7fELF", "Linux program"),
    (b"MZ", "Windows program"),
    (b"\xcf\xfa\xed\xfe", "macOS program"),
    (b"\xce\xfa\xed\xfe", "macOS program"),
    (b"\xca\xfe\xba\xbe", "macOS program or Java class"),
    (b"\x00asm", "WebAssembly module"),
)
_ARCHIVES: Final = (".mcpb", ".dxt", ".jar", ".pyz", ".whl")


@frozen(kw_only=True)
class Program:
    """A file that can be run."""

    path: str
    size: int
    """Bytes."""

    what: str
    """`script for bash`, `Linux program`, ...; empty where nothing tells."""

    executable: bool
    """Whether it is marked executable. One that is not runs where something names an interpreter for it."""

    named_by: tuple[str, ...]
    """The hooks, servers and monitors whose command lines name it."""

    on_path: bool
    """Whether it lies in `bin/`, which clients put on the PATH of the shell that the model uses."""


@frozen
class StatusLine:
    """A shell command that `settings.json` has run to draw a status line."""

    setting: str
    command: str


@frozen
class Module:
    """JavaScript or TypeScript that a client loads into itself, named under `modules` in a hook configuration."""

    path: str
    """As it is named."""

    source: str
    """The file that names it."""


@frozen
class AtStart:
    """Something that runs, or is connected to, when a session begins, unasked."""

    kind: str
    """`hook`, `module`, `MCP server` or `monitor`."""

    name: str
    """The hook's event, the server's or the monitor's name."""

    what: str
    """The command line, or the address."""


@frozen
class UnreadFile:
    """A file, or a part of one, that could not be read, and so may hold more than is shown."""

    path: str
    problem: str
    line: int = 0
    """From 1; 0 where no line can be named."""

    column: int = 0
    """In characters, from 1; 0 likewise."""


@frozen(kw_only=True)
class Surface:
    """All that a plugin could run."""

    at_start: tuple[AtStart, ...] = ()
    """What runs at session start; each is one of the entries below as well."""
    hooks: tuple[Hook, ...] = ()
    modules: tuple[Module, ...] = ()
    mcp_servers: tuple[McpServer, ...] = ()
    lsp_servers: tuple[LspServer, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    status_lines: tuple[StatusLine, ...] = ()
    programs: tuple[Program, ...] = ()
    commands: tuple[Command, ...] = ()
    agents: tuple[Agent, ...] = ()
    skills: tuple[Skill, ...] = ()
    unread: tuple[UnreadFile, ...] = ()

    @property
    def executables(self) -> tuple[Program, ...]:
        """The files that are marked executable."""
        return tuple(program for program in self.programs if program.executable)

    @property
    def runs_something(self) -> bool:
        """Whether anything here runs without a person or a model asking for it by name."""
        return bool(
            self.hooks or self.modules or self.mcp_servers or self.lsp_servers or self.monitors or self.status_lines
        )


def read_surface(tree: FileTree, manifest: PluginManifest) -> Surface:
    """Return the surface of a plugin.

    Args:
        tree: its files.
        manifest: its `plugin.json`.

    Raises:
        ToolhiveError: a file changed, or its disk failed, while it was read.
    """
    components = discover_components(tree, manifest)
    status_lines, unread = _status_lines(tree)
    modules = tuple(_modules(tree, manifest))
    return Surface(
        at_start=tuple(_at_start(components, modules)),
        hooks=components.hooks,
        modules=modules,
        mcp_servers=components.mcp_servers,
        lsp_servers=components.lsp_servers,
        monitors=components.monitors,
        status_lines=status_lines,
        programs=tuple(_programs(tree, _command_lines(components, status_lines))),
        commands=components.commands,
        agents=components.agents,
        skills=components.skills,
        unread=(*(UnreadFile(p.path, p.problem, p.line, p.column) for p in components.problems), *unread),
    )


def hook_line(hook: Hook) -> str:
    """Return what a hook runs, as one line: its command line, the address it calls, or what it asks a model."""
    if hook.command:
        return " ".join((hook.command, *(hook.args or ())))
    return hook.url or hook.tool or hook.prompt


def server_line(server: McpServer | LspServer) -> str:
    """Return a server's command line, or its address."""
    if server.command:
        return " ".join((server.command, *server.args))
    return server.url if isinstance(server, McpServer) else ""


def _at_start(components: Components, modules: Iterable[Module]) -> Iterator[AtStart]:
    for module in modules:
        yield AtStart("module", module.path, module.path)
    for hook in components.hooks:
        if hook.event in _SESSION_EVENTS:
            yield AtStart("hook", hook.event, hook_line(hook))
    for server in components.mcp_servers:
        yield AtStart("MCP server", server.name, server_line(server))
    for monitor in components.monitors:
        if not monitor.when.startswith("on-skill-invoke"):
            yield AtStart("monitor", monitor.name, monitor.command)


def _modules(tree: FileTree, manifest: PluginManifest) -> Iterator[Module]:
    """Yield the hook modules of the hook configurations: the default one, the declared ones, and `plugin.json`'s own."""
    declared = manifest.document.field("hooks")
    items = declared if isinstance(declared, tuple) else (declared,)
    paths = dict.fromkeys([_HOOKS, *(resolve_path(item) or "" for item in items if isinstance(item, str))])
    documents = [(path, _json(tree, path)) for path in paths if path in tree.files]
    documents += [(MANIFEST_PATH, item) for item in items if isinstance(item, JsonObject)]
    for path, document in documents:
        named = document.get("modules") if isinstance(document, JsonObject) else None
        for module in named if isinstance(named, tuple) else (named,):
            if module is not None:
                yield Module(module if isinstance(module, str) else encode_json(module).decode(), path)


def _json(tree: FileTree, path: str) -> JsonValue:
    """Return what a configuration holds; None where it cannot be read, which the component readers have reported."""
    try:
        return parse_json(tree.read(path, _CONFIG_LIMIT), where=path, max_size=_CONFIG_LIMIT)
    except (UnreadableFileError, InvalidDocumentError):
        return None


def _programs(tree: FileTree, lines: Sequence[tuple[str, str]]) -> Iterator[Program]:
    for file in tree.files.values():
        what = _what(file.path, tree.head(file.path))
        named_by = tuple(dict.fromkeys(name for name, line in lines if _names(line, file.path)))
        if file.executable or what or named_by:
            yield Program(
                path=file.path,
                size=file.size,
                what=what,
                executable=file.executable,
                named_by=named_by,
                on_path=file.path.startswith("bin/"),
            )


def _command_lines(components: Components, status_lines: Iterable[StatusLine]) -> list[tuple[str, str]]:
    """Return each command line that a client runs, and what it belongs to."""
    lines = [(f"hook {hook.event}", hook_line(hook)) for hook in components.hooks if hook.command]
    lines += [(f"MCP server {server.name}", server_line(server)) for server in components.mcp_servers]
    lines += [(f"LSP server {server.name}", server_line(server)) for server in components.lsp_servers]
    lines += [(f"monitor {monitor.name}", monitor.command) for monitor in components.monitors]
    lines += [(line.setting, line.command) for line in status_lines]
    return lines


def _names(line: str, path: str) -> bool:
    """Tell whether a command line names a file of the plugin, as `${CLAUDE_PLUGIN_ROOT}/path` or `./path`."""
    at = line.find(f"/{path}")
    return at >= 0 and not line[at + len(path) + 1 : at + len(path) + 2].isalnum()


def _what(path: str, head: bytes) -> str:
    """Tell what a file is from its first bytes; empty where it is nothing that runs by itself."""
    for magic, name in _NATIVE:
        if head.startswith(magic):
            return name
    if head.startswith(b"#!"):
        words = head[2:].split(b"\n")[0].decode("utf-8", "replace").split()
        if words and words[0].endswith("/env"):
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        return f"script for {words[0].rpartition('/')[2]}" if words else "script"
    if path.endswith(_ARCHIVES):
        return "archive that holds a program"
    return ""


def _status_lines(tree: FileTree) -> tuple[tuple[StatusLine, ...], tuple[UnreadFile, ...]]:
    """Return the commands that `settings.json` has run."""
    if _SETTINGS not in tree.files:
        return (), ()
    try:
        settings = parse_json(tree.read(_SETTINGS, _CONFIG_LIMIT), where=_SETTINGS, max_size=_CONFIG_LIMIT)
    except ToolhiveError as error:
        return (), (UnreadFile(_SETTINGS, error.problem),)
    found: list[StatusLine] = []
    for key in ("statusLine", "subagentStatusLine"):
        line = settings.get(key) if isinstance(settings, JsonObject) else None
        command = line.get("command") if isinstance(line, JsonObject) else line
        if isinstance(command, str):
            found.append(StatusLine(key, command))
    return tuple(found), ()
