"""Follows references: from the documents of a store to the blobs that they name."""

import json
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from toolhive_artifact import (
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    InvalidDigestError,
    InvalidDocumentError,
    JsonObject,
    SizeLimitError,
    parse_json,
)
from toolhive_plugins_store.blobs import blob_size, read_blob
from toolhive_plugins_store.errors import StoreNotFoundError
from toolhive_plugins_store.layout import Layout

MEDIA_TYPE_UNKNOWN: Final = "application/octet-stream"

_MOST_REMEMBERED: Final = 50_000
"""How many documents' links are kept in memory: some 40 MB at most."""


@frozen
class Links:
    """What the store needs to know of a document. A blob that is not a document has no links."""

    descriptor: Descriptor
    """What an entry of index.json says about it."""

    documents: tuple[Digest, ...] = ()
    """The manifests and indexes that it lists."""

    blobs: tuple[Digest, ...] = ()
    """Its config and layers."""


def read_links(digest: Digest, data: bytes) -> Links:
    """Return what the content refers to.

    The fields of every kind of document are looked for, whatever its media type, under every name that Go's decoder
    matches to them, and of a field that is repeated all values count. So nothing that some program would read as a
    reference is overlooked when blobs are removed.
    """
    document = _object(data)
    if document is None:
        return Links(Descriptor(MEDIA_TYPE_UNKNOWN, digest, len(data)))
    manifests, layers, blobs = (_lists(document, name) for name in ("manifests", "layers", "blobs"))
    media_type = _text(document, "mediaType") or MEDIA_TYPE_UNKNOWN
    if media_type == MEDIA_TYPE_UNKNOWN and manifests is not None:
        media_type = MEDIA_TYPE_IMAGE_INDEX
    elif media_type == MEDIA_TYPE_UNKNOWN and layers is not None:
        media_type = MEDIA_TYPE_IMAGE_MANIFEST
    configs = [value for _, value in document.fields("config")]
    return Links(
        Descriptor(media_type, digest, len(data), artifact_type=_text(document, "artifactType")),
        documents=_digests(manifests or ()),
        blobs=_digests([*configs, *(layers or ()), *(blobs or ())]),
    )


class Graph:
    """Follows the links of one store's documents. Each is read once, since content never changes."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[Digest, Links] = {}

    def learn(self, digest: Digest, data: bytes) -> Links:
        """Remember the links of a document whose content is known, and return them."""
        links = self._known.get(digest)
        if links is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            links = self._known[digest] = read_links(digest, data)
        return links

    def links(self, digest: Digest) -> Links:
        """Return the links of a document, which must be in the store even if they are remembered.

        Raises:
            StoreNotFoundError: it is not in the store.
            CorruptStoreError: it is damaged.
        """
        size = blob_size(self._layout, digest)
        known = self._known.get(digest)
        if known is not None and known.descriptor.size == size:
            return known
        if size > MAX_MANIFEST_SIZE:
            return Links(Descriptor(MEDIA_TYPE_UNKNOWN, digest, size))
        return self.learn(digest, read_blob(self._layout, digest, MAX_MANIFEST_SIZE))

    def complete(self, root: Digest) -> set[Digest]:
        """Return all that `root` reaches, itself included, after checking that all of it is in the store.

        Raises:
            StoreNotFoundError: something is missing.
            CorruptStoreError: a document is damaged, or something other than a file is in a blob's place.
        """
        reached: set[Digest] = set()
        waiting = [root]
        while waiting:
            digest = waiting.pop()
            if digest not in reached:
                reached.add(digest)
                links = self.links(digest)
                waiting.extend(links.documents)
                for blob in links.blobs:
                    if blob not in reached:
                        reached.add(blob)
                        blob_size(self._layout, blob)
        return reached

    def reach(self, roots: Iterable[Digest], missing: list[Digest] | None = None) -> set[Digest]:
        """Return all that the roots reach, themselves included, whether it is in the store or not.

        Args:
            roots: digests of documents.
            missing: if given, collects the documents that are missing, which then reach nothing.

        Raises:
            CorruptStoreError: a document is damaged, so what it reaches is unknown.
            StoreNotFoundError: a document is missing, and `missing` was not given.
        """
        reached: set[Digest] = set()
        waiting = list(roots)
        while waiting:
            digest = waiting.pop()
            if digest in reached:
                continue
            reached.add(digest)
            try:
                links = self.links(digest)
            except StoreNotFoundError:
                if missing is None:
                    raise
                missing.append(digest)
                continue
            reached.update(links.blobs)
            waiting.extend(links.documents)
        return reached


def _object(data: bytes) -> JsonObject | None:
    """Return a JSON object; None if the content is something else."""
    if len(data) > MAX_MANIFEST_SIZE or not data.lstrip(b" \t\r\n").startswith(b"{"):
        return None
    value: object
    try:
        value = json.loads(data.decode("utf-8", "replace"), object_pairs_hook=lambda pairs: JsonObject(tuple(pairs)))
    except (ValueError, RecursionError):
        try:  # slower, but as deep as Go reads
            value = parse_json(data, where="")
        except (InvalidDocumentError, SizeLimitError):
            return None
    return value if isinstance(value, JsonObject) else None


def _lists(document: JsonObject, name: str) -> list[object] | None:
    """Return the elements of all lists that a field has; None if it has none."""
    lists = [value for _, value in document.fields(name) if isinstance(value, list | tuple)]
    return [element for elements in lists for element in elements] if lists else None


def _text(document: JsonObject, name: str) -> str:
    return next((value for _, value in reversed(document.fields(name)) if isinstance(value, str)), "")


def _digests(descriptors: Iterable[object]) -> tuple[Digest, ...]:
    """Return the digests that descriptors name, as far as they can be read; no other can name a blob of ours."""
    found: dict[Digest, None] = {}
    for descriptor in descriptors:
        for _, text in descriptor.fields("digest") if isinstance(descriptor, JsonObject) else ():
            if isinstance(text, str):
                try:
                    found[Digest(text)] = None
                except InvalidDigestError:
                    continue
    return tuple(found)
