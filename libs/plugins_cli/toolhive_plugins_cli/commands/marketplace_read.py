"""Show what a marketplace has: every plugin, what it can run, and why some are not taken.

A repository is read as its commit has it, and nothing of it is run. Plugins in other repositories are listed, and fetched with
--fetch. Commands that a marketplace names are shown and never run.

With --check, status 3 if Claude Code would refuse the marketplace's file as a whole or a plugin, or if a plugin is not taken."""

import argparse
import sys
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.marketplace_options import add_source_arguments, source_of
from toolhive_plugins_cli.registry_options import add_jobs, add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.text import plural, safe

if TYPE_CHECKING:
    from toolhive_plugins_service import MarketplaceReport


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_source_arguments(parser)
    parser.add_argument("--fetch", action="store_true", help="fetch and read plugins in other repositories as well")
    parser.add_argument("--check", action="store_true", help="end with status 3 if anything is refused")
    add_jobs(parser)
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Read it, and show the report."""
    report = session.marketplaces.read(source_of(args), fetch=args.fetch, jobs=args.jobs)
    if session.terse:
        session.write_lines(safe(plugin.name) for plugin in report.plugins if plugin.state.value != "refused")
    else:
        session.emit(report, lambda: _draw(report, session))
    session.warn(f"Claude Code refuses the file: {fault}" for fault in report.faults)
    session.warn(f"Claude Code refuses {plugin.name}: {fault}" for plugin in report.plugins for fault in plugin.faults)
    refused = bool(report.faults) or any(plugin.state.value == "refused" or plugin.faults for plugin in report.plugins)
    return exit_codes.INVALID_PLUGIN if args.check and refused else exit_codes.OK


def _draw(report: "MarketplaceReport", session: Session) -> None:
    from toolhive_plugins_cli.columns import columns
    from toolhive_plugins_cli.surface_words import parts_in_words

    page = session.page()
    page.title(report.name, report.version)
    page.prose(report.description)
    page.line()
    page.field("owner", " ".join(filter(None, (report.owner.name, report.owner.email))))
    page.field("source", report.source)
    page.field("commit", report.revision)
    counts = {
        state: sum(plugin.state.value == state for plugin in report.plugins) for state in ("elsewhere", "refused")
    }
    told = [plural(len(report.plugins), "plugin")]
    told += [f"{count} {state}" for state, count in counts.items() if count]
    page.field("plugins", ", ".join(told))
    page.line()
    rows = [
        (
            safe(plugin.name),
            safe(plugin.version) or "-",
            plugin.state.value + (" (made)" if plugin.made else ""),
            safe(plugin.reason) or safe(parts_in_words(plugin.surface)) or safe(plugin.source),
        )
        for plugin in report.plugins
    ]
    sys.stdout.write(
        columns(("PLUGIN", "VERSION", "STATE", "WHAT"), rows, width=session.width, color=session.color, flexible=3)
    )
    session.warn(f"not in the marketplace: {text}" for text in report.missing)
