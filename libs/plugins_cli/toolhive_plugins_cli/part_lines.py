"""Draws the values of a part of the surface, and the hooks: an event once, with its handlers beneath.

A plugin may have hundreds of hooks. Those of one event and file are drawn together, and a handler that is there several times in
exactly the same form is drawn once, with its number.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from toolhive_plugins_cli.page import Page, untrusted
from toolhive_plugins_cli.text import Text, plural
from toolhive_plugins_service import PartKind, PartReader

if TYPE_CHECKING:
    from toolhive_plugins_service import Fact, Part

SHELL: Final = Text("$ ", "label")
"""What precedes a command line."""

_WHEN: Final = {
    "SessionStart": "when a session begins",
    "Setup": "when a project is set up",
    "SessionEnd": "when a session ends",
    "UserPromptSubmit": "each time you send a prompt; it sees the prompt",
    "UserPromptExpansion": "when a slash command is expanded",
    "PreToolUse": "before each use of a tool; it can change or stop it",
    "PostToolUse": "after each use of a tool; it sees what the tool saw",
    "PostToolUseFailure": "after a tool failed",
    "PermissionRequest": "when you would be asked for permission; it can answer for you",
    "Notification": "when you would be notified",
    "InstructionsLoaded": "when instructions are loaded, at the start of a session too",
    "Stop": "when the model has finished; it can make it go on",
    "SubagentStart": "when a subagent begins",
    "SubagentStop": "when a subagent has finished",
    "PreCompact": "before the conversation is shortened",
    "PostCompact": "after the conversation was shortened",
}
"""When the events of hooks come, for people who do not know them by heart."""


def draw_hooks(page: Page, hooks: "Sequence[Part]") -> None:
    """Draw hooks, those of one event, file and reader together, in the order in which these come first."""
    groups: dict[tuple[str, str, PartReader], list[Part]] = {}
    for hook in hooks:
        groups.setdefault((_event(hook), hook.path, hook.reader), []).append(hook)
    for (event, path, reader), found in groups.items():
        count = f"  {plural(len(found), 'handler')}" if len(found) > 1 else ""
        whose = (
            [Text("  for ", "label"), untrusted(reader.value)]
            if reader not in (PartReader.ANY, PartReader.CLAUDE)
            else []
        )
        page.line(
            untrusted(event, "name"), "  ", untrusted(path, "quiet"), *whose, Text(count, "quiet"), indent=2, hang=4
        )
        if when := _WHEN.get(event):
            page.line(Text(when), indent=4)
        times = Counter(hook.digest for hook in found)
        for hook in found:
            if alike := times.pop(hook.digest, 0):
                _handler(page, hook, alike)


def _handler(page: Page, hook: "Part", times: int) -> None:
    matcher = hook.name.removeprefix(_event(hook)).strip()
    head = [Text("for ", "label"), untrusted(matcher, "name")] if matcher else []
    if times > 1:
        head.append(Text(f"{'  ' if matcher else ''}{times} times", "quiet"))
    if head:
        page.line(*head, indent=4, hang=6)
    indent = 6 if head else 4
    if hook.what:
        page.line(SHELL, untrusted(hook.what, "command"), indent=indent, hang=indent + 2)
    draw_facts(page, (fact for fact in hook.facts if not shows(hook, fact)), indent=indent)


def _event(hook: "Part") -> str:
    """Return the event, which is the first that a hook's content says."""
    return next((fact.value for fact in hook.facts), hook.name)


def draw_facts(page: Page, facts: Iterable["Fact"], indent: int = 4) -> None:
    """Draw values, each with its label."""
    for fact in facts:
        label = f"{fact.label}  " if fact.label else ""
        page.line(untrusted(label, "label"), untrusted(fact.value, "command"), indent=indent, hang=indent + 2)


def shows(part: "Part", fact: "Fact") -> bool:
    """Tell whether a value shows already: in the part's name, or in the command line that it runs."""
    if fact.value == part.what or (fact.label in ("event", "matcher") and fact.value in part.name.split(" ", 1)):
        return True
    if part.kind is PartKind.HOOK and (fact.label, fact.value) == ("type", "command"):
        return True
    in_line = fact.value in part.what or fact.value.replace("'", "'\\''") in part.what
    return in_line and part.runs_its_command_line and (fact.label == "command" or fact.label.startswith("args["))
