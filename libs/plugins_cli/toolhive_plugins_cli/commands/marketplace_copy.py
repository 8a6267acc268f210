"""Copy a catalog and all its plugins to another prefix, in the same registry or another, with signatures and what else refers to them.

Everything keeps its digest. What the target has is not sent again, and within one registry it is mounted. The catalog is copied
last, and only if every plugin is there. Status 8: some were refused."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.marketplace_options import counter
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe

if TYPE_CHECKING:
    from toolhive_plugins_service import MarketplaceCopy


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("source", metavar="FROM", help="the catalog: registry/prefix, or its reference")
    parser.add_argument("target", metavar="TO", help="registry/prefix")
    parser.add_argument("--move-tags", action="store_true", help="let a tag that names another digest be moved")
    add_jobs(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Copy, and show what came of it."""
    copied = session.marketplaces.copy(
        args.source, args.target, jobs=args.jobs, move_tags=args.move_tags, told=counter(session)
    )
    if session.terse:
        session.write(copied.pinned)
    else:
        session.emit(copied, lambda: _draw(copied, session))
    return exit_codes.PARTLY_FAILED if copied.refused else exit_codes.OK


def _draw(copied: "MarketplaceCopy", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns

    page = session.page()
    page.field("from", copied.source)
    page.field("copied to", copied.target)
    page.field("catalog", copied.pinned or "not copied: a plugin that it pins is not there")
    page.line()
    rows = [
        (safe(plugin.name), plugin.state.value, str(plugin.referrers or "-"), safe(plugin.reason))
        for plugin in copied.plugins
    ]
    header = ("PLUGIN", "STATE", "REFERRERS", "WHY")
    sys.stdout.write(columns(header, rows, width=session.width, color=session.color, flexible=3))
