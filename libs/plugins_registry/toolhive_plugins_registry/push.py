"""Copies an artifact from a store to a registry: blobs, then manifests, then the root under its tag."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from toolhive_artifact import (
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
)
from toolhive_plugins_interfaces import InvalidReferenceError, Progress
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.graph import AnyArtifact, Document, walk
from toolhive_plugins_registry.parallel import Parallel
from toolhive_plugins_registry.references import Reference, parse_reference
from toolhive_plugins_registry.remote import RemoteRepository
from toolhive_plugins_store import Store


@frozen
class _StoredBlob:
    """A blob of the store as the body of a request; reading it checks it."""

    store: Store
    descriptor: Descriptor
    progress: Progress

    @property
    def size(self) -> int:
        return self.descriptor.size

    def chunks(self) -> Iterator[bytes]:
        self.progress.started(self.descriptor)
        for chunk in self.store.blob_chunks(self.descriptor.digest):
            yield chunk
            self.progress.advanced(self.descriptor, len(chunk))


@frozen
class _Part:
    """A blob or a document, and what it is called where it goes."""

    descriptor: Descriptor
    name: str
    """Its digest, or the tag."""

    document: bytes | None = None
    """The document; None for a blob."""


class Push:
    """One push.

    Args:
        store: where the artifact is.
        repository: where it goes.
        parts: runs the uploads.
        progress: receives their progress.
    """

    def __init__(self, store: Store, repository: RemoteRepository, parts: Parallel, progress: Progress) -> None:
        self._store = store
        self._repository = repository
        self._parts = parts
        self._progress = progress
        self._mount_from: str | None = None

    def run(self, digest: Digest, reference: Reference) -> None:
        """Push the index or manifest `digest` and all that it refers to, then tag it.

        Every blob and manifest is looked for first, even if the tag is up to date: what somebody deleted is pushed again.
        """
        if reference.is_digest and reference.reference != digest:
            raise InvalidReferenceError(
                f"the reference names {reference.reference}, and {digest} is to be pushed",
                where=str(reference),
                remedy="Push to a tag, or to the digest of what you push",
                hint=Hint.CHECK_REFERENCE,
            )
        graph = walk(self._root(digest), self._fetch, AnyArtifact(), strict=False)
        blobs = [_Part(blob, blob.digest) for blob in graph.blobs]
        children = [_Part(child.descriptor, child.descriptor.digest, child.data) for child in graph.children]
        root = _Part(graph.root.descriptor, reference.reference, graph.root.data)
        absent = self._absent([*blobs, *children, root])
        self._mount_from = self._sibling(digest, reference) if absent else None
        for wave in (blobs, children, [root]):
            self._parts.map(self._send, [part for part in wave if part in absent])

    def _root(self, digest: Digest) -> Document:
        data = self._store.get_manifest(digest)
        media_type = MEDIA_TYPE_IMAGE_INDEX if self._store.is_index(digest) else MEDIA_TYPE_IMAGE_MANIFEST
        return Document(Descriptor(media_type, digest, len(data)), data)

    def _fetch(self, descriptors: Sequence[Descriptor]) -> Iterator[Document]:
        for descriptor in descriptors:
            yield Document(descriptor, self._store.get_manifest(descriptor.digest))

    def _sibling(self, digest: Digest, reference: Reference) -> str | None:
        """Return another repository of the registry that has the artifact, according to the store's tags."""
        for entry in self._store.tags():
            if entry.digest == digest and entry.tag.startswith(f"{reference.registry}/"):
                try:
                    known = parse_reference(entry.tag)
                except InvalidReferenceError:
                    continue
                if known.registry == reference.registry and known.repository != reference.repository:
                    return known.repository
        return None

    def _absent(self, parts: Sequence[_Part]) -> list[_Part]:
        """Return what the repository lacks. All is looked for at once: another round trip would take longer than a request too many."""
        found = self._parts.map(self._is_there, parts)
        return [part for part, is_there in zip(parts, found, strict=True) if not is_there]

    def _is_there(self, part: _Part) -> bool:
        if part.document is None:
            is_there = self._repository.has_blob(part.descriptor)
        else:
            is_there = self._repository.manifest_digest(part.name) == part.descriptor.digest
        if is_there:
            self._progress.finished(part.descriptor, skipped=True)
        return is_there

    def _send(self, part: _Part) -> None:
        descriptor = part.descriptor
        if part.document is not None:
            self._progress.started(descriptor)
            self._repository.put_manifest(part.name, part.document, descriptor)
            self._progress.advanced(descriptor, descriptor.size)
            self._progress.finished(descriptor, skipped=False)
            return
        is_mounted = self._mount_from is not None and self._repository.mount_blob(descriptor, self._mount_from)
        if not is_mounted:
            self._repository.upload(descriptor, _StoredBlob(self._store, descriptor, self._progress))
        self._progress.finished(descriptor, skipped=is_mounted)
