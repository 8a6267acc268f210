"""The local store: an OCI image layout that `thv` and other tools read and write as well."""

import os
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from toolhive_artifact import MAX_BLOB_SIZE, MAX_MANIFEST_SIZE, MEDIA_TYPE_IMAGE_INDEX, Digest, shown
from toolhive_plugins_store.blobs import CHUNK_SIZE, BlobReader, blob_size, look_at_blob, read_blob
from toolhive_plugins_store.errors import StoreNotFoundError
from toolhive_plugins_store.index_file import Entry, IndexFile, retagged
from toolhive_plugins_store.index_keeper import Plan
from toolhive_plugins_store.paths import absolute_root
from toolhive_plugins_store.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from toolhive_artifact import Descriptor, Index
    from toolhive_plugins_store.checking import Problem
    from toolhive_plugins_store.sweeping import GcReport
    from toolhive_plugins_store.tag_entry import TagEntry
    from toolhive_plugins_store.transaction import StoredBlob, Transaction


class Store:
    """A store in a folder. Threads may share one, and any number of processes may use the same folder.

    Nothing is made on the disk before the first write, and reading takes no lock.
    """

    def __init__(self, root: str | os.PathLike[str] | None, *, lock_timeout: float = 30.0) -> None:
        """Name the folder.

        Args:
            root: the folder; None for `default_store_root`.
            lock_timeout: seconds to wait for other writers before a StoreLockError.
        """
        self._root = absolute_root(root)
        self._lock_timeout = lock_timeout
        self._workspace = Workspace(self._root, lock_timeout)
        self._finalizer = weakref.finalize(self, self._workspace.close)

    @cached_property
    def root(self) -> "Path":
        """The folder, as an absolute path."""
        from pathlib import Path

        return Path(self._root)

    def __repr__(self) -> str:
        return f"Store({self._root!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up this object's claims on untagged content, and its threads. It opens again when it is used."""
        self._workspace.close()

    @property
    def _work(self) -> Workspace:
        """The workspace of this process, anew after a fork."""
        if self._workspace.pid != os.getpid():
            self._workspace = Workspace(self._root, self._lock_timeout)
            self._finalizer.detach()
            self._finalizer = weakref.finalize(self, self._workspace.close)
        return self._workspace

    @property
    def _checked(self) -> Workspace:
        """The workspace, after a look at the folders that blobs are read from."""
        work = self._work
        work.layout.check_folders()
        return work

    # --- content ---

    @contextmanager
    def transaction(self) -> "Iterator[Transaction]":
        """Put content and tags that appear together, durably, when the `with` block ends without an exception."""
        from toolhive_plugins_store.transaction import Transaction

        transaction = Transaction(self._work)
        try:
            yield transaction
        except BaseException:
            transaction.abort()
            raise
        transaction.commit()

    def put_blob(self, data: bytes) -> Digest:
        """Store content durably; see `Transaction.put_blob`."""
        with self.transaction() as transaction:
            return transaction.put_blob(data)

    def put_blob_chunks(self, chunks: Iterable[bytes], *, expected: "Descriptor | None" = None) -> "StoredBlob":
        """Store content that comes in pieces durably; see `Transaction.put_blob_chunks`."""
        with self.transaction() as transaction:
            return transaction.put_blob_chunks(chunks, expected=expected)

    def put_manifest(self, data: bytes) -> Digest:
        """Store a manifest or an index durably; see `Transaction.put_manifest`."""
        with self.transaction() as transaction:
            return transaction.put_manifest(data)

    def get_blob(self, digest: Digest) -> bytes:
        """Return content, checked against its digest.

        Raises:
            StoreNotFoundError: the store does not have it.
            SizeLimitError: it is larger than MAX_BLOB_SIZE.
            CorruptStoreError: it is damaged.
        """
        return read_blob(self._checked.layout, Digest.parse(digest), MAX_BLOB_SIZE)

    def get_manifest(self, digest: Digest) -> bytes:
        """Return a manifest or an index as `get_blob` does, of at most MAX_MANIFEST_SIZE bytes."""
        return read_blob(self._checked.layout, Digest.parse(digest), MAX_MANIFEST_SIZE)

    def open_blob(self, digest: Digest) -> BlobReader:
        """Open content for reading, as a context manager; raises as `get_blob`, a damage at the latest at the end."""
        return BlobReader(self._checked.layout, Digest.parse(digest))

    def blob_chunks(self, digest: Digest) -> Iterator[bytes]:
        """Yield content piece by piece, raising as `get_blob`; the last piece comes only after all was checked."""
        with self.open_blob(digest) as reader:
            while chunk := reader.read(CHUNK_SIZE):
                yield chunk

    def blob_size(self, digest: Digest) -> int:
        """Return the bytes of a blob, without reading it.

        Raises:
            StoreNotFoundError: the store does not have it.
            CorruptStoreError: something else stands in its place.
        """
        return blob_size(self._checked.layout, Digest.parse(digest))

    def has_blob(self, digest: Digest) -> bool:
        """Return whether the store has the content, without reading it."""
        return look_at_blob(self._checked.layout, Digest.parse(digest)) is not None

    def get_index(self, digest: Digest) -> "Index":
        """Return an index, read.

        Raises:
            InvalidDocumentError: the content is no index.
            StoreError: as `get_manifest`.
        """
        from toolhive_artifact import parse_index

        digest = Digest.parse(digest)
        return parse_index(self.get_manifest(digest), where=digest)

    def is_index(self, digest: Digest) -> bool:
        """Return whether the content says that it is an index; raises as `get_manifest`."""
        digest = Digest.parse(digest)
        return self._checked.graph.links(digest).descriptor.media_type == MEDIA_TYPE_IMAGE_INDEX

    # --- tags ---

    def tag(self, digest: Digest, tag: str, *, local_build: bool = False) -> None:
        """Give a manifest or an index a tag, durably; see `Transaction.tag` and `Transaction.commit`."""
        with self.transaction() as transaction:
            transaction.tag(digest, tag, local_build=local_build)

    def resolve(self, tag: str) -> Digest:
        """Return what a tag stands for; a digest that the store has stands for itself.

        Raises:
            StoreNotFoundError: there is no such tag or digest.
            CorruptStoreError: index.json is damaged.
        """
        with self._work.keeper.reading() as file:
            entry = file.find(tag)
        if entry is not None and entry.digest is not None:
            return entry.digest
        if tag.startswith("sha256:"):
            digest = Digest.parse(tag)
            blob_size(self._checked.layout, digest)
            return digest
        raise _unknown_tag(tag)

    def list_tags(self) -> list[str]:
        """Return all tags, sorted."""
        with self._work.keeper.reading() as file:
            return sorted(file.by_tag)

    def tags(self) -> "tuple[TagEntry, ...]":
        """Return all tags and what they stand for, sorted by tag.

        Raises:
            InvalidDocumentError: an entry of index.json is no descriptor.
            CorruptStoreError: index.json is damaged.
        """
        from toolhive_plugins_store.tag_entry import TagEntry

        return tuple(TagEntry(entry.tag, entry.descriptor(), entry.local_build) for entry in self._tagged())

    def tagged(self) -> tuple[tuple[str, Digest, bool], ...]:
        """Return of each of `tags` the tag, the digest and `local_build`, without a class of attrs; raises as `tags`."""
        return tuple((entry.tag, entry.target(), entry.local_build) for entry in self._tagged())

    def _tagged(self) -> list[Entry]:
        with self._work.keeper.reading() as file:
            entries = [file.entries[key] for _, key in sorted(file.by_tag.items())]
        return [entry for entry in entries if entry.digest is not None]

    def delete_tag(self, tag: str) -> None:
        """Take the tag away. What it stood for stays in the store, and in index.json without a tag, as with oras-go.

        Raises:
            StoreNotFoundError: there is no such tag.
            CorruptStoreError, StoreIOError, StoreLockError: as `Transaction.commit`.
        """
        work = self._work
        self._require(tag, is_tag=True)
        with work.locked():
            self._require(tag, is_tag=True)
            work.keeper.change(lambda file: _untag(file, tag))

    def delete_build(self, tag: str) -> None:
        """Take the tag away, and remove the blobs that nothing else reaches.

        What is spared: what other entries of index.json reach, and what a living process put or found here and has
        not tagged yet. The digest of a build that has no tag does for a tag.

        Raises:
            StoreNotFoundError: there is no such tag.
            CorruptStoreError: also where another build is so damaged that nobody can tell what it reaches.
            StoreIOError, StoreLockError: as `Transaction.commit`.
        """
        from toolhive_plugins_store.sweeping import delete_build

        work = self._work
        self._require(tag, is_tag=False)
        with work.locked():
            file = work.keeper.load()
            delete_build(work, self._require(tag, is_tag=False), file)

    def _require(self, tag: str, *, is_tag: bool) -> int:
        """Return the key of a tag's entry or, unless it must be a tag, of an untagged digest's."""
        with self._work.keeper.reading() as file:
            key = file.by_tag.get(tag)
            if key is None and not is_tag:
                key = next((key for key, entry in file.entries.items() if entry.digest == tag and not entry.tag), None)
        if key is None:
            raise _unknown_tag(tag)
        return key

    # --- notes ---

    def remember(self, key: Digest, text: str) -> None:
        """Keep a line of printable ASCII, at most 1,024 characters, to save work the next time.

        It may be lost at any time, and is lost in silence where the disk will not have it: see `notes`.

        Raises:
            ValueError: the text is no such line.
        """
        self._work.notes.keep(Digest.parse(key), text)

    def recall(self, key: Digest) -> str:
        """Return what was last remembered under the key; empty where nothing is."""
        return self._work.notes.recall(Digest.parse(key))

    # --- upkeep ---

    def gc(self, *, grace: float = 3600.0) -> "GcReport":
        """Remove what nothing needs.

        At once: unfinished files of dead processes, and blobs that a dead process put here for a build that it
        did not finish. Other blobs that no entry of index.json reaches: `grace` seconds after they were put or last
        found here. What other living processes put here and have not tagged yet is spared.

        Raises:
            CorruptStoreError: a build is so damaged that nobody can tell what it reaches; nothing was removed.
            StoreIOError, StoreLockError: as `Transaction.commit`.
        """
        from toolhive_plugins_store.sweeping import GcReport, sweep

        work = self._work
        if not work.layout.exists():
            return GcReport()
        with work.locked():
            return sweep(work, grace)

    def check(self) -> "tuple[Problem, ...]":
        """Read all of the store and return all damage; leftovers that `gc` sweeps are none."""
        from toolhive_plugins_store.checking import check

        return check(self._work)

    def repair(self) -> "tuple[Problem, ...]":
        """Mend what can be mended, lose nothing that is sound, and return what was found, with what was done."""
        from toolhive_plugins_store.repairing import repair

        return repair(self._work)


def _untag(file: IndexFile, tag: str) -> Plan:
    changed: dict[int, Entry | None] = dict.fromkeys(file.doubles(tag))
    key = file.by_tag.get(tag)
    if key is None:
        return changed, ()
    entry = file.entries[key]
    is_listed = any(other.digest == entry.digest for at, other in file.entries.items() if at != key)
    changed[key] = None if is_listed else retagged(entry, "", local_build=entry.local_build)
    return changed, ()


def _unknown_tag(tag: str) -> StoreNotFoundError:
    return StoreNotFoundError(f"tag not found: {shown(tag)}", remedy="`thv-plugin list` shows the tags that there are")
