"""Show what changed from one version of a plugin to another: first what it can run, then its files, then its metadata.

Exit status 4 if the newer version can run something that the older could not: a new hook or server, a changed command line,
more tools without asking. A pipeline can stop there until someone has looked."""

import argparse
from typing import TYPE_CHECKING

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.registry_options import add_registry_options
from toolhive_plugins_cli.session import Session
from toolhive_plugins_cli.styled_text import Text
from toolhive_plugins_cli.text import plural, safe, size

if TYPE_CHECKING:
    from toolhive_plugins_cli.page import Page
    from toolhive_plugins_service import Comparison

_FILES_SHOWN = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("old", metavar="OLD", help="a local tag or digest, registry/repository:tag, or ./directory")
    parser.add_argument("new", metavar="NEW", help="the same, for the newer version")
    add_registry_options(parser)


def run(args: argparse.Namespace, session: Session) -> int:
    """Compare, and show."""
    title = f"fetching {safe(args.old)} and {safe(args.new)}"
    comparison = session.service.diff(args.old, args.new, progress=session.progress(title))
    session.close_progress()
    if not session.terse:
        session.emit(comparison, lambda: _draw(comparison, session))
    return exit_codes.SURFACE_GREW if comparison.grew else exit_codes.OK


def _draw(comparison: "Comparison", session: Session) -> None:
    from toolhive_plugins_cli.page import untrusted

    page = session.page()
    if comparison.old_version == comparison.new_version:
        page.title(comparison.name, comparison.new_version)
    else:
        page.title(
            comparison.name, f"{comparison.old_version or 'no version'} -> {comparison.new_version or 'no version'}"
        )
    page.field("from", comparison.old.name)
    page.field("to", comparison.new.name)
    page.line()
    grown = [change for change in comparison.surface if change.grew]
    if comparison.same:
        page.line(Text("no difference", "good"))
    elif grown:
        what = plural(len(grown), "change")
        page.box(
            "The newer version can run more", [Text(f"{what} in what it runs: read them before you update")], "danger"
        )
    elif comparison.surface:
        page.line(Text("it cannot run more than before", "good"))
    else:
        page.line(Text("it can run the same as before", "good"))
    _draw_surface(comparison, page)
    _draw_programs(comparison, page)
    _draw_files(comparison, page, verbose=session.verbose)
    if comparison.metadata:
        page.section("Metadata")
        for change in comparison.metadata:
            page.line(untrusted(change.field, "name"), indent=2)
            for mark, text, style in (("- ", change.old, "removed"), ("+ ", change.new, "added")):
                if text:
                    page.line(Text(mark, style), untrusted(text, style), indent=4, hang=6)


def _draw_surface(comparison: "Comparison", page: "Page") -> None:
    from toolhive_plugins_cli.page import untrusted

    if not comparison.surface:
        return
    page.section("What it runs")
    for change in comparison.surface:
        kind = Text(f"{change.kind.value} {change.component}  ", "danger" if change.grew else "changed")
        head = (kind, untrusted(change.name, "name"))
        page.line(*head, indent=2, hang=4)
        for line in change.old:
            if line not in change.new:
                page.line(Text("- ", "removed"), untrusted(line, "removed"), indent=4, hang=6)
        for line in change.new:
            kept = line in change.old
            style = "quiet" if kept else "added"
            page.line(Text("  " if kept else "+ ", style), untrusted(line, style), indent=4, hang=6)


def _draw_programs(comparison: "Comparison", page: "Page") -> None:
    from toolhive_plugins_cli.page import untrusted

    if comparison.programs:
        page.section("Code that runs, and changed", "the same file, with other content", "caution")
        for file in comparison.programs:
            page.line(
                untrusted(file.path, "name"), f"  {size(file.old_size)} -> {size(file.new_size)}", indent=2, hang=4
            )


def _draw_files(comparison: "Comparison", page: "Page", *, verbose: bool) -> None:
    from toolhive_plugins_cli.page import untrusted
    from toolhive_plugins_service import FileChangeKind

    if not comparison.files:
        return
    marks = {FileChangeKind.ADDED: ("+", "added"), FileChangeKind.REMOVED: ("-", "removed")}
    page.section("Files", plural(len(comparison.files), "difference"))
    shown = comparison.files if verbose else comparison.files[:_FILES_SHOWN]
    for file in shown:
        mark, style = marks.get(file.kind, ("~", "changed"))
        line = [Text(f"{mark} ", style), untrusted(file.path, style)]
        if file.kind not in marks and file.kind is not FileChangeKind.CHANGED:
            line.append(Text(f"  {file.kind.value}", "quiet"))
        page.line(*line, indent=2, hang=4)
    if len(shown) < len(comparison.files):
        page.line(f"and {len(comparison.files) - len(shown)} more; --verbose lists all", indent=2)
