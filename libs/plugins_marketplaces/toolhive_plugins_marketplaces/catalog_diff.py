"""What changed from one catalog to another, and whether any plugin can do more."""

import enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from attrs import evolve, frozen

from toolhive_plugins import Digest, Store, ToolhiveError, load_artifact, open_layer, shown
from toolhive_plugins_marketplaces.catalog import Catalog, CatalogPlugin
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.surfaces import growth


class PluginSource(Protocol):
    """What plugins are fetched with; `Registry` is one. Threads share it."""

    def pull(self, store: Store, ref: str) -> Digest:
        """Pull an artifact into a store."""
        ...


class NamedCatalog(Protocol):
    """A catalog, and what names it: `OpenCatalog`, `ServerCatalog`."""

    @property
    def catalog(self) -> Catalog:
        """The catalog."""
        ...

    @property
    def pinned(self) -> str:
        """What names it, as exactly as can be."""
        ...


class CatalogChangeKind(enum.StrEnum):
    """How a plugin of a catalog changed."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    """It has another name; its content may differ as well."""
    CHANGED = "changed"


@frozen(kw_only=True)
class CatalogChange:
    """A plugin that is not the same in both catalogs."""

    name: str
    """The newer one's; the older one's where it was removed."""

    kind: CatalogChangeKind
    old_name: str = ""
    """Where it was renamed."""

    old_version: str = ""
    new_version: str = ""
    old: str = ""
    """The older reference, by digest; empty where it was added."""

    new: str = ""
    """The newer reference, by digest; empty where it was removed."""

    grew: bool = False
    """Whether it can do more than before."""

    growth: tuple[str, ...] = ()
    """What more, a line each."""


@frozen(kw_only=True)
class CatalogComparison:
    """What changed from one catalog to another."""

    old: str
    """What names the older catalog: its reference by digest, or a server's address."""

    new: str
    """What names the newer catalog."""

    changes: tuple[CatalogChange, ...]
    """By name."""

    unchanged: int
    """How many plugins have the same digest in both."""

    @property
    def grew(self) -> bool:
        """Whether any plugin can do more than before."""
        return any(change.grew for change in self.changes)


def compare_catalogs(
    old: NamedCatalog, new: NamedCatalog, registry: PluginSource, *, jobs: int = 8
) -> CatalogComparison:
    """Compare two catalogs. Plugins with other digests are fetched from both, and what they can run is compared.

    An older artifact that cannot be fetched or read counts as growth: nobody can say that it is not.
    """
    before = {plugin.name: plugin for plugin in old.catalog.plugins}
    after = {plugin.name: plugin for plugin in new.catalog.plugins}
    origins = {name: _origin(name, before, new) for name in after}
    used = {origin.name for origin in origins.values() if origin is not None}
    changes = [_change(origins[name], plugin) for name, plugin in after.items()]
    pairs = [(change, origins[change.name], after[change.name]) for change in changes if change is not None]
    found = each(lambda pair: _grown(*pair, registry), pairs, jobs)
    removed = [
        CatalogChange(name=name, kind=CatalogChangeKind.REMOVED, old_version=plugin.version, old=plugin.reference)
        for name, plugin in before.items()
        if name not in used and name not in after
    ]
    return CatalogComparison(
        old=old.pinned,
        new=new.pinned,
        changes=tuple(sorted((*found, *removed), key=lambda change: change.name)),
        unchanged=sum(change is None for change in changes),
    )


def _origin(name: str, before: dict[str, CatalogPlugin], new: NamedCatalog) -> CatalogPlugin | None:
    """Return what a plugin of the newer catalog was in the older one, perhaps under another name."""
    older = (old for old, renamed in new.catalog.renames.items() if renamed == name)
    return next((before[known_as] for known_as in (name, *older) if known_as in before), None)


def _change(before: CatalogPlugin | None, after: CatalogPlugin) -> CatalogChange | None:
    if before is None:
        kind = CatalogChangeKind.ADDED
        return CatalogChange(name=after.name, kind=kind, new_version=after.version, new=after.reference)
    if (before.name, before.digest) == (after.name, after.digest):
        return None
    renamed = before.name != after.name
    return CatalogChange(
        name=after.name,
        kind=CatalogChangeKind.RENAMED if renamed else CatalogChangeKind.CHANGED,
        old_name=before.name if renamed else "",
        old_version=before.version,
        new_version=after.version,
        old=before.reference,
        new=after.reference,
    )


def _grown(
    change: CatalogChange, before: CatalogPlugin | None, after: CatalogPlugin, registry: PluginSource
) -> CatalogChange:
    if before is None or before.digest == after.digest:
        return change
    with TemporaryDirectory(prefix="thv-plugin-") as folder:
        try:
            with Store(Path(folder) / "old") as first, Store(Path(folder) / "new") as second:
                older = load_artifact(first, registry.pull(first, before.reference))
                newer = load_artifact(second, registry.pull(second, after.reference))
                with open_layer(first, older.variant()) as one, open_layer(second, newer.variant()) as two:
                    found = growth(one, two)
        except ToolhiveError as error:
            found = (f"cannot be compared: {shown(error.problem)}",)
    return evolve(change, grew=bool(found), growth=found)
