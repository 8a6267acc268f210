"""What a marketplace has: every plugin, what it can run, and why some are not taken."""

import enum
from collections.abc import Mapping, Set
from typing import Final

from attrs import evolve, field, frozen

from toolhive_plugins import Client, Effect, FileTree, ToolhiveError, client_verdicts
from toolhive_plugins_marketplaces.catalog import Owner, SurfaceSummary
from toolhive_plugins_marketplaces.document import Entry, parse_dependencies
from toolhive_plugins_marketplaces.parallel import each
from toolhive_plugins_marketplaces.reading import OpenMarketplace
from toolhive_plugins_marketplaces.sources import GitSource
from toolhive_plugins_marketplaces.surfaces import summarize
from toolhive_plugins_marketplaces.texts import one_line

_MAX_REASON: Final = 500
_MAX_FAULTS: Final = 20


class ReadState(enum.StrEnum):
    """What became of an entry."""

    READ = "read"
    """The plugin's files were read, and can be packaged."""

    ELSEWHERE = "elsewhere"
    """The plugin is in another repository, which was not fetched."""

    REFUSED = "refused"
    """The plugin is not taken; `reason` says why."""


@frozen(kw_only=True)
class ReadPlugin:
    """A plugin of a marketplace."""

    name: str
    state: ReadState
    reason: str = ""
    remedy: str = ""
    kind: str = ""
    """Of its source: `path`, `github`, `url`, `git-subdir`, `npm`, `archive`, `command`."""

    source: str = ""
    """The source, without what may be a password."""

    version: str = ""
    description: str = ""
    category: str = ""
    revision: str = ""
    """The last commit that changed its folder."""

    made: bool = False
    """Whether its manifest is made from the entry, or completed by it."""

    dependencies: tuple[str, ...] = ()
    surface: SurfaceSummary = field(factory=SurfaceSummary)
    faults: tuple[str, ...] = ()
    """Why Claude Code's validator refuses the plugin, at most 20 lines; empty if it does not. It can be packaged all the same."""


@frozen(kw_only=True)
class MarketplaceReport:
    """What a marketplace has."""

    name: str
    description: str
    owner: Owner
    version: str
    source: str
    """Its address, without what may be a password; empty for a folder."""

    revision: str
    """Its commit; empty for a plain folder."""

    renames: Mapping[str, str]
    plugins: tuple[ReadPlugin, ...]
    faults: tuple[str, ...]
    """Why Claude Code refuses the marketplace's file; empty if it does not."""

    missing: tuple[str, ...]
    """Dependencies that the marketplace does not have, as `PLUGIN needs OTHER`."""


def report_on_marketplace(opened: OpenMarketplace, *, fetch: bool = False, jobs: int = 8) -> MarketplaceReport:
    """Read every plugin of a marketplace.

    Args:
        opened: the marketplace.
        fetch: whether plugins in other repositories are fetched and read as well.
        jobs: the most plugins that are read at once.
    """
    market = opened.marketplace
    read = each(lambda entry: _read(opened, entry, fetch=fetch), market.entries, jobs)
    refused = [
        ReadPlugin(name=refusal.name, state=ReadState.REFUSED, reason=refusal.reason, kind=refusal.source)
        for refusal in market.refused
    ]
    names = {entry.name for entry in market.entries}
    return MarketplaceReport(
        name=market.name,
        description=market.description,
        owner=market.owner,
        version=market.version,
        source=opened.source,
        revision=opened.revision,
        renames=market.renames,
        plugins=(*read, *refused),
        faults=market.faults,
        missing=tuple(
            f"{plugin.name} needs {one_line(dependency, _MAX_REASON)}"
            for plugin in read
            for dependency in plugin.dependencies
            if is_missing(dependency, names, market.name)
        ),
    )


def is_missing(dependency: str, names: Set[str], marketplace: str) -> bool:
    """Tell whether a dependency, `NAME` or `NAME@MARKETPLACE`, is outside a marketplace that has plugins of those names."""
    name, _, place = dependency.partition("@")
    return name not in names or place not in ("", marketplace)


def _read(opened: OpenMarketplace, entry: Entry, *, fetch: bool) -> ReadPlugin:
    plugin = ReadPlugin(
        name=entry.name,
        state=ReadState.ELSEWHERE,
        kind=entry.source.kind,
        source=str(entry.source),
        version=entry.version,
        description=entry.description,
        category=entry.category,
        dependencies=entry.dependencies,
    )
    if isinstance(entry.source, GitSource) and not fetch:
        return plugin
    try:
        with opened.open(entry) as found:
            manifest = found.tree.manifest
            own = parse_dependencies(manifest.document.get("dependencies"))
            return evolve(
                plugin,
                state=ReadState.READ,
                version=manifest.version or entry.version,
                description=manifest.description or entry.description,
                revision=found.change.revision if found.change else "",
                made=found.made,
                dependencies=tuple(dict.fromkeys((*own, *entry.dependencies))),
                surface=summarize(found.tree),
                faults=_faults(found.tree),
            )
    except ToolhiveError as error:
        where = f"{error.where}: " if error.where and error.where != entry.name else ""
        reason = one_line(f"{where}{error.problem}", _MAX_REASON)
        return evolve(plugin, state=ReadState.REFUSED, reason=reason, remedy=error.remedy)


def _faults(tree: FileTree) -> tuple[str, ...]:
    """Return why Claude Code refuses a plugin."""
    (verdict,) = client_verdicts(tree, (Client.CLAUDE_CODE,))
    refusing = [reason for reason in verdict.reasons if reason.effect is Effect.REFUSES]
    return tuple(one_line(f"{reason.path}: {reason.message}", _MAX_REASON) for reason in refusing[:_MAX_FAULTS])
