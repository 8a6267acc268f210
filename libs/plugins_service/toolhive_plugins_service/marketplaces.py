"""Marketplaces: what they have, and how they get into a registry, from one to another, and to the clients of a team."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from toolhive_plugins_marketplaces import CatalogPlugin, Owner, parse_catalog_name, parse_prefix
from toolhive_plugins_service.errors import RequestError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from toolhive_plugins import Registry
    from toolhive_plugins_marketplaces import (
        CatalogComparison,
        CopiedPlugin,
        Gate,
        Generated,
        GenerateOptions,
        MarketplaceCopy,
        MarketplacePush,
        MarketplaceReport,
        OpenCatalog,
        OpenMarketplace,
        PackageFetcher,
        PushedPlugin,
        PushOptions,
        ServerCatalog,
        Site,
        SitePlugin,
    )

JOBS: Final = 8
"""Plugins that are worked on at once, unless the caller says otherwise."""

_MAX_JOBS: Final = 64


@frozen(kw_only=True)
class MarketplaceSource:
    """A marketplace, and how it is read."""

    place: str
    """A folder, a local git repository, or the address of one."""

    revision: str = ""
    """A branch, a tag or a commit; empty for the newest."""

    include: tuple[str, ...] = ()
    """`npm`, `archive`: kinds of source that are read only where that is asked for."""


@frozen(kw_only=True)
class CatalogView:
    """A catalog as a registry has it."""

    name: str
    description: str
    owner: Owner
    source: str
    """The address of the marketplace that it was made from."""

    revision: str
    """The commit of that marketplace."""

    prefix: str
    """Where its plugins are, `registry/prefix`; empty for a registry server's."""

    digest: str
    """Empty for a registry server's, which nothing pins."""

    pinned: str
    """The reference that always names exactly this catalog; a registry server's address."""

    skipped: tuple[str, ...]
    """What a registry server lists and cannot be taken, with the reason."""

    renames: Mapping[str, str] = field(hash=False)
    plugins: tuple[CatalogPlugin, ...]


