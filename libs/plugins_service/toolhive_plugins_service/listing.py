"""What the local store holds."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from toolhive_plugins import (
    ANNOTATION_PLUGIN_DESCRIPTION,
    ANNOTATION_PLUGIN_NAME,
    ANNOTATION_PLUGIN_VERSION,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Digest,
    ToolhiveError,
    read_outline,
)

if TYPE_CHECKING:
    from toolhive_plugins import Store


class StoredBuild(NamedTuple):
    """A tag in the local store, and what it names. No attrs class: importing attrs, 24 ms, would nearly double the time of a list."""

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
    return tuple(_described(store, tag, digest, local_build=local_build) for tag, digest, local_build in store.tags())


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
    """Return the annotations of an index or manifest, and the size of its first manifest's layers."""
    top = read_outline(store.get_manifest(digest))
    first = top
    if top is not None and top.media_type == MEDIA_TYPE_IMAGE_INDEX:
        if not top.manifests:
            return top.annotations, 0
        first = read_outline(store.get_manifest(top.manifests[0]))
    if top is None or first is None or first.media_type != MEDIA_TYPE_IMAGE_MANIFEST:
        return _decoded_summary(store, digest)
    return top.annotations or first.annotations, first.size


def _decoded_summary(store: "Store", digest: Digest) -> tuple[Mapping[str, str], int]:
    """Return the same, by the decoder that understands, or names the fault of, every document."""
    from toolhive_plugins import parse_manifest

    manifest_digest = digest
    annotations = None
    if store.is_index(digest):
        index = store.get_index(digest)
        annotations = index.annotations
        if not index.manifests:
            return annotations or {}, 0
        manifest_digest = index.manifests[0].digest
    manifest = parse_manifest(store.get_manifest(manifest_digest), where=manifest_digest)
    return annotations or manifest.annotations or {}, sum(layer.size for layer in manifest.layers)
