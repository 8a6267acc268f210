"""A marketplace of ours in a folder, and the settings that name it and enable its plugins: what Claude Code and Copilot CLI read."""

from pathlib import Path
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_clients.errors import ClientFileError, Hint
from toolhive_plugins_clients.json_edits import append, cut, cut_element, find, put
from toolhive_plugins_clients.json_text import JsonText, Plain, plain

MARKET_FOLDER: Final = "toolhive-plugins"
"""Our marketplace's folder beside the client's settings, and the name of a user's."""

MARKET_FILE: Final = ".claude-plugin/marketplace.json"
"""From the marketplace's folder."""

ENABLED: Final = "enabledPlugins"
OURS_IN_SETTINGS: Final = ("extraKnownMarketplaces", "additionalMarketplaces", ENABLED)
OURS_IN_MARKET: Final = ("name", "owner", "plugins")


def entries(market: JsonText) -> list[str]:
    """Return the names of a marketplace's plugins, in order; empty for what is not an entry."""
    plugins = find(market, ["plugins"])
    if plugins is None or plugins.kind != "array":
        return []
    return [_name_of(plain(item.value)) for item in plugins.items]


def _name_of(entry: Plain) -> str:
    """Return the name of an entry; empty for what is none."""
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def listed(market: JsonText, plugin: str, name: str, where: str) -> JsonText:
    """Return our marketplace with the plugin in it."""
    entry: Plain = {"name": plugin, "source": f"./plugins/{plugin}"}
    if market.root is None:
        return put(market, [], {"name": name, "owner": {"name": "ToolHive"}, "plugins": [entry]}, where=where)
    if plugin in entries(market):
        return market
    return append(market, ["plugins"], entry, where=where)


def unlisted(market: JsonText, plugin: str, where: str) -> JsonText:
    """Return our marketplace without the plugin."""
    while plugin in (names := entries(market)):
        market = cut_element(market, ["plugins"], names.index(plugin), where=where)
    return market


def registered(settings: JsonText, member: str, key: tuple[str, str], path: str, where: str) -> JsonText:
    """Return settings that know the marketplace and enable the plugin, unless the user has turned it off.

    Args:
        settings: as they are.
        member: that names marketplaces.
        key: the names of the plugin and of the marketplace.
        path: the marketplace's folder, as the settings have it.
        where: what errors call the file.

    Raises:
        ClientFileError: they have another marketplace of that name.
    """
    plugin, name = key
    source: Plain = {"source": "directory", "path": path}
    place = [member, name]
    known = find(settings, place)
    if known is not None and not _is_ours(plain(known)):
        problem = f"has a marketplace {shown(name)!r} that is not ours"
        remedy = "Rename or remove it; nothing was written"
        raise ClientFileError(problem, where=shown(where), remedy=remedy, hint=Hint.CORRECT_FILE)
    changed = put(
        settings,
        place if known is None else [*place, "source"],
        {"source": source} if known is None else source,
        where=where,
    )
    enabled = [ENABLED, f"{plugin}@{name}"]
    return changed if find(changed, enabled) is not None else put(changed, enabled, True, where=where)


def unregistered(settings: JsonText, key: tuple[str, str], is_last: bool, where: str) -> JsonText:
    """Return settings without the plugin, and without the marketplace once it is empty. What is off was the user's word, and stays."""
    plugin, name = key
    enabled = find(settings, [ENABLED, f"{plugin}@{name}"])
    changed = settings
    if enabled is not None and enabled.scalar is not False:
        changed = _without(changed, ENABLED, f"{plugin}@{name}", where)
    for member in ("extraKnownMarketplaces", "additionalMarketplaces"):
        known = find(changed, [member, name])
        if is_last and known is not None and _is_ours(plain(known)):
            changed = _without(changed, member, name, where)
    return changed


def _without(settings: JsonText, owner: str, key: str, where: str) -> JsonText:
    """Return settings without a member, nor its owner if that is empty then and has no comments."""
    changed = cut(settings, [owner, key], where=where)
    node = find(changed, [owner])
    bare = node is not None and not changed.text[node.start + 1 : node.end - 1].strip()
    return cut(changed, [owner], where=where) if bare else changed


def _is_ours(known: Plain) -> bool:
    source = known.get("source") if isinstance(known, dict) else None
    path = source.get("path") if isinstance(source, dict) and source.get("source") == "directory" else None
    return isinstance(path, str) and path.rstrip("/").endswith(f"/{MARKET_FOLDER}")


def leads_to(known: Plain, folder: Path) -> bool:
    """Tell whether what settings have of a marketplace is a folder, by its full path."""
    source = known.get("source") if isinstance(known, dict) else None
    path = source.get("path") if isinstance(source, dict) and source.get("source") == "directory" else None
    return isinstance(path, str) and "\0" not in path and Path(path) == folder
