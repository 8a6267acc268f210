"""What a plugin can run, in short for a catalog; and whether a newer version can do more."""

from typing import Final

from toolhive_plugins import FileTree, code_changes, compare_surfaces, read_surface, surface_document
from toolhive_plugins_marketplaces.catalog import SurfaceSummary
from toolhive_plugins_marketplaces.catalog_document import MAX_AT_START
from toolhive_plugins_marketplaces.texts import one_line

_MAX_LINE: Final = 200
_MAX_GROWTH: Final = 50
"""The most lines that say how a plugin grew."""


def summarize(tree: FileTree) -> SurfaceSummary:
    """Return what a plugin can run, in short.

    Raises:
        SurfaceLimitError: it has more in it than anybody could look through.
        ToolhiveError: a file cannot be read.
    """
    surface = read_surface(tree)
    parts: dict[str, int] = {}
    for part in surface.parts:
        parts[part.kind.value] = parts.get(part.kind.value, 0) + 1
    starts = [f"{each.kind} {each.name}: {each.what}" for each in surface_document(surface).at_start]
    return SurfaceSummary(
        parts=parts,
        programs=len(surface.programs),
        at_start=tuple(one_line(text, _MAX_LINE) for text in starts[:MAX_AT_START]),
    )


def growth(old: FileTree, new: FileTree) -> tuple[str, ...]:
    """Return what the newer version can run, load or be granted that the older could not, a line each; empty if nothing.

    Raises: as `summarize`.
    """
    before, after = read_surface(old), read_surface(new)
    found = [
        f"{change.change.value} {change.kind.value} {change.name}"
        for change in compare_surfaces(before, after)
        if change.grew
    ]
    found += [
        f"{change.change.value} executable {change.path}"
        for change in code_changes(old, before, new, after)
        if change.grew
    ]
    more = [f"and {len(found) - _MAX_GROWTH} more"] if len(found) > _MAX_GROWTH else []
    return tuple(one_line(text, _MAX_LINE) for text in found[:_MAX_GROWTH] + more)
