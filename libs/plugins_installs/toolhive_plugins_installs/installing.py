"""Installing one plugin into clients, all of them or none."""

from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from toolhive_plugins import (
    Progress,
    shown,
)
from toolhive_plugins_clients import ClientAdapter, Method, PluginFacts, Scope, plugin_facts, refusal
from toolhive_plugins_installs.changes import Transaction, check_folder
from toolhive_plugins_installs.consent import Consent, ask
from toolhive_plugins_installs.content_digests import digest_of_files
from toolhive_plugins_installs.deciding import admitted, checked_edition, proposal_of
from toolhive_plugins_installs.editions import Edition
from toolhive_plugins_installs.errors import ChangedMeanwhileError, FolderTakenError, Hint, InstallsError
from toolhive_plugins_installs.executor import PutTree
from toolhive_plugins_installs.folder_state import files_of
from toolhive_plugins_installs.installation import Installation, Records
from toolhive_plugins_installs.installed_files import InstalledFile
from toolhive_plugins_installs.journal import identity
from toolhive_plugins_installs.limits import beyond_thv
from toolhive_plugins_installs.lock_entries import LockEntry
from toolhive_plugins_installs.project_lock import held_lock
from toolhive_plugins_installs.provenance import signer_name
from toolhive_plugins_installs.resolved import ResolvedPlugin, SourceKind
from toolhive_plugins_installs.results import ClientFolder, Installed, Status, owed_steps
from toolhive_plugins_installs.site import Place, Site, is_any
from toolhive_plugins_installs.terms import Terms
from toolhive_plugins_installs.trust import Admission

_TRIES: Final = 3
"""How often a change is planned again because a file changed meanwhile."""


@frozen(kw_only=True)
class InstallRequest:
    """What to install, and where to."""

    target: str
    """A reference, a local tag, a git address, or a name in a catalog."""

    place: Place = field(factory=Place)
    clients: tuple[str, ...] = ()
    """Names of clients; none for those that the user has."""

    method: Method | None = None
    """How; None for each client's default."""

    allow_unsigned: bool = False
    """Accept it without a signature that counts."""

    allow_signer_change: bool = False
    """Accept another signer than the one that the lock file or the record names."""

    force: bool = False
    """Replace a folder that we did not make, or that was edited."""


def install(site: Site, request: InstallRequest, consent: Consent, progress: Progress | None = None) -> Installed:
    """Resolve a target, ask, and install it.

    Raises:
        ToolhiveError: see `Resolver.open`, `Judge.admit`, `Consent.agrees`, `FolderTakenError`. Nothing was changed.
    """
    terms = Terms(
        place=request.place,
        adapters=site.chosen(request.clients, request.place.scope),
        method=request.method,
        allow_unsigned=request.allow_unsigned,
        allow_signer_change=request.allow_signer_change,
        force=request.force,
    )
    with site.resolver.open(request.target, progress=progress) as plugin:
        takes = [each for each in terms.adapters if not each.manifest or each.manifest in plugin.tree.files]
        if not is_any(request.clients) or not takes or len(takes) == len(terms.adapters):
            return install_plugin(site, plugin, terms, consent)
        done = install_plugin(site, plugin, evolve(terms, adapters=tuple(takes)), consent)
        left = [
            f"{each.client.full_name} is left out: it has no {each.manifest}"
            for each in terms.adapters
            if each not in takes
        ]
        return evolve(done, notes=(*done.notes, *left))


def install_plugin(site: Site, plugin: ResolvedPlugin, terms: Terms, consent: Consent) -> Installed:
    """Install a plugin that is open for reading; see `install`."""
    files = files_of(plugin.tree)
    content = str(digest_of_files({path: file.digest for path, file in files.items()}))
    if terms.entry is not None and terms.entry.content_digest not in ("", content):
        raise InstallsError(
            f"the content digest is {content}, and the lock file says {terms.entry.content_digest}",
            where=plugin.name,
            remedy="Do not trust this artifact, or this lock file",
        )
    agreed: set[tuple[str, ...]] = set()
    for attempt in range(_TRIES):
        edition = checked_edition(site, plugin, terms)
        before = site.group(site.book.read(), plugin.name, terms.place)
        adapters = _all_adapters(site, terms, before, plugin.digest)
        admission = admitted(site, plugin, terms, before)
        if any(_digest_in(before, adapter) != plugin.digest for adapter in adapters):
            proposal = proposal_of(site, plugin, terms, adapters, before, admission)
            question = (proposal.old_digest, *proposal.clients)
            if question not in agreed:
                ask(consent, proposal)
                agreed.add(question)
        try:
            return _Work(site, plugin, terms, adapters, before, admission, edition, files, content).do()
        except ChangedMeanwhileError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


