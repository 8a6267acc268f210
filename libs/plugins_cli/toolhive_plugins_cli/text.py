"""Text for people: untrusted strings made harmless, sizes, counts."""

from collections.abc import Mapping
from typing import Final

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
