"""What reaches what: the documents of a store and the blobs that they refer to."""

import json
from collections.abc import Iterable, Mapping, Sequence
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
    SizeLimitError,
    parse_json,
)
from toolhive_plugins_store.blobs import blob_size, read_blob
from toolhive_plugins_store.errors import StoreNotFoundError
from toolhive_plugins_store.layout import Layout

MEDIA_TYPE_UNKNOWN: Final = "application/octet-stream"

_MOST_REMEMBERED: Final = 50_000
"""Documents whose links are kept in memory: some 40 MB at most."""


@frozen
class Links:
    """What the store needs to know of a document. Anything that is not a document has no links."""

    descriptor: Descriptor
    """What an entry of index.json says of it."""

    documents: tuple[Digest, ...] = ()
    """The manifests and indexes that it lists."""

    blobs: tuple[Digest, ...] = ()
    """Its config and layers."""


def read_links(digest: Digest, data: bytes) -> Links:
    """Return what the content refers to.

    The fields of every kind of document are looked for, whatever it says that it is, in Go's way of matching names;
    so nothing that some program would read as a reference is overlooked when blobs are removed.
    """
    fields = _object(data)
    if fields is None:
        return Links(Descriptor(MEDIA_TYPE_UNKNOWN, digest, len(data)))
    manifests = fields.get("manifests")
    media_type = fields.get("mediatype")
    if not (isinstance(media_type, str) and media_type):
        media_type = MEDIA_TYPE_UNKNOWN
        if isinstance(manifests, list | tuple):
            media_type = MEDIA_TYPE_IMAGE_INDEX
        elif isinstance(fields.get("layers"), list | tuple):
            media_type = MEDIA_TYPE_IMAGE_MANIFEST
    artifact_type = fields.get("artifacttype")
    leaves = [fields.get("config"), *_list(fields.get("layers")), *_list(fields.get("blobs"))]
    return Links(
        Descriptor(
            media_type, digest, len(data), artifact_type=artifact_type if isinstance(artifact_type, str) else ""
        ),
        documents=_digests(_list(manifests)),
        blobs=_digests(leaves),
    )


class Graph:
    """Follows the links of one store's documents, each of which is read once: content never changes."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[Digest, Links] = {}

    def learn(self, digest: Digest, data: bytes) -> Links:
        """Take note of a document that is at hand, and return its links."""
        links = self._known.get(digest)
        if links is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            links = self._known[digest] = read_links(digest, data)
        return links

    def links(self, digest: Digest) -> Links:
        """Return the links of a document in the store, which must be there even where they are remembered.

        Raises:
            StoreNotFoundError: it is not there.
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
        """Return all that `root` reaches, itself included, after checking that it is there.

        Raises:
            StoreNotFoundError: something is not there.
            CorruptStoreError: a document is damaged, or no file stands in a blob's place.
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
        """Return all that the roots reach, themselves included, whether it is there or not.

        Args:
            roots: documents.
            missing: where given, collects the documents that are not there, which then reach nothing.

        Raises:
            CorruptStoreError: a document is damaged, so that nobody can tell what it reaches.
            StoreNotFoundError: a document is not there, and `missing` was not given.
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


def _object(data: bytes) -> dict[str, object] | None:
    """Return the members of a JSON object by their folded names; None where the content is something else."""
    if len(data) > MAX_MANIFEST_SIZE or not data.lstrip(b" \t\r\n").startswith(b"{"):
        return None
    value: object
    try:
        value = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        try:  # slower by far, but as deep as Go reads
            value = parse_json(data, where="")
        except (InvalidDocumentError, SizeLimitError):
            return None
    return {key.casefold(): item for key, item in value.items()} if isinstance(value, Mapping) else None


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _digests(descriptors: Iterable[object]) -> tuple[Digest, ...]:
    """Return the digests of those descriptors whose digest can be read; no other can name a blob of ours."""
    found: dict[Digest, None] = {}
    for descriptor in descriptors:
        if isinstance(descriptor, Mapping):
            for key, text in descriptor.items():
                if isinstance(text, str) and key.casefold() == "digest":
                    try:
                        found[Digest(text)] = None
                    except InvalidDigestError:
                        continue
    return tuple(found)