class MarketplaceService:
    """Marketplaces and their catalogs in registries.

    Args:
        registry: returns the client of registries; called only where one is needed.
        gate: returns what decides what may be handed on, or None where everything may be; called where plugins are pushed, copied or
            put into a marketplace for clients.
    """

    def __init__(self, registry: "Callable[[], Registry]", gate: "Callable[[], Gate | None]" = lambda: None) -> None:
        self._registry = registry
        self._gate = gate

    def read(self, source: MarketplaceSource, *, fetch: bool = False, jobs: int = JOBS) -> "MarketplaceReport":
        """Return what a marketplace has: every plugin, and why some are not taken.

        Args:
            source: the marketplace.
            fetch: whether plugins in other repositories are fetched and read as well.
            jobs: the most plugins that are read at once.

        Raises: InvalidMarketplaceError, AddressError, GitError, CommitNotFoundError.
        """
        from toolhive_plugins_marketplaces import report_on_marketplace

        with self._opened(source) as opened:
            return report_on_marketplace(opened, fetch=fetch, jobs=_checked(jobs))

    def push(
        self,
        source: MarketplaceSource,
        prefix: str,
        options: "PushOptions",
        *,
        told: "Callable[[PushedPlugin, int, int], None] | None" = None,
    ) -> "MarketplacePush":
        """Push every plugin of a marketplace under a prefix, and then its catalog.

        Args:
            source: the marketplace.
            prefix: `registry/prefix`.
            options: how.
            told: called for each plugin that is done, with how many are and how many there are.

        Raises: as `read`, and RegistryError, CredentialError, InvalidCatalogError; PolicyError where a policy is not understood. What a
            policy forbids is refused by name.
        """
        from toolhive_plugins_marketplaces import push_marketplace

        goal = parse_prefix(prefix)
        _checked(options.jobs)
        gate = self._gate()
        with self._opened(source) as opened:
            return push_marketplace(opened, goal, self._registry(), options, told, gate)

    def show(self, name: str) -> CatalogView:
        """Return a catalog, named by its prefix, by reference, or by the address of a ToolHive registry server.

        Raises: InvalidReferenceError, InvalidCatalogError, RegistryError, CredentialError.
        """
        from toolhive_plugins_marketplaces import ServerCatalog

        opened = self._open(name)
        catalog = opened.catalog
        return CatalogView(
            name=catalog.name,
            description=catalog.description,
            owner=catalog.owner,
            source=catalog.source,
            revision=catalog.revision,
            prefix="" if isinstance(opened, ServerCatalog) else str(opened.name.prefix),
            digest=str(opened.digest),
            pinned=opened.pinned,
            skipped=tuple(f"{each.name}: {each.reason}" for each in opened.skipped)
            if isinstance(opened, ServerCatalog)
            else (),
            renames=catalog.renames,
            plugins=catalog.plugins,
        )

    def diff(self, old: str, new: str, *, jobs: int = JOBS) -> "CatalogComparison":
        """Return what changed from one catalog to another, and which plugins can do more; raises as `show`."""
        from toolhive_plugins_marketplaces import compare_catalogs

        return compare_catalogs(self._open(old), self._open(new), self._registry(), jobs=_checked(jobs))

    def copy(
        self,
        source: str,
        target: str,
        *,
        jobs: int = JOBS,
        move_tags: bool = False,
        told: "Callable[[CopiedPlugin, int, int], None] | None" = None,
    ) -> "MarketplaceCopy":
        """Copy a catalog, its plugins and what refers to them to another prefix; raises as `show`.

        What a policy forbids is refused by name, and PolicyError raised where one is not understood.
        """
        from toolhive_plugins_marketplaces import copy_marketplace

        goal = parse_prefix(target)
        return copy_marketplace(
            parse_catalog_name(source),
            goal,
            self._registry(),
            jobs=_checked(jobs),
            move_tags=move_tags,
            told=told,
            gate=self._gate(),
        )

    def generate(
        self, references: Sequence[str], options: "GenerateOptions", *, catalog: str = "", directory: str = ""
    ) -> "Generated":
        """Make a marketplace for clients.

        Args:
            references: plugins in registries.
            options: what to make.
            catalog: names a catalog whose plugins are in it, too; empty for none.
            directory: where to write; empty for nowhere, which is enough for commands.

        Raises: GenerateError, and as `show`; PolicyRefusedError where a policy forbids every plugin, PolicyError where one is not
            understood.
        """
        from toolhive_plugins_marketplaces import generate, resolve_plugins

        _checked(options.jobs)
        gate = self._gate()
        listed = self._admitted(catalog, gate).catalog.plugins if catalog else ()
        found = resolve_plugins(references, self._registry(), jobs=options.jobs) if references else ()
        return generate((*listed, *found), options, self._registry(), directory, gate)

    def page(
        self,
        name: str,
        directory: str,
        *,
        since: Sequence[str] = (),
        install_options: Sequence[str] = (),
        jobs: int = JOBS,
        told: "Callable[[SitePlugin, int, int], None] | None" = None,
    ) -> "Site":
        """Make a static site of a catalog.

        Args:
            name: names the catalog, as in `show`.
            directory: where to write.
            since: names of earlier catalogs, to say what changed.
            install_options: of the command that pages say installs a plugin, each an argument.
            jobs: the most plugins that are read at once.
            told: called for each plugin that is done, with how many are and how many there are.

        Raises: GenerateError, and as `show`. A plugin that is gone, or is none, is no error: its page says so.
        """
        from toolhive_plugins_marketplaces import ServerCatalog, make_site

        _checked(jobs)
        earlier = [self._open(each) for each in since]
        opened = self._open(name)
        skipped = opened.skipped if isinstance(opened, ServerCatalog) else ()
        return make_site(
            opened,
            self._registry(),
            directory,
            since=earlier,
            skipped=skipped,
            install_options=install_options,
            jobs=jobs,
            told=told,
        )

    def _admitted(self, name: str, gate: "Gate | None") -> "OpenCatalog | ServerCatalog":
        opened = self._open(name)
        if gate is not None and opened.digest:
            gate.admit_digest(opened.pinned, str(opened.digest))
        return opened

    def _open(self, name: str) -> "OpenCatalog | ServerCatalog":
        from toolhive_plugins_marketplaces import fetch_catalog, names_a_server, read_server_catalog

        if names_a_server(name):
            return read_server_catalog(name, self._registry())
        return fetch_catalog(self._registry(), parse_catalog_name(name))

    def _opened(self, source: MarketplaceSource) -> "AbstractContextManager[OpenMarketplace]":
        from toolhive_plugins_marketplaces import open_marketplace

        include = _included(source.include)
        return open_marketplace(source.place, revision=source.revision, include=include, fetch=self._fetcher(source))

    def _fetcher(self, source: MarketplaceSource) -> "PackageFetcher | None":
        if not source.include:
            return None
        import os

        from toolhive_plugins_marketplaces import PackageFetcher, npm_registry_of

        return PackageFetcher(self._registry(), npm_registry_of(os.environ))


def _checked(jobs: int) -> int:
    if not 1 <= jobs <= _MAX_JOBS:
        raise RequestError(f"{jobs} plugins cannot be worked on at once", remedy=f"Give a number from 1 to {_MAX_JOBS}")
    return jobs


def _included(kinds: Collection[str]) -> tuple[str, ...]:
    from toolhive_plugins_marketplaces import INCLUDABLE

    for kind in kinds:
        if kind not in INCLUDABLE:
            raise RequestError(
                f"{kind!r} is not a kind of source that can be included", remedy="Give " + " or ".join(INCLUDABLE)
            )
    return tuple(kinds)
