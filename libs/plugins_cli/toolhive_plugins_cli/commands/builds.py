"""List the builds in the local store, both built here and pulled."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe, short_digest, size

if TYPE_CHECKING:
    from toolhive_plugins_service import StoredBuild


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--no-trunc", action="store_true", help="do not shorten digests and descriptions")


def run(args: argparse.Namespace, session: Session) -> int:
    """Show the table."""
    builds = session.service.list_builds()
    if session.terse:
        for build in builds:
            session.write(safe(build.tag))
    else:
        session.emit(builds, lambda: _draw(builds, session, whole=args.no_trunc))
    session.warn(f"{build.tag}: {build.damage}" for build in builds if build.damage)
    session.warn(
        f"{kept.tag}: another program gave this tag to another build; yours is kept as {kept.digest}"
        for kept in session.service.displaced()
    )
    return exit_codes.OK


def _draw(builds: "tuple[StoredBuild, ...]", session: Session, *, whole: bool) -> None:
    if not builds:
        session.say("The local store is empty. Build a plugin with: thv-plugin build DIR")
        return
    from toolhive_plugins_cli.columns import columns

    rows = [
        (
            safe(build.tag),
            safe(build.version) or "-",
            build.digest if whole else short_digest(build.digest),
            "damaged" if build.damage else size(build.size),
            "built" if build.local_build else "pulled",
            safe(build.description),
        )
        for build in builds
    ]
    header = ("TAG", "VERSION", "DIGEST", "SIZE", "ORIGIN", "DESCRIPTION")
    width = 1_000_000 if whole else session.width
    sys.stdout.write(columns(header, rows, width=width, color=session.color, flexible=5))
