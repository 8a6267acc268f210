"""The surface as values with fields of their own, for callers that look for one kind: hooks by event, servers by address.

`SurfaceDocument` is what reports of the surface hold; its fields keep their names and meaning from one version to the next.
"""

from collections.abc import Callable
from typing import TypeVar

from attrs import frozen

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.components import (
    Agent,
    Command,
    Hook,
    LspServer,
    McpServer,
    Monitor,
    Skill,
    Source,
)
from toolhive_plugins_content.surface.commands import address
from toolhive_plugins_content.surface.parts import Part, PartKind, Rights
from toolhive_plugins_content.surface.programs import Program
from toolhive_plugins_content.surface.secrets import masked, option_name
from toolhive_plugins_content.surface.servers import BUNDLE_SUFFIXES
from toolhive_plugins_content.surface.surface import Surface
from toolhive_plugins_content.surface.values import Fact, canonical, first_text, readings, scalar_text

T = TypeVar("T")
P = TypeVar("P", Command, Skill)


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
    """Something that runs, or is connected to, when a session begins, without being asked for."""

    kind: str
    """`hook`, `module`, `MCP server`, `monitor` or `setting`."""

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
class PartDocument:
    """A part of the surface as reports hold it: all kinds alike, with every value."""

    kind: str
    name: str
    path: str
    at: tuple[str | int, ...]
    """The keys and indexes in the file that lead to it."""

    reader: str
    """The clients whose reading it is."""

    what: str
    starts: bool
    """Whether it runs when a session begins, without being asked for."""

    inert: bool
    """Whether by itself it runs, loads and grants nothing."""

    facts: tuple[Fact, ...]
    """All values; literal secrets are masked."""

    digest: str
    """Of the content in its canonical form."""


@frozen(kw_only=True)
class SurfaceDocument:
    """All that a plugin could run, load or grant, as reports hold it."""

    at_start: tuple[AtStart, ...]
    """What runs at session start; each is one of the entries below as well."""
    hooks: tuple[Hook, ...]
    modules: tuple[Module, ...]
    mcp_servers: tuple[McpServer, ...]
    lsp_servers: tuple[LspServer, ...]
    monitors: tuple[Monitor, ...]
    status_lines: tuple[StatusLine, ...]
    programs: tuple[Program, ...]
    commands: tuple[Command, ...]
    agents: tuple[Agent, ...]
    skills: tuple[Skill, ...]
    unread: tuple[UnreadFile, ...]
    """What could not be read, and so may hold more than is shown here."""
    empty: bool
    """Whether nothing here runs, loads or grants anything, and all of it was understood."""
    parts: tuple[PartDocument, ...]
    """Every part, of all kinds: those above, and what has no list of its own."""


def surface_document(surface: Surface) -> SurfaceDocument:
    """Return the surface as reports hold it."""

    def all_of(kind: PartKind, view: Callable[[Part], T]) -> tuple[T, ...]:
        return tuple(map(view, surface.of(kind)))

    return SurfaceDocument(
        at_start=tuple(
            AtStart(part.kind.value, hook_of(part).event if part.kind is PartKind.HOOK else part.name, part.what)
            for part in surface.at_start
        ),
        hooks=all_of(PartKind.HOOK, hook_of),
        modules=all_of(PartKind.MODULE, lambda part: Module(part.what, part.path)),
        mcp_servers=all_of(PartKind.MCP_SERVER, mcp_server_of),
        lsp_servers=all_of(PartKind.LSP_SERVER, lsp_server_of),
        monitors=all_of(PartKind.MONITOR, monitor_of),
        status_lines=all_of(PartKind.STATUS_LINE, lambda part: StatusLine(part.name, part.what)),
        programs=surface.programs,
        commands=all_of(PartKind.COMMAND, command_of),
        agents=all_of(PartKind.AGENT, agent_of),
        skills=all_of(PartKind.SKILL, skill_of),
        unread=all_of(PartKind.UNREAD, lambda part: UnreadFile(part.path, part.name, part.line)),
        empty=surface.empty,
        parts=tuple(map(_part_document, surface.parts)),
    )


def _part_document(part: Part) -> PartDocument:
    return PartDocument(
        kind=part.kind.value,
        name=part.name,
        path=part.path,
        at=part.at,
        reader=part.reader.value,
        what=part.what,
        starts=part.starts,
        inert=part.inert,
        facts=tuple(part.facts),
        digest=part.digest,
    )


