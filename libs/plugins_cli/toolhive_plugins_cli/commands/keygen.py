"""Make a pair of keys to sign plugins with.

PREFIX.key is the private key, encrypted, which only you can read; PREFIX.pub is the public key, for those who verify. cosign takes both.
The password comes from COSIGN_PASSWORD, from stdin, or is asked for; it is never an argument. No file is overwritten."""

import argparse
from typing import NamedTuple

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.signer_options import add_password_option, read_password
from toolhive_plugins_cli.text import safe


class KeyPair(NamedTuple):
    """What was made."""

    private_key: str
    """Its path."""

    public_key: str
    fingerprint: str
    algorithm: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("prefix", metavar="PREFIX", help="where the keys go: PREFIX.key and PREFIX.pub")
    add_password_option(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Make the keys."""
    from toolhive_plugins_service import generate_key, write_key_pair

    password = read_password(args, session, new=True)
    key = generate_key()
    private, public = write_key_pair(args.prefix, key, password)
    pair = KeyPair(private, public, key.public.fingerprint, key.public.algorithm)
    if session.terse:
        session.write(pair.public_key)
    else:
        session.emit(pair, lambda: _draw(pair, session))
    if not password:
        session.warn(["the password is empty: whoever reads the private key can sign with it"])
    session.say(f"Sign with it: thv-plugin sign REF --key {safe(private)}")
    return exit_codes.OK


def _draw(pair: KeyPair, session: Session) -> None:
    page = session.page()
    page.field("private key", pair.private_key, column=13)
    page.field("public key", pair.public_key, column=13)
    page.field("fingerprint", pair.fingerprint, column=13)
