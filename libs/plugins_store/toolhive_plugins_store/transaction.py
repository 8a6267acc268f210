"""Puts a build into the store: all of it or nothing."""

import stat
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from toolhive_artifact import MAX_BLOB_SIZE, MAX_MANIFEST_SIZE, Descriptor, Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.blobs import look_at_blob
from toolhive_plugins_store.errors import CorruptStoreError, Hint, StoreError
from toolhive_plugins_store.index_change import Plan
from toolhive_plugins_store.index_entry import IndexEntry, check_tag
from toolhive_plugins_store.index_file import IndexFile
from toolhive_plugins_store.layout import look, read_plain_file
from toolhive_plugins_store.staging import Staged, Staging, StoredBlob, check_size, discard
from toolhive_plugins_store.workspace import Workspace

_COMPARED: Final = 1024 * 1024
"""Size in bytes up to which a stored blob is compared with its new content, rather than by its size alone."""


@frozen
class _Found:
    """A blob that was in the store already when it was added."""

    size: int
    content: bytes | Staged | None
    """The content again, in case the blob is removed before the commit; None if it is claimed."""


class Transaction:
    """Content and tags that appear in the store together, durably, when the transaction succeeds.

    Files are written to the session's folder. The commit flushes them together and then, holding the store's lock,
    renames them into place, flushes the folder, checks that all that the tags reach is in the store, and changes
    index.json once. An exception leaves nothing behind. Only one thread at a time may use it.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Start a transaction. Use `Store.transaction`."""
        self._work = workspace
        self._session = workspace.session()
        self._owner = self._session.owner()
        workspace.layout.check_folders()
        self._staging = Staging(self._session.new_path, workspace.in_background)
        self._staged: dict[Digest, Staged] = {}
        self._found: dict[Digest, _Found] = {}
        self._claimed: list[Digest] = []
        self._tags: dict[str, tuple[Digest, bool]] = {}
        self._open = True

    def put_blob(self, data: bytes) -> Digest:
        """Add content. What the store already has is not written again.

        Raises:
            SizeLimitError: it is larger than MAX_BLOB_SIZE.
            StoreIOError: it cannot be written.
        """
        check_size(len(data), MAX_BLOB_SIZE)
        digest = Digest.of(data)
        if self._is_new(digest):
            self._put(digest, data)
        return digest

    def put_manifest(self, data: bytes) -> Digest:
        """Add a manifest or an index. What it refers to may be missing until it is tagged.

        Raises:
            SizeLimitError: it is larger than MAX_MANIFEST_SIZE.
            StoreIOError: it cannot be written.
        """
        check_size(len(data), MAX_MANIFEST_SIZE)
        digest = self.put_blob(data)
        self._work.graph.learn(digest, data)
        return digest

    def put_blob_chunks(self, chunks: Iterable[bytes], *, expected: Descriptor | None = None) -> StoredBlob:
        """Add content that comes in chunks, without keeping it in memory.

        Args:
            chunks: the content, in order.
            expected: its digest and size; reading stops once it cannot match.

        Raises:
            DigestMismatchError: it is not what was expected.
            SizeLimitError: its size, or its expected size, is larger than MAX_BLOB_SIZE.
            StoreIOError: it cannot be written.
        """
        self._check_open()
        digest, staged = self._staging.write_chunks(chunks, expected)
        if not self._is_new(digest):
            discard(staged.path)
        elif self._is_stored(digest, staged.size, None):
            self._found[digest] = _Found(staged.size, staged)
        else:
            self._staged[digest] = staged
            self._staging.keep(staged)
        return StoredBlob(digest, staged.size)

    def has(self, digest: Digest, *, size: int | None = None) -> bool:
        """Return whether the content is in the store or was added here. If so, it stays until the transaction ends.

        Args:
            digest: what to look for.
            size: its expected size in bytes, if known; content of another size counts as absent.
        """
        digest = Digest.parse(digest)
        if not self._is_new(digest):
            return True
        if not self._is_stored(digest, size, None):
            return False
        with self._work.locked():
            found = look_at_blob(self._work.layout, digest)
            if found is None:
                return False
            self._claim({}, [digest])
            self._found[digest] = _Found(found.st_size, None)
            _fs.touch(self._work.layout.blob(digest))
        return True

    def tag(self, digest: Digest, tag: str, *, local_build: bool = False) -> None:
        """Tag a build in the commit.

        Args:
            digest: a manifest or an index, in the store or added here.
            tag: a tag or a full reference; a build that has it loses it.
            local_build: whether to mark the entry as built on this machine.

        Raises:
            InvalidTagError: the tag cannot be written to index.json.
        """
        self._check_open()
        self._tags[check_tag(tag)] = (Digest.parse(digest), local_build)

    def commit(self) -> None:
        """Make everything visible at once, durably. The `with` statement calls it.

        Raises:
            StoreNotFoundError: something that a tag reaches is neither in the store nor added here.
            CorruptStoreError: the store is damaged.
            StoreIOError: the disk failed, and nothing was changed.
            StoreLockError: the lock was not free within the timeout.
        """
        self._check_open()
        try:
            self._staging.flush()
            if self._staged or self._found or self._tags:
                with self._work.locked():
                    self._commit()
                self._claimed = []
                self._staged.clear()
        finally:
            self.abort()

    def abort(self) -> None:
        """Leave nothing behind. The `with` statement calls it on an exception."""
        self._open = False
        self._staging.close()
        for staged in self._staged.values():
            discard(staged.path)
        for found in self._found.values():
            if isinstance(found.content, Staged):
                discard(found.content.path)
        self._staged.clear()
        self._found.clear()
        self._session.land(self._claimed)
        self._session.release(self._owner, self._claimed)
        self._claimed = []

    def _check_open(self) -> None:
        if not self._open:
            raise StoreError("the transaction is over", remedy="Start another one")

    def _is_new(self, digest: Digest) -> bool:
        self._check_open()
        return digest not in self._staged and digest not in self._found

    def _put(self, digest: Digest, data: bytes) -> None:
        if self._is_stored(digest, len(data), data):
            self._found[digest] = _Found(len(data), data)
        else:
            staged = self._staging.write(data)
            staged.replaces = look(self._work.layout.blob(digest)) is not None
            self._staged[digest] = staged

    def _is_stored(self, digest: Digest, size: int | None, data: bytes | None) -> bool:
        """Return whether the blob is in the store, as far as a quick look tells. A damaged one does not count."""
        try:
            found = look_at_blob(self._work.layout, digest)
            if found is None or size not in (None, found.st_size):
                return False
            if data is None or len(data) > _COMPARED:
                return True
            return read_plain_file(self._work.layout.blob(digest), len(data)) == data
        except CorruptStoreError:
            return False

    def _claim(self, created: dict[Digest, int], reused: list[Digest]) -> None:
        self._session.claim(self._owner, created, reused)
        self._claimed += [*created, *reused]

    def _commit(self) -> None:
        """Do the part that needs the lock."""
        placed: list[Digest] = []
        layout = self._work.layout
        if self._tags:
            self._work.keeper.load()  # so that a damaged index is found before anything is put in place
        try:
            self._stage_what_is_gone()
            reused = [digest for digest, found in self._found.items() if found.content is not None]
            self._claim({digest: staged.modified for digest, staged in self._staged.items()}, reused)
            for digest in reused:
                _fs.touch(layout.blob(digest))
            for digest, staged in self._staged.items():
                if self._place(digest, staged):
                    placed.append(digest)
            # The names of blobs that were there already are flushed as well: who put them there may have been killed before.
            if self._tags:
                self._change_index(are_new=bool(placed))
            else:
                _fs.sync_folder(layout.sha256)
        except BaseException:
            if not self._is_tagged():
                for digest in placed:
                    discard(layout.blob(digest))
            raise
        self._session.land(self._claimed)

    def _stage_what_is_gone(self) -> None:
        """Stage what was in the store when it was added, and has been removed since."""
        for digest, found in list(self._found.items()):
            if found.content is None or self._is_stored(digest, found.size, None):
                continue
            content = found.content
            if isinstance(content, Staged):
                self._staging.keep(content)
            else:
                content = self._staging.write(content)
            self._staged[digest] = content
            del self._found[digest]
        self._staging.flush()

    def _place(self, digest: Digest, staged: Staged) -> bool:
        """Put a finished file in its place; return whether nothing was there."""
        path = self._work.layout.blob(digest)
        found = look(path)
        if found is None:
            _fs.rename(staged.path, path)
            return True
        if stat.S_ISDIR(found.st_mode):
            raise CorruptStoreError("a directory is in a blob's place", where=path, hint=Hint.REPAIR_STORE)
        if staged.replaces or not stat.S_ISREG(found.st_mode) or found.st_size != staged.size:
            _fs.rename(staged.path, path)  # what was there was damaged when the content was added, or is now
        else:
            _fs.touch(path)
            discard(staged.path)
        return False

    def _change_index(self, *, are_new: bool) -> None:
        """Change index.json, once the blobs' names are flushed, which happens while the new text is flushed."""
        work = self._work
        reached = [work.graph.complete(digest) for digest, _ in self._tags.values()]
        # Names that are not new are usually flushed already, which is quicker than handing that to another thread.
        flush = work.in_background(self._flush_names).result if are_new else self._flush_names
        work.keeper.change(self._plan, before_publish=flush)
        for digests in reached:
            self._session.release(self._owner, digests)

    def _flush_names(self) -> None:
        _fs.sync_folder(self._work.layout.sha256)

    def _plan(self, file: IndexFile) -> Plan:
        changed: dict[int, IndexEntry | None] = {}
        added: list[IndexEntry] = []
        for tag, (digest, local_build) in self._tags.items():
            changed.update((key, None) for key in file.doubles(tag))
            key, entry = file.place_for(tag, digest, taken=changed)
            if entry is not None and entry.digest == digest:
                if (entry.tag, entry.local_build) != (tag, local_build):
                    changed[key] = entry.with_tag(tag, local_build=local_build)
                continue
            new = IndexEntry.of(self._work.graph.links(digest).descriptor, tag, local_build=local_build)
            if entry is None:
                added.append(new)
            else:
                changed[key] = new
        return changed, added

    def _is_tagged(self) -> bool:
        """Return whether index.json names, or may name, what was to be tagged. Then nothing may be undone."""
        if not self._tags:
            return False
        try:
            file = self._work.keeper.load()
        except StoreError:
            return True
        entries = [(file.find(tag), digest) for tag, (digest, _) in self._tags.items()]
        return any(entry is not None and entry.digest == digest for entry, digest in entries)
