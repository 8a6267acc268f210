"""A catalog: the plugins of a marketplace, each by reference and digest, so that one digest pins all of them."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Digest

_MAX_RENAMES: Final = 32
"""How often a plugin may have been renamed."""


@frozen
class Owner:
    """Who a marketplace belongs to."""

    name: str = ""
    email: str = ""


CLAUDE_CODE: Final = "claude-code"
"""The format that every plugin of a catalog has."""


@frozen
class SurfaceSummary:
    """What a plugin can run, in short. It says nothing that the plugin's own content does not."""

    parts: Mapping[str, int] = field(factory=dict, hash=False)
    """How many parts of each kind its surface has: `hook`, `MCP server`, `skill` ..."""

    programs: int = 0
    """How many files can run, or be run."""

    at_start: tuple[str, ...] = ()
    """What runs, or is connected to, when a session begins, one line each; at most 20."""


@frozen(kw_only=True)
class CatalogPlugin:
    """One plugin of a catalog."""

    name: str
    repository: str
    """`registry/repository`."""

    digest: Digest
    version: str = ""
    description: str = ""
    license: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    """Those that the artifact was given when the catalog was made."""

    revision: str = ""
    """The last commit that changed its folder; empty if it does not come from git."""

    made: bool = False
    """Whether its `plugin.json` was made from, or completed by, the entry of the marketplace."""

    dependencies: tuple[str, ...] = ()
    """Other plugins that it needs, as `NAME` or `NAME@MARKETPLACE`."""

    surface: SurfaceSummary = field(factory=SurfaceSummary)

    formats: tuple[str, ...] = (CLAUDE_CODE,)
    """The formats that it has, sorted: `agent-plugins`, `claude-code`, `gemini`."""

    adapted: tuple[str, ...] = ()
    """Those of them that were made for it, sorted."""

    @property
    def reference(self) -> str:
        """The reference that always names exactly this content."""
        return f"{self.repository}@{self.digest}"


@frozen(kw_only=True)
class Catalog:
    """A catalog. Names are unique, in lower case too."""

    name: str
    description: str = ""
    owner: Owner = field(factory=Owner)
    source: str = ""
    """The address of the marketplace that it was made from; empty for a folder."""

    revision: str = ""
    """The commit of the marketplace that it was made from."""

    renames: Mapping[str, str] = field(factory=dict, hash=False)
    """The new names of plugins, by the old ones."""

    plugins: tuple[CatalogPlugin, ...] = ()
    """By name."""

    def find(self, name: str) -> CatalogPlugin | None:
        """Return the plugin of that name, or of the name that it was given since; in any case of letters. None if there is none."""
        wanted = name
        known = {plugin.name: plugin for plugin in self.plugins}
        for _ in range(_MAX_RENAMES):
            if wanted in known:
                return known[wanted]
            if wanted not in self.renames:
                break
            wanted = self.renames[wanted]
        folded = wanted.lower()
        return next((plugin for plugin in self.plugins if plugin.name.lower() == folded), None)
