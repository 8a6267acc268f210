"""Reads a plugin's manifest from a tree."""

from typing import Final

from toolhive_plugins import MANIFEST_PATH, PluginManifest, PluginManifestMissingError, parse_plugin_manifest, shown
from toolhive_plugins_service.trees import Tree

MANIFEST_LIMIT: Final = 64 * 1024
"""Bytes of a manifest."""


def read_manifest(tree: Tree, *, where: str) -> PluginManifest:
    """Return the plugin's manifest.

    Raises:
        PluginManifestMissingError: there is none.
        InvalidPluginManifestError: it is malformed or names no plugin.
        UnreadableFileError: it is larger than 64 KiB.
    """
    if MANIFEST_PATH not in tree.files:
        remedy = "A plugin needs it; is this the plugin's own directory"
        raise PluginManifestMissingError(f"there is no {MANIFEST_PATH}", where=shown(where), remedy=remedy)
    return parse_plugin_manifest(tree.read(MANIFEST_PATH, MANIFEST_LIMIT))
