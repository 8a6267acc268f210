"""The layout of everything that is drawn for people: titles, labelled fields, sections, items, each wrapped with a hanging indent.

No line ends in spaces, so that what is copied from the terminal is what was there. Where the output is not a terminal, no line is
broken, so that it can be searched.
"""

import re
from typing import TextIO

from toolhive_plugins_cli.terminal import UNLIMITED_WIDTH, encodes_unicode
from toolhive_plugins_cli.text import Text, is_visible, safe
from toolhive_plugins_service import mask_tokens

_RUN = 4
"""A character that does not show is counted where there are more of it in a row."""

_READING_WIDTH = 110
"""Cells: lines of prose grow no wider, however wide the terminal."""

_TELLING = re.compile(r" {8,}|([^\x20-\x7e])\1*")
"""Long runs of spaces, and runs of one character that may not show."""


def spans(*parts: Text | str) -> Text:
    """Return the parts as one text; a part that is a plain string is taken for untrusted."""
    text = Text()
    for part in parts:
        text.append(part if isinstance(part, Text) else untrusted(part))
    return text


def untrusted(text: object, style: str = "") -> Text:
    """Return text from a plugin for display. Nothing in it is obeyed or hidden, but tokens; what had to be escaped is set off."""
    given = mask_tokens(str(text))
    shown, at = Text(), 0
    for match in _TELLING.finditer(given):
        run = match[0]
        if run[0] != " " and is_visible(run[0]):
            continue
        shown.append(given[at : match.start()], style)
        shown.append(_told(run), "escape")
        at = match.end()
    return shown.append(given[at:], style)


def _told(run: str) -> str:
    """Return a run of one character that does not show: counted where it is long, else as its escapes."""
    if run[0] == " ":
        return f"[{len(run)} spaces]"
    return f"[{len(run)} times {safe(run[0])}]" if len(run) > _RUN else safe(run)


class Page:
    """Draws on a stream, from top to bottom.

    Args:
        stream: where to.
        width: cells of a line.
        color: whether to use the terminal's colours.
    """

    def __init__(self, stream: TextIO, *, width: int, color: bool) -> None:
        self._stream = stream
        self._color = color
        self.width = width
        self._plain = not encodes_unicode(stream)

    def line(self, *parts: Text | str, indent: int = 0, hang: int | None = None) -> None:
        """Draw one paragraph, wrapped; lines after the first are indented by `hang` cells (default: as the first)."""
        body = spans(*parts)
        first, later = " " * indent, " " * (indent if hang is None else hang)
        fits = self.width >= UNLIMITED_WIDTH or body.cells + indent <= self.width
        for number, line in enumerate([body.rstrip()] if fits else body.wrap(max(self.width - len(later), 10))):
            prefix = (later if number else first) if line.plain else ""
            self._stream.write(f"{prefix}{line.render(color=self._color)}\n")

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
        """Draw a box, open to the right, around what must not be overlooked."""
        top, edge, bottom = (
            ("!! ", "!! ", "") if self._plain else ("\u250f\u2501 ", "\u2503  ", "\u2517\u2501\u2501\u2501")
        )
        self.line(Text(top + title, style))
        for line in lines:
            for wrapped in line.wrap(max(min(self.width, _READING_WIDTH) - len(edge), 10)):
                self.line(Text(edge, style), wrapped)
        if bottom:
            self.line(Text(bottom, style))

    def prose(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Draw a sentence from a plugin or about it, at a width that reads well."""
        body = untrusted(text, style)
        if self.width >= UNLIMITED_WIDTH:
            self.line(body, indent=indent)
            return
        for wrapped in body.wrap(max(min(self.width, _READING_WIDTH) - indent, 10)):
            self.line(wrapped, indent=indent)
