"""Recognises the root of a marketplace that was given by mistake for one of its plugins."""

from itertools import islice
from typing import Final

from toolhive_artifact import JsonObject, parse_json
from toolhive_artifact.errors import ToolhiveError, shown
from toolhive_plugins_content.directory import OpenDirectory
from toolhive_plugins_interfaces.errors import PluginManifestMissingError

MARKETPLACE_PATH: Final = ".claude-plugin/marketplace.json"
MAX_MARKETPLACE_SIZE: Final = 4 * 1024 * 1024
"""Size in bytes of the largest document that is looked into."""

_MAX_DEPTH: Final = 64
_LISTED: Final = 20


def if_marketplace(directory: OpenDirectory, error: PluginManifestMissingError) -> PluginManifestMissingError:
    """Return the error that names the plugins if the directory is a marketplace's, else `error`."""
    file = directory.file_at(MARKETPLACE_PATH)
    if file is None or file.size > MAX_MARKETPLACE_SIZE:
        return error
    try:
        data = b"".join(directory.chunks(file))
    except ToolhiveError:
        return error
    return of_marketplace(data, error)


def of_marketplace(data: bytes, error: PluginManifestMissingError) -> PluginManifestMissingError:
    """Return the error that names the plugins of a marketplace, whose document is `data`; `error` if it is none."""
    try:
        document = parse_json(data, where=MARKETPLACE_PATH, max_size=MAX_MARKETPLACE_SIZE, max_depth=_MAX_DEPTH)
    except ToolhiveError:
        return error
    plugins = document.get("plugins") if isinstance(document, JsonObject) else None
    if not isinstance(plugins, tuple):
        return error
    sources = (entry.get("source") for entry in plugins if isinstance(entry, JsonObject))
    paths = [source for source in sources if isinstance(source, str)]
    listed = ", ".join(shown(path) for path in islice(paths, _LISTED))
    more = f" and {len(paths) - _LISTED} more" if len(paths) > _LISTED else ""
    return PluginManifestMissingError(
        f"this is a marketplace of {len(plugins)} plugins, not a plugin",
        where=error.where,
        remedy=f"Name the directory of one of them: {listed}{more}" if paths else "Name the directory of a plugin",
    )
