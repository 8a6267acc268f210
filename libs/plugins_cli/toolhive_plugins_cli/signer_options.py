"""The options that say who signs, and the password of a private key."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from toolhive_plugins_cli.session import Session

if TYPE_CHECKING:
    from toolhive_plugins_service import PrivateKey

_MAX_PASSWORD: Final = 32 * 1024
"""Bytes."""

PASSWORD_VARIABLE: Final = "COSIGN_PASSWORD"  # noqa: S105 - its name
"""The variable that cosign reads passwords from, too."""


def add_password_option(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help=f"read the key's password from stdin (default: {PASSWORD_VARIABLE}, else it is asked for)",
    )


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a signer that has a key."""
    parser.add_argument("--key", metavar="FILE", help="the private key to sign with")
    add_password_option(parser)


def private_key_of(args: argparse.Namespace, session: Session) -> "PrivateKey":
    """Return the private key that the options name, opened."""
    from toolhive_plugins_service import load_private_key

    return load_private_key(args.key, read_password(args, session, new=False))


def read_password(args: argparse.Namespace, session: Session, *, new: bool) -> bytes:
    """Return a password from stdin, from the environment, or as it is typed: twice where it is new."""
    if args.password_stdin:
        return _from_stdin(session)
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return os.fsencode(given)
    if sys.stdin is None or not sys.stdin.isatty():
        session.usage_error(
            f"there is no terminal to type a password at: set {PASSWORD_VARIABLE}, or pass --password-stdin"
        )
    import getpass

    typed = getpass.getpass("Password for the private key: ", sys.stderr)
    if new and getpass.getpass("The same again: ", sys.stderr) != typed:
        session.usage_error("the two passwords differ")
    return typed.encode("utf-8", "surrogateescape")


def _from_stdin(session: Session) -> bytes:
    data = sys.stdin.buffer.read(_MAX_PASSWORD + 1) if sys.stdin is not None else b""
    if len(data) > _MAX_PASSWORD:
        session.usage_error(f"the password is longer than {_MAX_PASSWORD} bytes")
    return data.removesuffix(b"\n").removesuffix(b"\r")
