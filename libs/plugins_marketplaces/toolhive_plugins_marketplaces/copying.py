"""Copies a marketplace from one prefix to another: the same bytes, the same digests, with signatures and what else refers to them."""

import enum
from collections.abc import Callable
from typing import Final, Protocol

from attrs import frozen

from toolhive_plugins import Digest, Store, ToolhiveError
from toolhive_plugins_marketplaces.catalog import CatalogPlugin
from toolhive_plugins_marketplaces.catalog_artifact import CatalogReader, fetch_catalog
from toolhive_plugins_marketplaces.errors import Hint, RefusedEntryError
from toolhive_plugins_marketplaces.gates import Gate, admit_pulled
from toolhive_plugins_marketplaces.names import CATALOG_REPOSITORY, CATALOG_TAG, CatalogName, Prefix
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.texts import one_line
from toolhive_plugins_signatures import CarryingRegistry, carry

_MAX_REASON: Final = 500


class CopyRegistry(CatalogReader, CarryingRegistry, Protocol):
    """What a marketplace is copied with; `Registry` is one. Threads share it."""

    def tag(self, ref: str, tag: str) -> Digest:
        """Give what `ref` names another tag."""
        ...

    def pull(self, store: Store, ref: str) -> Digest:
        """Pull an artifact into a store."""
        ...


class CopyState(enum.StrEnum):
    """What became of a plugin."""

    COPIED = "copied"
    UNCHANGED = "unchanged"
    """The target had it."""
    REFUSED = "refused"


@frozen(kw_only=True)
class CopiedPlugin:
    """What became of one plugin."""

    name: str
    state: CopyState
    reference: str
    """At the target, by digest."""

    referrers: int = 0
    """How many signatures and other artifacts that refer to it were copied along."""

    reason: str = ""
    remedy: str = ""


@frozen(kw_only=True)
class MarketplaceCopy:
    """What became of a marketplace."""

    source: str
    """The catalog, by digest."""

    target: str
    """The prefix."""

    plugins: tuple[CopiedPlugin, ...]
    catalog: str
    """The catalog's digest, the same as at the source."""

    pinned: str
    """The reference that always names the catalog at the target; empty if it was not copied, since a plugin is missing there."""

    @property
    def refused(self) -> tuple[CopiedPlugin, ...]:
        """The plugins that were not copied."""
        return tuple(plugin for plugin in self.plugins if plugin.state is CopyState.REFUSED)


def copy_marketplace(
    source: CatalogName,
    target: Prefix,
    registry: CopyRegistry,
    *,
    jobs: int = 8,
    move_tags: bool = False,
    told: Callable[[CopiedPlugin, int, int], None] | None = None,
    gate: Gate | None = None,
) -> MarketplaceCopy:
    """Copy every plugin of a catalog, and then the catalog.

    One plugin's failure does not stop the rest; but the catalog is copied only if all that it pins is at the target. A gate
    is asked about every plugin, which is fetched for that, also what the target has.

    Raises:
        InvalidCatalogError, RegistryNotFoundError: there is no catalog.
        PolicyRefusedError: a policy denies the catalog's own digest.
        RegistryError, CredentialError: the catalog cannot be copied.
    """
    opened = fetch_catalog(registry, source)
    if gate is not None:
        gate.admit_digest(opened.pinned, str(opened.digest))
    copy = _Copy(target, registry, gate, move_tags=move_tags)
    plugins = tuple(each(copy.run, opened.catalog.plugins, jobs, told))
    pinned = ""
    if not any(plugin.state is CopyState.REFUSED for plugin in plugins):
        repository = f"{target}/{CATALOG_REPOSITORY}"
        pinned = f"{repository}@{opened.digest}"
        tag = opened.catalog.revision or CATALOG_TAG
        registry.copy(opened.pinned, pinned)
        carry(registry, opened.pinned.partition("@")[0], repository, opened.digest)
        for each_tag in dict.fromkeys((tag, CATALOG_TAG)):
            registry.tag(pinned, each_tag)
    return MarketplaceCopy(
        source=opened.pinned, target=str(target), plugins=plugins, catalog=str(opened.digest), pinned=pinned
    )


class _Copy:
    def __init__(self, target: Prefix, registry: CopyRegistry, gate: Gate | None, *, move_tags: bool) -> None:
        self._target = target
        self._registry = registry
        self._gate = gate
        self._move_tags = move_tags

    def run(self, plugin: CatalogPlugin) -> CopiedPlugin:
        """Copy a plugin, and return what became of it."""
        repository = self._target.repository(plugin.repository.rpartition("/")[2])
        reference = f"{repository}@{plugin.digest}"
        try:
            admit_pulled(self._gate, self._registry, plugin.reference)
            state, count = self._copy(plugin, repository)
        except ToolhiveError as error:
            where = f"{error.where}: " if error.where and error.where != plugin.name else ""
            reason = one_line(f"{where}{error.problem}", _MAX_REASON)
            return CopiedPlugin(
                name=plugin.name, state=CopyState.REFUSED, reference=reference, reason=reason, remedy=error.remedy
            )
        return CopiedPlugin(name=plugin.name, state=state, reference=reference, referrers=count)

    def _copy(self, plugin: CatalogPlugin, repository: str) -> tuple[CopyState, int]:
        """Copy a plugin with what accompanies it, and only then tag it: nobody sees the tag without its signatures."""
        tags = [tag for tag in plugin.tags if ":" not in tag and "@" not in tag]
        pinned = f"{repository}@{plugin.digest}"
        has = self._registry.find(f"{repository}:{tags[0]}" if tags else pinned)
        if has not in (None, plugin.digest) and not self._move_tags:
            raise RefusedEntryError(
                f"the tag {tags[0]} names {has} there, and {plugin.digest} here",
                where=plugin.name,
                remedy="Have the tag moved",
                hint=Hint.MOVE_TAGS,
            )
        if has != plugin.digest:
            self._registry.copy(plugin.reference, pinned)
        count = carry(self._registry, plugin.repository, repository, plugin.digest)
        if has == plugin.digest:
            return CopyState.UNCHANGED, count
        for tag in reversed(tags):
            self._registry.tag(pinned, tag)
        return CopyState.COPIED, count
