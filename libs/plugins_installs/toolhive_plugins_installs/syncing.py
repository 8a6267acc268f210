"""Making a project as its lock file says. A pin is followed, and never rewritten."""

from pathlib import Path

from attrs import frozen

from toolhive_plugins import Client, Digest, NameMismatchError, Progress, ToolhiveError, shown
from toolhive_plugins_clients import ClientAdapter, PluginFacts
from toolhive_plugins_installs.changes import Transaction
from toolhive_plugins_installs.consent import Consent, Occasion
from toolhive_plugins_installs.content_digests import digest_of_files
from toolhive_plugins_installs.drift import Drift, drift_of
from toolhive_plugins_installs.errors import NoClientError
from toolhive_plugins_installs.folder_state import read_folder, without_leavings
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.installed_files import InstalledFile
from toolhive_plugins_installs.installing import install_plugin
from toolhive_plugins_installs.lock_entries import LockEntry
from toolhive_plugins_installs.project_lock import read_project_lock
from toolhive_plugins_installs.resolving import pin
from toolhive_plugins_installs.results import Synced, SyncedPlugin, SyncStatus
from toolhive_plugins_installs.site import Place, Site
from toolhive_plugins_installs.terms import Terms
from toolhive_plugins_installs.uninstalling import UninstallRequest, uninstall


@frozen(kw_only=True)
class SyncRequest:
    """Which project to make as its lock file says, and how."""

    place: Place
    clients: tuple[str, ...] = ()
    """Names of clients that are to have every plugin; none for those that the record names, and for a plugin without a record those
    that the user has."""

    check: bool = False
    """Change nothing."""

    adopt: bool = False
    """Take over folders without a record whose content is the locked one."""

    prune: bool = False
    """Uninstall what the lock file does not have."""

    allow_unsigned: bool = False
    """Accept entries that are not signed, where this machine knows a signer."""

    allow_signer_change: bool = False
    """Accept another signer than the one that this machine's record names."""

    allow_downgrade: bool = False
    """Accept entries that are older than what this machine has."""

    force: bool = False
    """Replace folders that were edited, or that we did not make."""


def sync(site: Site, request: SyncRequest, consent: Consent, progress: Progress | None = None) -> Synced:
    """Make a project as its lock file says, plugin by plugin; one that fails does not stop the others.

    Raises:
        LockFileError, RecordsError, DiskError: the lock file, or the record, cannot be read.
    """
    project = request.place.project
    if project is None:
        raise ValueError("only a project has a lock file")
    lock = read_project_lock(project)
    names = {entry.name for entry in lock.entries}
    records = site.book.read()
    recorded = [each for each in site.here(records) if each.project == str(project)]
    results = [_Entry(site, request, entry, consent, progress).synced() for entry in lock.entries]
    results += [
        _unlocked(site, request, name, tuple(each for each in recorded if each.name == name))
        for name in sorted({each.name for each in recorded} - names)
    ]
    return Synced(project=str(project), checked_only=request.check, plugins=tuple(results))


def _unlocked(site: Site, request: SyncRequest, name: str, group: tuple[Installation, ...]) -> SyncedPlugin:
    clients = tuple(each.client.value for each in group)
    if request.check or not request.prune:
        reason = "it is installed in the project, and the lock file does not have it"
        return SyncedPlugin(
            name=name,
            status=SyncStatus.UNLOCKED,
            digest="",
            clients=clients,
            reasons=(reason,),
            denied_by=_denied_by(site, group),
        )
    try:
        done = uninstall(site, UninstallRequest(name=name, place=request.place, force=request.force))
    except ToolhiveError as error:
        site.failed(error)
        return SyncedPlugin(name=name, status=SyncStatus.FAILED, digest="", clients=clients, reasons=(error.problem,))
    return SyncedPlugin(name=name, status=SyncStatus.PRUNED, digest="", clients=clients, owed=done.owed)


