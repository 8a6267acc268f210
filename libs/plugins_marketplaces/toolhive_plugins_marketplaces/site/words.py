"""What a surface is, in words: its verdict, its badges, and what each kind of part means."""

import enum
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from toolhive_plugins import Part, PartKind, Surface
from toolhive_plugins_marketplaces.site.reading import PluginContent


class Tone(enum.StrEnum):
    """How much something matters; the names of the style's classes."""

    DANGER = "danger"
    CAUTION = "caution"
    GOOD = "good"
    PLAIN = ""


@frozen
class Badge:
    """A few words about a plugin."""

    text: str
    tone: Tone = Tone.PLAIN


@frozen
class Verdict:
    """What a plugin can do, at a glance."""

    title: str
    tone: Tone
    unasked: tuple[str, ...]
    """What happens without anybody being asked, a line each."""

    counts: tuple[Badge, ...]


@frozen
class Kind:
    """How parts of a kind are told of."""

    one: str
    title: str
    note: str
    tone: Tone
    many: str = ""


KINDS: Final = {
    PartKind.HOOK: Kind("hook", "Hooks", "run without asking, with your rights", Tone.DANGER),
    PartKind.MODULE: Kind(
        "module", "Modules", "code that the client loads into itself and calls at each event", Tone.DANGER
    ),
    PartKind.MCP_SERVER: Kind(
        "MCP server",
        "MCP servers",
        "started or connected to with each session; the model may use their tools",
        Tone.DANGER,
    ),
    PartKind.LSP_SERVER: Kind(
        "LSP server", "LSP servers", "started when you open a file of their language", Tone.DANGER
    ),
    PartKind.MONITOR: Kind(
        "monitor", "Monitors", "run in the background, without asking, with your rights", Tone.DANGER
    ),
    PartKind.CHANNEL: Kind(
        "channel", "Channels", "a server may push messages into the session, and answer for you", Tone.DANGER
    ),
    PartKind.SETTING: Kind("setting", "Settings", "change how the client works", Tone.DANGER),
    PartKind.STATUS_LINE: Kind("status line", "Status lines", "run again and again while you work", Tone.DANGER),
    PartKind.WORKFLOW: Kind("workflow", "Workflows", "JavaScript that the client runs, with agents", Tone.CAUTION),
    PartKind.PACKAGES: Kind(
        "list of packages",
        "Package dependencies",
        "code that is fetched from elsewhere",
        Tone.DANGER,
        "lists of packages",
    ),
    PartKind.PLUGIN_DEPENDENCY: Kind(
        "other plugin", "Other plugins", "asked for, and installed along with this one", Tone.CAUTION
    ),
    PartKind.USER_OPTION: Kind(
        "option", "Options that you are asked for", "a default may become part of a command line", Tone.PLAIN
    ),
    PartKind.ARCHIVE: Kind("archive", "Archives", "files inside files", Tone.CAUTION),
    PartKind.AMBIGUITY: Kind(
        "thing readable in two ways",
        "Can be read in two ways",
        "clients may see different plugins; both readings are shown",
        Tone.DANGER,
        "things readable in two ways",
    ),
    PartKind.UNKNOWN: Kind(
        "thing not understood",
        "Not understood",
        "no client that we know uses it; a newer one may",
        Tone.CAUTION,
        "things not understood",
    ),
    PartKind.UNREAD: Kind(
        "thing not read", "Not read", "a client may find more in it than we do", Tone.DANGER, "things not read"
    ),
    PartKind.COMMAND: Kind("command", "Commands", "prompts that you call", Tone.PLAIN),
    PartKind.SKILL: Kind("skill", "Skills", "prompts that the model takes up by itself", Tone.PLAIN),
    PartKind.AGENT: Kind("agent", "Agents", "models with a task and tools of their own", Tone.PLAIN),
    PartKind.OUTPUT_STYLE: Kind("output style", "Output styles", "a forced one replaces your own", Tone.PLAIN),
}
"""Every kind of part, but programs, in the order in which they are told of."""

EVENTS: Final = {
    "SessionStart": "at the start of a session",
    "SessionEnd": "at the end of a session",
    "Setup": "at the set-up of a project",
    "UserPromptSubmit": "at every prompt of yours, which it sees",
    "PreToolUse": "before a tool is used, which it can change or stop",
    "PostToolUse": "after a tool was used; it sees what the tool saw",
    "PostToolUseFailure": "after a tool failed",
    "PermissionRequest": "instead of asking you for permission, which it can give",
    "Notification": "at every notification",
    "Stop": "at the end of an answer, which it can prolong",
    "SubagentStart": "at the start of a subagent",
    "SubagentStop": "at the end of a subagent",
    "PreCompact": "before a conversation is shortened",
    "PostCompact": "after a conversation was shortened",
}
"""When a hook runs, by its event."""

