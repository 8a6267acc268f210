"""Fetch a plugin from a registry into the local store, where its tag is the whole reference.

Nothing is installed and nothing runs: look at it with `thv-plugin inspect`, then write its files with `thv-plugin extract`."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Pulled


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "ref", metavar="REF", help="registry/repository:tag, or registry/repository@digest to be sure what you get"
    )
    parser.add_argument(
        "--plain-http", action="store_true", help="speak HTTP, without encryption, to a registry on your machine say"
    )


def run(args: argparse.Namespace, session: Session) -> int:
    """Fetch it."""
    pulled = session.service.pull(args.ref, progress=session.progress(f"pulling {safe(args.ref)}"))
    session.close()
    if session.quiet and session.format == "table":
        session.write(pulled.digest)
    else:
        session.emit(pulled, lambda: _draw(pulled, session))
    session.warn(pulled.warnings)
    if not session.quiet and session.format == "table":
        session.say(f"See what it would run: thv-plugin inspect {safe(pulled.ref)}")
    return exit_codes.OK


def _draw(pulled: "Pulled", session: Session) -> None:
    from toolhive_plugins_cli.page import Page

    page = Page(session.console())
    page.title(pulled.name, pulled.version, pulled.license)
    page.prose(pulled.description)
    page.line()
    page.field("tag", pulled.ref)
    page.field("digest", pulled.digest)
