"""Pushes a marketplace: every plugin as an artifact of its own, many at once, and the catalog that pins them all, last.

Whatever ends a push, running it again takes it up: what the registry has costs one request, blobs and manifests are looked for before they
are sent, and each plugin's version tag is set after everything else of it.
"""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import evolve, frozen

from toolhive_plugins import (
    ANNOTATION_PLUGIN_ADAPTED,
    ANNOTATION_PLUGIN_MANIFEST,
    ANNOTATION_REVISION,
    Digest,
    PackageOptions,
    Packager,
    PackageResult,
    PluginFormat,
    RegistryNotFoundError,
    Store,
    ToolhiveError,
    load_artifact,
    open_layer,
    shown,
)
from toolhive_plugins_marketplaces.catalog import CatalogPlugin
from toolhive_plugins_marketplaces.catalog_artifact import (
    OpenCatalog,
    fetch_catalog,
)
from toolhive_plugins_marketplaces.document import Entry, parse_dependencies
from toolhive_plugins_marketplaces.formats import formats_of
from toolhive_plugins_marketplaces.gates import Gate, admit_packaged, comes_from, pulled
from toolhive_plugins_marketplaces.names import CatalogName, Prefix, version_tag
from toolhive_plugins_marketplaces.new_catalogs import (
    MAX_DESCRIPTION,
    MarketplaceRegistry,
    PluginOutcome,
    missing_dependencies,
    new_catalog,
    push_new_catalog,
)
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.push_results import MarketplacePush, PushedPlugin, PushState
from toolhive_plugins_marketplaces.reading import OpenMarketplace, OpenPlugin
from toolhive_plugins_marketplaces.surfaces import growth, summarize
from toolhive_plugins_marketplaces.texts import one_line

JOBS: Final = 8
"""Plugins that are pushed at once, unless the caller says otherwise."""

MADE_MANIFEST: Final = "marketplace-entry"
"""The value of the annotation on an artifact whose manifest was made from the entry, or completed by it."""


@frozen(kw_only=True)
class PushOptions:
    """How to push."""

    jobs: int = JOBS
    select: tuple[str, ...] = ()
    """Patterns of names; empty for all plugins."""

    dry_run: bool = False
    move_tags: bool = False
    """Whether a version tag that names another digest is moved."""

    adapt: tuple[PluginFormat, ...] = ()
    """The formats that plugins are given where they lack them."""


Told = Callable[[PushedPlugin, int, int], None]
"""Is told of each plugin that is done: what became of it, how many are done, and of how many."""


def push_marketplace(
    opened: OpenMarketplace,
    prefix: Prefix,
    registry: MarketplaceRegistry,
    options: PushOptions | None = None,
    told: Told | None = None,
    gate: Gate | None = None,
) -> MarketplacePush:
    """Push a marketplace's plugins under a prefix, and then its catalog. One plugin's failure does not stop the rest.

    What the gate does not let through is refused, and leaves the catalog if it does not let the older version through either.

    Raises:
        InvalidCatalogError: what is in the catalog's place is not a catalog.
        RegistryError, CredentialError: the registry cannot be asked for the last catalog, or not be given the new one.
    """
    options = options or PushOptions()
    last = _last_catalog(registry, prefix)
    market = opened.marketplace
    entries = [entry for entry in market.entries if _is_selected(entry.name, options.select)]
    refused = [
        PushedPlugin(name=refusal.name, state=PushState.REFUSED, reason=refusal.reason)
        for refusal in market.refused
        if _is_selected(refusal.name, options.select)
    ]
    push = _PluginPush(opened, prefix, registry, options, last, gate)
    outcomes = each(
        push.run,
        entries,
        options.jobs,
        None if told is None else lambda outcome, done, total: told(outcome.result, done, total),
    )
    plugins = tuple(outcome.result for outcome in outcomes)
    catalog = new_catalog(opened, prefix, outcomes, last)
    names = {plugin.name for plugin in catalog.plugins}
    report = MarketplacePush(
        marketplace=market.name,
        source=opened.source,
        revision=opened.revision,
        prefix=str(prefix),
        dry_run=options.dry_run,
        plugins=(*plugins, *refused),
        missing=tuple(missing_dependencies(outcomes, names, market.name)),
        removed=() if last is None else tuple(p.name for p in last.catalog.plugins if p.name not in names),
        previous_catalog="" if last is None else str(last.digest),
    )
    return (
        report if options.dry_run or not catalog.plugins else push_new_catalog(report, catalog, prefix, registry, last)
    )


