"""Codex: a marketplace file, from which the user copies a plugin with one command.

Sources: docs/clients.md, *Installing*, which says what of this was seen at the program.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Client, ClientVerdict, ComponentType, FileTree, shown
from toolhive_plugins_clients.client_table import CLIENTS
from toolhive_plugins_clients.codex_marketplace import (
    FOLDER,
    default_name,
    is_our_name,
    is_our_path,
    market_file,
    name_of,
    our_path,
    read_market,
    root_of,
)
from toolhive_plugins_clients.codex_state import read_codex_copy
from toolhive_plugins_clients.documents import ClientFile, edited, given_back
from toolhive_plugins_clients.errors import ClientFileError, Hint, PlacementError
from toolhive_plugins_clients.facts import Loads, PluginFacts, split
from toolhive_plugins_clients.files import check_folder_writable, check_no_link
from toolhive_plugins_clients.health import Health
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.json_edits import append, cut_element, find, put
from toolhive_plugins_clients.json_text import JsonText, Node, Plain, plain
from toolhive_plugins_clients.placements import Method, Placement, Scope
from toolhive_plugins_clients.plans import NEW_FILE, FileEdit, FileRecord, Owed, OwedKind, Plan

_LOADED: Final = frozenset({ComponentType.SKILLS, ComponentType.MCP_SERVERS, ComponentType.HOOKS})
_LINE: Final = CLIENTS[Client.CODEX]
_OURS: Final = ("name", "plugins")


@frozen
class CodexAdapter:
    """See `ClientAdapter`."""

    client: Client = Client.CODEX
    methods: tuple[Method, ...] = (Method.MARKETPLACE,)
    scopes: tuple[Scope, ...] = _LINE.scopes
    manifest: str = ""

    def detected(self, homes: Homes) -> bool:
        """Tell whether the client's folder is there."""
        return self.home(homes).is_dir()

    def home(self, homes: Homes) -> Path:
        """Return `$CODEX_HOME`, or `~/.codex`."""
        return _LINE.home(homes)

    def folder(self, placement: Placement) -> Path:
        """Return the folder below `.agents`, which is in the home even where `CODEX_HOME` is somewhere else."""
        if placement.method not in self.methods:
            problem = "Codex loads no plugin from a folder, only from its own copy of one that a marketplace has"
            raise PlacementError(problem, where=placement.name, remedy="Install it by the method marketplace")
        return root_of(placement) / FOLDER / placement.name

    def plan_install(self, placement: Placement, plugin: PluginFacts) -> Plan:
        """See `ClientAdapter`."""
        folder = self._checked_folder(placement)
        market = read_market(placement)
        edits = edited(
            market,
            lambda text: _listed(text, placement, market.where),
            new_mode=NEW_FILE,
            within=placement.project,
        )
        copy = read_codex_copy(placement, folder, name_of(market, placement))
        return Plan(folder=folder, edits=edits, owed=copy.after_change(plugin), notes=(*_notes(market, placement),))

    def plan_remove(self, placement: Placement, records: Iterable[FileRecord] = ()) -> Plan:
        """See `ClientAdapter`."""
        folder = self.folder(placement)
        market = read_market(placement)
        edits = self._removal(market, placement, tuple(records))
        copy = read_codex_copy(placement, folder, name_of(market, placement))
        owed = copy.after_removal(is_last=not [each for each in _names(market.document) if each != placement.name])
        if folder.is_symlink():
            note = f"{shown(folder)} has become a symbolic link, and is left alone"
            return Plan(edits=edits, owed=owed, notes=(note,))
        self._checked_folder(placement)
        return Plan(folder=folder, edits=edits, owed=owed)

    def health(self, placement: Placement, plugin: PluginFacts | None = None) -> Health:
        """See `ClientAdapter`."""
        from toolhive_plugins_clients.codex_health import codex_health

        folder = self.folder(placement)
        return codex_health(placement, folder, market_file(placement), plugin)

    def loads(self, plugin: PluginFacts) -> Loads:
        """Return skills, MCP servers and hooks as loaded."""
        return split(plugin.components, _LOADED)

    def degraded(self, placement: Placement) -> str:
        """Return that Codex has copies for the user only."""
        if placement.project is None:
            return ""
        return "Codex has no plugins of a project: once the user has added it, it runs in every folder"

    def verdict(self, plugin: FileTree) -> ClientVerdict:
        """Return the verdict of `codex plugin add`, which wants the name of the marketplace's entry in the manifest that it reads."""
        from toolhive_plugins_clients.codex_manifest import codex_verdict

        return codex_verdict(plugin)

    def owed(self, placement: Placement, plugin: PluginFacts | None = None) -> tuple[Owed, ...]:
        """Return the command that copies the plugin or removes the copy, if it is due, and the trust in hooks."""
        folder = self.folder(placement)
        try:
            market = read_market(placement)
            copy = read_codex_copy(placement, folder, name_of(market, placement))
        except ClientFileError as error:
            return (Owed(OwedKind.TRUST, f"Correct {error.where}: it {error.problem}"),)
        is_listed = placement.name in _names(market.document)
        return copy.due(plugin) if is_listed else copy.after_removal(is_last=not _names(market.document))

    def _checked_folder(self, placement: Placement) -> Path:
        folder = self.folder(placement)
        check_no_link(root_of(placement), folder)
        check_folder_writable(folder.parent)
        return folder

    def _removal(
        self, market: ClientFile, placement: Placement, records: tuple[FileRecord, ...]
    ) -> tuple[FileEdit, ...]:
        return given_back(
            market,
            lambda text: _unlisted(text, placement.name, market.where),
            records=records,
            ours=_OURS,
            made_by_us=is_our_name(name_of(market, placement), placement),
            within=placement.project,
        )


