"""The local store: an OCI image layout that `thv` and other tools read and write, too."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from toolhive_artifact import MAX_BLOB_SIZE, MAX_MANIFEST_SIZE, MEDIA_TYPE_IMAGE_INDEX, Digest, shown
from toolhive_plugins_store.blobs import CHUNK_SIZE, BlobReader, blob_size, look_at_blob, read_blob
from toolhive_plugins_store.errors import Hint, StoreNotFoundError
from toolhive_plugins_store.index_entry import Tag
from toolhive_plugins_store.paths import absolute_root
from toolhive_plugins_store.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from toolhive_artifact import Descriptor, Index
    from toolhive_plugins_store.check import Problem
    from toolhive_plugins_store.gc import GcReport
    from toolhive_plugins_store.notices import Notify
    from toolhive_plugins_store.staging import StoredBlob
    from toolhive_plugins_store.transaction import Transaction


class Store:
    """A store in a folder. Threads can share one, and any number of processes can use the same folder.

    Nothing is created on the disk before the first write, and reading takes no lock.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None,
        *,
        lock_timeout: float = 30.0,
        notify: "Notify | None" = None,
    ) -> None:
        """Open a store, which need not exist yet.

        Args:
            root: the folder; None for `default_store_root`.
            lock_timeout: seconds to wait for other writers before a StoreLockError.
            notify: called with what the user may want to know while the store works; see `Notice`.
        """
        self._root = absolute_root(root)
        self._lock_timeout = lock_timeout
        self._notify = notify
        self._workspace = Workspace(self._root, lock_timeout, notify)

    @cached_property
    def root(self) -> "Path":
        """The folder, as an absolute path."""
        from pathlib import Path

        return Path(self._root)

    @property
    def is_default(self) -> bool:
        """Whether this is the user's own store, which `thv` uses, too."""
        return self._root == absolute_root(None)

    def __repr__(self) -> str:
        return f"Store({self._root!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End this object's claims on untagged content, and its threads. It opens again when it is used."""
        self._workspace.close()

    @property
    def _work(self) -> Workspace:
        """The workspace of this process: a new one after a fork."""
        if self._workspace.pid != os.getpid():
            self._workspace = Workspace(self._root, self._lock_timeout, self._notify)
        return self._workspace

    @property
    def _checked(self) -> Workspace:
        """The workspace, once the folders that blobs are read from are checked."""
        work = self._work
        work.layout.check_folders()
        return work

    # --- content ---

    @contextmanager
    def transaction(self) -> "Iterator[Transaction]":
        """Put content and tags, which appear together, durably, when the `with` block ends without an exception."""
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
        """Store content that comes in chunks durably; see `Transaction.put_blob_chunks`."""
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
        """Return a manifest or an index of at most MAX_MANIFEST_SIZE bytes, as `get_blob` does."""
        return read_blob(self._checked.layout, Digest.parse(digest), MAX_MANIFEST_SIZE)

    def open_blob(self, digest: Digest) -> BlobReader:
        """Open content for reading, as a context manager. Raises like `get_blob`; damage may show only at the end."""
        return BlobReader(self._checked.layout, Digest.parse(digest))

    def blob_chunks(self, digest: Digest) -> Iterator[bytes]:
        """Yield content in chunks, and raise like `get_blob`. The last chunk comes only after all of it is checked."""
        with self.open_blob(digest) as reader:
            while chunk := reader.read(CHUNK_SIZE):
                yield chunk

    def blob_size(self, digest: Digest) -> int:
        """Return a blob's size in bytes, without reading it.

        Raises:
            StoreNotFoundError: the store does not have it.
            CorruptStoreError: something else is in its place.
        """
        return blob_size(self._checked.layout, Digest.parse(digest))

    def has_blob(self, digest: Digest) -> bool:
        """Return whether the store has the content, without reading it."""
        return look_at_blob(self._checked.layout, Digest.parse(digest)) is not None

    def get_index(self, digest: Digest) -> "Index":
        """Read an index.

        Raises:
            InvalidDocumentError: the content is not an index.
            StoreError: like `get_manifest`.
        """
        from toolhive_artifact import parse_index

        digest = Digest.parse(digest)
        return parse_index(self.get_manifest(digest), where=digest)

    def is_index(self, digest: Digest) -> bool:
        """Return whether the content is an index, by its media type. Raises like `get_manifest`."""
        digest = Digest.parse(digest)
        return self._checked.graph.links(digest).descriptor.media_type == MEDIA_TYPE_IMAGE_INDEX

    # --- tags ---

    def tag(self, digest: Digest, tag: str, *, local_build: bool = False) -> None:
        """Tag a build, durably; see `Transaction.tag` and `Transaction.commit`."""
        with self.transaction() as transaction:
            transaction.tag(digest, tag, local_build=local_build)

    def resolve(self, tag: str) -> Digest:
        """Return the digest that a tag, or a digest that the store has, names.

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

    def tags(self) -> tuple[Tag, ...]:
        """Return all tags and the builds that they name, sorted by tag.

        Raises:
            CorruptStoreError: index.json is damaged.
        """
        with self._work.keeper.reading() as file:
            entries = [file.entries[key] for _, key in sorted(file.by_tag.items())]
        return tuple(Tag(entry.tag, entry.digest, entry.local_build) for entry in entries if entry.digest is not None)

    def displaced(self) -> tuple[Tag, ...]:
        """Return builds of ours whose tags another program has given to other builds.

        They are kept, and named by their digests. A build leaves this list when its tag is set here again, or deleted.
        """
        with self._work.keeper.reading() as file:
            return file.displaced

    def delete_tag(self, tag: str) -> None:
        """Delete a tag. The build stays in the store, and in index.json without a tag, as with oras-go.

        Raises:
            StoreNotFoundError: there is no such tag.
            CorruptStoreError, StoreIOError, StoreLockError: like `Transaction.commit`.
        """
        from toolhive_plugins_store.gc import delete_tag

        work = self._work
        self._require_tag(tag)
        with work.locked():
            self._require_tag(tag)
            delete_tag(work, tag)

    def delete_build(self, tag: str) -> None:
        """Delete a tag, and the blobs that nothing else reaches.

        Blobs that other entries of index.json reach are kept, and so are those that a living process put or found here
        and has not tagged yet. A build without a tag is deleted by its digest.

        Raises:
            StoreNotFoundError: there is no such tag.
            CorruptStoreError: also if another build is so damaged that what it reaches is unknown.
            StoreIOError, StoreLockError: like `Transaction.commit`.
        """
        from toolhive_plugins_store.gc import delete_build

        work = self._work
        with work.keeper.reading() as file:
            if file.key_of(tag) is None:
                raise _unknown_tag(tag)
        with work.locked():
            if not delete_build(work, tag):
                raise _unknown_tag(tag)

    def _require_tag(self, tag: str) -> None:
        with self._work.keeper.reading() as file:
            if tag not in file.by_tag:
                raise _unknown_tag(tag)

    # --- cache ---

    def remember(self, key: Digest, text: str) -> None:
        """Cache a line of printable ASCII, at most 1,024 characters.

        It may be lost at any time, and is lost silently if the disk cannot be written.

        Raises:
            ValueError: the text is not such a line.
        """
        self._work.cache.keep(Digest.parse(key), text)

    def recall(self, key: Digest) -> str:
        """Return what was last cached under the key; empty if nothing is."""
        return self._work.cache.recall(Digest.parse(key))

    # --- maintenance ---

    def gc(self, *, grace: float = 3600.0) -> "GcReport":
        """Remove what nothing needs.

        Unfinished files of dead processes, and blobs that a dead process put here for a build that it did not finish,
        are removed at once. Other blobs that no entry of index.json reaches are removed `grace` seconds after they were
        last put or found here. What other living processes put here and have not tagged yet is kept, and for an hour
        also what other threads of this one did.

        Raises:
            CorruptStoreError: a build is so damaged that what it reaches is unknown; nothing was removed.
            StoreIOError, StoreLockError: like `Transaction.commit`.
        """
        from toolhive_plugins_store.gc import GcReport, collect_garbage

        work = self._work
        if not work.layout.exists():
            return GcReport()
        with work.locked():
            return collect_garbage(work, grace)

    def check(self) -> "tuple[Problem, ...]":
        """Read all of the store and return all damage. Leftovers that `gc` removes are not damage."""
        from toolhive_plugins_store.check import check

        return check(self._work)

    def repair(self) -> "tuple[Problem, ...]":
        """Repair the store without losing anything sound; return what was found, with what was done."""
        from toolhive_plugins_store.repair import repair

        return repair(self._work)


def _unknown_tag(tag: str) -> StoreNotFoundError:
    return StoreNotFoundError(f"tag not found: {shown(tag)}", hint=Hint.LIST_TAGS)
