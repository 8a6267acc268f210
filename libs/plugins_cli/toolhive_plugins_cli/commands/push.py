"""Send builds from the local store to a registry.

Registries are reached over HTTPS, with the credentials of `docker login`. Several builds share connections and logins and are sent
one after the other; one that fails does not stop the rest. With --sign a build is sent by its digest, signed, and only then given
its tag: nobody sees it unsigned."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import transfer_each
from toolhive_plugins_cli.signer_options import add_signer_options, has_signer, sign_ref, signer_of
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Pushed


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("tag", metavar="TAG", help="the local build to send")
    parser.add_argument(
        "refs",
        metavar="REF",
        nargs="*",
        help="the destination, registry/repository:tag (default: TAG, if it is such a reference)",
    )
    parser.add_argument(
        "--each", action="store_true", help="treat every argument as a TAG, and push each to the reference that it is"
    )
    parser.add_argument("--sign", action="store_true", help="sign before the tag is set; name who signs")
    add_signer_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Send them."""
    tags = [args.tag, *args.refs] if args.each else [args.tag] * max(len(args.refs), 1)
    transfers = list(zip(tags, tags if args.each else args.refs or tags, strict=True))

    if has_signer(args) != args.sign:
        session.usage_error("--sign, and who signs (--key FILE or --identity-token FILE), belong together")
    signer = signer_of(args, session) if args.sign else None

    def push(transfer: tuple[str, str]) -> "Pushed":
        tag, ref = transfer
        progress = session.progress(f"pushing {safe(ref)}")
        if signer is None:
            return session.service.push(tag, ref, progress=progress)
        return session.service.push_signed(
            tag, ref, lambda pinned: sign_ref(args, session, signer, pinned), progress=progress
        )

    return transfer_each(transfers, push, lambda done: _draw(done, session), session)


def _draw(pushed: "Pushed", session: Session) -> None:
    page = session.page()
    page.title(pushed.name, pushed.version)
    page.field("pushed to", pushed.ref)
    page.field("digest", pushed.digest)
    page.field("pin it as", pushed.pinned)
