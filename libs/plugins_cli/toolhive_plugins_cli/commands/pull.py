"""Fetch plugins from a registry into the local store. Each is tagged with its whole reference.

Nothing is installed or run: look at it with `thv-plugin inspect`, then write its files with `thv-plugin extract`. Several plugins
share connections and logins and are fetched one after the other; one that fails does not stop the rest."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import transfer_each
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Pulled


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "refs",
        metavar="REF",
        nargs="+",
        help="registry/repository:tag, or registry/repository@digest to pin the content",
    )
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Fetch them."""

    def pull(ref: str) -> "Pulled":
        return session.service.pull(ref, progress=session.progress(f"pulling {safe(ref)}"))

    status = transfer_each(args.refs, pull, lambda done: _draw(done, session), session)
    if status in (exit_codes.OK, exit_codes.PARTLY_FAILED):
        session.tell_running_thv()
    return status


def _draw(pulled: "Pulled", session: Session) -> None:
    page = session.page()
    page.title(pulled.name, pulled.version, pulled.license)
    page.prose(pulled.description)
    page.line()
    page.field("tag", pulled.ref)
    page.field("digest", pulled.digest)
    session.say(f"See what it would run: thv-plugin inspect {safe(pulled.ref)}")
