"""Whether anybody could look through a plugin: asked before it is published, and before it is kept."""

from typing import Final

from toolhive_plugins_content.errors import SurfaceLimitError
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree

_TOO_SMALL: Final = 48 * 1024
"""Size in bytes of a plugin that cannot have more components than the limit, since each takes two characters at least."""


def check_surface_size(tree: FileTree) -> None:
    """Raise SurfaceLimitError if the plugin has more components, or more text in them, than anybody could look through.

    Raises:
        ToolhiveError: a file cannot be read.
    """
    if sum(file.size for file in tree.files.values()) < _TOO_SMALL:
        return
    from toolhive_plugins_content.surface.surface import read_surface

    read_surface(tree)


def judge_surface_size(plugin: PluginTree) -> bool:
    """Add to a plugin's findings if `check_surface_size` refuses it; return whether it does not."""
    try:
        check_surface_size(plugin)
    except SurfaceLimitError as error:
        plugin.findings.refuse(Rule.SURFACE_SIZE, error)
        return False
    return True
