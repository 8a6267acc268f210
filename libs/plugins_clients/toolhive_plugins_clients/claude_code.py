"""Claude Code: a folder that loads in place, or a marketplace in its settings.

Sources: docs/clients.md, *Installing*, which says what of this was seen in sessions; code.claude.com/docs/en/plugins-reference
("Skills-directory plugins"), settings-reference (`extraKnownMarketplaces`, `enabledPlugins`).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Client, ClientVerdict, ComponentType, FileTree, client_verdicts, shown
from toolhive_plugins_clients.claude_files import (
    SKILLS_DIR,
    base_of,
    installed_plugins,
    is_trusted,
    known_marketplaces,
    market_of,
    settings_of,
)
from toolhive_plugins_clients.client_table import CLIENTS
from toolhive_plugins_clients.directory_marketplace import (
    ENABLED,
    MARKET_FILE,
    MARKET_FOLDER,
    OURS_IN_MARKET,
    OURS_IN_SETTINGS,
    entries,
    listed,
    registered,
    unlisted,
    unregistered,
)
from toolhive_plugins_clients.documents import ClientFile, edited, given_back, read_client_file
from toolhive_plugins_clients.errors import ClientFileError
from toolhive_plugins_clients.facts import Loads, PluginFacts, split
from toolhive_plugins_clients.files import check_folder_writable, check_no_link
from toolhive_plugins_clients.health import Health
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.json_edits import find
from toolhive_plugins_clients.placements import Method, Placement, Scope
from toolhive_plugins_clients.plans import NEW_FILE, PRIVATE_FILE, FileEdit, FileRecord, Owed, OwedKind, Plan

_LINE: Final = CLIENTS[Client.CLAUDE_CODE]


@frozen
class ClaudeCodeAdapter:
    """See `ClientAdapter`."""

    client: Client = Client.CLAUDE_CODE
    methods: tuple[Method, ...] = (Method.FOLDER, Method.MARKETPLACE)
    scopes: tuple[Scope, ...] = _LINE.scopes
    manifest: str = ""

    def detected(self, homes: Homes) -> bool:
        """Tell whether the client's folder, or its file in the home, is there."""
        return self.home(homes).is_dir() or (homes.home / ".claude.json").is_file()

    def home(self, homes: Homes) -> Path:
        """Return `$CLAUDE_CONFIG_DIR`, or `~/.claude`."""
        return _LINE.home(homes)

    def folder(self, placement: Placement) -> Path:
        """Return the folder in `skills/`, or in our marketplace."""
        parent = base_of(placement)
        if placement.method is Method.FOLDER:
            return parent / "skills" / placement.name
        return parent / MARKET_FOLDER / "plugins" / placement.name

    def plan_install(self, placement: Placement, plugin: PluginFacts) -> Plan:
        """See `ClientAdapter`."""
        del plugin  # Its manifest is read from its folder.
        folder = self._checked_folder(placement)
        notes = list(_scope_notes(placement))
        if placement.method is Method.FOLDER:
            notes += _switched_off(placement, f"{placement.name}@{SKILLS_DIR}")
            return Plan(folder=folder, owed=_after_change(placement), notes=tuple(notes))
        market, name = _read_market(placement)
        settings = read_client_file(settings_of(placement))
        mode = NEW_FILE if placement.project else PRIVATE_FILE
        within, key = placement.project, (placement.name, name)
        edits = (
            *edited(
                market, lambda text: listed(text, placement.name, name, market.where), new_mode=NEW_FILE, within=within
            ),
            *edited(
                settings,
                lambda text: registered(text, known_marketplaces(text), key, _market_path(placement), settings.where),
                new_mode=mode,
                within=within,
            ),
        )
        if settings.is_jsonc:
            notes.append(f"{shown(settings.where)} has {settings.oddities}, so that Claude Code ignores the whole file")
        notes += _switched_off(placement, f"{placement.name}@{name}")
        return Plan(folder=folder, edits=edits, owed=_after_change(placement), notes=tuple(notes))

    def plan_remove(self, placement: Placement, records: Iterable[FileRecord] = ()) -> Plan:
        """See `ClientAdapter`."""
        folder = self.folder(placement)
        edits = self._removals(placement, tuple(records))
        owed = (*_own_lists(placement), *_RESTART)
        if folder.is_symlink():
            note = f"{shown(folder)} has become a symbolic link, and is left alone"
            return Plan(edits=edits, owed=owed, notes=(note,))
        self._checked_folder(placement)
        return Plan(folder=folder, edits=edits, owed=owed)

    def health(self, placement: Placement, plugin: PluginFacts | None = None) -> Health:
        """See `ClientAdapter`."""
        from toolhive_plugins_clients.claude_health import claude_health

        return claude_health(placement, self.folder(placement), plugin)

    def loads(self, plugin: PluginFacts) -> Loads:
        """Return all six types: Claude Code loads each."""
        return split(plugin.components, frozenset(ComponentType))

    def degraded(self, placement: Placement) -> str:
        """Return nothing: a project's plugin loads in that project only."""
        del placement
        return ""

    def verdict(self, plugin: FileTree) -> ClientVerdict:
        """Return the verdict of `claude plugin validate`; of some faults a session loads the rest."""
        return client_verdicts(plugin, [self.client])[0]

    def owed(self, placement: Placement, plugin: PluginFacts | None = None) -> tuple[Owed, ...]:
        """Return the project's trust, where it is missing; of a plugin that is gone, what clears the client's own list."""
        del plugin
        if not self.folder(placement).exists():
            return tuple(_own_lists(placement))
        return tuple(_trust(placement))

    def _checked_folder(self, placement: Placement) -> Path:
        folder = self.folder(placement)
        check_no_link(placement.project or self.home(placement.homes), folder)
        check_folder_writable(folder.parent)
        return folder

    def _removals(self, placement: Placement, records: tuple[FileRecord, ...]) -> tuple[FileEdit, ...]:
        if placement.method is Method.FOLDER:
            return ()
        market, name = _read_market(placement)
        settings = read_client_file(settings_of(placement))
        is_last = not [entry for entry in entries(market.document) if entry != placement.name]
        return (
            *given_back(
                settings,
                lambda text: unregistered(text, (placement.name, name), is_last, settings.where),
                records=records,
                ours=OURS_IN_SETTINGS,
                made_by_us=False,
                within=placement.project,
            ),
            *given_back(
                market,
                lambda text: unlisted(text, placement.name, market.where),
                records=records,
                ours=OURS_IN_MARKET,
                made_by_us=True,
                within=placement.project,
            ),
        )


