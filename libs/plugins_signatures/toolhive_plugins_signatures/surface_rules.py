"""What a policy lets a plugin do: kinds of the executable surface that it forbids, and the command lines that it allows."""

import enum
import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from toolhive_plugins import JsonObject, Part, PartKind, Surface, shown
from toolhive_plugins_signatures.globs import Glob

MAX_NAMED: Final = 20
"""How many parts a refusal names."""


@enum.unique
class Forbidden(enum.StrEnum):
    """What a rule can forbid."""

    ANYTHING = "anything"
    """Whatever would keep `inspect` from saying that it runs nothing by itself."""

    HOOKS = "hooks"
    """Hooks and hook modules, also those in the front matter of prompts."""

    NETWORK = "network"
    """Servers and hooks with an address: those that are not programs of the plugin or of this machine."""

    MCP_SERVERS = "mcp-servers"
    LSP_SERVERS = "lsp-servers"
    MONITORS = "monitors"
    CHANNELS = "channels"
    SETTINGS = "settings"
    """Settings, status lines among them."""

    WORKFLOWS = "workflows"
    PACKAGES = "packages"
    """Dependencies that a package manager would fetch."""

    PLUGIN_DEPENDENCIES = "plugin-dependencies"
    USER_OPTIONS = "user-options"
    OUTPUT_STYLES = "output-styles"
    COMMANDS = "commands"
    SKILLS = "skills"
    AGENTS = "agents"
    SHELL = "shell"
    """Shell commands in prompts."""

    RIGHTS = "rights"
    """Prompts whose front matter gives them rights."""

    PROGRAMS = "programs"
    """Files that can run, or be run."""

    ARCHIVES = "archives"


_KINDS: Final = {
    Forbidden.HOOKS: {PartKind.HOOK, PartKind.MODULE},
    Forbidden.MCP_SERVERS: {PartKind.MCP_SERVER},
    Forbidden.LSP_SERVERS: {PartKind.LSP_SERVER},
    Forbidden.MONITORS: {PartKind.MONITOR},
    Forbidden.CHANNELS: {PartKind.CHANNEL},
    Forbidden.SETTINGS: {PartKind.SETTING, PartKind.STATUS_LINE},
    Forbidden.WORKFLOWS: {PartKind.WORKFLOW},
    Forbidden.PACKAGES: {PartKind.PACKAGES},
    Forbidden.PLUGIN_DEPENDENCIES: {PartKind.PLUGIN_DEPENDENCY},
    Forbidden.USER_OPTIONS: {PartKind.USER_OPTION},
    Forbidden.OUTPUT_STYLES: {PartKind.OUTPUT_STYLE},
    Forbidden.COMMANDS: {PartKind.COMMAND},
    Forbidden.SKILLS: {PartKind.SKILL},
    Forbidden.AGENTS: {PartKind.AGENT},
    Forbidden.PROGRAMS: {PartKind.PROGRAM},
    Forbidden.ARCHIVES: {PartKind.ARCHIVE},
}

_NOT_UNDERSTOOD: Final = frozenset({PartKind.UNKNOWN, PartKind.UNREAD, PartKind.AMBIGUITY})
"""Forbidden wherever there is a rule at all: nobody can say what these would do."""

_RUN_A_LINE: Final = frozenset(
    {
        PartKind.HOOK,
        PartKind.MODULE,
        PartKind.MCP_SERVER,
        PartKind.LSP_SERVER,
        PartKind.MONITOR,
        PartKind.SETTING,
        PartKind.STATUS_LINE,
        PartKind.WORKFLOW,
        PartKind.PACKAGES,
    }
)
"""Kinds whose command line, address or file must be allowed, where a rule allows some."""

_ADDRESSES: Final = frozenset({"url", "httpurl"})
_WITHIN_PROMPTS: Final = ("hooks", "mcpservers")
"""Keys of front matter that hold what would else be a part of its own."""

_HIDE_COMMANDS: Final = ("initializationOptions", "settings")
"""Keys of language servers that may hold whole command lines, in an unknown form."""


