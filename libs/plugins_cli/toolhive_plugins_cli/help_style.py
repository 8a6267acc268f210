"""Help in colour, drawn by rich-argparse; in its own module so that only a terminal that asks for help pays for it."""

import argparse
from typing import ClassVar

from rich.style import StyleType
from rich_argparse import RawDescriptionRichHelpFormatter


class _Formatter(RawDescriptionRichHelpFormatter):
    """Headings bold, names cyan, and nothing in white, which a light terminal would not show."""

    styles: ClassVar[dict[str, StyleType]] = {
        **RawDescriptionRichHelpFormatter.styles,
        "argparse.args": "cyan",
        "argparse.groups": "bold",
        "argparse.help": "default",
        "argparse.metavar": "green",
        "argparse.prog": "bold",
        "argparse.syntax": "bold",
        "argparse.text": "default",
        "argparse.default": "italic",
    }
    group_name_formatter = str.capitalize
    usage_markup = False
    help_markup = False
    text_markup = False


def colored_formatter(prog: str, width: int) -> argparse.HelpFormatter:
    """Return the formatter for `prog`, which writes lines of `width` cells."""
    return _Formatter(prog, max_help_position=28, width=width)
