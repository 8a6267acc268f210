"""The formats of a plugin: those that its source has, and those that are made for it."""

from collections.abc import Iterable
from typing import Final

from toolhive_plugins import MANIFEST_PATH, PluginFormat, PluginTree, adapt, claims_open_format

_GEMINI: Final = "gemini-extension.json"


def with_claude_manifest(plugin: PluginTree, formats: Iterable[PluginFormat]) -> tuple[PluginTree, tuple[str, ...]]:
    """Return a plugin of the open format alone with the manifest that Claude Code wants, if that is asked for, and what was made.

    Raises:
        AdaptError: the manifest cannot say what the plugin is.
    """
    if PluginFormat.CLAUDE_CODE not in formats or MANIFEST_PATH in plugin.files or not claims_open_format(plugin):
        return plugin, ()
    adapted = adapt(plugin, [PluginFormat.CLAUDE_CODE])
    return adapted.plugin, tuple(map(str, adapted.formats))


def with_other_formats(plugin: PluginTree, formats: Iterable[PluginFormat]) -> tuple[PluginTree, tuple[str, ...]]:
    """Return a plugin that has Claude Code's manifest with the other formats that are asked for, and what was made.

    Raises:
        AdaptError: a format cannot say what the plugin is.
    """
    adapted = adapt(plugin, [each for each in formats if each is not PluginFormat.CLAUDE_CODE])
    return adapted.plugin, tuple(map(str, adapted.formats))


def formats_of(plugin: PluginTree) -> tuple[str, ...]:
    """Return the formats that a plugin has, sorted."""
    has = {
        PluginFormat.CLAUDE_CODE: MANIFEST_PATH in plugin.files,
        PluginFormat.AGENT_PLUGINS: claims_open_format(plugin),
        PluginFormat.GEMINI: _GEMINI in plugin.files,
    }
    return tuple(sorted(str(each) for each, found in has.items() if found))