def _all_adapters(site: Site, terms: Terms, before: tuple[Installation, ...], digest: str) -> tuple[ClientAdapter, ...]:
    """Return the adapters that were asked for, and those of clients that have another version of it: no two stay side by side."""
    wanted = {adapter.client for adapter in terms.adapters}
    wanted |= {each.client for each in before if each.digest != digest}
    return tuple(adapter for client, adapter in site.adapters.items() if client in wanted)


def _digest_in(before: tuple[Installation, ...], adapter: ClientAdapter) -> str:
    return next((each.digest for each in before if each.client == adapter.client), "")


@frozen
class _Work:
    """One installation that was agreed to."""

    site: Site
    plugin: ResolvedPlugin
    terms: Terms
    adapters: tuple[ClientAdapter, ...]
    before: tuple[Installation, ...]
    admission: Admission
    edition: Edition
    files: dict[str, InstalledFile]
    content: str

    def do(self) -> Installed:
        """Plan it, and execute the plan."""
        with self.site.book.locked() as recovered, held_lock(self.terms.place.project) as lock:
            if recovered:
                self.site.notify(recovered)
            records = self.site.book.read()
            if self.site.group(records, self.plugin.name, self.terms.place) != self.before:
                raise ChangedMeanwhileError(
                    "was installed or removed meanwhile", where=self.plugin.name, remedy="Try again"
                )
            change = Transaction(self.site, records)
            for adapter in self.adapters:
                self._plan(change, adapter)
            lock_steps = []
            if lock is not None and self.terms.entry is None:
                former = [each.name for each in self.terms.renamed_from[:1]]
                names = [self.plugin.name, *former]
                found = (lock.file.entry(name) for name in names)
                entry = next((each for each in found if each is not None), None)
                lock_steps = lock.steps([self._entry(entry)])
            what = f"install {self.plugin.name} {self.plugin.version}".strip()
            did = change.execute(what, lock_steps)
            return self._result(change, did=did)

    def _plan(self, change: Transaction, adapter: ClientAdapter) -> None:
        place, name = self.terms.place, self.plugin.name
        old = next((each for each in self.before if each.client == adapter.client), None)
        method = self.terms.method or (old.method if old is not None else None)
        placement = self.site.placement(name, adapter, place, method)
        plan = adapter.plan_install(placement, _facts(self.plugin))
        folder = plan.folder
        if folder is None:
            raise InstallsError("the client has no place for it", where=adapter.client.full_name)
        _check_not_anothers(change.records, folder, place)
        if old is not None and old.folder != str(folder):
            self._take_old(change, adapter, old)
            old = None
        if self._is_stale(change.records, folder, old):
            change.steps.append(PutTree(folder, self.plugin.tree))
        change.edit(plan.edits)
        change.tell(plan)
        if refused := refusal(adapter.verdict(self.plugin.tree)):
            change.notes.append(refused)
        change.remember(self._installation(adapter, placement.method, folder))

    def _is_stale(self, records: Records, folder: Path, old: Installation | None) -> bool:
        """Return whether the folder is to be written."""
        if identity(folder) is None:
            return True
        owner = old or records.of_folder(folder)
        if owner is None:
            if not self.terms.force:
                raise FolderTakenError(
                    "is there already, and was not made by an installation",
                    where=shown(folder),
                    remedy="Move it away, or replace it by force",
                    hint=Hint.REPLACE_FOLDER,
                )
            return True
        changes = check_folder(owner, force=self.terms.force, verb="replace")
        return changes is None or changes.edited or owner.files != self.files

    def _take_old(self, change: Transaction, adapter: ClientAdapter, old: Installation) -> None:
        """Take the plugin away from where it was by another method."""
        check_folder(old, force=self.terms.force, verb="replace")
        plan = adapter.plan_remove(old.placement(self.site.homes), change.records.files)
        change.edit(plan.edits)
        if plan.folder is not None:
            change.take(plan.folder)

    def _installation(self, adapter: ClientAdapter, method: Method, folder: Path) -> Installation:
        return Installation(
            name=self.plugin.name,
            version=self.plugin.version,
            client=adapter.client,
            method=method,
            scope=self.terms.place.scope,
            project=self.terms.place.root,
            home=str(adapter.home(self.site.homes)),
            folder=str(folder),
            source=self.terms.entry.source if self.terms.entry is not None else self.plugin.source,
            kind=self.plugin.kind.value,
            reference=self.plugin.reference,
            resolved_reference=_resolved_reference(self.plugin),
            catalog=self.plugin.catalog,
            digest=self.plugin.digest,
            content_digest=self.content,
            created=self.plugin.created,
            highest_version=self.edition.version,
            latest_created=self.edition.created,
            parts=_parts(self.plugin),
            unsigned=self.admission.provenance is None,
            provenance=self.admission.provenance,
            files=self.files,
        )

    def _entry(self, old: LockEntry | None) -> LockEntry:
        entry = LockEntry(
            name=self.plugin.name,
            version=self.plugin.version,
            source=self.plugin.source,
            resolved_reference=_resolved_reference(self.plugin),
            digest=self.plugin.digest,
            content_digest=self.content,
            provenance=self.admission.provenance,
            unsigned=self.admission.provenance is None,
            explicit=self.terms.explicit,
        )
        return (
            entry
            if old is None
            else evolve(entry, required_by=old.required_by, explicit=old.explicit or entry.explicit)
        )

    def _result(self, change: Transaction, *, did: bool) -> Installed:
        there = (*self.before, *self.terms.renamed_from)
        old = next((each for each in there if each.digest != self.plugin.digest), None)
        folders = self.site.group(change.records, self.plugin.name, self.terms.place)
        return Installed(
            status=Status.UPGRADED if old is not None else Status.INSTALLED if did else Status.UNCHANGED,
            name=self.plugin.name,
            version=self.plugin.version,
            digest=self.plugin.digest,
            content_digest=self.content,
            source=self.plugin.source,
            reference=self.plugin.reference,
            scope=self.terms.place.scope,
            project=self.terms.place.root,
            unsigned=self.admission.provenance is None,
            signer=signer_name(self.admission.provenance),
            clients=tuple(
                ClientFolder(client=each.client.value, method=each.method.value, folder=each.folder) for each in folders
            ),
            old_version=old.version if old is not None else "",
            old_digest=old.digest if old is not None else "",
            owed=owed_steps(change.owed),
            notes=tuple(change.notes),
            warnings=(
                *([f"it {note}"] if (note := self.admission.note) else []),
                *_warnings(self.plugin, self.terms.place.scope),
            ),
        )


