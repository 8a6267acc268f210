"""Show what newer versions there are of the installed plugins, and whether they can do more. Changes nothing.

A newer version is a tag of the same repository with a higher version (semver.org), or what a tag, a branch, a local tag or a catalog's
name means now. All that is installed is looked at; with --project, what that project's lock file has too. The exit status is 4 where
a newer version can do more than the installed one."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.install_options import add_place_options, installs_of, place_of
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.several import status_of_several
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Freshest


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("names", metavar="NAME", nargs="*", help="an installed or locked plugin (default: all)")
    add_place_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Look, and show."""
    from toolhive_plugins_service import OutdatedRequest

    everywhere = args.project is None and args.scope is None
    request = OutdatedRequest(names=tuple(args.names), place=None if everywhere else place_of(args, session))
    failures: list[int] = []
    found = installs_of(session, failures).outdated(request, progress=session.progress("looking for newer versions"))
    session.close_progress()
    if session.terse:
        session.write_lines(safe(each.name) for each in found if each.available)
    else:
        session.emit(found, lambda: _draw(found, session))
    if failures:
        return status_of_several(len(found) - len(failures), failures)
    return exit_codes.SURFACE_GREW if any(each.grew for each in found) else exit_codes.OK


def _draw(found: "tuple[Freshest, ...]", session: Session) -> None:
    if not found:
        session.say("No plugin is installed there")
        return
    from toolhive_plugins_cli.columns import columns

    rows = [
        (
            safe(each.name) + (f" -> {safe(each.new_name)}" if each.new_name else ""),
            safe(each.version) or "-",
            each.status.value,
            safe(each.available_version) or "-",
            _growth(each),
            safe(each.available or each.source),
        )
        for each in found
    ]
    header = ("NAME", "VERSION", "STATUS", "NEWER", "GROWTH", "TARGET")
    session.write(columns(header, rows, width=max(session.width, 80), color=session.color, flexible=5).rstrip())
    for each in found:
        if each.more:
            session.write("")
            session.write(f"{safe(each.name)} {safe(each.available_version)}".strip() + " can do more:")
            session.write_lines(f"  {safe(more)}" for more in each.more)


def _growth(each: "Freshest") -> str:
    if not each.available:
        return "-"
    return {True: "can do more", False: "no", None: "not known"}[each.grew]
