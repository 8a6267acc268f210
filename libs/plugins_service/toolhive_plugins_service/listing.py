"""What the local store holds."""

from typing import TYPE_CHECKING

from attrs import frozen

from toolhive_plugins import (
    ANNOTATION_PLUGIN_DESCRIPTION,
    ANNOTATION_PLUGIN_NAME,
    ANNOTATION_PLUGIN_VERSION,
    Digest,
    ToolhiveError,
    parse_manifest,
)

if TYPE_CHECKING:
    from toolhive_plugins import Store


@frozen
class StoredBuild:
    """A tag in the local store, and what it names."""

    tag: str
    digest: Digest
    name: str = ""
    version: str = ""
    description: str = ""
    size: int = 0
    """Bytes of the layer, as it is stored and sent."""

    local_build: bool = False
    """Whether it was made on this machine, not pulled."""

    damage: str = ""
    """What kept it from being read; empty where it is sound."""


def list_builds(store: "Store") -> tuple[StoredBuild, ...]:
    """Return what is tagged in the store, by tag. A damaged build is listed, with its damage.

    Raises:
        StoreError: the store's index cannot be read.
    """
    return tuple(
        _described(store, entry.tag, entry.descriptor.digest, local_build=entry.local_build)
        for entry in sorted(store.tags(), key=lambda entry: entry.tag)
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


def _summary(store: "Store", digest: Digest) -> tuple[dict[str, str], int]:
    """Return the annotations of an index or manifest, and the size of its first manifest's layers."""
    manifest_digest = digest
    annotations = None
    if store.is_index(digest):
        index = store.get_index(digest)
        annotations = index.annotations
        if not index.manifests:
            return dict(annotations or {}), 0
        manifest_digest = index.manifests[0].digest
    manifest = parse_manifest(store.get_manifest(manifest_digest), where=manifest_digest)
    return dict(annotations or manifest.annotations or {}), sum(layer.size for layer in manifest.layers)
