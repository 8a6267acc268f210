"""Log in to a registry.

The registry is asked first whether it accepts the login. What it accepts goes where docker and oras keep logins: into
the credential helper that the configuration names, else into the file itself. A password is typed or piped, and
never an argument, which other users of the machine could see."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options, make_registry
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

_MAX_PASSWORD: Final = 32 * 1024
"""Bytes; the keys and tokens of cloud providers reach four thousand."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("registry", metavar="HOST", help="the registry, with its port where it needs one")
    parser.add_argument("--username", "-u", metavar="U", help="the user name; asked for by default")
    parser.add_argument("--password-stdin", action="store_true", help="read the password or token from stdin")
    parser.add_argument("--password", "-p", nargs="?", action=_RefusePassword, help=argparse.SUPPRESS)
    parser.add_argument("excess", nargs="*", action=_RefuseExcess, help=argparse.SUPPRESS)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Ask for the password, then the registry, and keep the login."""
    from toolhive_plugins_service import log_in, parse_registry

    parse_registry(args.registry)
    username = _username(args, session)
    password = _from_stdin(session) if args.password_stdin else _typed(session)
    if not password:
        session.usage_error("the password is empty")
    if any(character in password for character in "\0\r\n"):
        session.usage_error("the password has a line break or a NUL in it")
    done = log_in(session.keep(make_registry(args)), args.registry, username, password)
    session.emit(done)
    session.say(f"logged in to {safe(done.registry)} as {safe(done.username)}; the login is in {safe(done.stored_in)}")
    if not done.checked:
        session.warn([f"{done.registry} does not ask for a login, so the password was not checked"])
    return exit_codes.OK


def _username(args: argparse.Namespace, session: Session) -> str:
    username: str = args.username or ""
    if not username:
        if args.password_stdin:
            session.usage_error("--password-stdin needs --username")
        if sys.stdin is None or not sys.stdin.isatty():
            session.usage_error("there is no terminal to ask at: pass --username and --password-stdin")
        sys.stderr.write("Username: ")
        sys.stderr.flush()
        username = sys.stdin.readline().strip()
    if not username or ":" in username or not username.isprintable():
        session.usage_error("a user name is not empty, and has neither colons nor control characters")
    return username


def _from_stdin(session: Session) -> str:
    """Return the password from stdin, without the line break at its end."""
    data = sys.stdin.buffer.read(_MAX_PASSWORD + 1) if sys.stdin is not None else b""
    if len(data) > _MAX_PASSWORD:
        session.usage_error(f"the password is longer than {_MAX_PASSWORD} bytes")
    return data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _typed(session: Session) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        session.usage_error("there is no terminal to type a password at: pass --password-stdin")
    import getpass

    return getpass.getpass("Password: ", sys.stderr)


class _RefusePassword(argparse.Action):
    """Refuses a password as an argument without repeating it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error("a password is never an argument, which others could see: use --password-stdin")


class _RefuseExcess(argparse.Action):
    """Refuses further arguments without repeating them: they may be a user name and a password."""

    def __call__(
        self, parser: argparse.ArgumentParser, _: object, values: str | Sequence[object] | None, *__: object
    ) -> None:
        if values:
            parser.error("name one registry; a user name is given with --username, a password with --password-stdin")
