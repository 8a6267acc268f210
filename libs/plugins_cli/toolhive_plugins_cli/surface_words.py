"""What a plugin can run, in one line."""

from typing import TYPE_CHECKING

from toolhive_plugins_cli.text import plural

if TYPE_CHECKING:
    from toolhive_plugins_service import SurfaceSummary


def parts_in_words(summary: "SurfaceSummary") -> str:
    """Return `2 hooks, 1 MCP server, 3 programs`; what has no part of its own, such as an unknown file, comes last."""
    found = [plural(count, kind) for kind, count in summary.parts.items() if count and kind != "program"]
    if summary.programs:
        found.append(plural(summary.programs, "program"))
    return ", ".join(found)
