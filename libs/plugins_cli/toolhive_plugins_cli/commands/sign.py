"""Sign a plugin in a registry.

What REF names now is signed by its digest, for all its platforms. The signature is stored beside it, in the layout of cosign's classic
signatures and as a Sigstore bundle; it is added to those that are there, and a key signs once. Without a key it is signed for an
identity, by Sigstore's services and as a bundle only."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.signer_options import add_signer_options, sign_ref, signer_of

if TYPE_CHECKING:
    from toolhive_plugins_service import Signed


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("ref", metavar="REF", help="registry/repository:tag or registry/repository@digest")
    add_signer_options(parser)
    parser.add_argument(
        "--layout",
        choices=["classic", "bundle"],
        action="append",
        help="where the signature goes; may be repeated (default: both)",
    )
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Sign it."""
    if args.layout and args.identity_token:
        session.usage_error("without a key the layout is always a bundle: leave out --layout")
    signed = sign_ref(args, session, signer_of(args, session), args.ref)
    show_signed(signed, session)
    return exit_codes.OK


def show_signed(signed: "Signed", session: Session) -> None:
    """Tell what came of signing."""
    if session.terse:
        session.write(signed.digest)
    else:
        session.emit(signed, lambda: _draw(signed, session))
    if signed.present:
        named = " and ".join(signed.present)
        session.say(f"This key had signed it already: {named}")


def _draw(signed: "Signed", session: Session) -> None:
    page = session.page()
    page.field("signed", signed.repository)
    page.field("digest", signed.digest)
    page.field("by", str(signed.signer))
    page.field("layouts", ", ".join(signed.added) or "none was added")
