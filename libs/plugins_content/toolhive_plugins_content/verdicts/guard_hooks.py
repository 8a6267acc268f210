"""Hooks that decide what a tool may do, which Claude Code takes seriously: one of them that it cannot load refuses the plugin.

A fault in any other hook costs that hook alone. Found by asking it (docs/clients.md).
"""

from collections.abc import Iterator
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.components import EVENTS
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.verdicts.reasons import Reasons, position
from toolhive_plugins_content.verdicts.shapes import (
    Anything,
    Choice,
    Fault,
    Fields,
    Flag,
    ListOf,
    MapOf,
    Number,
    ObjectWith,
    Path,
    Shape,
    absolute_url,
    not_empty,
    text,
)

GUARDS: Final = ("PreToolUse", "PermissionRequest")
"""The events whose hooks can forbid or allow."""

_TEXT: Final = text()
_TEXTS: Final = ListOf(_TEXT)
_EVERY_HANDLER: Final[dict[str, Shape]] = {
    "timeout": Number(above=0),
    "once": Flag(),
    "statusMessage": _TEXT,
    "if": _TEXT,
}
_HANDLERS: Final[dict[str, Fields]] = {
    "command": Fields(
        {"command": _TEXT},
        {
            "args": _TEXTS,
            "async": Flag(),
            "asyncRewake": Flag(),
            "shell": Choice(("bash", "powershell")),
            "rewakeMessage": text(not_empty),
            "rewakeSummary": text(not_empty),
            **_EVERY_HANDLER,
        },
    ),
    "http": Fields(
        {"url": text(absolute_url)},
        {"headers": MapOf(_TEXT), "allowedEnvVars": _TEXTS, **_EVERY_HANDLER},
    ),
    "mcp_tool": Fields({"server": _TEXT, "tool": _TEXT}, {"input": MapOf(Anything()), **_EVERY_HANDLER}),
    "prompt": Fields({"prompt": _TEXT}, {"model": _TEXT, "continueOnBlock": Flag(), **_EVERY_HANDLER}),
    "agent": Fields({"prompt": _TEXT}, {"model": _TEXT, **_EVERY_HANDLER}),
}


def _handler_faults(handler: JsonObject, path: Path) -> Iterator[Fault]:
    named = handler.get("type")
    shape = _HANDLERS.get(named) if isinstance(named, str) else None
    if shape is None:
        yield Fault(path, f"must have a 'type': {', '.join(_HANDLERS)}")
    else:
        yield from shape.faults(handler, path)


_MATCHERS: Final = ListOf(Fields({"hooks": ListOf(ObjectWith(_handler_faults))}, {"matcher": _TEXT}))


def check_events(events: JsonObject, place: Path, path: str, document: JsonValue, reasons: Reasons) -> None:
    """Check an object of events: its guards, and whether there are guards where they are not read."""
    for name, value in events.items():
        if name in GUARDS:
            for fault in _MATCHERS.faults(value, (*place, name)) if value is not None else ():
                reasons.fault(Rule.CLAUDE_CODE_HOOKS, path, document, fault)
        elif _holds_guards(value, is_event=name in EVENTS or isinstance(value, tuple)):
            _refuse_misplaced(name, (*place, name), path, document, reasons)


def check_beside_events(owner: JsonObject, path: str, reasons: Reasons) -> None:
    """Check the keys of a hooks file beside `hooks` for guards, which are not read there."""
    for name, value in owner.items():
        is_guard = name in GUARDS and value is not None and value != ()
        if name != "hooks" and (is_guard or name == "matcher" or _holds_guards(value, is_event=name in EVENTS)):
            _refuse_misplaced(name, (name,), path, owner, reasons)


def _refuse_misplaced(name: str, place: Path, path: str, document: JsonValue, reasons: Reasons) -> None:
    if not reasons.is_full(path):
        message = f"{shown(name)!r} may hold {' or '.join(GUARDS)} hooks, which are not read there"
        remedy = "Put the events directly into 'hooks'"
        reasons.refuse(Rule.CLAUDE_CODE_HOOKS, path, message, remedy, position(document, place))


def _holds_guards(value: JsonValue, *, is_event: bool) -> bool:
    """Say whether there are guards in a value, or handlers that no event claims."""
    pending: list[tuple[JsonValue, bool]] = [(value, is_event)]
    while pending:
        item, claimed = pending.pop()
        if isinstance(item, tuple):
            pending += [(element, claimed) for element in item]
        elif isinstance(item, JsonObject):
            handlers = item.get("hooks")
            if not claimed and isinstance(handlers, tuple) and handlers:
                return True
            for name, inner in item.items():
                if name in GUARDS and inner is not None and inner != ():
                    return True
                pending.append((inner, claimed or name in EVENTS))
    return False
