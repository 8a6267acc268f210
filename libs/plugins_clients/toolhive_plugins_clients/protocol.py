"""What every client is to us: a place for plugins, said in plans.

An adapter reads the client's files and the user's, and never writes: `plan_install` and `plan_remove` say what is to change
(`toolhive_plugins_clients.plans` tells how a plan is executed), `health` says whether the client loads the plugin now. All that an adapter
reads is bounded and hostile: settings that are not JSON, FIFOs, links.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from toolhive_plugins import Client, ClientVerdict, FileTree
from toolhive_plugins_clients.facts import Loads, PluginFacts
from toolhive_plugins_clients.health import Health
from toolhive_plugins_clients.homes import Homes
from toolhive_plugins_clients.placements import Method, Placement, Scope
from toolhive_plugins_clients.plans import FileRecord, Owed, Plan


class ClientAdapter(Protocol):
    """One client."""

    @property
    def client(self) -> Client:
        """Which client it is; `full_name` of that is its name in a sentence."""

    @property
    def methods(self) -> tuple[Method, ...]:
        """The ways in which plugins get into it, the default first."""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that it has plugins of; another one is refused."""

    @property
    def manifest(self) -> str:
        """The file without which it takes no plugin, from the plugin's root; empty where Claude Code's manifest will do."""

    def detected(self, homes: Homes) -> bool:
        """Tell whether the user has this client: its folder is there."""

    def home(self, homes: Homes) -> Path:
        """Return the client's own folder, which need not exist. Records are kept per home: this distinguishes them.

        Raises:
            PlacementError: the variable that names it holds no absolute path.
        """

    def folder(self, placement: Placement) -> Path:
        """Return where the plugin's tree goes: the `folder` of its plans.

        Raises:
            PlacementError: the client does not know the method, or its home is not usable.
        """

    def plan_install(self, placement: Placement, plugin: PluginFacts) -> Plan:
        """Return what installing a plugin, or another version of it, changes. If all is as wanted there are no edits.

        Whether something is at `Plan.folder` already, and whose that is, is for the caller to say. `Plan.owed` is what will be due if the
        plugin's files change; `owed`, asked afterwards, is what really is.

        Raises:
            PlacementError: as `folder`; or a link, or something that is not a folder, is in the way.
            ClientFileError: a file that must be changed cannot be read or written, or is not what the client takes.
        """

    def plan_remove(self, placement: Placement, records: Iterable[FileRecord] = ()) -> Plan:
        """Return what removing a plugin changes: only what an installation adds.

        Args:
            placement: where it is.
            records: what is remembered of files that were edited, of all installations; those of other files are ignored. Where nobody
                else has changed a file since, and nothing of ours remains in it, it becomes again what it was, byte for byte. Without a
                record our entries are cut out.

        Raises:
            PlacementError, ClientFileError: as `plan_install`.
        """

    def health(self, placement: Placement, plugin: PluginFacts | None = None) -> Health:
        """Return what keeps the client from loading an installed plugin, as the files on disk say now.

        A file that cannot be read is an ailment and not an error.

        Args:
            placement: where it is installed, or was: with its folder gone, what the client still has of it.
            plugin: what is installed; without it, less can be said of its hooks.

        Raises:
            PlacementError: as `folder`.
        """

    def loads(self, plugin: PluginFacts) -> Loads:
        """Return which components the client takes of a plugin, and which it leaves."""

    def degraded(self, placement: Placement) -> str:
        """Return what of its scope a plugin does not have in this client, as a sentence without its full stop; empty where it has all."""

    def verdict(self, plugin: FileTree) -> ClientVerdict:
        """Return whether the client takes a plugin, and why not.

        Args:
            plugin: its files.
        """

    def owed(self, placement: Placement, plugin: PluginFacts | None = None) -> tuple[Owed, ...]:
        """Return what the user still has to do, as the client's files say now: also after a removal, where the client keeps a copy.

        Whether a session has been started since a change nobody knows, so only a plan says that.

        Raises:
            PlacementError: as `folder`.
        """
