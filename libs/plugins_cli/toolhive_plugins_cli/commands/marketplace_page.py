"""Make a static site of a catalog: an index with a search, and a page for each plugin that says first what it runs.

Every plugin is fetched and read. The pages load nothing from elsewhere, need no server, and are complete without JavaScript.

Status 8: some plugins cannot be read; their pages say so."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.marketplace_options import counter
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe

if TYPE_CHECKING:
    from toolhive_plugins_service import Site


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "catalog",
        metavar="CATALOG",
        help="registry/prefix, a catalog's reference, or a registry server's address",
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, help="the folder to write, new, empty or made by this"
    )
    parser.add_argument(
        "--since",
        metavar="CATALOG",
        action="append",
        default=[],
        help="an earlier catalog, to say what changed; may be given several times",
    )
    add_jobs(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Make it."""
    site = session.marketplaces.page(
        args.catalog,
        args.output,
        since=args.since,
        install_options=("--plain-http",) if args.plain_http else (),
        jobs=args.jobs,
        told=counter(session),
    )
    unread = [plugin for plugin in site.plugins if plugin.problem]
    if session.terse:
        session.write(site.directory)
    else:
        session.emit(site, lambda: _draw(site, session))
    session.warn(f"not taken: {text}" for text in site.skipped)
    session.warn(f"{safe(plugin.name)} cannot be read: {plugin.problem}" for plugin in unread)
    return exit_codes.PARTLY_FAILED if unread else exit_codes.OK


def _draw(site: "Site", session: Session) -> None:
    page = session.page()
    page.title(site.name, plural(len(site.plugins), "plugin"))
    page.field("catalog", site.catalog)
    page.field("written to", site.directory)
    page.field("run unasked", str(sum(plugin.runs_unasked for plugin in site.plugins)))
    for comparison in site.since:
        grown = sum(change.grew for change in comparison.changes)
        page.field("since", f"{comparison.old}: {plural(len(comparison.changes), 'change')}, {grown} can do more")
