"""Copilot CLI: a marketplace in its settings, whose plugins it loads from their folder.

Sources: docs/clients.md, *Copilot CLI*, which says what of this was seen at the program.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Client, ClientVerdict, ComponentType, FileTree, client_verdicts, shown
from toolhive_plugins_clients.client_table import CLIENTS
from toolhive_plugins_clients.directory_marketplace import (
    ENABLED,
    MARKET_FILE,
    MARKET_FOLDER,
    OURS_IN_MARKET,
    OURS_IN_SETTINGS,
    entries,
    leads_to,
    listed,
    registered,
    unlisted,
    unregistered,
)
from toolhive_plugins_clients.documents import ClientFile, edited, given_back, read_client_file
from toolhive_plugins_clients.errors import ClientFileError, Hint
from toolhive_plugins_clients.facts import Loads, PluginFacts, split
from toolhive_plugins_clients.files import is_folder
from toolhive_plugins_clients.health import Ailment, Health, HealthStatus
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.json_edits import find
from toolhive_plugins_clients.json_text import JsonText, plain
from toolhive_plugins_clients.placements import Method, Placement, Scope
from toolhive_plugins_clients.plans import NEW_FILE, PRIVATE_FILE, FileRecord, Owed, OwedKind, Plan
from toolhive_plugins_clients.user_only import check_folder, check_way

_LINE: Final = CLIENTS[Client.COPILOT]
_MARKETPLACES: Final = "extraKnownMarketplaces"
_LOADED: Final = frozenset(ComponentType) - {ComponentType.LSP_SERVERS}
_RESTART: Final = (Owed(OwedKind.RESTART, "Start a new session: a running one keeps what it has loaded"),)


@frozen
class CopilotAdapter:
    """See `ClientAdapter`."""

    client: Client = Client.COPILOT
    methods: tuple[Method, ...] = (Method.MARKETPLACE,)
    scopes: tuple[Scope, ...] = _LINE.scopes
    manifest: str = ""

    def detected(self, homes: Homes) -> bool:
        """Tell whether the client's folder is there, which it makes when it runs."""
        return self.home(homes).is_dir()

    def home(self, homes: Homes) -> Path:
        """Return `$COPILOT_HOME`, or `~/.copilot`."""
        return _LINE.home(homes)

    def folder(self, placement: Placement) -> Path:
        """Return the folder in our marketplace."""
        check_way(placement, self.client.full_name, Method.MARKETPLACE)
        return self.home(placement.homes) / _LINE.plugins / placement.name

    def plan_install(self, placement: Placement, plugin: PluginFacts) -> Plan:
        """See `ClientAdapter`."""
        del plugin  # It needs no manifest at all.
        folder = self.folder(placement)
        check_folder(self.home(placement.homes), folder)
        market, settings = self._market(placement), self._settings(placement)
        path = str(self.home(placement.homes) / MARKET_FOLDER)
        edits = (
            *edited(
                market,
                lambda text: listed(text, placement.name, MARKET_FOLDER, market.where),
                new_mode=NEW_FILE,
                within=None,
            ),
            *edited(
                settings,
                lambda text: registered(text, _MARKETPLACES, _key(placement), path, settings.where),
                new_mode=PRIVATE_FILE,
                within=None,
            ),
        )
        return Plan(folder=folder, edits=edits, owed=_RESTART, notes=tuple(_switched_off(placement, settings)))

    def plan_remove(self, placement: Placement, records: Iterable[FileRecord] = ()) -> Plan:
        """See `ClientAdapter`."""
        folder = self.folder(placement)
        remembered = tuple(records)
        market, settings = self._market(placement), self._settings(placement)
        is_last = not [entry for entry in entries(market.document) if entry != placement.name]
        edits = (
            *given_back(
                settings,
                lambda text: unregistered(text, _key(placement), is_last, settings.where),
                records=remembered,
                ours=OURS_IN_SETTINGS,
                made_by_us=False,
                within=None,
            ),
            *given_back(
                market,
                lambda text: unlisted(text, placement.name, market.where),
                records=remembered,
                ours=OURS_IN_MARKET,
                made_by_us=True,
                within=None,
            ),
        )
        if folder.is_symlink():
            note = f"{shown(folder)} has become a symbolic link, and is left alone"
            return Plan(edits=edits, owed=_RESTART, notes=(note,))
        check_folder(self.home(placement.homes), folder)
        return Plan(folder=folder, edits=edits, owed=_RESTART)

    def health(self, placement: Placement, plugin: PluginFacts | None = None) -> Health:
        """See `ClientAdapter`."""
        del plugin
        return Health(tuple(self._ailments(placement)))

    def loads(self, plugin: PluginFacts) -> Loads:
        """Return all but LSP servers: it does not take them in Claude Code's form."""
        return split(plugin.components, _LOADED)

    def degraded(self, placement: Placement) -> str:
        """Return nothing: what is for the user loads in every folder."""
        del placement
        return ""

    def verdict(self, plugin: FileTree) -> ClientVerdict:
        """Return what it rejects when a session loads the plugin."""
        return client_verdicts(plugin, [self.client])[0]

    def owed(self, placement: Placement, plugin: PluginFacts | None = None) -> tuple[Owed, ...]:
        """Return nothing: it takes plugins from its settings, with no command of its own."""
        del placement, plugin
        return ()

    def _market(self, placement: Placement) -> ClientFile:
        market = read_client_file(self.home(placement.homes) / MARKET_FOLDER / MARKET_FILE)
        name = find(market.document, ["name"])
        if market.document.root is not None and (name is None or name.scalar != MARKET_FOLDER):
            problem = f"has another name than {MARKET_FOLDER}, which we give it"
            raise ClientFileError(
                problem, where=shown(market.where), remedy="Move the file away", hint=Hint.CORRECT_FILE
            )
        return market

    def _settings(self, placement: Placement) -> ClientFile:
        return read_client_file(self.home(placement.homes) / "settings.json")

    def _ailments(self, placement: Placement) -> Iterator[Ailment]:
        folder = self.folder(placement)
        if not is_folder(folder):
            yield Ailment(HealthStatus.MISSING, "its folder is gone", folder)
        for read, check in ((self._market, self._in_market), (self._settings, self._in_settings)):
            try:
                file = read(placement)
            except ClientFileError as error:
                yield Ailment(HealthStatus.UNREADABLE, f"{shown(error.where)} {error.problem}", Path(error.where))
            else:
                yield from check(placement, file.document, Path(file.where))

    def _in_market(self, placement: Placement, market: JsonText, file: Path) -> Iterator[Ailment]:
        if placement.name not in entries(market):
            yield Ailment(HealthStatus.MISSING, "our marketplace no longer lists it", file)

    def _in_settings(self, placement: Placement, settings: JsonText, file: Path) -> Iterator[Ailment]:
        known = find(settings, [_MARKETPLACES, MARKET_FOLDER])
        if known is None:
            yield Ailment(HealthStatus.MISSING, f"the settings no longer know the marketplace {MARKET_FOLDER}", file)
        elif not leads_to(plain(known), self.home(placement.homes) / MARKET_FOLDER):
            text = f"the settings have another folder for the marketplace {MARKET_FOLDER}"
            yield Ailment(HealthStatus.MISSING, text, file)
        key = "@".join(_key(placement))
        enabled = find(settings, [ENABLED, key])
        if enabled is None:
            yield Ailment(HealthStatus.MISSING, f"the settings no longer enable {key}", file)
        elif enabled.scalar is not True:
            yield Ailment(HealthStatus.DISABLED, f"{ENABLED} does not have {key} as true", file)


def _key(placement: Placement) -> tuple[str, str]:
    return placement.name, MARKET_FOLDER


def _switched_off(placement: Placement, settings: ClientFile) -> Iterator[str]:
    key = "@".join(_key(placement))
    value = find(settings.document, [ENABLED, key])
    if value is not None and value.scalar is False:
        yield f"{shown(settings.where)} has {key} as false in {ENABLED}, and keeps it: the plugin does not load"
