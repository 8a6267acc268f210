"""Send builds from the local store to a registry.

Registries are reached over HTTPS, with the credentials of `docker login`. Several builds share connections and logins and are sent
at once; one that fails does not stop the rest. With --sign a build is sent by its digest, signed, and only then given its tag, one
after the other: nobody sees it unsigned."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options, jobs_of
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import repository_of, transfer_each
from toolhive_plugins_cli.signer_options import add_signer_options, has_signer, sign_ref, signer_of
from toolhive_plugins_cli.text import plural, safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Progress, Pushed


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
    add_jobs(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Send them."""
    tags = [args.tag, *args.refs] if args.each else [args.tag] * max(len(args.refs), 1)
    transfers = list(zip(tags, tags if args.each else args.refs or tags, strict=True))

    if has_signer(args) != args.sign:
        session.usage_error("--sign, and who signs (--key FILE or --identity-token FILE), belong together")
    signer = signer_of(args, session) if args.sign else None

    def push(transfer: tuple[str, str], progress: "Progress | None") -> "Pushed":
        tag, ref = transfer
        if signer is None:
            return session.service.push(tag, ref, progress=progress)
        return session.service.push_signed(
            tag, ref, lambda pinned: sign_ref(args, session, signer, pinned), progress=progress
        )

    return transfer_each(
        transfers,
        push,
        lambda done: _draw(done, session),
        session,
        title=f"pushing {safe(transfers[0][1]) if len(transfers) == 1 else plural(len(transfers), 'build')}",
        place=lambda transfer: repository_of(transfer[1]),
        jobs=1 if args.sign else jobs_of(args, session),
    )


def _draw(pushed: "Pushed", session: Session) -> None:
    page = session.page()
    page.title(pushed.name, pushed.version)
    page.field("pushed to", pushed.ref)
    page.field("digest", pushed.digest)
    page.field("pin it as", pushed.pinned)
