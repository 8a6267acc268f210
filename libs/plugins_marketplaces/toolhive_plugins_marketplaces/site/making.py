"""Makes the site of a catalog: the same catalog, and the same earlier ones, give the same bytes."""

import enum
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import evolve, frozen

from toolhive_plugins import Encodable, encode_json
from toolhive_plugins_marketplaces.catalog import CatalogPlugin
from toolhive_plugins_marketplaces.catalog_diff import (
    CatalogComparison,
    NamedCatalog,
    PluginSource,
    compare_catalogs,
)
from toolhive_plugins_marketplaces.client_files import install_command
from toolhive_plugins_marketplaces.document import Refusal
from toolhive_plugins_marketplaces.generating import checked_plugins
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.site.index import Row, draw_index
from toolhive_plugins_marketplaces.site.names import INDEX, PLUGINS, page_of
from toolhive_plugins_marketplaces.site.plugin import draw_plugin
from toolhive_plugins_marketplaces.site.reading import PluginContent, read_content
from toolhive_plugins_marketplaces.site.words import badges, is_quiet, runs_unasked
from toolhive_plugins_marketplaces.staging import SITE, check_ours, staging


class PageState(enum.StrEnum):
    """What became of a plugin."""

    READ = "read"
    UNREAD = "unread"
    """Nobody can say what it runs."""


@frozen(kw_only=True)
class SitePlugin:
    """A plugin of a site."""

    name: str
    version: str
    reference: str
    """`registry/repository@digest`."""

    page: str
    """The file of its page, from the site's folder."""

    state: PageState
    runs_unasked: bool
    """Whether it runs something without being asked, or may: what cannot be read counts."""

    problem: str
    """Why it cannot be read; empty if it could be."""


@frozen(kw_only=True)
class Site:
    """A site that was made."""

    name: str
    catalog: str
    """What names the catalog, by digest where it has one."""

    directory: str
    """Where it was written."""

    index: str
    """The page to begin with."""

    since: tuple[CatalogComparison, ...]
    """What changed since each of the earlier catalogs."""

    plugins: tuple[SitePlugin, ...]
    skipped: tuple[str, ...] = ()
    """What a registry server lists and cannot be taken, with the reason."""


def make_site(
    named: NamedCatalog,
    registry: PluginSource,
    directory: str,
    *,
    since: Sequence[NamedCatalog] = (),
    skipped: Sequence[Refusal] = (),
    install_options: Sequence[str] = (),
    jobs: int = 8,
    told: Callable[[SitePlugin, int, int], None] | None = None,
) -> Site:
    """Make a site, whole or not at all.

    Each plugin is fetched and read, and only its page is kept. Of one that cannot be read, the page says so.

    Args:
        named: the catalog.
        registry: fetches plugins.
        directory: where it is written, a folder that is not there, empty, or made by this before.
        since: earlier catalogs, to say what changed.
        skipped: what the catalog's server lists, and cannot be taken.
        install_options: of the command that pages say installs a plugin, each an argument.
        jobs: the most plugins that are read at once.
        told: called for each plugin that is done, with how many are and how many there are.

    Raises:
        GenerateError: the folder is somebody else's, or there is nothing to show.
        ToolhiveError: a plugin could not be fetched, which another time it may be.
    """
    target = Path(os.path.abspath(directory))  # noqa: PTH100 - links stay as they are
    check_ours(target, SITE)
    plugins = checked_plugins(named.catalog.plugins)
    comparisons = tuple(compare_catalogs(earlier, named, registry, jobs=jobs) for earlier in since)
    catalog = evolve(named.catalog, plugins=plugins)
    changes = [(one.old, {change.name: change for change in one.changes}) for one in comparisons]
    with staging(target, SITE) as fresh:
        pages = fresh.path / PLUGINS
        pages.mkdir()

        def make(plugin: CatalogPlugin) -> tuple[Row, SitePlugin]:
            history = [(old, changed.get(plugin.name)) for old, changed in changes]
            content = read_content(plugin, registry)
            page = draw_plugin(catalog, plugin, content, history, install_command(plugin.reference, install_options))
            (pages / page_of(plugin.name)).write_bytes(page)
            return _row(plugin, content), _told(plugin, content)

        def tell(made: tuple[Row, SitePlugin], done: int, total: int) -> None:
            if told is not None:
                told(made[1], done, total)

        made = each(make, plugins, jobs, tell)
        index = draw_index(catalog, named.pinned, [row for row, _ in made], comparisons=comparisons, skipped=skipped)
        (fresh.path / INDEX).write_bytes(index)
        marker: Encodable = {"madeBy": "thv-plugin", "catalog": named.pinned}
        (fresh.path / SITE.marker).write_bytes(encode_json(marker) + b"\n")
    return Site(
        name=catalog.name,
        catalog=named.pinned,
        directory=str(target),
        index=INDEX,
        since=comparisons,
        plugins=tuple(plugin for _, plugin in made),
        skipped=tuple(f"{refusal.name}: {refusal.reason}" for refusal in skipped),
    )


def _row(plugin: CatalogPlugin, content: PluginContent) -> Row:
    return Row(
        name=plugin.name,
        version=plugin.version,
        description=plugin.description,
        category=plugin.category,
        badges=badges(content),
        problem=content.problem,
        unasked=runs_unasked(content),
        quiet=is_quiet(content),
    )


def _told(plugin: CatalogPlugin, content: PluginContent) -> SitePlugin:
    return SitePlugin(
        name=plugin.name,
        version=plugin.version,
        reference=plugin.reference,
        page=f"{PLUGINS}/{page_of(plugin.name)}",
        state=PageState.UNREAD if content.problem else PageState.READ,
        runs_unasked=runs_unasked(content),
        problem=content.problem,
    )