PROMPTS: Final = (PartKind.COMMAND, PartKind.SKILL, PartKind.AGENT, PartKind.OUTPUT_STYLE)


def plural(count: int, one: str, many: str = "") -> str:
    """Return `1 hook`, `3 hooks`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def verdict(surface: Surface) -> Verdict:
    """Return what a surface comes to, what runs without asking first."""
    if surface.empty:
        return Verdict("Runs nothing by itself", Tone.GOOD, (), tuple(_prompts(surface)))
    return Verdict(*_title(surface), tuple(_unasked(surface)), tuple(_counted(surface)))


def badges(content: PluginContent) -> tuple[Badge, ...]:
    """Return a plugin in a few words, the worst first."""
    if content.problem:
        return (Badge("cannot be read", Tone.DANGER),)
    found: dict[Badge, None] = {}
    for each in content.contents:
        if each.surface.at_start:
            found[Badge("runs at session start", Tone.DANGER)] = None
        for badge in _counted(each.surface):
            found[badge] = None
    if is_quiet(content):
        found[Badge("runs nothing by itself", Tone.GOOD)] = None
    for each in content.contents:
        found |= dict.fromkeys(_prompts(each.surface))
    return tuple(found)


def runs_unasked(content: PluginContent) -> bool:
    """Tell whether a plugin runs something without being asked, or may: what cannot be read counts."""
    return bool(content.problem) or any(
        each.surface.unasked or each.surface.at_start or each.surface.of(PartKind.UNREAD) for each in content.contents
    )


def is_quiet(content: PluginContent) -> bool:
    """Tell whether a plugin runs nothing by itself, and all of it was understood."""
    return not content.problem and all(each.surface.empty for each in content.contents)


def shell_commands(surface: Surface) -> int:
    """Return how many shell commands the prompts have."""
    return sum(len(part.rights.shell) for part in surface.parts if part.rights is not None)


def _unasked(surface: Surface) -> Iterator[str]:
    if now := len(surface.at_start):
        yield f"{now} {'runs' if now == 1 else 'run'} as soon as a session begins, without asking"
    later = sum(not part.starts and part.kind is not PartKind.PACKAGES for part in surface.unasked)
    if later:
        yield f"{later} {'runs' if later == 1 else 'run'} later, without asking"
    if surface.of(PartKind.PACKAGES):
        yield "code may be fetched from elsewhere, without asking"


def _counted(surface: Surface) -> Iterator[Badge]:
    for kind, words in KINDS.items():
        if kind not in PROMPTS and kind is not PartKind.USER_OPTION and (count := len(surface.of(kind))):
            yield Badge(plural(count, words.one, words.many), words.tone)
    if shells := shell_commands(surface):
        yield Badge(plural(shells, "shell command in prompts", "shell commands in prompts"), Tone.CAUTION)
    prompts = [part for part in surface.of(*PROMPTS) if not part.inert]
    unlimited = sum(_has_every_tool(part) for part in prompts)
    if unlimited:
        yield Badge(plural(unlimited, "agent with every tool", "agents with every tool"), Tone.CAUTION)
    if granting := len(prompts) - unlimited:
        yield Badge(plural(granting, "prompt with rights", "prompts with rights"), Tone.CAUTION)
    if marked := sum(program.executable for program in surface.programs):
        yield Badge(plural(marked, "executable file"), Tone.CAUTION)
    if others := sum(not program.executable for program in surface.programs):
        yield Badge(plural(others, "other program"), Tone.CAUTION)


def _has_every_tool(prompt: Part) -> bool:
    return prompt.rights is not None and prompt.rights.allowed is None


def _title(surface: Surface) -> tuple[str, Tone]:
    if surface.unasked or surface.at_start:
        return "Runs code on your machine, unasked", Tone.DANGER
    if surface.of(PartKind.UNREAD, PartKind.UNKNOWN, PartKind.AMBIGUITY):
        return "May run code on your machine", Tone.DANGER
    if surface.programs or surface.of(PartKind.WORKFLOW, PartKind.ARCHIVE):
        return "Brings programs", Tone.CAUTION
    if shell_commands(surface):
        return "Runs code when you use its prompts", Tone.CAUTION
    return "Asks for rights", Tone.CAUTION


def _prompts(surface: Surface) -> Iterator[Badge]:
    for kind in PROMPTS:
        if number := len(surface.of(kind)):
            yield Badge(plural(number, KINDS[kind].one))
