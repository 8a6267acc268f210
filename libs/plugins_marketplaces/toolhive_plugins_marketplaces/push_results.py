"""What pushing a marketplace did, or would do."""

import enum
from collections.abc import Sequence

from attrs import frozen


class PushState(enum.StrEnum):
    """What became of a plugin."""

    PUSHED = "pushed"
    """It is in the registry now; in a dry run, it would be."""

    UNCHANGED = "unchanged"
    """The registry had it."""

    REFUSED = "refused"
    """It is not pushed; `reason` says why."""


@frozen(kw_only=True)
class PushedPlugin:
    """What became of one plugin."""

    name: str
    state: PushState
    reason: str = ""
    """Why it was refused; a sentence without its full stop."""

    remedy: str = ""
    version: str = ""
    digest: str = ""
    reference: str = ""
    """`registry/repository@digest`. What is refused for its tag is not there."""

    tags: tuple[str, ...] = ()
    revision: str = ""
    """The last commit that changed its folder."""

    made: bool = False
    """Whether its manifest was made from the entry, or completed by it."""

    new: bool = False
    """Whether the last catalog does not have it."""

    previous: str = ""
    """The digest that the last catalog has of it."""

    grew: bool = False
    """Whether it can do more than the one in the last catalog."""

    growth: tuple[str, ...] = ()
    """What more it can do, a line each."""

    warnings: tuple[str, ...] = ()


@frozen(kw_only=True)
class MarketplacePush:
    """What became of a marketplace."""

    marketplace: str
    """Its name."""

    source: str
    """Its address; empty for a folder."""

    revision: str
    """Its commit; empty for a plain folder."""

    prefix: str
    dry_run: bool
    plugins: tuple[PushedPlugin, ...]
    """In the marketplace's order."""

    missing: tuple[str, ...]
    """Dependencies that are outside the catalog, as `PLUGIN needs OTHER`."""

    removed: tuple[str, ...]
    """Plugins of the last catalog that the marketplace no longer has."""

    catalog: str = ""
    """The digest of the catalog; empty if there is none."""

    pinned: str = ""
    """The reference that always names that catalog."""

    catalog_changed: bool = False
    previous_catalog: str = ""
    """The digest of the last catalog."""

    @property
    def refused(self) -> tuple[PushedPlugin, ...]:
        """The plugins that were refused."""
        return _of(self.plugins, PushState.REFUSED)

    @property
    def pushed(self) -> tuple[PushedPlugin, ...]:
        """The plugins that were pushed."""
        return _of(self.plugins, PushState.PUSHED)

    @property
    def unchanged(self) -> tuple[PushedPlugin, ...]:
        """The plugins that the registry had."""
        return _of(self.plugins, PushState.UNCHANGED)

    @property
    def grew(self) -> tuple[PushedPlugin, ...]:
        """The plugins that can do more than in the last catalog."""
        return tuple(plugin for plugin in self.plugins if plugin.grew)


def _of(plugins: Sequence[PushedPlugin], state: PushState) -> tuple[PushedPlugin, ...]:
    return tuple(plugin for plugin in plugins if plugin.state is state)