def _check_not_anothers(records: Records, folder: Path, place: Place) -> None:
    """Check that a folder is not both a user's and a project's, as in a home that is a project: one record would replace the other."""
    for each in records.installations:
        if each.folder == str(folder) and each.project != place.root:
            whose = f"for the project {shown(each.project)}" if each.project else "for the user"
            raise FolderTakenError(
                f"is where the plugin is installed {whose} already",
                where=shown(folder),
                remedy="Uninstall it there first",
            )


def _facts(plugin: ResolvedPlugin) -> PluginFacts:
    return evolve(plugin_facts(plugin.tree), name=plugin.name, version=plugin.version, description=plugin.description)


def _parts(plugin: ResolvedPlugin) -> tuple[str, ...]:
    """Return the digests of an artifact's manifests and layers; none for a commit."""
    variants = plugin.artifact.variants if plugin.artifact is not None else ()
    return tuple(sorted({str(digest) for each in variants for digest in (each.manifest_digest, each.layer.digest)}))


def _resolved_reference(plugin: ResolvedPlugin) -> str:
    """Return what a lock file has as what the source named: with its tag, where it names an artifact; else pinned."""
    if plugin.kind is SourceKind.REGISTRY and not plugin.catalog:
        return plugin.source
    return "" if plugin.kind is SourceKind.LOCAL else plugin.reference


def _warnings(plugin: ResolvedPlugin, scope: Scope) -> tuple[str, ...]:
    """Return where ToolHive's own limits are lower than ours, and what others cannot have."""
    layer = max((each.layer.size for each in plugin.artifact.variants), default=0) if plugin.artifact is not None else 0
    found = list(beyond_thv(len(plugin.tree.files), layer))
    if scope is Scope.PROJECT and plugin.kind is SourceKind.LOCAL:
        found.append(
            "it is a build of this machine: nobody else who works on the project can get it; push it, and install that"
        )
    return tuple(found)
