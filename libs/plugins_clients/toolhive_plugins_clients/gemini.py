"""Gemini CLI: a folder among its extensions, which it loads in place if its own manifest is in it.

Sources: docs/clients.md, *Gemini CLI*, which says what of this was seen at the program.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from toolhive_plugins import (
    Client,
    ClientVerdict,
    ComponentType,
    Effect,
    FileTree,
    JsonObject,
    Reason,
    Rule,
    ToolhiveError,
    client_verdicts,
    parse_json,
    read_manifest,
    shown,
)
from toolhive_plugins_clients.client_table import CLIENTS
from toolhive_plugins_clients.documents import read_client_file
from toolhive_plugins_clients.errors import ClientFileError, Hint, PlacementError
from toolhive_plugins_clients.facts import Loads, PluginFacts, split
from toolhive_plugins_clients.files import is_folder
from toolhive_plugins_clients.health import Ailment, Health, HealthStatus
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.placements import Method, Placement, Scope
from toolhive_plugins_clients.plans import FileRecord, Owed, OwedKind, Plan
from toolhive_plugins_clients.user_only import check_folder, check_way

_LINE: Final = CLIENTS[Client.GEMINI]
_MANIFEST: Final = _LINE.manifests[0]
_MAX_MANIFEST: Final = 1024 * 1024
_LOADED: Final = frozenset({ComponentType.SKILLS, ComponentType.MCP_SERVERS, ComponentType.HOOKS})
_TRACES: Final = ("extensions", "projects.json", "settings.json")
_RESTART: Final = (Owed(OwedKind.RESTART, "Start a new session: a running one keeps what it has loaded"),)


@frozen
class GeminiAdapter:
    """See `ClientAdapter`."""

    client: Client = Client.GEMINI
    methods: tuple[Method, ...] = (Method.FOLDER,)
    scopes: tuple[Scope, ...] = _LINE.scopes
    manifest: str = _MANIFEST

    def detected(self, homes: Homes) -> bool:
        """Tell whether it left a trace of its own in its folder, which other programs use too."""
        home = self.home(homes)
        return any((home / name).exists() for name in _TRACES)

    def home(self, homes: Homes) -> Path:
        """Return `.gemini` in `$GEMINI_CLI_HOME`, or in the home."""
        return _LINE.home(homes)

    def folder(self, placement: Placement) -> Path:
        """Return the folder among the extensions."""
        check_way(placement, self.client.full_name, Method.FOLDER)
        return self.home(placement.homes) / _LINE.plugins / placement.name

    def plan_install(self, placement: Placement, plugin: PluginFacts) -> Plan:
        """See `ClientAdapter`."""
        folder = self.folder(placement)
        if plugin.manifests is not None and _MANIFEST not in plugin.manifests:
            problem = f"has no {_MANIFEST}, and Gemini CLI reads no other manifest"
            remedy = "Its publisher has to build it for Gemini CLI too; or install it into other clients"
            raise PlacementError(problem, where=plugin.name, remedy=remedy, hint=Hint.ADAPT)
        check_folder(self.home(placement.homes), folder)
        return Plan(folder=folder, owed=_RESTART)

    def plan_remove(self, placement: Placement, records: Iterable[FileRecord] = ()) -> Plan:
        """See `ClientAdapter`."""
        del records  # No file is edited.
        folder = self.folder(placement)
        if folder.is_symlink():
            return Plan(owed=_RESTART, notes=(f"{shown(folder)} has become a symbolic link, and is left alone",))
        check_folder(self.home(placement.homes), folder)
        return Plan(folder=folder, owed=_RESTART)

    def health(self, placement: Placement, plugin: PluginFacts | None = None) -> Health:
        """See `ClientAdapter`."""
        del plugin
        return Health(tuple(self._ailments(placement)))

    def loads(self, plugin: PluginFacts) -> Loads:
        """Return skills, MCP servers and hooks: its commands and agents have another form."""
        return split(plugin.components, _LOADED)

    def degraded(self, placement: Placement) -> str:
        """Return nothing: what is for the user loads in every folder."""
        del placement
        return ""

    def verdict(self, plugin: FileTree) -> ClientVerdict:
        """Return whether it loads the folder, under the name that the plugin is installed by."""
        verdict = client_verdicts(plugin, [self.client])[0]
        try:
            name = read_manifest(plugin, where="the plugin").name
            document = parse_json(plugin.read(_MANIFEST, _MAX_MANIFEST), where=_MANIFEST)
        except (ToolhiveError, KeyError):
            return verdict
        own = document.get("name") if isinstance(document, JsonObject) else None
        if not isinstance(own, str) or own == name:
            return verdict
        message = f"Gemini CLI calls it {shown(own)!r}, and it is installed as {shown(name)!r}"
        reason = Reason(Effect.IGNORES, Rule.GEMINI_MANIFEST, _MANIFEST, message, "Give both manifests the same name")
        return evolve(verdict, reasons=(*verdict.reasons, reason))

    def owed(self, placement: Placement, plugin: PluginFacts | None = None) -> tuple[Owed, ...]:
        """Return nothing: it loads every folder among its extensions, with no command of its own."""
        del placement, plugin
        return ()

    def _ailments(self, placement: Placement) -> Iterator[Ailment]:
        folder = self.folder(placement)
        if not is_folder(folder) or not (folder / _MANIFEST).is_file():
            yield Ailment(HealthStatus.MISSING, f"its folder is gone, or holds no {_MANIFEST}", folder)
        file = folder.parent / "extension-enablement.json"
        try:
            switches = read_client_file(file).document.plain()
        except ClientFileError as error:
            yield Ailment(HealthStatus.LIMITED, f"{file.name} {error.problem}", file)
            return
        entry = switches.get(placement.name) if isinstance(switches, dict) else None
        overrides = entry.get("overrides") if isinstance(entry, dict) else None
        off = [each for each in overrides if str(each).startswith("!")] if isinstance(overrides, list) else []
        if off:
            everywhere = f"!{self.home(placement.homes).parent}/*" in off
            status = HealthStatus.DISABLED if everywhere else HealthStatus.LIMITED
            yield Ailment(status, f"it is turned off in {shown(str(off[-1])[1:])}", file)
