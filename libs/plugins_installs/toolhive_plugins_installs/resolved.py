"""What a target turned out to be: one plugin's files, at a digest or commit that always names the same ones."""

import enum
from collections.abc import Sequence
from typing import Protocol

from attrs import field, frozen

from toolhive_plugins import ANNOTATION_CREATED, Artifact, FileTree


class SourceKind(enum.StrEnum):
    """Where a plugin came from."""

    REGISTRY = "registry"
    LOCAL = "local"
    """The local store."""
    GIT = "git"


@frozen
class ResolvedPlugin:
    """A plugin that a target names, open for reading. It is closed by the context that it was opened in."""

    source: str
    """The target as it was written: what is resolved again when the plugin is upgraded."""

    kind: SourceKind

    reference: str
    """Always names the same content: `registry/repository@digest`, `git://…@commit#folder`, or the digest of a local build."""

    digest: str
    """The artifact's, `sha256:<hex>`; or the commit's 40 hexadecimal digits."""

    name: str
    version: str
    """As `plugin.json` has it; may be empty."""

    description: str

    tree: FileTree = field(repr=False, eq=False)
    """The plugin's files. Names and depths are fit to be written to a disk."""

    artifact: Artifact | None = field(default=None, repr=False, eq=False)
    """What the store has of it; None for a git repository."""

    catalog: str = ""
    """The catalog that the name was found in; empty where the target was no name of a catalog."""

    @property
    def created(self) -> str:
        """When the artifact was made, as it says; empty for a commit."""
        return self.artifact.annotations.get(ANNOTATION_CREATED, "") if self.artifact is not None else ""


@frozen
class CatalogEntry:
    """A plugin that a catalog lists."""

    name: str
    reference: str
    """`registry/repository@digest` (a tag before the digest is allowed), or a git address with a commit."""

    catalog: str
    """The catalog, as it is configured."""


class NameResolver(Protocol):
    """Looks names up in catalogs."""

    def find(self, name: str) -> Sequence[CatalogEntry]:
        """Return every entry of that name (in any case) in any catalog; none where there is none.

        Raises:
            ToolhiveError: a catalog cannot be read.
        """
        ...
