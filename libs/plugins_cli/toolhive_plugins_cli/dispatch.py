"""The table of subcommands, and the parsing of a command line against it.

The parser is argparse because it starts fastest (docs/command.md compares it with others). Only the subcommand that was named is
imported.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.overview import ALIASES, FAMILIES, names, nearest, overview
from toolhive_plugins_cli.session import OutputFormat, Session
from toolhive_plugins_cli.terminal import ColorChoice, line_width, shows_color
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from typing import Protocol

    class CommandModule(Protocol):
        """What each module in `commands` offers; its docstring is the description in its help."""

        __doc__: str | None

        def configure(self, parser: argparse.ArgumentParser) -> None:
            """Add the subcommand's own arguments."""
            ...

        def run(self, args: argparse.Namespace, session: Session) -> int:
            """Do the work and return the exit status."""
            ...


# argparse looks its own words up among translations, of which there are none: that loads two modules and asks the disk each time.
vars(argparse)["_"] = str

_OPTIONS_WITH_VALUE = frozenset({"--store", "--format", "--color"})


def dispatch(arguments: list[str]) -> int:
    """Parse `arguments`, run the subcommand they name, and return its exit status.

    Options that all subcommands share may come before the subcommand's name or after it.

    Raises:
        SystemExit: after help was shown, or the command line was found wrong (argparse's way).
    """
    at = _position_of_name(arguments)
    if at is None:
        return _without_name(arguments)
    name, rest = ALIASES.get(arguments[at], arguments[at]), arguments[:at] + arguments[at + 1 :]
    if name == "help":
        return dispatch([*rest[: 2 if rest[:1] and rest[0] in FAMILIES else 1], "--help"])
    if name in FAMILIES and (at := _position_of_name(rest)) is not None:
        if rest[at] not in FAMILIES[name]:
            member = f"{name} {rest[at]}"
            return _fail(f"there is no command {safe(member)!r}{nearest(member)}")
        name, rest = f"{name} {rest[at]}", rest[:at] + rest[at + 1 :]
        return _run(name, rest)
    if name not in names():
        return _fail(f"there is no command {safe(name)!r}{nearest(name)}")
    return _run(name, rest)


def _run(name: str, rest: list[str]) -> int:
    parser = parser_of(name)
    args = parser.parse_args(rest)
    signal.signal(signal.SIGTERM, _terminate)
    with Session(args, parser, parser_of) as session:
        try:
            return _load(name).run(args, session)
        except Exception as error:
            if isinstance(error, BrokenPipeError):
                raise
            session.close_progress()
            return session.report(error)


def parser_of(name: str) -> argparse.ArgumentParser:
    """Return the parser of a subcommand."""
    module = _load(name)
    parser = _Parser(
        prog=f"thv-plugin {name}", description=module.__doc__, formatter_class=_formatter, allow_abbrev=False
    )
    module.configure(parser)
    _add_common_options(parser)
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse's parser, with errors that read as all others of the command do."""

    def format_help(self) -> str:
        """Return the help, in colour on a terminal: argparse asks for formatters when there is nothing to format as well."""
        if shows_color(sys.stdout):
            self.formatter_class = _colored_formatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """End the run, status 2."""
        from toolhive_plugins_cli.failures import complain

        complain(message, remedy=f"See {self.prog} --help")
        sys.exit(exit_codes.USAGE)


def _terminate(*_: object) -> NoReturn:
    raise exit_codes.Terminated


def _position_of_name(arguments: Sequence[str]) -> int | None:
    """Return the position of the subcommand's name, or None where there are only options."""
    skip = False
    for position, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument.startswith("-"):
            skip = argument in _OPTIONS_WITH_VALUE
        else:
            return position
    return None


def _without_name(arguments: list[str]) -> int:
    if "--version" in arguments or "-V" in arguments:
        from toolhive_plugins_cli.version import version

        sys.stdout.write(f"thv-plugin {version()}\n")
        return exit_codes.OK
    if not arguments or "--help" in arguments or "-h" in arguments:
        sys.stdout.write(overview(color=shows_color(sys.stdout)))
        return exit_codes.OK
    return _fail("name a command")


def _fail(problem: str) -> int:
    from toolhive_plugins_cli.failures import complain

    complain(problem, remedy="See thv-plugin --help for the commands")
    return exit_codes.USAGE


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return argparse's formatter. The width is given, since argparse would load a module of compressors to find it out."""
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=_help_width())


def _colored_formatter(prog: str) -> argparse.HelpFormatter:
    from toolhive_plugins_cli.help_style import colored_formatter

    return colored_formatter(prog, _help_width())


