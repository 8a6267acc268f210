"""Draws what changed from one version of a plugin to another: what it can do first, then code, files and metadata."""

from typing import TYPE_CHECKING

from toolhive_plugins_cli.page import untrusted
from toolhive_plugins_cli.text import Text, plural, size
from toolhive_plugins_service import FileChangeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolhive_plugins_cli.page import Page
    from toolhive_plugins_service import Comparison, MetadataChange

_FILES_SHOWN = 50


def draw_changes(page: "Page", comparison: "Comparison", *, verbose: bool) -> None:
    """Draw everything that differs.

    Args:
        page: where.
        comparison: what to draw.
        verbose: whether to list all files, however many.
    """
    _draw_headline(comparison, page)
    _draw_surface(comparison, page)
    _draw_programs(comparison, page)
    _draw_files(comparison, page, verbose=verbose)
    _draw_fields(page, "Metadata", comparison.metadata)
    _draw_fields(page, "What the artifacts say", comparison.documents)


def _draw_headline(comparison: "Comparison", page: "Page") -> None:
    grown = sum(change.grew for change in comparison.surface)
    code = plural(len(comparison.programs), "file that can run", "files that can run")
    if comparison.same:
        page.line(Text("no difference", "good"))
    elif grown:
        lines = [Text(f"{plural(grown, 'change')} to what it can do: read them before you update")]
        if comparison.other_code:
            lines.append(Text(f"other code in {code}", "caution"))
        page.box("The newer version can do more", lines, "danger")
    elif comparison.other_code:
        page.box("The same, with other code", [Text(f"{code}, with other content or new")], "caution")
    elif comparison.surface:
        page.line(Text("it cannot do more than before", "good"))
    else:
        page.line(Text("it can do the same as before", "good"))


def _draw_fields(page: "Page", title: str, changes: "Sequence[MetadataChange]") -> None:
    if not changes:
        return
    page.section(title)
    for change in changes:
        page.line(untrusted(change.field, "name"), indent=2)
        for mark, text, style in (("- ", change.old, "removed"), ("+ ", change.new, "added")):
            if text:
                page.line(Text(mark, style), untrusted(text, style), indent=4, hang=6)


def _draw_surface(comparison: "Comparison", page: "Page") -> None:
    if not comparison.surface:
        return
    page.section("What it can do")
    for change in comparison.surface:
        kind = Text(f"{change.kind.value} {change.component}  ", "danger" if change.grew else "changed")
        platform = f"  for {change.platform}" if change.platform else ""
        page.line(kind, untrusted(change.name, "name"), Text(platform, "label"), indent=2, hang=4)
        before, after = set(change.old), set(change.new)
        for line in change.old:
            if line not in after:
                page.line(Text("- ", "removed"), untrusted(line, "removed"), indent=4, hang=6)
        for line in change.new:
            kept = line in before
            style = "quiet" if kept else "added"
            page.line(Text("  " if kept else "+ ", style), untrusted(line, style), indent=4, hang=6)


def _draw_programs(comparison: "Comparison", page: "Page") -> None:
    if comparison.programs:
        page.section("Code", "files that can run, or be run, and are new or have other content", "caution")
        for file in comparison.programs:
            was = "new" if file.kind is FileChangeKind.ADDED else size(file.old_size)
            page.line(untrusted(file.path, "name"), f"  {was} -> {size(file.new_size)}", indent=2, hang=4)


def _draw_files(comparison: "Comparison", page: "Page", *, verbose: bool) -> None:
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
