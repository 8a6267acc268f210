"""What is installed where: the operations of `toolhive_plugins_installs` on a service's store, with its registries and its comparison."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from attrs import define, frozen

from toolhive_plugins_installs import (
    Consent,
    Freshest,
    Installed,
    InstalledPlugin,
    InstallInfo,
    InstallRequest,
    ListRequest,
    OutdatedRequest,
    Place,
    ResolvedPlugin,
    Site,
    Synced,
    SyncRequest,
    Uninstalled,
    UninstallRequest,
    UpgradedPlugin,
    UpgradeRequest,
)
from toolhive_plugins_service.comparison import Comparison, Side, compare
from toolhive_plugins_service.targets import Origin, OriginKind

if TYPE_CHECKING:
    from toolhive_plugins import Progress, RegistryCatalog
    from toolhive_plugins_installs import Admission, Candidate, Judge, Resolver


@frozen
class Installs:
    """Plugins in clients. Nothing here prints or prompts: questions go to a `Consent`.

    Every operation is whole or not there: a failure restores what was, and what a killed run left is finished or taken back by the
    next one.
    """

    site: Site

    offline: "Resolver"
    """Resolves what the store has, and fetches nothing."""

    scratch: "Callable[[], AbstractContextManager[Resolver]]"
    """Opens a resolver whose pulls are thrown away when it is closed."""

    catalog: "Callable[[], RegistryCatalog]"
    """Returns what lists tags."""

    def install(self, request: InstallRequest, consent: Consent, *, progress: "Progress | None" = None) -> Installed:
        """Install a plugin into clients.

        Raises:
            NoClientError: there is no such client.
            UntrustedError: it is not signed, and a project wants that said; DeclinedError where the answer was no.
            GrowthError: it can do more than the installed version, and nobody has accepted that.
            FolderTakenError: a folder is there that we did not make, or that was edited.
            ToolhiveError: it cannot be fetched, or a file cannot be read or written. Nothing was changed.
        """
        from toolhive_plugins_installs import install

        return install(self.site, request, consent, progress)

    def uninstall(self, request: UninstallRequest) -> Uninstalled:
        """Take back exactly what an installation wrote.

        Raises: NotInstalledError, FolderTakenError, or another ToolhiveError. Nothing was changed.
        """
        from toolhive_plugins_installs import uninstall

        return uninstall(self.site, request)

    def list(self, request: ListRequest | None = None) -> tuple[InstalledPlugin, ...]:
        """Return what is installed, and whether the clients load it.

        Raises: NoClientError, RecordsError, DiskError.
        """
        from toolhive_plugins_installs import list_installed

        return list_installed(self.site, request or ListRequest())

    def info(self, name: str, places: Iterable[Place] = ()) -> tuple[InstallInfo, ...]:
        """Return all that is known of an installed plugin, for the user and for each project.

        Raises: NotInstalledError, RecordsError, DiskError.
        """
        from toolhive_plugins_installs import info

        return info(self.site, name, tuple(places))

    def sync(self, request: SyncRequest, consent: Consent, *, progress: "Progress | None" = None) -> Synced:
        """Make a project as its lock file says, or only compare.

        Raises: LockFileError, RecordsError, DiskError. What fails for one plugin is in the result, and told to `failed`.
        """
        from toolhive_plugins_installs import sync

        return sync(self.site, request, consent, progress)

    def upgrade(
        self, request: UpgradeRequest, consent: Consent, *, progress: "Progress | None" = None
    ) -> tuple[UpgradedPlugin, ...]:
        """Install what is new, after it was agreed to, or only show it.

        Raises: NotInstalledError, LockFileError, RecordsError, DiskError. What fails for one plugin is in the result, and told to
            `failed`.
        """
        from toolhive_plugins_installs import upgrade

        return upgrade(self.site, request, consent, progress)

    def outdated(
        self, request: OutdatedRequest | None = None, *, progress: "Progress | None" = None
    ) -> tuple[Freshest, ...]:
        """Return what newer versions there are of what is installed or locked, and whether they can do more. Changes nothing.

        Raises: NotInstalledError, LockFileError, RecordsError, DiskError. What fails for one plugin is in the result, and told to
            `failed`.
        """
        from toolhive_plugins_installs import find_outdated

        with self.scratch() as resolver:
            return find_outdated(
                self.site, request or OutdatedRequest(), self.offline, resolver, self.catalog, progress
            )


@define
class JudgeOnDemand:
    """A judge that is made once it is asked, since most operations ask none."""

    _make: "Callable[[], Judge]"
    _made: "Judge | None" = None

    def admit(self, candidate: "Candidate") -> "Admission":
        """See `toolhive_plugins_installs.Judge`."""
        if self._made is None:
            self._made = self._make()
        return self._made.admit(candidate)


def compare_plugins(old: ResolvedPlugin, new: ResolvedPlugin) -> Comparison:
    """Compare the files that two versions have for this machine; what their artifacts say is left out."""
    return compare(_side(old), _side(new))


def _side(plugin: ResolvedPlugin) -> Side:
    kind = OriginKind.REMOTE if "/" in plugin.reference else OriginKind.LOCAL
    return Side(Origin(kind, plugin.reference, plugin.digest), plugin.tree)