@frozen
class _PluginPush:
    """Pushes single plugins."""

    opened: OpenMarketplace
    prefix: Prefix
    registry: MarketplaceRegistry
    options: PushOptions
    last: OpenCatalog | None
    gate: Gate | None

    def run(self, entry: Entry) -> PluginOutcome:
        """Push a plugin, and return what became of it."""
        try:
            with (
                TemporaryDirectory(prefix="thv-plugin-") as folder,
                Store(Path(folder) / "store") as store,
                self.opened.open(entry, self.options.adapt) as plugin,
            ):
                return self._push(entry, plugin, store, Path(folder))
        except ToolhiveError as error:
            refused = PushedPlugin(
                name=entry.name, state=PushState.REFUSED, reason=_reason(error, entry), remedy=error.remedy
            )
            return PluginOutcome(refused, None)

    def _push(self, entry: Entry, plugin: OpenPlugin, store: Store, folder: Path) -> PluginOutcome:
        packaged = Packager(store, workers=1).package_tree(plugin.tree, _package_options(plugin))
        digest, repository = packaged.index_digest, self.prefix.repository(entry.name)
        listed = self._listed(entry, plugin, packaged)
        before = self._before(entry.name)
        result = PushedPlugin(
            name=entry.name,
            state=PushState.UNCHANGED,
            version=listed.version,
            digest=digest,
            reference=f"{repository}@{digest}",
            tags=listed.tags,
            revision=listed.revision,
            made=plugin.made,
            new=self.last is not None and before is None,
            previous="" if before is None else str(before.digest),
            warnings=tuple(map(str, packaged.warnings)),
        )
        if self.gate is not None:
            try:
                admit_packaged(self.gate, entry, plugin, store, load_artifact(store, digest))
            except ToolhiveError as error:
                result = evolve(result, state=PushState.REFUSED, reason=_reason(error, entry), remedy=error.remedy)
                return PluginOutcome(result, None, stays=self._stays(before, digest, comes_from(entry, plugin)))
        has = self.registry.find(f"{repository}:{listed.tags[0]}" if listed.tags else f"{repository}@{digest}")
        if before is not None and before.digest != digest:
            found = self._growth(before, plugin, folder)
            result = evolve(result, grew=bool(found), growth=found)
        if has is not None and has != digest and not self.options.move_tags:
            reason = f"the tag {listed.tags[0]} names {has}, and this is {digest}"
            remedy = "Give the plugin another version, or have the tag moved"
            return PluginOutcome(evolve(result, state=PushState.REFUSED, reason=reason, remedy=remedy), None)
        if has != digest:
            result = evolve(result, state=PushState.PUSHED)
            if not self.options.dry_run:
                self._send(store, digest, repository, listed.tags)
        return PluginOutcome(result, listed, listed.dependencies)

    def _stays(self, before: CatalogPlugin | None, refused: Digest, source: str) -> bool:
        """Tell whether the last catalog's version of a refused plugin stays in the catalog: whether the gate lets that one through."""
        if before is None or before.digest == refused or self.gate is None:
            return False
        try:
            with pulled(self.registry, before.reference) as (store, artifact):
                self.gate.admit_artifact(store, source, artifact)
        except ToolhiveError:
            return False
        return True

    def _send(self, store: Store, digest: Digest, repository: str, tags: Sequence[str]) -> None:
        """Push an artifact. The tag that is looked for the next time is set last."""
        first, *rest = [*reversed(tags)] or [f"@{digest}"]
        self.registry.push(store, digest, f"{repository}{first}" if first.startswith("@") else f"{repository}:{first}")
        for tag in rest:
            self.registry.tag(f"{repository}@{digest}", tag)

    def _growth(self, before: CatalogPlugin, plugin: OpenPlugin, folder: Path) -> tuple[str, ...]:
        """Return what the plugin can do that the one of the last catalog could not."""
        with Store(folder / "before") as store:
            try:
                digest = self.registry.pull(store, before.reference)
                with open_layer(store, load_artifact(store, digest).variant()) as old:
                    return growth(old, plugin.tree)
            except ToolhiveError as error:
                return (f"cannot be compared with the one of the last catalog: {shown(error.problem)}",)

    def _before(self, name: str) -> CatalogPlugin | None:
        """Return what the last catalog has of a plugin, perhaps under an older name."""
        if self.last is None:
            return None
        known = {plugin.name: plugin for plugin in self.last.catalog.plugins}
        older = (old for old, new in self.opened.marketplace.renames.items() if new == name)
        return next((known[known_as] for known_as in (name, *older) if known_as in known), None)

    def _listed(self, entry: Entry, plugin: OpenPlugin, packaged: PackageResult) -> CatalogPlugin:
        manifest = plugin.tree.manifest
        version = manifest.version or entry.version
        revision = plugin.change.revision if plugin.change else ""
        own = parse_dependencies(manifest.document.get("dependencies"))
        return CatalogPlugin(
            name=entry.name,
            repository=self.prefix.repository(entry.name),
            digest=packaged.index_digest,
            version=one_line(version, 128),
            description=one_line(manifest.description or entry.description, MAX_DESCRIPTION),
            license=one_line(manifest.license or entry.license, 128),
            category=one_line(entry.category, 128),
            tags=tuple(tag for tag in (version_tag(version), revision) if tag),
            revision=revision,
            made=plugin.made,
            dependencies=tuple(dict.fromkeys((*own, *entry.dependencies))),
            surface=summarize(plugin.tree),
            formats=formats_of(plugin.tree),
            adapted=plugin.adapted,
        )


def _reason(error: ToolhiveError, entry: Entry) -> str:
    where = f"{error.where}: " if error.where and error.where != entry.name else ""
    return one_line(f"{where}{error.problem}", 500)


def _package_options(plugin: OpenPlugin) -> PackageOptions:
    annotations = {
        ANNOTATION_REVISION: plugin.change.revision if plugin.change else "",
        ANNOTATION_PLUGIN_MANIFEST: MADE_MANIFEST if plugin.made else "",
        ANNOTATION_PLUGIN_ADAPTED: ",".join(plugin.adapted),
    }
    return PackageOptions(
        epoch=plugin.change.epoch if plugin.change else 0,
        annotations={name: value for name, value in annotations.items() if value},
    )


def _last_catalog(registry: MarketplaceRegistry, prefix: Prefix) -> OpenCatalog | None:
    try:
        return fetch_catalog(registry, CatalogName(prefix, prefix.catalog))
    except RegistryNotFoundError:
        return None


def _is_selected(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
