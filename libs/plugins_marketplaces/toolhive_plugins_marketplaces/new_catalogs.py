"""The catalog that a push leaves: what was pushed, and what stays as it was."""

from collections.abc import Iterator, Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from attrs import evolve, frozen

from toolhive_plugins import Digest, Store
from toolhive_plugins_marketplaces.catalog import Catalog, CatalogPlugin
from toolhive_plugins_marketplaces.catalog_artifact import CatalogReader, CatalogWriter, OpenCatalog, put_catalog
from toolhive_plugins_marketplaces.names import CATALOG_REPOSITORY, CATALOG_TAG, Prefix
from toolhive_plugins_marketplaces.push_results import MarketplacePush, PushedPlugin
from toolhive_plugins_marketplaces.read_report import is_missing
from toolhive_plugins_marketplaces.reading import OpenMarketplace
from toolhive_plugins_marketplaces.texts import one_line

MAX_DESCRIPTION: Final = 1024
"""Characters of a description in a catalog."""


class MarketplaceRegistry(CatalogReader, CatalogWriter, Protocol):
    """What a marketplace is pushed with; `Registry` is one. Threads share it."""

    def find(self, ref: str) -> Digest | None:
        """Return the digest of what `ref` names; None if there is nothing."""
        ...

    def tag(self, ref: str, tag: str) -> Digest:
        """Give what `ref` names another tag."""
        ...

    def pull(self, store: Store, ref: str) -> Digest:
        """Pull an artifact into a store."""
        ...


@frozen
class PluginOutcome:
    """A plugin that is done, and what the catalog says of it."""

    result: PushedPlugin
    listed: CatalogPlugin | None
    dependencies: tuple[str, ...] = ()

    stays: bool = True
    """Whether the last catalog's version of it stays where there is no new one."""


def new_catalog(
    opened: OpenMarketplace,
    prefix: Prefix,
    outcomes: Sequence[PluginOutcome],
    last: OpenCatalog | None,
) -> Catalog:
    """Return the new catalog. What was refused, or not selected, stays as the last one had it, unless it may not."""
    market = opened.marketplace
    plugins = {outcome.listed.name: outcome.listed for outcome in outcomes if outcome.listed is not None}
    wanted = {entry.name for entry in market.entries} - {each.result.name for each in outcomes if not each.stays}
    for plugin in () if last is None else last.catalog.plugins:
        if plugin.name in wanted:
            plugins.setdefault(plugin.name, evolve(plugin, repository=prefix.repository(plugin.name)))
    return Catalog(
        name=market.name,
        description=one_line(market.description, MAX_DESCRIPTION),
        owner=market.owner,
        source=opened.source,
        revision=opened.revision,
        renames=_renames(market.renames, set(plugins)),
        plugins=tuple(plugins[name] for name in sorted(plugins)),
    )


def _renames(renames: Mapping[str, str], names: set[str]) -> dict[str, str]:
    """Return the renames that lead to a plugin of the catalog."""
    return {old: new for old, new in renames.items() if new in names or new in renames}


def push_new_catalog(
    report: MarketplacePush,
    catalog: Catalog,
    prefix: Prefix,
    registry: MarketplaceRegistry,
    last: OpenCatalog | None,
) -> MarketplacePush:
    repository = f"{prefix}/{CATALOG_REPOSITORY}"
    with TemporaryDirectory(prefix="thv-plugin-") as folder, Store(folder) as store:
        digest = put_catalog(store, catalog)
        if last is None or last.digest != digest:
            registry.push(store, digest, f"{repository}:{catalog.revision or CATALOG_TAG}")
            if catalog.revision:
                registry.tag(f"{repository}@{digest}", CATALOG_TAG)
    return evolve(
        report,
        catalog=str(digest),
        pinned=f"{repository}@{digest}",
        catalog_changed=last is None or last.digest != digest,
    )


def missing_dependencies(outcomes: Sequence[PluginOutcome], names: set[str], market: str) -> Iterator[str]:
    for outcome in outcomes:
        for dependency in outcome.dependencies:
            if is_missing(dependency, names, market):
                yield f"{outcome.result.name} needs {one_line(dependency, MAX_DESCRIPTION)}"
