"""Show what changed from one catalog to another: which plugins came, went and changed, and what more they can do.

Status 4: a plugin can do more than before."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import Text, plural

if TYPE_CHECKING:
    from toolhive_plugins_service import CatalogComparison

_STYLES = {"added": "added", "removed": "removed", "renamed": "changed", "changed": "changed"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("old", metavar="OLD", help="the older catalog: registry/prefix, or a reference")
    parser.add_argument("new", metavar="NEW", help="the newer catalog")
    add_jobs(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Compare, and show."""
    comparison = session.marketplaces.diff(args.old, args.new, jobs=args.jobs)
    if not session.terse:
        session.emit(comparison, lambda: _draw(comparison, session))
    return exit_codes.SURFACE_GREW if comparison.grew else exit_codes.OK


def _draw(comparison: "CatalogComparison", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted

    page = session.page()
    page.field("from", comparison.old)
    page.field("to", comparison.new)
    page.line()
    grown = sum(change.grew for change in comparison.changes)
    if not comparison.changes:
        page.line(Text("no difference", "good"))
    elif grown:
        told = f"{plural(grown, 'plugin')}: read what, before you update"
        page.box("Some can do more", [Text(told)], "danger")
    else:
        page.line(Text("no plugin can do more than before", "good"))
    for change in comparison.changes:
        kind = change.kind.value
        versions = " -> ".join(filter(None, (change.old_version, change.new_version)))
        was = f"  was {change.old_name}" if change.old_name else ""
        style = "danger" if change.grew else _STYLES[kind]
        page.line(Text(f"{kind}  ", style), untrusted(change.name, "name"), f"{was}  {versions}", indent=2, hang=4)
        for line in change.growth:
            page.line(Text("+ ", "added"), untrusted(line, "added"), indent=4, hang=6)
    page.line(f"{comparison.unchanged} unchanged", indent=2)
