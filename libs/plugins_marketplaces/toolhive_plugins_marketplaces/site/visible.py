"""Strangers' texts, made so that a reader sees all of them: nothing hides, reorders what is around it, or overlays other lines."""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import combining

from attrs import frozen

from toolhive_plugins import mask_tokens

_BLANK: Final = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)
"""Code points that Python calls printable and that show nothing (Unicode's Default_Ignorable_Code_Point, and the braille blank)."""

_TELLING: Final = re.compile(r" {8,}|([^\x20-\x7e])\1*")
"""Long runs of spaces, and runs of one character that may not show."""

_COUNTED: Final = 4
"""A character that does not show is counted where there are more of it in a row."""

_MARKS: Final = 3
"""Combining marks that one letter may carry; more of them would grow into other lines."""


@frozen
class Piece:
    """A part of a text."""

    text: str
    escaped: bool = False
    """Whether it is written in place of characters that do not show."""


def is_visible(character: str) -> bool:
    """Tell whether a character shows as itself; a plain space does."""
    return character.isprintable() and ord(character) not in _BLANK


def pieces(text: str) -> Iterator[Piece]:
    """Yield a text as it is shown: tokens are masked, and what does not show is written as its escapes, or counted."""
    given = mask_tokens(text)
    if given.isascii() and given.isprintable() and "        " not in given:
        yield Piece(given)
        return
    at, end, marks = 0, 0, 0
    for match in _TELLING.finditer(given):
        run = match[0]
        before = marks if match.start() == end else 0
        marks = before + len(run) if combining(run[0]) else 0
        end = match.end()
        if run[0] != " " and is_visible(run[0]) and marks <= _MARKS:
            continue
        if given[at : match.start()]:
            yield Piece(given[at : match.start()])
        yield Piece(_told(run), escaped=True)
        at = match.end()
    if given[at:]:
        yield Piece(given[at:])


def visible(text: str) -> str:
    """Return a text as it is shown, where nothing can be set off."""
    return "".join(piece.text for piece in pieces(text))


def clipped(text: str, limit: int) -> str:
    """Return the beginning of a text, with an ellipsis where something was cut off."""
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"


def _told(run: str) -> str:
    if run[0] == " ":
        return f"[{len(run)} spaces]"
    escape = run[0].encode("unicode_escape").decode("ascii")
    return f"[{len(run)} times {escape}]" if len(run) > _COUNTED else escape * len(run)
