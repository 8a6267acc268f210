"""The layout of everything that is drawn for people: titles, labelled fields, sections, items, each wrapped with a hanging indent.

No line carries trailing spaces, so that what is copied from the terminal is what stood there, and where the output is no
terminal a line is never broken, so that it can be searched.
"""

import re

from rich.console import Console
from rich.text import Text

from toolhive_plugins_cli.text import safe

_READING_WIDTH = 110
"""Cells: lines of prose grow no wider, however wide the terminal."""

_MANY_SPACES = re.compile(r" {8,}")
_LONGEST = 4000
"""Characters of one untrusted text that are shown; what is cut off is counted."""


def untrusted(text: object, style: str = "") -> Text:
    """Return text from a plugin for display: nothing in it is obeyed or hidden, and what had to be made visible stands out."""
    given = str(text)
    shown = Text(style=style)
    for piece in re.split(r"( {8,}|[^\x20-\x7e])", given[:_LONGEST]):
        if _MANY_SPACES.fullmatch(piece):
            shown.append(f"[{len(piece)} spaces]", "escape")
        elif piece.isprintable():
            shown.append(piece)
        else:
            shown.append(safe(piece), "escape")
    if len(given) > _LONGEST:
        shown.append(f"[and {len(given) - _LONGEST:,} more characters]", "escape")
    return shown


class Page:
    """Draws on a console, from top to bottom."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.width = console.width
        self._plain = console.options.ascii_only

    def line(self, text: Text | str = "", *, indent: int = 0, hang: int | None = None) -> None:
        """Draw one paragraph, wrapped; lines after the first are indented by `hang` cells (default: as the first)."""
        body = text if isinstance(text, Text) else Text(text)
        if not body.plain:
            self._console.print()
            return
        first, later = " " * indent, " " * (indent if hang is None else hang)
        room = max(self.width - len(later), 10)
        if body.cell_len + indent <= self.width:
            lines = [body]
        else:
            lines = list(body.wrap(self._console, room, overflow="fold", tab_size=4))
        for number, wrapped in enumerate(lines):
            wrapped.rstrip()
            self._console.print(Text(later if number else first) + wrapped, soft_wrap=True)

    def title(self, name: str, *facts: str) -> None:
        """Draw the headline of the page: a name, then what else tells it apart."""
        text = untrusted(name, "name")
        for fact in facts:
            if fact:
                text = text + Text("  ") + untrusted(fact)
        self.line(text)

    def field(self, label: str, value: Text | str, *, indent: int = 2, column: int = 12) -> None:
        """Draw a labelled value; nothing where the value is empty."""
        body = value if isinstance(value, Text) else untrusted(value)
        if not body.plain:
            return
        if self.width < 50:  # too narrow for two columns
            self.line(Text(label, "label"), indent=indent)
            self.line(body, indent=indent + 2)
            return
        head = Text(f"{label:<{column}}", "label")
        self.line(head + body, indent=indent, hang=indent + column)

    def section(self, title: str, note: str = "", style: str = "heading") -> None:
        """Begin a section."""
        self.line()
        text = Text(title, style)
        if note:
            text.append("  ").append(note, "quiet")
        self.line(text)

    def box(self, title: str, lines: list[Text], style: str) -> None:
        """Draw a box that nobody overlooks. On a narrow or unlimited line there is no frame, only its left edge."""
        width = min(self.width, 80)
        self.line(Text("\u250f\u2501 ", style) + Text(title, style) if not self._plain else Text(f"!! {title}", style))
        edge = Text("\u2503  " if not self._plain else "!! ", style)
        for line in lines:
            for wrapped in line.wrap(self._console, max(width - 3, 10), overflow="fold"):
                wrapped.rstrip()
                self.line(edge + wrapped)
        if not self._plain:
            self.line(Text("\u2517" + "\u2501" * 3, style))

    def prose(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Draw a sentence from a plugin or about it, at a width that reads well."""
        body = untrusted(text, style)
        room = min(self.width, _READING_WIDTH) - indent if self.width < 10_000 else self.width
        for wrapped in body.wrap(self._console, max(room, 10), overflow="fold"):
            self.line(wrapped, indent=indent)
