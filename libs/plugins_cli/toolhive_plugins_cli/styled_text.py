"""Text in styles, wrapped to a width and written with the terminal's own colours.

Only the sixteen colours of the terminal's theme are used, and neither white nor black, so that the output is as readable black on
white as white on black. rich would do all of this and more; it brings more modules than the rest of a small build, so it draws only
what moves.
"""

import re
from typing import Final, Self

from toolhive_plugins_cli.text import cells

STYLES: Final = {
    "heading": "1",
    "quiet": "2",
    "label": "2",
    "name": "1",
    "command": "1",
    "danger": "1;31",
    "caution": "33",
    "good": "32",
    "added": "32",
    "removed": "31",
    "changed": "33",
    "escape": "7;31",
}
"""Names of styles, and their parameters for Select Graphic Rendition (ECMA-48, 8.3.117)."""

_WORD: Final = re.compile(r"\s*\S+\s*|\s+")


class Text:
    """Printable text, each piece of it in a style."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str = "", style: str = "") -> None:
        self._pieces: list[tuple[str, str]] = [(text, style)] if text else []

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join(text for text, _ in self._pieces)

    @property
    def cells(self) -> int:
        """The terminal cells that it takes."""
        return sum(cells(text) for text, _ in self._pieces)

    def append(self, text: "Text | str", style: str = "") -> Self:
        """Add to the end: text in its own styles, or a string in `style`."""
        if isinstance(text, Text):
            self._pieces += text._pieces
        elif text:
            self._pieces.append((text, style))
        return self

    def wrap(self, width: int) -> "list[Text]":
        """Return it in lines of at most `width` cells, without the spaces at their ends. Words that are longer are cut."""
        plain = self.plain
        starts = [0, *_breaks(plain, width)]
        lines = [self._slice(start, end) for start, end in zip(starts, [*starts[1:], len(plain)], strict=True)]
        return [line.rstrip() for line in lines]

    def rstrip(self) -> "Text":
        """Return it without the spaces at its end."""
        return self._slice(0, len(self.plain.rstrip()))

    def render(self, *, color: bool) -> str:
        """Return it as it is written to a terminal."""
        if not color:
            return self.plain
        return "".join(
            f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style in STYLES else text for text, style in self._pieces
        )

    def _slice(self, start: int, end: int) -> "Text":
        part, at = Text(), 0
        for text, style in self._pieces:
            part.append(text[max(start - at, 0) : max(end - at, 0)], style)
            at += len(text)
        return part


def _breaks(text: str, width: int) -> list[int]:
    """Return where lines begin, the first one's beginning apart."""
    found: list[int] = []
    used = 0
    for match in _WORD.finditer(text):
        word = match[0].rstrip()
        needed = cells(word)
        if used and used + needed > width:
            found.append(match.start())
            used = 0
        if needed <= width:
            used += cells(match[0])
            continue
        for offset, character in enumerate(word):
            taken = cells(character)
            if used and used + taken > width:
                found.append(match.start() + offset)
                used = 0
            used += taken
        used += len(match[0]) - len(word)
    return found
