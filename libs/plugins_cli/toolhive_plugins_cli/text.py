"""Text for people: untrusted strings made harmless, sizes, counts; text in styles, wrapped to a width, in the terminal's own colours.

Only the sixteen colours of the terminal's theme are used, and neither white nor black, so that the output is as readable black on
white as white on black. rich would do all of this and more; it brings more modules than the rest of a small build, so it draws only
what moves.
"""

import re
from collections.abc import Mapping
from typing import Final, Self

_BLANK: Final = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)
"""Code points that Python calls printable and that show nothing: blank letters, the braille blank, variation selectors (Unicode's
Default_Ignorable_Code_Point, as far as it is printable)."""


def is_visible(character: str) -> bool:
    """Tell whether a character shows as itself; a plain space does."""
    return character.isprintable() and ord(character) not in _BLANK


def safe(text: object) -> str:
    """Return untrusted text as one line that no terminal acts upon.

    Control characters, line breaks, bidirectional and zero-width marks, blank letters, odd spaces and unpaired surrogates (bytes
    that are not UTF-8) come out as their backslash escapes: what a terminal would hide or obey, a person gets to see.
    """
    given = str(text)
    if given.isascii() and given.isprintable():
        return given
    return "".join(c if is_visible(c) else c.encode("unicode_escape").decode("ascii") for c in given)


def size(count: int) -> str:
    """Return a number of bytes in the decimal units that registries use: `812 B`, `11.3 kB`, `84 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            break
        value /= 1000
    digits = 0 if unit == "B" or value >= 99.95 else 1
    return f"{value:.{digits}f} {unit}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return `1 hook`, `3 hooks`, `no hooks`."""
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


COMPONENTS = {
    "commands": ("command", "commands"),
    "agents": ("agent", "agents"),
    "skills": ("skill", "skills"),
    "hooks": ("hook", "hooks"),
    "mcpServers": ("MCP server", "MCP servers"),
    "lspServers": ("LSP server", "LSP servers"),
}
"""The component types of an inventory, in words."""


def inventory(components: Mapping[str, int]) -> str:
    """Return a count of components in words: `2 commands, 1 hook`; empty where there are none."""
    return ", ".join(
        plural(count, *COMPONENTS.get(kind, (safe(kind), safe(kind)))) for kind, count in components.items() if count
    )


def short_digest(digest: str) -> str:
    """Return the first 12 hexadecimal digits: enough for the eye, and what `docker images` shows."""
    return digest.removeprefix("sha256:")[:12]


def cells(text: str) -> int:
    """Return how many terminal cells printable text takes: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def clip(text: str, width: int) -> str:
    """Return text in at most `width` cells, with an ellipsis where something was cut off."""
    if cells(text) <= width:
        return text
    kept = ""
    used = 1
    for c in text:
        used += cells(c)
        if used > width:
            break
        kept += c
    return kept + "…"


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
