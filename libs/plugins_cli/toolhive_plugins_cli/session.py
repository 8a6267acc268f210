"""What a subcommand works with: the service, and the two streams, results on stdout and messages on stderr."""

import argparse
import sys
from _thread import allocate_lock
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, TypeVar

from toolhive_plugins_cli.terminal import ColorChoice, is_terminal, line_width, shows_color

if TYPE_CHECKING:
    from toolhive_plugins_cli.page import Page
    from toolhive_plugins_service import MarketplaceService, Notice, Platform, Policy, Progress, Registry, Service

T = TypeVar("T")


class OutputFormat(StrEnum):
    """The values of `--format`."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class Session:
    """One run of a subcommand.

    Use it as a context manager: what it opened (progress bars, connections, scratch folders) is closed however the run ends.

    Args:
        args: the parsed command line.
        parser: the subcommand's own parser.
        parser_of: returns the parser of any subcommand.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        parser: argparse.ArgumentParser,
        parser_of: Callable[[str], argparse.ArgumentParser],
    ) -> None:
        self._args = args
        self._parser = parser
        self._until_result = ExitStack()
        self._until_end = ExitStack()
        self._service: Service | None = None
        self._registry: Registry | None = None
        self._opening = allocate_lock()
        self.parser_of = parser_of
        self.quiet: bool = args.quiet
        self.verbose: bool = args.verbose and not args.quiet
        self.format = OutputFormat(args.format)
        self.color_choice = ColorChoice(args.color)
        self.color = shows_color(sys.stdout, self.color_choice)
        self.width = line_width(sys.stdout)
        # An encoding that lacks a character must not end the run: the character is then shown by its escape.
        for stream in (sys.stdout, sys.stderr):
            if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
                reconfigure(errors="backslashreplace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._until_result.__exit__(kind, error, trace)
        finally:
            self._until_end.__exit__(kind, error, trace)

    @property
    def service(self) -> "Service":
        """The service on the store that was asked for, made on first use."""
        if self._service is None:
            from toolhive_plugins_service import Service, Store

            self._service = Service(
                Store(self._args.store or None, notify=self._notice),
                make_registry=self._open_registry,
                make_catalog=self._open_registry,
                make_reader=self._open_registry,
                catalogs=self._catalogs,
                make_signatures=self._open_registry,
                policies=self.policies,
            )
        return self._service

    @property
    def marketplaces(self) -> "MarketplaceService":
        """What is done with marketplaces."""
        from toolhive_plugins_service import MarketplaceService

        return MarketplaceService(self._open_registry, lambda: self.service.gate)

    @property
    def terse(self) -> bool:
        """Whether to write only the one thing that a script needs."""
        return self.quiet and self.format is OutputFormat.TABLE

    def close_progress(self) -> None:
        """Make the progress bars give way to the result."""
        self._until_result.close()

    def cancel_transfers(self) -> None:
        """End what other threads are pushing or pulling."""
        if self._registry is not None:
            self._registry.cancel()

    def keep(self, resource: AbstractContextManager[T]) -> T:
        """Open a resource until the session ends."""
        return self._until_end.enter_context(resource)

    def usage_error(self, problem: str) -> NoReturn:
        """End the run with the subcommand's usage and `problem`, status 2."""
        self._parser.error(problem)

    def report(self, error: Exception) -> int:
        """Tell a person about an error that does not end the run, and return the exit status for it."""
        from toolhive_plugins_cli.failures import report

        sys.stdout.flush()
        return report(error, debug=self._args.debug, color=self.color_choice)

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

    def emit(self, result: object, draw: Callable[[], None] = lambda: None) -> None:
        """Write the result in the format that was asked for; `draw` writes the one for people."""
        match self.format:
            case OutputFormat.TABLE:
                draw()
            case OutputFormat.JSON:
                from toolhive_plugins_cli.output_formats import to_json

                sys.stdout.write(to_json(result))
            case OutputFormat.YAML:
                from toolhive_plugins_cli.output_formats import to_yaml

                sys.stdout.write(to_yaml(result))

    def page(self) -> "Page":
        """Return a page to draw on stdout."""
        from toolhive_plugins_cli.page import Page

        return Page(sys.stdout, width=self.width, color=self.color)

    def say(self, text: str) -> None:
        """Tell a person something on stderr, unless they asked for quiet."""
        if not self.quiet:
            sys.stdout.flush()
            sys.stderr.write(text + "\n")

    def warn(self, warnings: Iterable[str]) -> None:
        """Print warnings: what did not stop the work. `--quiet` does not silence them."""
        sys.stdout.flush()
        for text in warnings:
            from toolhive_plugins_cli.failures import warning

            warning(text, color=self.color_choice)

    def tell_running_thv(self) -> None:
        """Say that a running `thv serve` does not see a new tag before it restarts, since it reads the store once."""
        if self.quiet or not self.service.store.is_default:
            return
        from toolhive_plugins_service import running_server

        server = running_server()
        if server is not None:
            self.say(f"thv is running (process {server.pid}) and sees this only after a restart")

    def _notice(self, notice: "Notice") -> None:
        from toolhive_plugins_service import NoticeKind

        if notice.kind is NoticeKind.WAITING_FOR_LOCK:
            self.say(str(notice))
        else:
            self.warn([str(notice)])

    def progress(self, title: str) -> "Progress | None":
        """Return what draws progress bars on stderr until the result is written; None where no terminal would show them."""
        if self.quiet or not is_terminal(sys.stderr):
            return None
        from toolhive_plugins_cli.progress import ProgressBars

        return self._until_result.enter_context(ProgressBars(title, color=shows_color(sys.stderr, self.color_choice)))

    def policies(self) -> "tuple[Policy, ...]":
        """Return the policies that are in force."""
        from toolhive_plugins_cli.policy_options import policies_in_force

        return policies_in_force(self._args)

    def _catalogs(self) -> tuple[str, ...]:
        import os

        from toolhive_plugins_cli.settings import read_settings

        return read_settings(self._args, os.environ).catalogs

    def _open_registry(self) -> "Registry":
        """Return the one registry client of this run, which keeps its connections and logins until the session ends."""
        with self._opening:
            if self._registry is None:
                from toolhive_plugins_cli.registry_options import make_registry

                self._registry = self.keep(make_registry(self._args))
            return self._registry
