"""The options that say who signs, and the password of a private key."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from toolhive_plugins_cli.session import Session

if TYPE_CHECKING:
    from toolhive_plugins_service import PrivateKey, Signed, StatementSigner

_MAX_PASSWORD: Final = 32 * 1024
"""Bytes."""

PASSWORD_VARIABLE: Final = "COSIGN_PASSWORD"  # noqa: S105 - its name
"""The variable that cosign reads passwords from, too."""


def add_password_option(parser: "argparse._ActionsContainer") -> None:
    """Add the option."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help=f"read the key's password from stdin (default: {PASSWORD_VARIABLE}, else it is asked for)",
    )


def add_signer_options(parser: argparse.ArgumentParser) -> None:
    """Add the options: a key, or an identity."""
    group = parser.add_argument_group("who signs")
    group.add_argument("--key", metavar="FILE", help="sign with this private key")
    add_password_option(group)
    group.add_argument(
        "--identity-token",
        metavar="FILE",
        help="sign without a key, for the identity of the OIDC token in this file; - is stdin, auto asks the build service "
        "(the identity becomes public in the log)",
    )
    group.add_argument(
        "--trusted-root",
        metavar="FILE",
        default="",
        help="with --signing-config: a Sigstore of your own, not the public one",
    )
    group.add_argument("--signing-config", metavar="FILE", default="", help="where the services of that Sigstore are")


def has_signer(args: argparse.Namespace) -> bool:
    """Tell whether the options name somebody."""
    return args.key is not None or args.identity_token is not None


def check_signer(args: argparse.Namespace, session: Session) -> None:
    """End the run if the options name nobody, or two."""
    if (args.key is None) == (args.identity_token is None):
        session.usage_error("say who signs, by one of both: --key FILE, or --identity-token FILE")
    if args.key is not None and (args.trusted_root or args.signing_config):
        session.usage_error("--trusted-root and --signing-config are of use only with --identity-token")
    if bool(args.trusted_root) != bool(args.signing_config):
        session.usage_error("--trusted-root and --signing-config belong together")


def sign_ref(args: argparse.Namespace, session: Session, signer: "PrivateKey | StatementSigner", ref: str) -> "Signed":
    """Sign what a reference names."""
    from toolhive_plugins_service import ALL_LAYOUTS, Layout, PrivateKey

    if not isinstance(signer, PrivateKey):
        return session.service.signing.sign_keyless(ref, signer)
    named = getattr(args, "layout", None)
    return session.service.signing.sign(ref, signer, [Layout(name) for name in named] if named else ALL_LAYOUTS)


def signer_of(args: argparse.Namespace, session: Session) -> "PrivateKey | StatementSigner":
    """Return who signs: a private key, opened, or an identity."""
    check_signer(args, session)
    if args.key is not None:
        from toolhive_plugins_service import load_private_key

        return load_private_key(args.key, read_password(args, session, new=False))
    from toolhive_plugins_service import KeylessSigner

    token = "" if args.identity_token == "auto" else _token(args.identity_token, session)  # noqa: S105 - no token itself
    return KeylessSigner(token, trusted_root=args.trusted_root, signing_config=args.signing_config)


def _token(path: str, session: Session) -> str:
    if path == "-":
        data = _from_stdin(session)
    else:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not loaded
            data = file.read(_MAX_PASSWORD + 1)
    token = data.decode("ascii", "replace").strip()
    if not token:
        session.usage_error("the identity token is empty")
    return token


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
