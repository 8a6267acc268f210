"""Copies an artifact from a registry to a store, in one transaction that becomes visible when all of it is verified."""

from collections.abc import Iterator, Sequence
from typing import Final

from toolhive_artifact import (
    Descriptor,
    Digest,
    DigestMismatchError,
)
from toolhive_plugins_interfaces import Progress
from toolhive_plugins_registry.documents import fetch_listed, fetch_root
from toolhive_plugins_registry.graph import Document, Graph, documents, walk
from toolhive_plugins_registry.layer_check import LayerCheck
from toolhive_plugins_registry.operation import DISTRUST
from toolhive_plugins_registry.parallel import Parallel
from toolhive_plugins_registry.plugin_rules import PluginRules, check_listed, check_platforms, check_size, diff_ids
from toolhive_plugins_registry.references import Reference
from toolhive_plugins_registry.remote import RemoteRepository
from toolhive_plugins_store import Store, StoreError, Transaction

_SMALL: Final = 256 * 1024
"""Size in bytes up to which a layer is fetched together with the configs: another round trip would take longer."""
_MAX_SMALL: Final = 16
"""How many layers are fetched so."""


class Pull:
    """One pull.

    Args:
        store: where the artifact goes.
        repository: where it is.
        parts: runs the small downloads; big layers come one after another, as a transaction belongs to one thread.
        progress: receives their progress.
    """

    def __init__(self, store: Store, repository: RemoteRepository, parts: Parallel, progress: Progress) -> None:
        self._store = store
        self._repository = repository
        self._parts = parts
        self._progress = progress

    def run(self, reference: Reference, tag: str) -> Digest:
        """Pull what `reference` names, tag it `tag` in the store, and return its digest.

        What is small is fetched and checked before the store is touched.
        """
        root = self._fetch_root(reference.reference)
        graph = walk(root, self._fetch_manifests, PluginRules(), strict=True)
        check_size(graph)
        content = self._fetch_small(graph)
        expected = diff_ids(graph.platforms, content)
        check_platforms(graph.index, graph.platforms, content)
        is_known = all(self._store.has_blob(document.descriptor.digest) for document in documents(graph))
        with self._store.transaction() as transaction:
            for blob in graph.blobs:
                if blob.digest in content:
                    transaction.put_blob(content[blob.digest])
                if blob.digest in expected:
                    self._place_layer(transaction, blob, content.get(blob.digest), expected[blob.digest], is_known)
            for document in documents(graph):
                transaction.put_manifest(document.data)
            transaction.tag(root.descriptor.digest, tag)
        return root.descriptor.digest

    def _fetch_root(self, name: str) -> Document:
        """Fetch what the tag or digest names."""
        root = fetch_root(self._repository, name)
        self._arrived(root.descriptor)
        return root

    def _fetch_manifests(self, descriptors: Sequence[Descriptor]) -> list[Document]:
        check_listed(descriptors, "the index")
        return self._parts.map(self._fetch_manifest, descriptors)

    def _fetch_manifest(self, descriptor: Descriptor) -> Document:
        """Return a manifest that the index lists, from the store if it has it."""
        stored = self._stored(descriptor)
        if stored is not None:
            return Document(descriptor, stored)
        document = fetch_listed(self._repository, descriptor)
        self._arrived(descriptor)
        return document

    def _fetch_small(self, graph: Graph) -> dict[Digest, bytes]:
        """Return the content of the configs, and of small layers that the store does not have."""
        configs = list(
            {platform.manifest.config.digest: platform.manifest.config for platform in graph.platforms}.values()
        )
        layers = [
            blob
            for blob in graph.blobs
            if blob not in configs and blob.size <= _SMALL and not self._store.has_blob(blob.digest)
        ]
        wanted = configs + layers[:_MAX_SMALL]
        return {d.digest: data for d, data in zip(wanted, self._parts.map(self._fetch_blob, wanted), strict=True)}

    def _fetch_blob(self, descriptor: Descriptor) -> bytes:
        """Return the content of a small blob, from the store if it has it."""
        stored = self._stored(descriptor)
        if stored is not None:
            return stored
        for is_last in (False, True):
            download = self._repository.download(descriptor)
            data = b"".join(self._counted(descriptor, download.chunks()))
            if Digest.of(data) == descriptor.digest:
                break
            if is_last or not download.resumed:
                raise _wrong_content(descriptor)
        self._progress.finished(descriptor, skipped=False)
        return data

    def _place_layer(
        self, transaction: Transaction, layer: Descriptor, content: bytes | None, diff_id: Digest, is_known: bool
    ) -> None:
        """Get the layer into the store, and check that it decompresses to what the config says.

        Args:
            transaction: stores it.
            layer: its descriptor.
            content: the layer, if it was fetched already.
            diff_id: the digest that it must have when decompressed.
            is_known: whether the store had the artifact before, and so a layer that was checked.
        """
        where = str(layer.digest)
        if content is not None:
            _check(LayerCheck(diff_id, where), iter((content,)))
        elif not transaction.has(layer.digest):
            self._download_layer(transaction, layer, diff_id)
        else:
            if not is_known:
                _check(LayerCheck(diff_id, where), self._store.blob_chunks(layer.digest))
            self._progress.finished(layer, skipped=True)

    def _download_layer(self, transaction: Transaction, layer: Descriptor, diff_id: Digest) -> None:
        for is_last in (False, True):
            download = self._repository.download(layer)
            with LayerCheck(diff_id, str(layer.digest)) as check:
                try:
                    transaction.put_blob_chunks(check.watch(self._counted(layer, download.chunks())), expected=layer)
                except DigestMismatchError:
                    if is_last or not download.resumed:
                        raise
                    continue  # the pieces may not fit together: once more, from the beginning
                check.finish()
            break
        self._progress.finished(layer, skipped=False)

    def _stored(self, descriptor: Descriptor) -> bytes | None:
        """Return content that the store has; what it cannot read is fetched again."""
        try:
            if (
                not self._store.has_blob(descriptor.digest)
                or self._store.blob_size(descriptor.digest) != descriptor.size
            ):
                return None
            data = self._store.get_blob(descriptor.digest)
        except StoreError:
            return None
        self._progress.finished(descriptor, skipped=True)
        return data

    def _counted(self, descriptor: Descriptor, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks, and report them."""
        self._progress.started(descriptor)
        for chunk in chunks:
            yield chunk
            self._progress.advanced(descriptor, len(chunk))

    def _arrived(self, descriptor: Descriptor) -> None:
        """Report a document that came in one piece."""
        self._progress.started(descriptor)
        self._progress.advanced(descriptor, descriptor.size)
        self._progress.finished(descriptor, skipped=False)


def _check(check: LayerCheck, chunks: Iterator[bytes]) -> None:
    """Check a layer that is already here."""
    with check:
        for _ in check.watch(chunks):
            pass
        check.finish()


def _wrong_content(descriptor: Descriptor) -> DigestMismatchError:
    return DigestMismatchError("the registry sent other content", where=str(descriptor.digest), remedy=DISTRUST)
