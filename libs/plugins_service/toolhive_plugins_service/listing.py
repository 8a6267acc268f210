"""What the local store holds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from toolhive_plugins import (
    ANNOTATION_PLUGIN_DESCRIPTION,
    ANNOTATION_PLUGIN_NAME,
    ANNOTATION_PLUGIN_VERSION,
    Digest,
    ToolhiveError,
    read_summary,
)

if TYPE_CHECKING:
    from toolhive_plugins import Store


class StoredBuild(NamedTuple):
    """A tag in the local store, and what it names. Not an attrs class: `list` does not import attrs."""

    tag: str
    digest: Digest
    name: str = ""
    version: str = ""
    description: str = ""
    size: int = 0
    """Size in bytes of the compressed layer."""

    local_build: bool = False
    """Whether it was made on this machine, not pulled."""

    damage: str = ""
    """What kept it from being read; empty where it is sound."""


def list_builds(store: "Store") -> tuple[StoredBuild, ...]:
    """Return what is tagged in the store, by tag. A damaged build is listed, with its damage.

    A build of ours whose tag another program has taken since is listed by its digest.

    Raises:
        StoreError: the store's index cannot be read.
    """
    displaced = sorted({(digest, digest, local_build) for _, digest, local_build in store.displaced()})
    return tuple(
        _described(store, tag, digest, local_build=local_build)
        for tag, digest, local_build in (*store.tags(), *displaced)
    )


def _described(store: "Store", tag: str, digest: Digest, *, local_build: bool) -> StoredBuild:
    try:
        annotations, size = _summary(store, digest)
    except ToolhiveError as error:
        return StoredBuild(tag, digest, local_build=local_build, damage=str(error))
    return StoredBuild(
        tag=tag,
        digest=digest,
        name=annotations.get(ANNOTATION_PLUGIN_NAME, ""),
        version=annotations.get(ANNOTATION_PLUGIN_VERSION, ""),
        description=annotations.get(ANNOTATION_PLUGIN_DESCRIPTION, ""),
        size=size,
        local_build=local_build,
    )


def _summary(store: "Store", digest: Digest) -> tuple[Mapping[str, str], int]:
    """Return the annotations of an index or manifest, and the size in bytes of its first manifest's layers."""
    top = read_summary(store.get_manifest(digest), where=digest)
    if not top.manifests:
        return top.annotations, top.size
    first = read_summary(store.get_manifest(top.manifests[0]), where=top.manifests[0])
    return top.annotations or first.annotations, first.size