def _plugins(market: JsonText) -> list[Node]:
    node = find(market, ["plugins"])
    return [item.value for item in node.items] if node is not None and node.kind == "array" else []


def _names(market: JsonText) -> list[str]:
    """Return the names of a marketplace's plugins, in order; empty for what is not an entry."""
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in map(plain, _plugins(market))]
    return [name if isinstance(name, str) else "" for name in names]


def _listed(market: JsonText, placement: Placement, where: str) -> JsonText:
    """Return the marketplace with the plugin in it.

    Raises:
        ClientFileError: the marketplace has another plugin of that name.
    """
    entry: dict[str, Plain] = {
        "name": placement.name,
        "source": {"source": "local", "path": our_path(placement.name)},
        "policy": {"installation": "AVAILABLE", "authentication": "ON_INSTALL"},
        "category": "Plugins",
    }
    if market.root is None:
        return put(market, [], {"name": default_name(placement), "plugins": [entry]}, where=where)
    names = _names(market)
    if placement.name not in names:
        return append(market, ["plugins"], entry, where=where)
    index = names.index(placement.name)
    existing = plain(_plugins(market)[index])
    if not is_our_path(existing, placement.name) or names.count(placement.name) > 1:
        problem = f"lists a plugin {placement.name!r} from somewhere else"
        raise ClientFileError(problem, where=shown(where), remedy="Remove that entry", hint=Hint.CORRECT_FILE)
    return put(market, ["plugins", index, "source"], entry["source"], where=where)


def _unlisted(market: JsonText, plugin: str, where: str) -> JsonText:
    """Return the marketplace without our entry for a plugin; one of somebody else's stays."""
    for index in reversed(range(len(_plugins(market)))):
        if _names(market)[index] == plugin and is_our_path(plain(_plugins(market)[index]), plugin):
            market = cut_element(market, ["plugins"], index, where=where)
    return market


def _notes(market: ClientFile, placement: Placement) -> Iterable[str]:
    if market.oddities:
        yield f"{shown(market.where)} has {market.oddities}, so that Codex ignores the whole file"
    if placement.project is not None:
        yield "Codex looks for a project's marketplace only once the user has added it, and its plugins then run in every folder"
        name = name_of(market, placement)
        if not is_our_name(name, placement):
            yield f"The marketplace keeps the name {name}, which its file had"
