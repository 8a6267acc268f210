"""Whether Claude Code loads a plugin, as its settings say now: the managed ones, the project's, the user's.

Which setting wins was seen in sessions: docs/clients.md, *Installing*.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_clients.claude_files import (
    SKILLS_DIR,
    base_of,
    is_trusted,
    managed_folder,
    market_of,
    settings_of,
    state_of,
)
from toolhive_plugins_clients.claude_namesakes import namesakes_of_entry, namesakes_of_folder
from toolhive_plugins_clients.claude_settings import Settings, decision, read_settings
from toolhive_plugins_clients.directory_marketplace import MARKET_FOLDER
from toolhive_plugins_clients.documents import read_client_file
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.facts import PluginFacts
from toolhive_plugins_clients.health import Ailment, Health, HealthStatus
from toolhive_plugins_clients.json_text import Plain
from toolhive_plugins_clients.placements import Method, Placement, Scope

_MAX_PATTERN: Final = 500


def claude_health(placement: Placement, folder: Path, plugin: PluginFacts | None) -> Health:
    """See `ClientAdapter.health`.

    Args:
        placement: where the plugin is installed.
        folder: its folder.
        plugin: what is installed, if that is known.
    """
    settings, troubles = read_settings(placement)
    ailments = []
    if not _is_plugin(folder):
        ailments.append(Ailment(HealthStatus.MISSING, "its folder is gone, or holds no plugin", folder))
    if placement.method is Method.FOLDER:
        ailments += _in_spite_of(troubles, managed_folder(placement.homes))
        ailments += _in_skills(placement, settings)
    else:
        ailments += troubles
        ailments += _in_marketplace(placement, settings)
    ailments += _hooks_off(settings, plugin)
    if placement.scope is Scope.PROJECT and not is_trusted(placement):
        text = "the user has not trusted the project's folder in Claude Code; until then nothing of it loads"
        ailments.append(Ailment(HealthStatus.UNTRUSTED, text, state_of(placement.homes)))
    return Health(tuple(ailments))


def _in_spite_of(troubles: list[Ailment], managed: Path) -> Iterator[Ailment]:
    """Yield what is wrong with settings, for a folder: the client ignores settings that it cannot read, and loads it all the same."""
    for each in troubles:
        is_managed = each.file is not None and each.file.is_relative_to(managed)
        yield each if is_managed else Ailment(HealthStatus.LIMITED, each.text, each.file)


def _in_skills(placement: Placement, settings: list[Settings]) -> Iterator[Ailment]:
    yield from _switched(f"{placement.name}@{SKILLS_DIR}", settings, must_be_on=False)
    source: dict[str, Plain] = {"source": SKILLS_DIR}
    yield from _policies(settings, source, "plugins in skills folders")
    yield from namesakes_of_folder(placement, settings)
    for each in settings:
        locked = each.values.get("strictPluginOnlyCustomization")
        if each.managed and locked:
            status = HealthStatus.FORBIDDEN if locked is True else HealthStatus.LIMITED
            text = "the managed setting strictPluginOnlyCustomization keeps plugins in skills folders from loading"
            yield Ailment(status, text if locked is True else f"{text} in part", each.path)


def _in_marketplace(placement: Placement, settings: list[Settings]) -> Iterator[Ailment]:
    folder = base_of(placement) / MARKET_FOLDER
    file = folder / ".claude-plugin" / "marketplace.json"
    try:
        market = read_client_file(file)
        name = market_of(placement, market)
    except ClientFileError as error:
        yield Ailment(HealthStatus.UNREADABLE, f"marketplace.json {error.problem}", file)
        return
    document = market.document.plain()
    entries = document.get("plugins") if isinstance(document, dict) else None
    names = [each.get("name") for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    if placement.name not in names:
        yield Ailment(HealthStatus.MISSING, "our marketplace no longer lists it", file)
    own = settings_of(placement)
    known = next((each for each in settings if name in each.table(each.known)), None)
    if known is None:
        text = f"the settings no longer know the marketplace {name}; a session that was running may have written old ones back"
        yield Ailment(HealthStatus.MISSING, text, own)
    elif not _leads_to(known.table(known.known)[name], folder, placement):
        yield Ailment(HealthStatus.MISSING, f"the settings have another folder for the marketplace {name}", known.path)
    yield from _switched(f"{placement.name}@{name}", settings, must_be_on=True, own=own)
    yield from _policies(settings, {"source": "directory", "path": str(folder)}, "this marketplace")
    yield from namesakes_of_entry(placement, name, settings)
    yield from _other_clone(placement, name, folder)


def _switched(key: str, settings: list[Settings], *, must_be_on: bool, own: Path | None = None) -> Iterator[Ailment]:
    """Yield what `enabledPlugins` has against a plugin: the first file that names it decides."""
    decided = decision(key, settings)
    if decided is not None:
        value, each = decided
        if value is False:
            status = HealthStatus.FORBIDDEN if each.managed else HealthStatus.DISABLED
            kind = "the managed setting " if each.managed else ""
            yield Ailment(status, f"{kind}enabledPlugins has {key} as false", each.path)
        return
    if must_be_on:
        text = f"the settings no longer enable {key}; a session that was running may have written old ones back"
        yield Ailment(HealthStatus.MISSING, text, own)


def _policies(settings: list[Settings], source: dict[str, Plain], what: str) -> Iterator[Ailment]:
    """Yield the managed settings that forbid where a plugin comes from."""
    for each in settings:
        if not each.managed:
            continue
        allowed_name = "strictKnownMarketplaces" if "strictKnownMarketplaces" in each.values else "allowedMarketplaces"
        allowed = each.values.get(allowed_name)
        if isinstance(allowed, list) and not any(_matches(entry, source) for entry in allowed):
            yield Ailment(
                HealthStatus.FORBIDDEN, f"the managed setting {allowed_name} does not allow {what}", each.path
            )
        blocked = each.values.get("blockedMarketplaces")
        if isinstance(blocked, list) and any(_matches(entry, source) for entry in blocked):
            yield Ailment(HealthStatus.FORBIDDEN, f"the managed setting blockedMarketplaces blocks {what}", each.path)


def _matches(entry: Plain, source: dict[str, Plain]) -> bool:
    """Tell whether an entry of a policy is about a source; a pattern that cannot be read matches nothing."""
    if not isinstance(entry, dict):
        return False
    path, pattern = source.get("path"), entry.get("pathPattern")
    if entry.get("source") == "pathPattern" and isinstance(path, str) and isinstance(pattern, str):
        try:
            return len(pattern) <= _MAX_PATTERN and re.search(pattern, path) is not None
        except re.error:
            return False
    return entry == source


def _hooks_off(settings: list[Settings], plugin: PluginFacts | None) -> Iterator[Ailment]:
    if plugin is None or not plugin.components.hooks:
        return
    for each in settings:
        if each.managed and each.values.get("allowManagedHooksOnly") is True:
            text = "its hooks do not run: the managed setting allowManagedHooksOnly"
            yield Ailment(HealthStatus.LIMITED, text, each.path)
        if each.values.get("disableAllHooks") is True:
            yield Ailment(HealthStatus.LIMITED, "its hooks do not run: the setting disableAllHooks", each.path)


def _other_clone(placement: Placement, name: str, folder: Path) -> Iterator[Ailment]:
    """Yield that the client still has this marketplace from another clone, whose plugins the next session begins with."""
    file = placement.homes.folder("CLAUDE_CONFIG_DIR", ".claude") / "plugins" / "known_marketplaces.json"
    try:
        known = read_client_file(file).document.plain()
    except ClientFileError:
        return
    entry = known.get(name) if isinstance(known, dict) else None
    place = entry.get("installLocation") if isinstance(entry, dict) else None
    if placement.project is not None and isinstance(place, str) and Path(place) != folder:
        text = f"Claude Code last had this marketplace from {shown(place)}: the next session loads that copy, and the one after it this one"
        yield Ailment(HealthStatus.LIMITED, text, file)


def _leads_to(known: Plain, folder: Path, placement: Placement) -> bool:
    source = known.get("source") if isinstance(known, dict) else None
    path = source.get("path") if isinstance(source, dict) and source.get("source") == "directory" else None
    if not isinstance(path, str) or "\0" in path:
        return False
    return (placement.project or Path("/")) / path == folder


def _is_plugin(folder: Path) -> bool:
    try:
        return not folder.is_symlink() and (folder / ".claude-plugin" / "plugin.json").is_file()
    except (OSError, ValueError):
        return False