@frozen
class SurfaceRule:
    """What a plugin may do. What is not understood is forbidden by every such rule."""

    forbid: tuple[Forbidden, ...] = ()

    commands: tuple[Glob, ...] | None = None
    """The command lines and addresses that it may run; None for any. Environment variables that a command is given stand before
    it, as in a shell: `NODE_OPTIONS=… node server.js`; and before these its folder: `cd DIR && node server.js`."""

    def faults(self, surface: Surface) -> tuple[str, ...]:
        """Return what it forbids of a surface: one text a part."""
        return tuple(dict.fromkeys(self._faults(surface)))

    def _faults(self, surface: Surface) -> Iterator[str]:
        for part in surface.parts:
            if part.kind in _NOT_UNDERSTOOD:
                yield f"{_named(part)}: it is not understood"
            for forbidden in self.forbid:
                if _is(forbidden, part):
                    yield (
                        f"{_named(part)}: {forbidden} are forbidden"
                        if forbidden is not Forbidden.ANYTHING
                        else (f"{_named(part)}: it may do nothing by itself")
                    )
            if self.commands is not None:
                yield from self._lines_not_allowed(part, self.commands)
        if not {Forbidden.PROGRAMS, Forbidden.ANYTHING}.isdisjoint(self.forbid):
            for program in surface.programs:
                yield f"program {shown(program.path)}: programs are forbidden"

    @staticmethod
    def _lines_not_allowed(part: Part, allowed: tuple[Glob, ...]) -> Iterator[str]:
        for line in _lines(part):
            if not any(glob.matches(line) for glob in allowed):
                yield f"{_named(part)}: the command is not among those that are allowed: {shown(line)}"
        if _has_grant(part, "hooks"):
            yield f"{_named(part)}: it has hooks, which are not among the commands that are allowed"
        if _has_grant(part, "mcpservers"):
            yield f"{_named(part)}: it has MCP servers, which are not among the commands that are allowed"
        if part.kind is PartKind.LSP_SERVER and isinstance(part.content, JsonObject):
            for key in _HIDE_COMMANDS:
                if part.content.get(key) is not None:
                    yield f"{_named(part)}: its {key} may hold commands"


def _is(forbidden: Forbidden, part: Part) -> bool:
    match forbidden:
        case Forbidden.ANYTHING:
            return not part.inert and part.kind not in _NOT_UNDERSTOOD
        case Forbidden.NETWORK:
            return _has_address(part)
        case Forbidden.SHELL:
            return part.rights is not None and bool(part.rights.shell)
        case Forbidden.RIGHTS:
            return part.rights is not None and not part.rights.none
        case Forbidden.MCP_SERVERS if _has_grant(part, "mcpservers"):
            return True
        case Forbidden.HOOKS if _has_grant(part, "hooks"):
            return True
        case _:
            return part.kind in _KINDS[forbidden]


def _has_address(part: Part) -> bool:
    if part.rights is not None:  # a prompt, whose front matter may have hooks and servers
        return any(_has_grant(part, name) for name in _WITHIN_PROMPTS) and any(_addresses(part))
    if part.kind not in (PartKind.HOOK, PartKind.MCP_SERVER, PartKind.CHANNEL):
        return False
    return any(_addresses(part)) or "://" in part.what.partition(" ")[0]


def _addresses(part: Part) -> Iterator[str]:
    return (fact.value for fact in part.facts if fact.label.rpartition(".")[2].casefold() in _ADDRESSES)


def _has_grant(part: Part, name: str) -> bool:
    return part.rights is not None and any(key.casefold() == name for key, _ in part.rights.grants.pairs)


def _lines(part: Part) -> Iterator[str]:
    """Yield every command line of a part, with its folder and the environment that it is given before it."""
    if part.rights is not None:
        yield from part.rights.shell
        return
    if part.kind not in _RUN_A_LINE:
        return
    facts = tuple(part.facts)
    folders = (f"cd {shlex.quote(fact.value)} &&" for fact in facts if fact.label.casefold() == "cwd")
    variables = (
        f"{fact.label.removeprefix('env.')}={fact.value}" for fact in facts if fact.label.startswith(("env.", "env["))
    )
    before = (*folders, *variables)
    for line in dict.fromkeys((part.what, *_other_lines(part))):
        yield " ".join((*before, line))
    for fact in facts:
        if fact.label.casefold() == "headershelper":
            yield fact.value


def _other_lines(part: Part) -> Iterator[str]:
    """Yield what other clients than Claude Code would run of a server or hook that says more than one thing."""
    if part.kind not in (PartKind.HOOK, PartKind.MCP_SERVER):
        return
    addresses = tuple(_addresses(part))
    yield from addresses
    if part.kind is PartKind.MCP_SERVER and part.what in addresses:
        words = [fact.value for fact in part.facts if fact.label == "command" or fact.label.startswith("args[")]
        if words:
            yield shlex.join(words)


def _named(part: Part) -> str:
    name = f" {shown(part.name)}" if part.name else ""
    return f"{part.kind.value}{name} in {shown(part.path)}"


def shortened(faults: Iterable[str]) -> tuple[str, ...]:
    """Return the first faults, and how many more there are."""
    all_of_them = tuple(faults)
    rest = len(all_of_them) - MAX_NAMED
    return all_of_them if rest <= 0 else (*all_of_them[:MAX_NAMED], f"and {rest} more")
