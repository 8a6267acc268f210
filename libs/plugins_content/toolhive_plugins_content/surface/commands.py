"""Command lines of hooks and servers, written so that two different ones never look the same."""

import re
from typing import Final

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.surface.values import first_text, readings, scalar_text

_plain = re.compile(r"[A-Za-z0-9_@%+=:,./${}~^-]+", re.ASCII).fullmatch
_QUOTE: Final = "'"


def command_line(value: JsonObject) -> str:
    """Return a command and its arguments as a shell would take them; without arguments the command is as it was written."""
    command = "; or ".join(_texts(readings(value, "command")))
    arguments = [argument for reading in readings(value, "args") for argument in _arguments(reading)]
    if not arguments:
        return command
    return " ".join((quoted(command) if command else "", *map(quoted, arguments))).strip()


def address(value: JsonObject) -> str:
    """Return a server's address; "" where it has none."""
    return first_text(value, "url") or first_text(value, "httpUrl")


def quoted(argument: str) -> str:
    """Quote an argument for display, where it is more than one plain word."""
    return argument if _plain(argument) else _QUOTE + argument.replace(_QUOTE, "'\\''") + _QUOTE


def _texts(values: tuple[JsonValue, ...]) -> list[str]:
    return list(dict.fromkeys(scalar_text(value) for value in values))


def _arguments(value: JsonValue) -> tuple[str, ...]:
    return tuple(map(scalar_text, value)) if isinstance(value, tuple) else (scalar_text(value),)
