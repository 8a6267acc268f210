"""Show what changed from one version of a plugin to another: what it can do first, then its code, files and metadata.

Two things end with exit status 4, so that a pipeline can stop until someone has looked. The newer version can do more: something
that runs or loads came or changed, or it has more rights. Or the same things run, with other code. Status 0 means neither."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.source_options import add_git_options, revision_of
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Comparison, Origin


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("old", metavar="OLD", help="a local tag or digest, registry/repository:tag, or ./directory")
    parser.add_argument("new", metavar="NEW", help="the same, for the newer version")
    parser.add_argument(
        "--fail-on",
        choices=("any", "growth"),
        default="any",
        help="which end with status 4: any of the two, or growth alone (default: any)",
    )
    add_git_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Compare, and show."""
    revision = revision_of(args, session)
    title = f"fetching {safe(args.old)} and {safe(args.new)}"
    comparison = session.service.diff(args.old, args.new, revision=revision, progress=session.progress(title))
    session.close_progress()
    if not session.terse:
        session.emit(comparison, lambda: _draw(comparison, session))
    stops = comparison.grew or (args.fail_on == "any" and comparison.other_code)
    return exit_codes.SURFACE_GREW if stops else exit_codes.OK


def _draw(comparison: "Comparison", session: Session) -> None:

    from toolhive_plugins_cli.comparison_page import draw_changes

    page = session.page()
    if comparison.old_version == comparison.new_version:
        page.title(comparison.name, comparison.new_version)
    else:
        page.title(
            comparison.name, f"{comparison.old_version or 'no version'} -> {comparison.new_version or 'no version'}"
        )
    page.field("from", _named(comparison.old))
    page.field("to", _named(comparison.new))
    page.line()
    draw_changes(page, comparison, verbose=session.verbose)


def _named(origin: "Origin") -> str:
    return f"{origin.name} in the commit {origin.revision}" if origin.revision else origin.name
