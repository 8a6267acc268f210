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


def spans(*parts: Text | str) -> Text:
    """Return the parts as one text, each in its own style: the `+` of texts would give all of them the first one's.

    A part that is a plain string is taken for untrusted.
    """
    text = Text()
    for part in parts:
        text.append_text(part if isinstance(part, Text) else untrusted(part))
    return text


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

    def line(self, *parts: Text | str, indent: int = 0, hang: int | None = None) -> None:
        """Draw one paragraph, wrapped; lines after the first are indented by `hang` cells (default: as the first)."""
        body = spans(*parts)
        if not body.plain:
            self._console.print()
            return
        first, later = " " * indent, " " * (indent if hang is None else hang)
        fits = body.cell_len + indent <= self.width
        room = max(self.width - len(later), 10)
        lines = [body] if fits else body.wrap(self._console, room, overflow="fold", tab_size=4)
        for number, wrapped in enumerate(lines):
            wrapped.rstrip()
            self._console.print(spans(Text(later if number else first), wrapped), soft_wrap=True)

    def title(self, name: str, *facts: str) -> None:
        """Draw the headline of the page: a name, then what else tells it apart."""
        self.line(untrusted(name, "name"), *(spans("  ", untrusted(fact)) for fact in facts if fact))

    def field(self, label: str, value: Text | str, *, indent: int = 2, column: int = 12) -> None:
        """Draw a labelled value; nothing where the value is empty."""
        body = value if isinstance(value, Text) else untrusted(value)
        if not body.plain:
            return
        longest = max(map(len, body.plain.split()), default=0)
        if self.width < 50 or longest > self.width - indent - column:  # too narrow for two columns
            self.line(Text(label, "label"), indent=indent)
            self.line(body, indent=indent + 2)
            return
        self.line(Text(f"{label:<{column}}", "label"), body, indent=indent, hang=indent + column)

    def section(self, title: str, note: str = "", style: str = "heading") -> None:
        """Begin a section."""
        self.line()
        self.line(Text(title, style), Text(f"  {note}" if note else "", "quiet"))

    def box(self, title: str, lines: list[Text], style: str) -> None:
        """Draw a box, open to the right, that nobody overlooks."""
        top, edge, bottom = (
            ("!! ", "!! ", "") if self._plain else ("\u250f\u2501 ", "\u2503  ", "\u2517\u2501\u2501\u2501")
        )
        self.line(Text(top + title, style))
        for line in lines:
            for wrapped in line.wrap(
                self._console, max(min(self.width, _READING_WIDTH) - len(edge), 10), overflow="fold"
            ):
                wrapped.rstrip()
                self.line(Text(edge, style), wrapped)
        if bottom:
            self.line(Text(bottom, style))

    def prose(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Draw a sentence from a plugin or about it, at a width that reads well."""
        body = untrusted(text, style)
        room = min(self.width, _READING_WIDTH) - indent if self.width < 10_000 else self.width
        for wrapped in body.wrap(self._console, max(room, 10), overflow="fold"):
            self.line(wrapped, indent=indent)
