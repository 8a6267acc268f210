"""What operations return: plain values, for people and for JSON."""

from enum import StrEnum
from typing import Any

from attrs import field, frozen

from toolhive_plugins_clients import Health, Loads, Owed, Scope
from toolhive_plugins_installs.folder_state import FolderChanges


class Status(StrEnum):
    """What came of one plugin."""

    INSTALLED = "installed"
    UPGRADED = "upgraded"
    UNCHANGED = "unchanged"
    """It was there already, as it was to be."""

    REMOVED = "removed"


@frozen(kw_only=True)
class OwedStep:
    """One thing that the user still has to do."""

    kind: str
    text: str
    command: str = ""
    """To run, quoted for a shell; empty where it is something else."""


def owed_steps(owed: "list[Owed] | tuple[Owed, ...]") -> tuple[OwedStep, ...]:
    """Return them as results have them."""
    return tuple(OwedStep(kind=each.kind.value, text=each.text, command=each.line) for each in owed)


@frozen(kw_only=True)
class ClientFolder:
    """Where a plugin is, for one client."""

    client: str
    method: str
    folder: str


@frozen(kw_only=True)
class Installed:
    """What installing one plugin did."""

    status: Status
    name: str
    version: str
    digest: str
    content_digest: str
    source: str
    reference: str
    scope: Scope
    project: str
    unsigned: bool
    clients: tuple[ClientFolder, ...]
    old_version: str = ""
    old_digest: str = ""
    owed: tuple[OwedStep, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    signer: str = ""
    """Who signed it: a name and its issuer, or a key's fingerprint."""


@frozen(kw_only=True)
class Uninstalled:
    """What uninstalling one plugin did."""

    name: str
    scope: Scope
    project: str
    clients: tuple[ClientFolder, ...]
    leavings: tuple[str, ...] = ()
    """Files that were not installed and went with the folders."""

    owed: tuple[OwedStep, ...] = ()
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Trouble:
    """One thing that keeps a client from loading a plugin, or that is not as it was installed."""

    status: str
    text: str
    file: str = ""
    """The file that decides it."""


def troubles(health: Health) -> tuple[Trouble, ...]:
    """Return what a client's health is, as results have it."""
    return tuple(
        Trouble(status=each.status.value, text=each.text, file=str(each.file or "")) for each in health.ailments
    )


@frozen(kw_only=True)
class InstalledClient:
    """A plugin in one client."""

    client: str
    method: str
    folder: str
    version: str
    digest: str
    ok: bool
    """Whether nothing keeps the client from loading it, and it is as it was installed."""

    troubles: tuple[Trouble, ...] = ()
    denied_by: str = ""
    """The policy that denies its digest by now."""


@frozen(kw_only=True)
class InstalledPlugin:
    """A plugin of a user or of a project."""

    name: str
    version: str
    scope: Scope
    project: str
    digest: str
    source: str
    reference: str
    unsigned: bool
    clients: tuple[InstalledClient, ...]


@frozen(kw_only=True)
class ClientDetail:
    """All that is known of a plugin in one client."""

    client: str
    method: str
    folder: str
    ok: bool
    troubles: tuple[Trouble, ...]
    loads: dict[str, int]
    """How many components of each type the client takes."""

    leaves: dict[str, int]
    """And how many it leaves."""

    owed: tuple[OwedStep, ...]
    edited: tuple[str, ...]
    """Files that are not as they were installed."""

    leavings: tuple[str, ...]
    """Files that were not installed, and that no client loads."""

    degraded: str
    """What of its scope it does not have in this client, as a sentence; empty where it has all."""


@frozen(kw_only=True)
class InstallInfo:
    """The record of a plugin of a user or of a project, and what its clients make of it."""

    name: str
    version: str
    scope: Scope
    project: str
    source: str
    kind: str
    reference: str
    catalog: str
    digest: str
    content_digest: str
    unsigned: bool
    signer: str
    files: int
    clients: tuple[ClientDetail, ...]


def edited_paths(changes: FolderChanges) -> tuple[str, ...]:
    """Return the paths that count as edits."""
    return tuple(sorted({*changes.changed, *changes.missing, *changes.modes, *changes.added}))


def counts(loads: Loads) -> tuple[dict[str, int], dict[str, int]]:
    """Return what a client takes and what it leaves, by the type's name."""
    return (
        {kind.value: count for kind, count in loads.loaded.items()},
        {kind.value: count for kind, count in loads.left.items()},
    )


class SyncStatus(StrEnum):
    """What `sync` found, or did, for one plugin."""

    CURRENT = "current"
    DRIFTED = "drifted"
    MISSING = "missing"
    """The lock file has it, and this machine has no record of it."""

    UNLOCKED = "removed from lock"
    """It is recorded for the project, and the lock file does not have it."""

    INSTALLED = "installed"
    ADOPTED = "adopted"
    PRUNED = "pruned"
    FAILED = "failed"


@frozen(kw_only=True)
class SyncedPlugin:
    """One plugin of a project."""

    name: str
    status: SyncStatus
    digest: str
    """The locked one; empty where the lock file does not have it."""

    clients: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it is not current, or what failed."""

    owed: tuple[OwedStep, ...] = ()
    denied_by: str = ""
    """The policy that denies what is installed by now."""


@frozen(kw_only=True)
class Synced:
    """What `sync` did for a project, or would do."""

    project: str
    checked_only: bool
    plugins: tuple[SyncedPlugin, ...]

    @property
    def drifted(self) -> bool:
        """Whether something is not as the lock file says."""
        return any(each.status is not SyncStatus.CURRENT for each in self.plugins)


class UpgradeStatus(StrEnum):
    """What an upgrade found, or did, for one plugin."""

    CURRENT = "current"
    PINNED = "pinned"
    """Its source names a digest or a commit, which never changes."""

    AVAILABLE = "available"
    UPGRADED = "upgraded"
    GONE = "gone"
    """Its source is not there any more; what is installed is kept."""

    FAILED = "failed"


@frozen(kw_only=True)
class UpgradedPlugin:
    """One plugin."""

    name: str
    status: UpgradeStatus
    scope: Scope
    project: str
    source: str
    old_version: str
    new_version: str
    old_digest: str
    new_digest: str
    grew: bool = False
    """Whether the new version can do more."""

    change: Any = field(default=None, repr=False)
    """What is different: the `Change` that the caller's comparison gave, or None."""

    problem: str = ""
    """What failed."""

    owed: tuple[OwedStep, ...] = ()
    notes: tuple[str, ...] = ()
    older: bool = False
    """Whether what the source names now is older than what is installed."""

    new_name: str = ""
    """What the plugin is called now, where its catalog says that it was renamed; else empty."""
