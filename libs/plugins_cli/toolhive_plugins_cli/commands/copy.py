"""Copy a plugin from one reference to another, in the same registry or between two.

It is copied by digest and byte for byte, and not stored on this machine, and so are its signatures, attestations and what else refers to
it. The tag is set last. What the target has is not sent again, and signatures that it has of its own stay."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Copied


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("source", metavar="FROM", help="registry/repository:tag or registry/repository@digest")
    parser.add_argument("target", metavar="TO", help="registry/repository:tag")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Copy it."""
    progress = session.progress(f"copying {safe(args.source)}")
    copied = session.service.copy(args.source, args.target, progress=progress)
    session.close_progress()
    if session.terse:
        session.write(copied.digest)
    else:
        session.emit(copied, lambda: _draw(copied, session))
    return exit_codes.OK


def _draw(copied: "Copied", session: Session) -> None:
    page = session.page()
    page.field("from", copied.source)
    page.field("copied to", copied.ref)
    page.field("digest", copied.digest)
    page.field("pin it as", copied.pinned)