_RESTART: Final = (Owed(OwedKind.RESTART, "Start a new session: a running one keeps what it has loaded"),)


def _after_change(placement: Placement) -> tuple[Owed, ...]:
    return (*_trust(placement), *_RESTART)


def _trust(placement: Placement) -> Iterable[Owed]:
    if placement.scope is Scope.PROJECT and not is_trusted(placement):
        text = "Start Claude Code in the project's root and trust the folder; until then it loads nothing of the plugin"
        yield Owed(OwedKind.TRUST, text)


def _own_lists(placement: Placement) -> Iterable[Owed]:
    """Yield the command that clears a plugin that is gone from the client's own list, where it stays as one that is off."""
    if placement.method is Method.FOLDER:
        return
    try:
        key = f"{placement.name}@{_read_market(placement)[1]}"
        listed = read_client_file(installed_plugins(placement.homes)).document
    except ClientFileError:
        return
    if find(listed, ["plugins", key]) is not None:
        text = "Claude Code keeps it in its list, as turned off, until this"
        yield Owed(OwedKind.COMMAND, text, ("claude", "plugin", "uninstall", key))


def _scope_notes(placement: Placement) -> Iterable[str]:
    if placement.project is not None:
        yield "Claude Code loads a project's plugin only in a session started in the project's root, once the user trusts it"
        if placement.method is Method.MARKETPLACE:
            yield "After the trust was given, the plugin loads from the second session on"


def _read_market(placement: Placement) -> tuple[ClientFile, str]:
    market = read_client_file(base_of(placement) / MARKET_FOLDER / MARKET_FILE)
    return market, market_of(placement, market)


def _market_path(placement: Placement) -> str:
    """Return the marketplace's folder as settings name it: from the project's root, for a file that git shares."""
    if placement.project is not None:
        return f"./.claude/{MARKET_FOLDER}"
    return str(base_of(placement) / MARKET_FOLDER)


def _switched_off(placement: Placement, key: str) -> Iterable[str]:
    """Yield that the settings have the plugin as off, which is the user's word. Settings that cannot be read say nothing."""
    try:
        settings = read_client_file(settings_of(placement))
    except ClientFileError:
        return
    value = find(settings.document, [ENABLED, key])
    if value is not None and value.scalar is False:
        yield f"{shown(settings.where)} has {key} as false in {ENABLED}, and keeps it: the plugin does not load"
