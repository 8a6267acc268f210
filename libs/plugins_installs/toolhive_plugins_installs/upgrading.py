"""Asking again what each source names, and installing what is new: after showing what changed, and never more than was agreed to."""

from attrs import evolve, field, frozen

from toolhive_plugins import Progress, RegistryNotFoundError, ToolhiveError, parse_reference, shown
from toolhive_plugins_clients import Scope
from toolhive_plugins_installs.changes import check_folder
from toolhive_plugins_installs.comparing import compare_with
from toolhive_plugins_installs.consent import Change, Consent, Occasion
from toolhive_plugins_installs.deciding import known_editions
from toolhive_plugins_installs.editions import Edition, newer_one
from toolhive_plugins_installs.errors import ChangedSourceError, Hint, UnknownTargetError
from toolhive_plugins_installs.git_targets import is_git_target, parse_git_target
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.installing import install_plugin
from toolhive_plugins_installs.origins import origin_of
from toolhive_plugins_installs.project_lock import read_project_lock
from toolhive_plugins_installs.resolved import ResolvedPlugin
from toolhive_plugins_installs.results import UpgradedPlugin, UpgradeStatus
from toolhive_plugins_installs.site import Place, Site
from toolhive_plugins_installs.terms import Terms
from toolhive_plugins_installs.uninstalling import UninstallRequest, not_installed, uninstall


@frozen(kw_only=True)
class UpgradeRequest:
    """Which plugins to upgrade, and how."""

    names: tuple[str, ...] = ()
    """None for all."""

    place: Place = field(factory=Place)
    preview: bool = False
    """Change nothing."""

    allow_ref_change: bool = False
    """Accept that a name of a catalog now means another repository."""

    allow_unsigned: bool = False
    """Accept a new version that nobody signed whom its lock entry or record names."""

    allow_signer_change: bool = False
    """Accept another signer than the one that the lock entry or the record names."""

    allow_downgrade: bool = False
    """Accept a version that is older than the installed or the locked one."""

    force: bool = False
    """Replace folders that were edited."""


def upgrade(
    site: Site, request: UpgradeRequest, consent: Consent, progress: Progress | None = None
) -> tuple[UpgradedPlugin, ...]:
    """Upgrade plugins, one after the other; one that fails does not stop the others.

    Raises:
        NotInstalledError: none of the named ones is installed, or one is not. Nothing was changed.
        LockFileError, RecordsError, DiskError: the lock file, or the record, cannot be read.
    """
    groups: dict[str, tuple[Installation, ...]] = {}
    for each in site.here(site.book.read()):
        if each.project == request.place.root:
            groups[each.name] = (*groups.get(each.name, ()), each)
    for name in request.names:
        if name not in groups:
            raise not_installed(name, request.place)
    names = dict.fromkeys(request.names or sorted(groups))
    return tuple(_Upgrade(site, request, groups[name], consent, progress).done() for name in names)


@frozen
class _Upgrade:
    """One plugin's upgrade."""

    site: Site
    request: UpgradeRequest
    group: tuple[Installation, ...]
    consent: Consent
    progress: Progress | None

    def done(self) -> UpgradedPlugin:
        """Resolve its source again, and do what is due."""
        try:
            source = self._source()
            if _is_pinned(source):
                return self._result(UpgradeStatus.PINNED)
            with self.site.resolver.open(source, progress=self.progress) as new:
                return self._to(new)
        except (RegistryNotFoundError, UnknownTargetError) as error:
            self.site.failed(error)
            problem = f"{error.problem}; what is installed is kept"
            return self._result(UpgradeStatus.GONE, problem=problem)
        except ToolhiveError as error:
            self.site.failed(error)
            return self._result(UpgradeStatus.FAILED, problem=error.problem)

    def _source(self) -> str:
        """Return the source that is resolved again: the lock file's, where there is one."""
        first = self.group[0]
        if first.scope is Scope.PROJECT and self.request.place.project is not None:
            entry = read_project_lock(self.request.place.project).entry(first.name)
            if entry is not None:
                return entry.source
        return first.source

    def _to(self, new: ResolvedPlugin) -> UpgradedPlugin:
        old = next((each for each in self.group if each.digest != new.digest), None)
        if old is None:
            return self._result(UpgradeStatus.CURRENT, new)
        is_renamed = new.name != old.name and bool(new.catalog)
        if new.name != old.name and not is_renamed:
            raise ChangedSourceError(
                f"the source now has a plugin {shown(new.name)!r}",
                where=old.name,
                remedy="Install that one if it is meant, and uninstall this one",
            )
        moved = origin_of(new.reference) != origin_of(old.reference)
        if moved and not is_renamed and not self.request.allow_ref_change:
            raise ChangedSourceError(
                f"it now comes from {shown(new.reference)}, and came from {shown(old.reference)}",
                where=old.name,
                remedy="Accept the other repository, if that is meant",
                hint=Hint.ALLOW_REF_CHANGE,
            )
        if is_renamed:
            new = evolve(new, source=new.name)  # what the next upgrade looks up
        change = compare_with(self.site, old, new)
        grew = change is None or change.grew
        terms = Terms(
            place=self.request.place,
            adapters=tuple(self.site.adapter(each.client) for each in self.group),
            allow_unsigned=self.request.allow_unsigned,
            allow_signer_change=self.request.allow_signer_change,
            allow_downgrade=self.request.allow_downgrade,
            force=self.request.force,
            occasion=Occasion.UPGRADE,
            renamed_from=self.group if is_renamed else (),
            change=change,
        )
        known = known_editions(self.site, new, terms)
        older = newer_one(Edition(new.version, new.created), known) is not None
        if self.request.preview:
            return evolve(self._result(UpgradeStatus.AVAILABLE, new, grew=grew, change=change), older=older)
        try:
            for each in terms.renamed_from:
                check_folder(each, force=terms.force, verb="replace")
            done = install_plugin(self.site, new, terms, self.consent)
            # A run that is killed before this is finished by the next upgrade, which finds the old name again.
            if is_renamed:
                uninstall(self.site, UninstallRequest(name=old.name, place=terms.place, force=terms.force))
        except ToolhiveError as error:
            self.site.failed(error)
            failed = self._result(UpgradeStatus.FAILED, new, grew=grew, change=change, problem=error.problem)
            return evolve(failed, older=older)
        result = self._result(UpgradeStatus.UPGRADED, new, grew=grew, change=change)
        return evolve(result, older=older, owed=done.owed, notes=(*done.notes, *done.warnings))

    def _result(
        self,
        status: UpgradeStatus,
        new: ResolvedPlugin | None = None,
        *,
        grew: bool = False,
        change: Change | None = None,
        problem: str = "",
    ) -> UpgradedPlugin:
        old = next((each for each in self.group if new is not None and each.digest != new.digest), self.group[0])
        return UpgradedPlugin(
            name=old.name,
            status=status,
            scope=old.scope,
            project=old.project,
            source=old.source,
            old_version=old.version,
            new_name=new.name if new is not None and new.name != old.name else "",
            new_version=new.version if new is not None else old.version,
            old_digest=old.digest,
            new_digest=new.digest if new is not None else old.digest,
            grew=grew,
            change=change,
            problem=problem,
        )


def _is_pinned(source: str) -> bool:
    """Tell whether a source always names the same content."""
    if is_git_target(source):
        return parse_git_target(source).is_commit
    return "/" in source and parse_reference(source).is_digest
