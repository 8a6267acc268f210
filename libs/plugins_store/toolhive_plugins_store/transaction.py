"""Puts a build into the store: all of it or nothing."""

import stat
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from toolhive_artifact import MAX_BLOB_SIZE, MAX_MANIFEST_SIZE, Descriptor, Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.blobs import look_at_blob
from toolhive_plugins_store.errors import CHECK_OR_REPAIR, CorruptStoreError, StoreError
from toolhive_plugins_store.index_file import Entry, IndexFile, check_tag, new_entry, retagged
from toolhive_plugins_store.index_keeper import Plan
from toolhive_plugins_store.layout import look, read_plain_file
from toolhive_plugins_store.staging import Staged, Staging, check_size, discard
from toolhive_plugins_store.workspace import Workspace

_COMPARED: Final = 1024 * 1024
"""Bytes up to which a blob that is there already is compared with what it should be, rather than by its size alone."""


@frozen
class StoredBlob:
    """What was put into the store."""

    digest: Digest
    """The digest of the content."""

    size: int
    """Bytes of the content."""


@frozen
class _Found:
    """A blob that stood in the store already when it was added."""

    size: int
    content: bytes | Staged | None
    """The content once more, lest somebody remove the blob before the commit; None where it is claimed."""


class Transaction:
    """Content and tags that appear in the store together, durably, when the transaction ends well.

    Files are written to the session's folder. The commit flushes them together and then, holding the store's lock,
    renames them into place, flushes the folder, checks that all that the tags reach is there, and changes index.json
    once. An exception leaves nothing behind. One thread at a time may use it.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Begin. Use `Store.transaction`."""
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
        """Add content; what the store has already is not written again.

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
        """Add a manifest or an index. What it refers to need not be there before it is tagged.

        Raises:
            SizeLimitError: it is larger than MAX_MANIFEST_SIZE.
            StoreIOError: it cannot be written.
        """
        check_size(len(data), MAX_MANIFEST_SIZE)
        digest = self.put_blob(data)
        self._work.graph.learn(digest, data)
        return digest

    def put_blob_chunks(self, chunks: Iterable[bytes], *, expected: Descriptor | None = None) -> StoredBlob:
        """Add content that comes in pieces, none of which is kept in memory.

        Args:
            chunks: the content, in order.
            expected: what it is promised to be; reading stops where it breaks the promise.

        Raises:
            DigestMismatchError: it is not what was expected.
            SizeLimitError: it is larger than MAX_BLOB_SIZE, or expected to be.
            StoreIOError: it cannot be written.
        """
        self._check_open()
        digest, staged = self._staging.write_chunks(chunks, expected)
        if not self._is_new(digest):
            discard(staged.path)
        elif self._stands(digest, staged.size, None):
            self._found[digest] = _Found(staged.size, staged)
        else:
            self._staged[digest] = staged
            self._staging.keep(staged)
        return StoredBlob(digest, staged.size)

    def has(self, digest: Digest, *, size: int | None = None) -> bool:
        """Return whether the content is in the store or was added here; then it stays until the transaction ends.

        Args:
            digest: what to look for.
            size: the bytes that it should have, where they are known; another size counts as absent.
        """
        digest = Digest.parse(digest)
        if not self._is_new(digest):
            return True
        if not self._stands(digest, size, None):
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
        """Have the commit give `digest`, and all that it reaches, the tag.

        Args:
            digest: a manifest or an index, in the store or added here.
            tag: a tag or a full reference; it is taken from what has it.
            local_build: whether to mark the entry as built on this machine.

        Raises:
            InvalidTagError: the tag cannot be written down.
        """
        self._check_open()
        self._tags[check_tag(tag)] = (Digest.parse(digest), local_build)

    def commit(self) -> None:
        """Make everything visible at once, durably. The `with` statement calls it.

        Raises:
            StoreNotFoundError: something that a tag reaches is neither in the store nor added here.
            CorruptStoreError: something damaged is in the way.
            StoreIOError: the disk failed, and nothing was changed.
            StoreLockError: the store was in use for too long.
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
            raise StoreError("the transaction is over", remedy="Begin another one with Store.transaction")

    def _is_new(self, digest: Digest) -> bool:
        self._check_open()
        return digest not in self._staged and digest not in self._found

    def _put(self, digest: Digest, data: bytes) -> None:
        if self._stands(digest, len(data), data):
            self._found[digest] = _Found(len(data), data)
        else:
            staged = self._staging.write(data)
            staged.replaces = look(self._work.layout.blob(digest)) is not None
            self._staged[digest] = staged

    def _stands(self, digest: Digest, size: int | None, data: bytes | None) -> bool:
        """Return whether the blob is in the store, as far as can be told quickly; one that is damaged counts as not."""
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
        """Do what needs the lock."""
        placed: list[Digest] = []
        layout = self._work.layout
        if self._tags:
            self._work.keeper.load()  # an index that is damaged is told of before anything is put in place
        try:
            self._stage_what_is_gone()
            reused = [digest for digest, found in self._found.items() if found.content is not None]
            self._claim({digest: staged.modified for digest, staged in self._staged.items()}, reused)
            for digest in reused:
                _fs.touch(layout.blob(digest))
            for digest, staged in self._staged.items():
                if self._place(digest, staged):
                    placed.append(digest)
            # The names of what stood there already are flushed as well: who put it there may have been killed before that.
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
        """Stage what stood in the store when it was added, and was removed since."""
        for digest, found in list(self._found.items()):
            if found.content is None or self._stands(digest, found.size, None):
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
        """Put a finished file in its place; return whether nothing stood there."""
        path = self._work.layout.blob(digest)
        found = look(path)
        if found is None:
            _fs.rename(staged.path, path)
            return True
        if stat.S_ISDIR(found.st_mode):
            raise CorruptStoreError("a directory stands in a blob's place", where=path, remedy=CHECK_OR_REPAIR)
        if staged.replaces or not stat.S_ISREG(found.st_mode) or found.st_size != staged.size:
            _fs.rename(staged.path, path)  # what stood there was damaged when the content was added, or is now
        else:
            _fs.touch(path)
            discard(staged.path)
        return False

    def _change_index(self, *, are_new: bool) -> None:
        """Change index.json, flushing the blobs' names while its new text is flushed and before it takes its place."""
        work = self._work
        reached = [work.graph.complete(digest) for digest, _ in self._tags.values()]
        # Names that are not new are flushed already, as a rule, and that is done sooner than handed to another thread.
        flush = work.in_background(self._flush_names).result if are_new else self._flush_names
        work.keeper.change(self._plan, before_publish=flush)
        for digests in reached:
            self._session.release(self._owner, digests)

    def _flush_names(self) -> None:
        _fs.sync_folder(self._work.layout.sha256)

    def _plan(self, file: IndexFile) -> Plan:
        changed: dict[int, Entry | None] = {}
        added: list[Entry] = []
        for tag, (digest, local_build) in self._tags.items():
            changed.update((key, None) for key in file.doubles(tag))
            key, entry = file.place_for(tag, digest, taken=changed)
            if entry is not None and entry.digest == digest:
                if (entry.tag, entry.local_build) != (tag, local_build):
                    changed[key] = retagged(entry, tag, local_build=local_build)
                continue
            new = new_entry(self._work.graph.links(digest).descriptor, tag, local_build=local_build)
            if entry is None:
                added.append(new)
            else:
                changed[key] = new
        return changed, added

    def _is_tagged(self) -> bool:
        """Return whether index.json names what was to be tagged, or may: then nothing must be taken back."""
        if not self._tags:
            return False
        try:
            file = self._work.keeper.load()
        except StoreError:
            return True
        entries = [(file.find(tag), digest) for tag, (digest, _) in self._tags.items()]
        return any(entry is not None and entry.digest == digest for entry, digest in entries)
