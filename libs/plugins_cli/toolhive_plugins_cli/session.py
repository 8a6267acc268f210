"""What a subcommand works with: the service, and the two streams, data on stdout and talk on stderr."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

    from toolhive_plugins_service import Platform, Progress, Service

T = TypeVar("T")

UNLIMITED_WIDTH = 10_000
"""Cells of a line where no terminal limits it: output for other programs is never wrapped."""


def wants_color(stream: TextIO, choice: str = "auto") -> bool:
    """Tell whether to colour what goes to `stream`.

    `choice` is the value of `--color`. `auto` colours on terminals only, and follows NO_COLOR (no-color.org),
    FORCE_COLOR and TERM=dumb.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width(stream: TextIO) -> int:
    """Return the cells of a line on `stream`: COLUMNS where it is set, else the terminal's width, else no limit."""
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return max(int(given), 20)
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):  # not a terminal, or not even a file
        return UNLIMITED_WIDTH
    return max(columns, 20) if columns else 80


class Session:
    """One run of a subcommand.

    Use it as a context manager: what it opened (progress bars, scratch folders) is closed however the run ends.
    """

    def __init__(self, args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
        self._args = args
        self._parser = parser
        self._stack = ExitStack()
        self._service: Service | None = None
        self.quiet: bool = args.quiet
        self.verbose: bool = args.verbose and not args.quiet
        self.format: str = args.format
        self.color = wants_color(sys.stdout, args.color)
        self.width = terminal_width(sys.stdout)
        # An encoding that lacks a character must not end the run: the character is then shown by its escape.
        for stream in (sys.stdout, sys.stderr):
            if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
                reconfigure(errors="backslashreplace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def service(self) -> "Service":
        """The service on the store that was asked for, made on first use."""
        if self._service is None:
            from toolhive_plugins_service import open_service

            self._service = open_service(
                self._args.store,
                plain_http=getattr(self._args, "plain_http", False),
            )
        return self._service

    def close(self) -> None:
        """Close what the session opened; progress bars make way for the result."""
        self._stack.close()

    def keep(self, resource: AbstractContextManager[T]) -> T:
        """Open a resource until the session ends."""
        return self._stack.enter_context(resource)

    def usage_error(self, problem: str) -> NoReturn:
        """End the run with the subcommand's usage and `problem`, status 2."""
        self._parser.error(problem)

    def platform(self, text: str | None) -> "Platform | None":
        """Return the platform that an argument names; None where it was not given."""
        if text is None:
            return None
        from toolhive_plugins_service import parse_platform

        return parse_platform(text)

    def write(self, text: str) -> None:
        """Write a line of data to stdout."""
        sys.stdout.write(text + "\n")

    def write_lines(self, lines: Iterable[str]) -> None:
        """Write lines of data to stdout."""
        for line in lines:
            self.write(line)

    def emit(self, result: object, draw: Callable[[], None]) -> None:
        """Write the result in the format that was asked for; `draw` writes the one for people."""
        if self.format == "table":
            draw()
            return
        from toolhive_plugins_cli.documents import to_json, to_yaml

        sys.stdout.write(to_json(result) if self.format == "json" else to_yaml(result))

    def console(self) -> "Console":
        """Return a console of the terminal library that draws on stdout."""
        from toolhive_plugins_cli.console import make_console

        return make_console(sys.stdout, color=self.color, width=self.width)

    def say(self, text: str) -> None:
        """Tell a person something on stderr, unless they asked for quiet."""
        if not self.quiet:
            sys.stdout.flush()
            sys.stderr.write(text + "\n")

    def warn(self, warnings: Iterable[str]) -> None:
        """Tell of things that did not stop the work; quiet does not silence them."""
        from toolhive_plugins_cli.failures import warning

        sys.stdout.flush()
        for text in warnings:
            warning(text, color=wants_color(sys.stderr, self._args.color))

    def progress(self, title: str) -> "Progress | None":
        """Return what draws progress bars on stderr while this session lasts; None where no terminal would show them."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return None
        from toolhive_plugins_cli.progress import ProgressBars

        return self.keep(ProgressBars(title, color=wants_color(sys.stderr, self._args.color)))
