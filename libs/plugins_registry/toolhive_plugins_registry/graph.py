"""The one walk over an artifact, from an index or manifest to all that it refers to, for push, pull and copy.

Structure and limits are the same in all directions, and toolhive-core's: at most 32 manifests in an index, 64 layers in a manifest, 1 MiB
a manifest, 100 MiB a blob. What else a pulled artifact must be is in `plugin_rules`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol

from attrs import frozen

from toolhive_artifact import (
    MAX_BLOB_SIZE,
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_DOCKER_MANIFEST,
    MEDIA_TYPE_DOCKER_MANIFEST_LIST,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Index,
    Manifest,
    SizeLimitError,
    parse_index,
    parse_manifest,
    shown,
)
from toolhive_plugins_interfaces import InvalidArtifactError
from toolhive_plugins_registry.errors import Hint

_DOCKER_TYPES: Final = frozenset({MEDIA_TYPE_DOCKER_MANIFEST, MEDIA_TYPE_DOCKER_MANIFEST_LIST})
_MANIFEST_TYPES: Final = frozenset({MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST})


@frozen
class Document:
    """A manifest or index."""

    descriptor: Descriptor
    """Its media type, digest and size."""

    data: bytes
    """Its bytes."""


@frozen
class Platform:
    """One manifest of an artifact."""

    document: Document
    """Its bytes."""

    manifest: Manifest
    """The parsed document."""


@frozen
class Graph:
    """An artifact's documents, and the blobs that they refer to."""

    root: Document
    """The index, or the only manifest."""

    index: Index | None
    """The parsed root, if it is an index."""

    platforms: tuple[Platform, ...]
    """Its manifests in order, each once."""

    @property
    def children(self) -> tuple[Document, ...]:
        """The manifests other than the root."""
        return () if self.index is None else tuple(platform.document for platform in self.platforms)

    @property
    def blobs(self) -> tuple[Descriptor, ...]:
        """The configs and then the layers, each once."""
        configs = [platform.manifest.config for platform in self.platforms]
        layers = [layer for platform in self.platforms for layer in platform.manifest.layers]
        return _unique((*configs, *layers))


class Rules(Protocol):
    """What an artifact must be, in addition to well-formed."""

    def check_index(self, index: Index, where: str) -> None:
        """Raise InvalidArtifactError if the index is refused."""
        ...

    def check_manifest(self, manifest: Manifest, where: str) -> None:
        """Raise InvalidArtifactError if the manifest is refused."""
        ...


class AnyArtifact:
    """No rules: whatever the local store holds may be pushed."""

    def check_index(self, index: Index, where: str) -> None:
        """Accept it."""

    def check_manifest(self, manifest: Manifest, where: str) -> None:
        """Accept it."""


Fetch = Callable[[Sequence[Descriptor]], Iterable[Document]]
"""Gets documents, in the order asked for, perhaps in parallel."""


def walk(root: Document, fetch: Fetch, rules: Rules, *, strict: bool) -> Graph:
    """Follow an artifact from its root.

    Args:
        root: the index or manifest; its media type is known.
        fetch: gets the manifests that an index lists.
        rules: what is refused.
        strict: whether to refuse documents that readers could understand differently (`parse_manifest`).

    Raises:
        InvalidArtifactError: a document is of a type that does not belong there, or the rules refuse it.
        InvalidDocumentError: a document is malformed.
        SizeLimitError: something breaks a limit.
    """
    where = str(root.descriptor.digest)
    if root.descriptor.media_type == MEDIA_TYPE_IMAGE_MANIFEST:
        return Graph(root, None, (_platform(root, rules, strict),))
    if root.descriptor.media_type in _DOCKER_TYPES:
        raise InvalidArtifactError(
            f"is a Docker image ({root.descriptor.media_type}), not a plugin",
            where=where,
            remedy="Check the reference, or push the plugin as an OCI artifact",
            hint=Hint.NOT_A_PLUGIN,
        )
    if root.descriptor.media_type != MEDIA_TYPE_IMAGE_INDEX:
        raise InvalidArtifactError(
            f"has the media type {shown(root.descriptor.media_type)!r}, and is neither an OCI index nor an OCI manifest",
            where=where,
            remedy="Check the reference: it names something other than a plugin",
            hint=Hint.NOT_A_PLUGIN,
        )
    index = parse_index(root.data, where=where, strict=strict)
    _check_own_type(index.media_type, root, where)
    rules.check_index(index, where)
    listed = _unique(index.manifests)
    for descriptor in listed:
        _check_listed(descriptor, where)
    platforms = tuple(_platform(document, rules, strict) for document in fetch(listed))
    _unique([d for p in platforms for d in (p.manifest.config, *p.manifest.layers)])
    return Graph(root, index, platforms)


def _platform(document: Document, rules: Rules, strict: bool) -> Platform:
    """Parse and check one manifest."""
    where = str(document.descriptor.digest)
    manifest = parse_manifest(document.data, where=where, strict=strict)
    _check_own_type(manifest.media_type, document, where)
    rules.check_manifest(manifest, where)
    _check_size(manifest.config, MAX_MANIFEST_SIZE, "config", where)
    for layer in manifest.layers:
        _check_size(layer, MAX_BLOB_SIZE, "layer", where)
    return Platform(document, manifest)


def _check_own_type(said: str, document: Document, where: str) -> None:
    """Refuse a document that names another media type than it was served as; it need not name any."""
    if said not in ("", document.descriptor.media_type):
        raise InvalidArtifactError(
            f"calls itself {shown(said)!r} and was served as {document.descriptor.media_type!r}", where=where
        )


def _check_listed(descriptor: Descriptor, where: str) -> None:
    if descriptor.media_type == MEDIA_TYPE_IMAGE_INDEX:
        raise InvalidArtifactError("the index lists another index, which a plugin does not", where=where)
    if descriptor.media_type not in _MANIFEST_TYPES:
        raise InvalidArtifactError(
            f"the index lists something of the media type {shown(descriptor.media_type)!r}", where=where
        )
    _check_size(descriptor, MAX_MANIFEST_SIZE, "manifest", where)


def _check_size(descriptor: Descriptor, limit: int, what: str, where: str) -> None:
    if descriptor.size > limit:
        raise SizeLimitError(f"its {what} is {descriptor.size} bytes, and {limit} is the limit", where=where)


def _unique(descriptors: Sequence[Descriptor]) -> tuple[Descriptor, ...]:
    """Return the first descriptor for each digest.

    Raises:
        InvalidArtifactError: one digest is listed with two sizes.
    """
    found: dict[str, Descriptor] = {}
    for descriptor in descriptors:
        first = found.setdefault(descriptor.digest, descriptor)
        if first.size != descriptor.size:
            raise InvalidArtifactError(
                f"{descriptor.digest} is listed with two sizes, {first.size} and {descriptor.size} bytes"
            )
    return tuple(found.values())


def documents(root: Graph) -> Iterator[Document]:
    """Yield all documents in the order in which they may become visible: the manifests, then the root."""
    yield from root.children
    yield root.root
