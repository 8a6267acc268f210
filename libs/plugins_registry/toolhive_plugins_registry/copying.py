"""Copies an artifact from one repository to another, by digest and byte for byte; nothing is stored on the way."""

import hashlib
from collections.abc import Iterator, Sequence

from attrs import frozen

from toolhive_artifact import Descriptor, Digest, DigestMismatchError
from toolhive_plugins_interfaces import InvalidReferenceError, Progress
from toolhive_plugins_registry.documents import fetch_listed, fetch_root
from toolhive_plugins_registry.errors import Hint, TransientConnectionError
from toolhive_plugins_registry.graph import AnyArtifact, Document, walk
from toolhive_plugins_registry.operation import DISTRUST
from toolhive_plugins_registry.parallel import Parallel
from toolhive_plugins_registry.plugin_rules import check_listed, check_size
from toolhive_plugins_registry.references import Reference
from toolhive_plugins_registry.remote import RemoteRepository


@frozen
class _RemoteBlob:
    """A blob of the source as the body of an upload. What does not have the digest never becomes a whole upload."""

    source: RemoteRepository
    descriptor: Descriptor
    progress: Progress

    @property
    def size(self) -> int:
        return self.descriptor.size

    def chunks(self) -> Iterator[bytes]:
        self.progress.started(self.descriptor)
        download = self.source.download(self.descriptor)
        digest = hashlib.sha256()
        held = b""
        for chunk in download.chunks():
            digest.update(chunk)
            if held:
                yield held
                self.progress.advanced(self.descriptor, len(held))
            held = chunk
        if f"sha256:{digest.hexdigest()}" != self.descriptor.digest:
            where = str(self.descriptor.digest)
            if download.resumed:
                # The pieces may not fit together: the upload is tried again, from the beginning.
                raise TransientConnectionError("the resumed download has another digest", where=where)
            raise DigestMismatchError("the registry sent other content", where=where, remedy=DISTRUST)
        if held:
            yield held
            self.progress.advanced(self.descriptor, len(held))


class Copy:
    """One copy.

    Args:
        source, target: the repositories.
        can_mount: whether both are in one registry, and differ.
        parts: runs the transfers.
        progress: receives their progress.
    """

    def __init__(
        self, source: RemoteRepository, target: RemoteRepository, can_mount: bool, parts: Parallel, progress: Progress
    ) -> None:
        self._source = source
        self._target = target
        self._can_mount = can_mount
        self._parts = parts
        self._progress = progress

    def run(self, source: Reference, target: Reference) -> Digest:
        """Copy what `source` names and all that it refers to, then tag it as `target` says; return its digest."""
        root = fetch_root(self._source, source.reference)
        digest = root.descriptor.digest
        if target.is_digest and target.reference != digest:
            raise InvalidReferenceError(
                f"the reference names {target.reference}, and {digest} is to be copied",
                where=str(target),
                remedy="Copy to a tag, or to the digest of what you copy",
                hint=Hint.CHECK_REFERENCE,
            )
        graph = walk(root, self._fetch, AnyArtifact(), strict=True)
        check_size(graph)
        self._parts.map(lambda blob: self._copy_blob(blob, source.repository), graph.blobs)
        self._parts.map(lambda document: self._put(document, document.descriptor.digest), graph.children)
        self._put(root, target.reference)
        return digest

    def _fetch(self, descriptors: Sequence[Descriptor]) -> list[Document]:
        check_listed(descriptors, "the index")
        return self._parts.map(lambda descriptor: fetch_listed(self._source, descriptor), descriptors)

    def _copy_blob(self, descriptor: Descriptor, source: str) -> None:
        skipped = self._target.has_blob(descriptor) or (self._can_mount and self._target.mount_blob(descriptor, source))
        if not skipped:
            self._target.upload(descriptor, _RemoteBlob(self._source, descriptor, self._progress))
        self._progress.finished(descriptor, skipped=skipped)

    def _put(self, document: Document, name: str) -> None:
        descriptor = document.descriptor
        skipped = self._target.manifest_digest(name) == descriptor.digest
        if not skipped:
            self._progress.started(descriptor)
            self._target.put_manifest(name, document.data, descriptor)
            self._progress.advanced(descriptor, descriptor.size)
        self._progress.finished(descriptor, skipped=skipped)
