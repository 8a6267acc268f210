"""Fetch plugins from a registry into the local store. Each is tagged with its whole reference.

Nothing is installed or run: look at it with `thv-plugin inspect`, then write its files with `thv-plugin extract`. Several plugins
share connections and logins and are fetched at once; one that fails does not stop the rest."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options, jobs_of
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import repository_of, transfer_each
from toolhive_plugins_cli.text import plural, safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Progress, Pulled


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "refs",
        metavar="REF",
        nargs="+",
        help="registry/repository:tag, or registry/repository@digest to pin the content",
    )
    add_jobs(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Fetch them."""

    def pull(ref: str, progress: "Progress | None") -> "Pulled":
        return session.service.pull(ref, progress=progress)

    refs = args.refs
    status = transfer_each(
        refs,
        pull,
        lambda done: _draw(done, session),
        session,
        title=f"pulling {safe(refs[0]) if len(refs) == 1 else plural(len(refs), 'plugin')}",
        place=repository_of,
        jobs=jobs_of(args, session),
    )
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
