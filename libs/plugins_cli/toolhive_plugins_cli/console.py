"""The terminal library, set up for this command.

Only the sixteen colours of the terminal's own theme are used, and never white or black, so that the output is as
readable black on white as white on black. Markup and highlighting are off: text from a plugin is only ever text.
"""

from typing import TextIO

from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "heading": "bold",
        "quiet": "dim",
        "label": "dim",
        "name": "bold",
        "command": "bold",
        "danger": "bold red",
        "caution": "yellow",
        "good": "green",
        "added": "green",
        "removed": "red",
        "changed": "yellow",
        "escape": "reverse red",
        "link": "cyan",
    },
    inherit=False,
)


class _Console(Console):
    """The library's console, but for what it does when the reader of a pipe is gone: that is `cli.main`'s business."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def make_console(stream: TextIO, *, color: bool, width: int) -> Console:
    """Return a console that draws on `stream` in lines of at most `width` cells."""
    return _Console(
        file=stream,
        theme=THEME,
        width=width,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
