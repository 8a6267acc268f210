"""Whether Codex loads a plugin, as its marketplace file, its `config.toml` and its cache say now."""

import sys
from collections.abc import Iterator
from pathlib import Path

from toolhive_plugins_clients.codex_marketplace import is_our_path, name_of, our_path
from toolhive_plugins_clients.codex_state import CodexCopy, listed, named, read_codex_copy, read_config
from toolhive_plugins_clients.documents import ClientFile, read_client_file
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.facts import PluginFacts
from toolhive_plugins_clients.files import is_folder
from toolhive_plugins_clients.health import Ailment, Health, HealthStatus
from toolhive_plugins_clients.placements import Placement


def codex_health(placement: Placement, folder: Path, file: Path, plugin: PluginFacts | None) -> Health:
    """See `ClientAdapter.health`.

    Args:
        placement: where the plugin is installed, or was.
        folder: its folder.
        file: the marketplace's.
        plugin: what is installed, if that is known.
    """
    try:
        market = read_client_file(file)
        name = name_of(market, placement)
    except ClientFileError as error:
        return Health((Ailment(HealthStatus.UNREADABLE, f"marketplace.json: {error.problem}", file),))
    try:
        copy = read_codex_copy(placement, folder, name)
    except ClientFileError as error:
        config = placement.homes.folder("CODEX_HOME", ".codex") / "config.toml"
        return Health((Ailment(HealthStatus.UNREADABLE, f"config.toml {error.problem}", config),))
    return Health((*_listing(market, placement, folder), *_copy(copy, folder, plugin), *_forbidden(placement)))


def _listing(market: ClientFile, placement: Placement, folder: Path) -> Iterator[Ailment]:
    if market.oddities:
        text = f"Codex ignores marketplace.json as a whole: it has {market.oddities}"
        yield Ailment(HealthStatus.REFUSED, text, market.found.path)
    if not is_folder(folder):
        yield Ailment(HealthStatus.MISSING, "its folder is gone", folder)
    document = market.document.plain()
    plugins = document.get("plugins") if isinstance(document, dict) else None
    entries = plugins if isinstance(plugins, list) else []
    found = [entry for entry in entries if isinstance(entry, dict) and entry.get("name") == placement.name]
    if not found:
        yield Ailment(HealthStatus.MISSING, "the marketplace no longer lists it", market.found.path)
    elif not is_our_path(found[0], placement.name):
        yield Ailment(HealthStatus.SHADOWED, "the marketplace has this name from somewhere else", market.found.path)
    elif found[0].get("source") != {"source": "local", "path": our_path(placement.name)}:
        text = "Codex does not find the path that the marketplace has for it"
        yield Ailment(HealthStatus.MISSING, text, market.found.path)


def _copy(copy: CodexCopy, folder: Path, plugin: PluginFacts | None) -> Iterator[Ailment]:
    cache = copy.copies[0] if copy.copies else None
    if copy.enabled is False:
        yield Ailment(HealthStatus.DISABLED, f'[plugins."{copy.key}"] has enabled as false', copy.config)
    elif not is_folder(folder):
        if copy.copies:
            yield Ailment(HealthStatus.LEFT_OVER, "Codex still runs its copy", cache)
    elif not copy.copies or copy.enabled is None:
        yield Ailment(HealthStatus.OWED, "Codex has not copied it yet", copy.config)
    elif not copy.is_current:
        yield Ailment(HealthStatus.STALE, "Codex runs a copy that is not what is installed", cache)
    elif not copy.marketplace_is_known:
        where = copy.known_at or "nowhere"
        text = (
            f"Codex knows the marketplace {copy.marketplace} from {where}, not from this project; its copy is the same"
        )
        yield Ailment(HealthStatus.LIMITED, text, copy.config)
    hooks = plugin.components.hooks if plugin is not None and copy.waiting is None else ()
    if copy.waiting or hooks:
        text = (
            f"Codex skips hooks that the user has not trusted: {listed(copy.waiting) if copy.waiting else named(hooks)}"
        )
        yield Ailment(HealthStatus.UNTRUSTED, text, copy.config)


def _forbidden(placement: Placement) -> Iterator[Ailment]:
    """Yield settings that turn all plugins off, the organisation's first."""
    home = placement.homes.folder("CODEX_HOME", ".codex")
    managed = [] if sys.platform == "win32" else [placement.homes.system / "etc" / "codex" / "managed_config.toml"]
    for path in (*managed, home / "config.toml"):
        try:
            features = read_config(path).get("features")
        except ClientFileError as error:
            yield Ailment(HealthStatus.UNREADABLE, f"{path.name} {error.problem}", path)
            continue
        for feature, effect in (("plugins", HealthStatus.DISABLED), ("hooks", HealthStatus.LIMITED)):
            if isinstance(features, dict) and features.get(feature) is False:
                status = HealthStatus.FORBIDDEN if path in managed and feature == "plugins" else effect
                yield Ailment(status, f"the setting features.{feature} is false", path)
