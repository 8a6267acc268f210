"""Send a build from the local store to a registry.

Registries are spoken to over HTTPS, with the credentials that `docker login` left."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Pushed


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("tag", metavar="TAG", help="the local build to send")
    parser.add_argument(
        "ref",
        metavar="REF",
        nargs="?",
        help="where to: registry/repository:tag (default: TAG, where that is such a reference)",
    )
    parser.add_argument(
        "--plain-http", action="store_true", help="speak HTTP, without encryption, to a registry on your machine say"
    )


def run(args: argparse.Namespace, session: Session) -> int:
    """Send it."""
    ref = args.ref or args.tag
    pushed = session.service.push(args.tag, ref, progress=session.progress(f"pushing {safe(ref)}"))
    session.close()
    if session.quiet and session.format == "table":
        session.write(pushed.digest)
    else:
        session.emit(pushed, lambda: _draw(pushed, session))
    session.warn(pushed.warnings)
    return exit_codes.OK


def _draw(pushed: "Pushed", session: Session) -> None:
    from toolhive_plugins_cli.page import Page

    page = Page(session.console())
    page.title(pushed.name, pushed.version)
    page.field("pushed to", pushed.ref)
    page.field("digest", pushed.digest)
    page.field("pin it as", pushed.pinned)