def hook_of(part: Part) -> Hook:
    """Return a hook with its fields."""
    value = _object(part)
    return Hook(
        event=_text(value, "event"),
        matcher=_text(value, "matcher"),
        type=_text(value, "type"),
        command=_text(value, "command"),
        args=_texts(value, "args") if readings(value, "args") else None,
        url=_text(value, "url"),
        prompt=_text(value, "prompt"),
        tool="/".join(filter(None, (_text(value, "server"), _text(value, "tool")))),
        condition=_text(value, "if"),
        source=_source(part),
    )


def mcp_server_of(part: Part) -> McpServer:
    """Return an MCP server with its fields."""
    if isinstance(part.content, str):
        remote = "" if part.content.lower().endswith(BUNDLE_SUFFIXES) and "://" not in part.content else part.content
        return McpServer(name=part.name, transport="bundle", url=remote, source=_source(part))
    value = _object(part)
    url = masked("url", address(value))
    return McpServer(
        name=part.name,
        transport=_text(value, "type") or ("http" if url else "stdio"),
        command=_text(value, "command"),
        args=_texts(value, "args"),
        env=_names(value, "env"),
        url=url,
        headers=_names(value, "headers"),
        headers_helper=_text(value, "headersHelper"),
        source=_source(part),
    )


def lsp_server_of(part: Part) -> LspServer:
    """Return a language server with its fields."""
    value = _object(part)
    return LspServer(
        name=part.name,
        command=_text(value, "command"),
        args=_texts(value, "args"),
        env=_names(value, "env"),
        extensions=_names(value, "extensionToLanguage"),
        source=_source(part),
    )


def monitor_of(part: Part) -> Monitor:
    """Return a monitor with its fields."""
    value = _object(part)
    return Monitor(
        name=part.name,
        command=_text(value, "command"),
        when=_text(value, "when") or "always",
        source=_source(part),
    )


def command_of(part: Part) -> Command:
    """Return a slash command with its fields."""
    return _prompt_of(part, Command)


def skill_of(part: Part) -> Skill:
    """Return a skill with its fields."""
    return _prompt_of(part, Skill)


def _prompt_of(part: Part, make: type[P]) -> P:
    rights = part.rights or Rights()
    return make(
        name=part.name,
        description=part.what,
        allowed_tools=_allowed(rights),
        shell=_masked_shell(rights),
        hooks=_hooks(rights),
        source=_source(part),
    )


def agent_of(part: Part) -> Agent:
    """Return a subagent with its fields."""
    rights = part.rights or Rights()
    return Agent(
        name=part.name,
        description=part.what,
        tools=None if rights.allowed is None else rights.allowed,
        disallowed_tools=rights.denied,
        source=_source(part),
    )


def _source(part: Part) -> Source:
    return Source(part.path, declared=part.declared)


def _object(part: Part) -> JsonObject:
    return part.content if isinstance(part.content, JsonObject) else JsonObject(())


def _text(value: JsonObject, name: str) -> str:
    found: JsonValue = first_text(value, name)
    if not found:
        others = readings(value, name)
        found = others[-1] if others else ""
    return masked(name, scalar_text(found) if not isinstance(found, JsonObject | tuple) else canonical(found).decode())


def _texts(value: JsonObject, name: str) -> tuple[str, ...]:
    found = [
        item for reading in readings(value, name) for item in (reading if isinstance(reading, tuple) else (reading,))
    ]
    texts = [scalar_text(item) for item in found]
    return tuple(masked(option_name(before, name), text) for before, text in zip(["", *texts], texts, strict=False))


def _names(value: JsonObject, name: str) -> tuple[str, ...]:
    return tuple(key for reading in readings(value, name) if isinstance(reading, JsonObject) for key in reading)


def _allowed(rights: Rights) -> tuple[str, ...] | None:
    return rights.allowed or None


def _masked_shell(rights: Rights) -> tuple[str, ...]:
    return tuple(masked("shell", line) for line in rights.shell)


def _hooks(rights: Rights) -> str:
    hooks = rights.grants.get("hooks")
    return "" if hooks is None else masked("hooks", hooks if isinstance(hooks, str) else canonical(hooks).decode())
