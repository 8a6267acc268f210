"""Push every plugin of a marketplace to a registry, and then a catalog that pins them all by digest.

A plugin goes to REGISTRY/PREFIX/NAME, tagged by its version and by the last commit that changed its folder, as build --git makes it:
what did not change keeps its digest and costs one request. Run it again to take up a push that was interrupted.

Status 8: some were refused, and the others are pushed. With --fail-on-growth, status 4: some can do more than in the last catalog."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.marketplace_options import add_source_arguments, counter, source_of
from toolhive_plugins_cli.policy_options import add_policy_options
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import safe, short_digest

if TYPE_CHECKING:
    from toolhive_plugins_service import MarketplacePush, PushedPlugin


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_source_arguments(parser)
    parser.add_argument("prefix", metavar="PREFIX", help="where the plugins go: registry/prefix")
    parser.add_argument(
        "--select", action="append", default=[], metavar="GLOB", help="push only plugins of such names; may be repeated"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be pushed, and send nothing")
    parser.add_argument("--move-tags", action="store_true", help="let a version tag that names another digest be moved")
    parser.add_argument(
        "--adapt",
        action="append",
        default=[],
        choices=("claude-code", "agent-plugins", "gemini"),
        help="make what this client or format reads, where a plugin lacks it; may be repeated",
    )
    parser.add_argument(
        "--fail-on-growth",
        action="store_true",
        help="end with status 4 if a plugin can do more than in the last catalog",
    )
    add_jobs(parser)
    add_policy_options(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Push, and show the report."""
    from toolhive_plugins_service import PluginFormat, PushOptions

    options = PushOptions(
        jobs=args.jobs,
        select=tuple(args.select),
        dry_run=args.dry_run,
        move_tags=args.move_tags,
        adapt=tuple(map(PluginFormat, args.adapt)),
    )
    report = session.marketplaces.push(source_of(args), args.prefix, options, told=counter(session))
    if session.terse:
        session.write(report.pinned)
    else:
        session.emit(report, lambda: _draw(report, session))
    session.warn(f"not in the catalog: {text}" for text in report.missing)
    if args.fail_on_growth and report.grew:
        return exit_codes.SURFACE_GREW
    return exit_codes.PARTLY_FAILED if report.refused else exit_codes.OK


def _draw(report: "MarketplacePush", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns

    page = session.page()
    page.title(report.marketplace, "dry run: nothing was sent" if report.dry_run else "")
    page.field("from", report.source)
    page.field("commit", report.revision)
    page.field("pushed to", report.prefix)
    counts = {"pushed": report.pushed, "unchanged": report.unchanged, "refused": report.refused, "grew": report.grew}
    page.field("plugins", ", ".join(f"{len(found)} {what}" for what, found in counts.items() if found) or "none")
    page.field("removed", ", ".join(report.removed))
    page.field("catalog", f"{report.pinned}{'' if report.catalog_changed else ' (unchanged)'}" if report.pinned else "")
    page.line()
    shown = report.plugins if session.verbose else [plugin for plugin in report.plugins if _matters(plugin)]
    if shown:
        rows = [
            (
                safe(plugin.name),
                safe(plugin.version) or "-",
                plugin.state.value + (", grew" if plugin.grew else ""),
                short_digest(plugin.digest) or "-",
                safe("; ".join(filter(None, (plugin.reason, *plugin.growth)))),
            )
            for plugin in shown
        ]
        header = ("PLUGIN", "VERSION", "STATE", "DIGEST", "WHY")
        sys.stdout.write(columns(header, rows, width=session.width, color=session.color, flexible=4))
    if len(shown) < len(report.plugins):
        session.say(f"{len(report.plugins) - len(shown)} unchanged are not listed; --verbose lists all")


def _matters(plugin: "PushedPlugin") -> bool:
    return plugin.state.value != "unchanged" or plugin.grew