def _help_width() -> int:
    return min(line_width(sys.stdout), 100) - 2


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("options of all commands")
    group.add_argument("--store", metavar="DIR", help="the local store (default: the one that thv uses)")
    group.add_argument(
        "--format",
        choices=[each.value for each in OutputFormat],
        default="table",
        help="how to write the result (default: table)",
    )
    group.add_argument(
        "--color",
        choices=[each.value for each in ColorChoice],
        default="auto",
        help="when to use colour (default: auto)",
    )
    group.add_argument("-q", "--quiet", action="store_true", help="print only what a script needs")
    group.add_argument("-v", "--verbose", action="store_true", help="print more detail")
    group.add_argument("--debug", action="store_true", help="show where an error comes from, for a bug report")
    group.add_argument("-V", "--version", action=_ShowVersion)


class _ShowVersion(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="show the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from toolhive_plugins_cli.version import version

        parser.exit(exit_codes.OK, f"thv-plugin {version()}\n")


def _load(name: str) -> "CommandModule":
    """Import a subcommand's module, and only that. Plain imports, which type checkers and the build's inference see."""
    module: CommandModule
    match name:
        case "attest":
            from toolhive_plugins_cli.commands import attest as module
        case "build":
            from toolhive_plugins_cli.commands import build as module
        case "builds":
            from toolhive_plugins_cli.commands import builds as module
        case "check":
            from toolhive_plugins_cli.commands import check as module
        case "completion":
            from toolhive_plugins_cli.commands import completion as module
        case "config":
            from toolhive_plugins_cli.commands import config as module
        case "content":
            from toolhive_plugins_cli.commands import content as module
        case "copy":
            from toolhive_plugins_cli.commands import copy as module
        case "diff":
            from toolhive_plugins_cli.commands import diff as module
        case "extract":
            from toolhive_plugins_cli.commands import extract as module
        case "gc":
            from toolhive_plugins_cli.commands import gc as module
        case "info":
            from toolhive_plugins_cli.commands import info as module
        case "inspect":
            from toolhive_plugins_cli.commands import inspect as module
        case "keygen":
            from toolhive_plugins_cli.commands import keygen as module
        case "install":
            from toolhive_plugins_cli.commands import install as module
        case "list":
            from toolhive_plugins_cli.commands import list as module
        case "login":
            from toolhive_plugins_cli.commands import login as module
        case "logout":
            from toolhive_plugins_cli.commands import logout as module
        case "marketplace":
            from toolhive_plugins_cli.commands import marketplace as module
        case "marketplace copy":
            from toolhive_plugins_cli.commands import marketplace_copy as module
        case "marketplace diff":
            from toolhive_plugins_cli.commands import marketplace_diff as module
        case "marketplace generate":
            from toolhive_plugins_cli.commands import marketplace_generate as module
        case "marketplace page":
            from toolhive_plugins_cli.commands import marketplace_page as module
        case "marketplace push":
            from toolhive_plugins_cli.commands import marketplace_push as module
        case "marketplace read":
            from toolhive_plugins_cli.commands import marketplace_read as module
        case "marketplace show":
            from toolhive_plugins_cli.commands import marketplace_show as module
        case "outdated":
            from toolhive_plugins_cli.commands import outdated as module
        case "path":
            from toolhive_plugins_cli.commands import path as module
        case "policy":
            from toolhive_plugins_cli.commands import policy as module
        case "policy test":
            from toolhive_plugins_cli.commands import policy_test as module
        case "pull":
            from toolhive_plugins_cli.commands import pull as module
        case "push":
            from toolhive_plugins_cli.commands import push as module
        case "repair":
            from toolhive_plugins_cli.commands import repair as module
        case "rm":
            from toolhive_plugins_cli.commands import rm as module
        case "seed":
            from toolhive_plugins_cli.commands import seed as module
        case "sign":
            from toolhive_plugins_cli.commands import sign as module
        case "sync":
            from toolhive_plugins_cli.commands import sync as module
        case "tag":
            from toolhive_plugins_cli.commands import tag as module
        case "tags":
            from toolhive_plugins_cli.commands import tags as module
        case "uninstall":
            from toolhive_plugins_cli.commands import uninstall as module
        case "upgrade":
            from toolhive_plugins_cli.commands import upgrade as module
        case "validate":
            from toolhive_plugins_cli.commands import validate as module
        case "verify":
            from toolhive_plugins_cli.commands import verify as module
        case _:
            raise AssertionError(name)
    return module
