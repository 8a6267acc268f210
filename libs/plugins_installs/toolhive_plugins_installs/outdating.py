"""What newer versions there are of what is installed or locked, and whether they can do more. Changes nothing, the store included."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from attrs import evolve, field, frozen

from toolhive_plugins import (
    InvalidReferenceError,
    Progress,
    RegistryCatalog,
    RegistryNotFoundError,
    ToolhiveError,
    parse_reference,
)
from toolhive_plugins_clients import Scope
from toolhive_plugins_installs.comparing import compare_with
from toolhive_plugins_installs.errors import UnknownTargetError
from toolhive_plugins_installs.git_targets import is_git_target, parse_git_target
from toolhive_plugins_installs.growth import can_do_more
from toolhive_plugins_installs.installation import Installation
from toolhive_plugins_installs.project_lock import read_project_lock
from toolhive_plugins_installs.resolved import ResolvedPlugin
from toolhive_plugins_installs.resolving import Resolver, pin
from toolhive_plugins_installs.site import Place, Site
from toolhive_plugins_installs.uninstalling import not_installed
from toolhive_plugins_installs.versions import Version, newest, parse_version


class Freshness(StrEnum):
    """What there is for one plugin."""

    CURRENT = "current"
    NEWER = "newer"
    """A tag with a newer version is in its repository."""

    MOVED = "moved"
    """What its source names is something else now."""

    PINNED = "pinned"
    """Its source always names the same content, and nothing tells whether there is more."""

    GONE = "gone"
    """Its source is not there any more."""

    FAILED = "failed"


@frozen(kw_only=True)
class OutdatedRequest:
    """Which plugins to look at."""

    names: tuple[str, ...] = ()
    """None for all."""

    place: Place | None = None
    """A user's, or a project's with what its lock file has; None for all that is recorded."""


@frozen(kw_only=True)
class Freshest:
    """One plugin, and what there is that is newer."""

    name: str
    status: Freshness
    scope: Scope
    project: str
    source: str
    version: str
    digest: str
    available: str = ""
    """The target that the newer version can be had by; empty where there is none."""

    available_version: str = ""
    available_digest: str = ""
    grew: bool | None = None
    """Whether the newer version can do more; None where there is none, or it cannot be compared."""

    more: tuple[str, ...] = ()
    """What it can do more."""

    problem: str = ""
    """What failed."""

    new_name: str = ""
    """What the plugin is called now, where its catalog says that it was renamed; else empty."""


@frozen
class _More:
    """A change that says what a newer version can do more."""

    more: tuple[str, ...]
    other_code: bool = False

    @property
    def grew(self) -> bool:
        return bool(self.more)


@frozen(kw_only=True)
class _Have:
    """What is installed or locked."""

    name: str
    scope: Scope
    project: str
    source: str
    reference: str
    digest: str
    version: str
    installation: Installation | None = None


def find_outdated(
    site: Site,
    request: OutdatedRequest,
    offline: Resolver,
    scratch: Resolver,
    catalog: Callable[[], RegistryCatalog],
    progress: Progress | None = None,
) -> tuple[Freshest, ...]:
    """Look for newer versions, by name and project.

    Args:
        site: what is installed.
        request: which plugins.
        offline: resolves what the store has, and pulls nothing.
        scratch: resolves everything else, into a store that is thrown away.
        catalog: returns what lists tags.
        progress: receives the progress of a fetch.

    Raises:
        NotInstalledError: one of the named plugins is not installed.
        LockFileError, RecordsError, DiskError: the lock file, or the record, cannot be read.
    """
    found = sorted(_all(site, request.place), key=lambda each: (each.name, each.project))
    for name in request.names:
        if all(each.name != name for each in found):
            raise not_installed(name, request.place or Place())
    chosen = [each for each in found if not request.names or each.name in request.names]
    search = _Search(site, offline, scratch, catalog, progress)
    return tuple(search.of(each) for each in chosen)


def _all(site: Site, place: Place | None) -> Iterator[_Have]:
    records = site.here(site.book.read())
    seen: set[tuple[str, str]] = set()
    for each in records:
        if each.group in seen or (place is not None and each.project != place.root):
            continue
        seen.add(each.group)
        have = _Have(
            name=each.name,
            scope=each.scope,
            project=each.project,
            source=each.source,
            reference=each.reference,
            digest=each.digest,
            version=each.version,
            installation=each,
        )
        yield have
    if place is None or place.project is None:
        return
    for entry in read_project_lock(place.project).entries:
        if (entry.name, place.root) not in seen:
            yield _Have(
                name=entry.name,
                scope=Scope.PROJECT,
                project=place.root,
                source=entry.source,
                reference=pin(entry.resolved_reference, entry.digest) if entry.resolved_reference else entry.digest,
                digest=entry.digest,
                version=entry.version,
            )


@frozen
class _Search:
    """Looks for newer versions."""

    site: Site
    offline: Resolver
    scratch: Resolver
    catalog: Callable[[], RegistryCatalog]
    progress: Progress | None = field(repr=False)

    def of(self, have: _Have) -> Freshest:
        """Look for a newer version of one plugin; what fails is said."""
        try:
            return self._found(have)
        except (RegistryNotFoundError, UnknownTargetError) as error:
            self.site.failed(error)
            return _result(have, Freshness.GONE, problem=error.problem)
        except ToolhiveError as error:
            self.site.failed(error)
            return _result(have, Freshness.FAILED, problem=error.problem)

    def _found(self, have: _Have) -> Freshest:
        tag = self._newer_tag(have)
        if tag:
            return self._compared(have, Freshness.NEWER, tag)
        if _is_pinned(have.source):
            known = _version_of(have) is not None and not is_git_target(have.source)
            return _result(have, Freshness.CURRENT if known else Freshness.PINNED)
        if self._named_now(have) == have.digest:
            return _result(have, Freshness.CURRENT)
        return self._compared(have, Freshness.MOVED, have.source)

    def _newer_tag(self, have: _Have) -> str:
        """Return the reference with the newest version's tag, if that is newer and not what is there already."""
        version = _version_of(have)
        if version is None or "/" not in have.source or is_git_target(have.source):
            return ""
        parsed = parse_reference(have.source)
        repository = f"{parsed.registry}/{parsed.repository}"
        found = newest(self.catalog().tags(repository), version)
        if found is None:
            return ""
        reference = f"{repository}:{found.text}"
        return "" if self.catalog().resolve(reference) == have.digest else reference

    def _named_now(self, have: _Have) -> str:
        """Return the digest that the source names now; empty where it takes opening it to know."""
        if "/" in have.source and not is_git_target(have.source):
            return self.catalog().resolve(have.source)
        return ""

    def _compared(self, have: _Have, status: Freshness, target: str) -> Freshest:
        # A local build is in the store, and a clone is kept nowhere.
        resolver = self.offline if "/" not in have.reference else self.scratch
        with resolver.open(target, progress=self.progress) as new:
            if new.digest == have.digest:
                return _result(have, Freshness.CURRENT)
            change = self._change(have, new)
            return evolve(
                _result(have, status),
                available=new.reference if target == have.source else target,
                available_version=new.version,
                available_digest=new.digest,
                new_name=new.name if new.catalog and new.name != have.name else "",
                grew=None if change is None else change.grew,
                more=() if change is None else change.more,
            )

    def _change(self, have: _Have, new: ResolvedPlugin) -> _More | None:
        """Compare with what the store has, else with the folder as it was installed, else with what is fetched again."""
        for resolver in (self.offline, self.scratch):
            change: object = None
            if have.installation is not None:
                site = evolve(self.site, resolver=resolver, compare=_more)
                change = compare_with(site, have.installation, new)
            else:
                try:
                    with resolver.open_pinned(have.reference, source=have.source) as old:
                        change = _more(old, new)
                except ToolhiveError:
                    continue
            if isinstance(change, _More):
                return change
        return None


def _more(old: ResolvedPlugin, new: ResolvedPlugin) -> _More:
    return _More(can_do_more(old.tree, new.tree))


def _version_of(have: _Have) -> Version | None:
    """Return the version that is there: its tag's, else that of its `plugin.json`."""
    try:
        tag = "" if is_git_target(have.source) or "/" not in have.source else parse_reference(have.source).reference
    except InvalidReferenceError:
        tag = ""
    return parse_version(tag) or parse_version(have.version)


def _is_pinned(source: str) -> bool:
    if is_git_target(source):
        return parse_git_target(source).is_commit
    return "/" in source and parse_reference(source).is_digest


def _result(have: _Have, status: Freshness, *, problem: str = "") -> Freshest:
    return Freshest(
        name=have.name,
        status=status,
        scope=have.scope,
        project=have.project,
        source=have.source,
        version=have.version,
        digest=have.digest,
        problem=problem,
    )
