"""What a stream can show: colours, and how many cells fit on a line. The one place that reads the variables about it."""

import os
from enum import StrEnum
from typing import TextIO

UNLIMITED_WIDTH = 10_000
"""Cells of a line where no terminal limits it: output for other programs is never wrapped."""


class ColorChoice(StrEnum):
    """The values of `--color`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def shows_color(stream: TextIO, choice: ColorChoice = ColorChoice.AUTO) -> bool:
    """Tell whether to colour what goes to `stream`.

    In this order: `--color`, NO_COLOR (https://no-color.org), FORCE_COLOR (https://force-color.org), whether the stream is a
    terminal that is not TERM=dumb. A variable that is empty counts as unset.
    """
    if choice is not ColorChoice.AUTO:
        return choice is ColorChoice.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Tell whether `stream` is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def line_width(stream: TextIO) -> int:
    """Return the cells of a line on `stream`: COLUMNS where it is set, else the terminal's width, else no limit."""
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and 0 < len(given) < 10 and int(given) > 0:
        return max(int(given), 20)
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):  # not a terminal, or not even a file
        return UNLIMITED_WIDTH
    return max(columns, 20) if columns else 80


def encodes_unicode(stream: TextIO) -> bool:
    """Tell whether every character can be written to `stream`."""
    return (getattr(stream, "encoding", None) or "ascii").lower().startswith("utf")