@frozen
class _Entry:
    """One entry of the lock file, and what is done about it."""

    site: Site
    request: SyncRequest
    entry: LockEntry
    consent: Consent
    progress: Progress | None

    def synced(self) -> SyncedPlugin:
        """Compare, and make it as locked unless that is only checked."""
        try:
            group, adapters, drift = self._look()
            if drift.is_current:
                return self._result(SyncStatus.CURRENT, adapters, drift)
            if self.request.check:
                return self._result(SyncStatus.DRIFTED if group else SyncStatus.MISSING, adapters, drift)
            adopted = self.request.adopt and self._adopt(adapters, group)
            if adopted:
                group, adapters, drift = self._look()
            if not drift.is_current:
                self._install(adapters)
                group, adapters, drift = self._look()
        except ToolhiveError as error:
            self.site.failed(error)
            return self._result(SyncStatus.FAILED, (), Drift((error.problem,)))
        if not drift.is_current:
            return self._result(SyncStatus.DRIFTED, adapters, drift)
        return self._result(SyncStatus.ADOPTED if adopted else SyncStatus.INSTALLED, adapters, drift)

    def _look(self) -> tuple[tuple[Installation, ...], tuple[ClientAdapter, ...], Drift]:
        group = self.site.group(self.site.book.read(), self.entry.name, self.request.place)
        adapters = self._expected(group)
        expected: frozenset[Client] = frozenset(adapter.client for adapter in adapters)
        return group, adapters, drift_of(self.site, self.entry, group, expected)

    def _expected(self, group: tuple[Installation, ...]) -> tuple[ClientAdapter, ...]:
        """Return the adapters of the clients that are to have it: never another one than the record names, unless it was named."""
        clients, scope = self.request.clients, self.request.place.scope
        named = self.site.chosen(clients, scope) if clients or not group else ()
        wanted = {adapter.client for adapter in named} | {each.client for each in group}
        found = tuple(adapter for client, adapter in self.site.adapters.items() if client in wanted)
        if len(found) < len(wanted):
            raise NoClientError("the record names a client that is not known", where=self.entry.name)
        return found

    def _install(self, adapters: tuple[ClientAdapter, ...]) -> None:
        with self.site.resolver.open_pinned(self._pinned(), source=self.entry.source, progress=self.progress) as plugin:
            if plugin.name != self.entry.name:
                raise NameMismatchError(
                    f"the plugin calls itself {shown(plugin.name)!r}",
                    where=f"{self.entry.name} in the lock file",
                    remedy="Do not trust this lock file",
                )
            terms = Terms(
                place=self.request.place,
                adapters=adapters,
                allow_unsigned=self.request.allow_unsigned,
                allow_signer_change=self.request.allow_signer_change,
                allow_downgrade=self.request.allow_downgrade,
                force=self.request.force,
                occasion=Occasion.SYNC,
                entry=self.entry,
            )
            done = install_plugin(self.site, plugin, terms, self.consent)
            for warning in done.warnings:
                self.site.notify(warning)

    def _pinned(self) -> str:
        reference = self.entry.resolved_reference or self.entry.source
        return pin(reference, self.entry.digest) if "/" in reference else Digest.parse(self.entry.digest)

    def _adopt(self, adapters: tuple[ClientAdapter, ...], group: tuple[Installation, ...]) -> bool:
        """Take over the folders that have no record and hold what is locked; return whether there was one."""
        have = {each.client for each in group}
        found = False
        with self.site.book.locked() as recovered:
            if recovered:
                self.site.notify(recovered)
            change = Transaction(self.site, self.site.book.read())
            for adapter in adapters:
                if adapter.client not in have:
                    found |= self._adopt_in(change, adapter)
            if found:
                change.execute(f"adopt {self.entry.name}")
        return found

    def _adopt_in(self, change: Transaction, adapter: ClientAdapter) -> bool:
        for method in adapter.methods:
            placement = self.site.placement(self.entry.name, adapter, self.request.place, method)
            folder = adapter.folder(placement)
            state = read_folder(folder)
            if state is None or state.odd or change.records.of_folder(folder) is not None:
                continue
            files = self._locked_files(state.files)
            if files is None:
                continue
            plan = adapter.plan_install(placement, PluginFacts(name=self.entry.name, version=self.entry.version))
            change.edit(plan.edits)
            change.tell(plan)
            change.remember(
                Installation(
                    name=self.entry.name,
                    version=self.entry.version,
                    client=adapter.client,
                    method=method,
                    scope=self.request.place.scope,
                    project=self.request.place.root,
                    home=str(adapter.home(self.site.homes)),
                    folder=str(folder),
                    source=self.entry.source,
                    reference=self._pinned(),
                    resolved_reference=self.entry.resolved_reference,
                    digest=self.entry.digest,
                    content_digest=self.entry.content_digest,
                    unsigned=self.entry.unsigned,
                    provenance=self.entry.provenance,
                    files=files,
                )
            )
            return True
        return False

    def _locked_files(self, files: dict[str, InstalledFile]) -> dict[str, InstalledFile] | None:
        """Return the files that are the locked content; None where they are not."""
        for chosen in (files, without_leavings(files)):
            try:
                content = digest_of_files({path: file.digest for path, file in chosen.items()})
            except ToolhiveError:
                continue
            if content == self.entry.content_digest:
                return chosen
        return None

    def _result(self, status: SyncStatus, adapters: tuple[ClientAdapter, ...], drift: Drift) -> SyncedPlugin:
        return SyncedPlugin(
            name=self.entry.name,
            status=status,
            digest=self.entry.digest,
            clients=tuple(adapter.client.value for adapter in adapters),
            reasons=drift.reasons,
            owed=drift.owed,
            denied_by=_denied_by(
                self.site, self.site.group(self.site.book.read(), self.entry.name, self.request.place)
            ),
        )


def _denied_by(site: Site, group: tuple[Installation, ...]) -> str:
    """Return the policy that denies what is installed; empty where none does."""
    return next(filter(None, (site.denied_by((each.digest, *each.parts)) for each in group)), "")


def default_project(start: Path) -> Path | None:
    """Return the nearest folder, from `start` up, that is the root of a git repository; None where there is none."""
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return None
