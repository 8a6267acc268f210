"""Keeps one process's view of index.json, and puts changes to it on the disk.

Reading costs a `stat` where nothing changed. Writing replaces the file by a rename, so that a reader sees the old text
or the new and never a torn one, after the new text was flushed; the folder is flushed after it.

A store of 10,000 builds has an index.json of 3 MB. To write that for each build would cost more than the build, so the
file that the last write replaced is kept as `index.spare`. It differs from what is to be written only at its end,
mostly; so the end is written, and it is renamed back into place. The spare may still be open in a reader that
began before it was replaced. Linux tells (a write lease, fcntl(2), is given only for a file that nobody else has open);
where it is, or no system tells, the whole text is written to a new file.
"""

import contextlib
import errno
import os
import sys
import time
from _thread import allocate_lock  # what threading.Lock is; a list loads two modules fewer
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CorruptStoreError, Hint, StoreIOError
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import Changes, Edit, Identity, IndexFile, parse_index_file
from toolhive_plugins_store.layout import (
    EMPTY_INDEX,
    MAX_INDEX_SIZE,
    Layout,
    check_marker,
    has_blobs,
    look,
    read_plain_file,
)

_PATCH_FROM: Final = 64 * 1024
"""Bytes of index.json below which writing all of it is as quick as anything."""

_PLANS: Final = 10
"""How often a change is planned again because the index changed meanwhile."""

_WAIT: Final = 0.02
_UNSETTLED: Final = 3.0
_PATIENCE: Final = 10.0
"""Seconds between two reads of a file that does not parse; how long after its last change a program may still be
writing it; and how long to read it again at most."""

Plan = tuple[Changes, Iterable[IndexEntry]]


class _Spare(NamedTuple):
    """What is known of `index.spare`: which file it is, and up to which byte it equals the current index."""

    identity: Identity
    same_up_to: int


class IndexKeeper:
    """Reads and writes the index.json of one store. To write, the caller holds the store's lock."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._mutex = allocate_lock()
        self._known: IndexFile | None = None
        self._spare: _Spare | None = None
        self._unflushed = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[IndexFile]:
        """Give the index as `load` does, which no thread changes while the context lasts; for those without the lock."""
        with self._mutex:
            yield self._load()

    def load(self) -> IndexFile:
        """Return the index as it stands; an absent one is empty.

        Raises:
            CorruptStoreError: it, or the `oci-layout` beside it, is damaged, or it is gone and the blobs are not.
        """
        with self._mutex:
            return self._load()

    def _load(self) -> IndexFile:
        found = look(self._layout.index)
        if found is not None and self._known is not None and self._known.identity == _identity(found):
            return self._known
        self._known = self._spare = None
        check_marker(self._layout)
        self._known = read_index(self._layout.index)
        if self._known is not None:
            return self._known
        if has_blobs(self._layout):
            raise CorruptStoreError(
                "it is missing, and there are blobs", where=self._layout.index, hint=Hint.REPAIR_STORE
            )
        return parse_index_file(EMPTY_INDEX, self._layout.index)

    def change(self, plan: Callable[[IndexFile], Plan], *, before_publish: Callable[[], object] | None = None) -> None:
        """Change the index durably, as `plan` says for the one that stands there.

        A program that takes no lock may write between our reading and our renaming. That is looked for right before
        the rename, and the change is planned again on what it wrote; so only an instant is left for the two to cross.

        Args:
            plan: called, once or more, with the index; its entries to replace (or, as None, to drop), and those to add.
            before_publish: called once, after the new text is on the disk and before it becomes index.json.
        """
        for last in (*[False] * (_PLANS - 1), True):
            file = self.load()
            edit = Edit(file, *plan(file))
            prepared = self._prepare(edit) if edit else ""
            if before_publish is not None:
                before_publish()
                before_publish = None
            if not edit:
                self._unflushed = True  # whoever wrote what stands there may have been killed before flushing it
                self.settle()
                return
            found = look(self._layout.index)
            if last or (None if found is None else _identity(found)) == file.identity:
                self._publish(file, edit, prepared)
                return

    def _prepare(self, edit: Edit) -> str:
        """Put the new text on the disk, durably, under a name that nobody reads; return that name."""
        spare, self._spare = self._spare, None
        try:
            if spare is not None and self._patch(edit, spare):
                return self._layout.index_spare
            self._write_new(edit.text_from(0))
        except StoreIOError:
            with contextlib.suppress(StoreIOError):  # the first failure is told; what is left over is swept later
                _fs.remove(self._layout.index_new)
            raise
        return self._layout.index_new

    def _write_new(self, text: bytes) -> None:
        """Write a whole new text, if need be in the space that the spare takes: a full disk must not forbid to delete."""
        try:
            _write_whole(self._layout.index_new, text)
        except StoreIOError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not _fs.remove(self._layout.index_spare):
                raise
            _write_whole(self._layout.index_new, text)

    def _publish(self, file: IndexFile, edit: Edit, prepared: str) -> None:
        """Rename the prepared text into place, keep what stood there as the spare, and flush the folder."""
        layout = self._layout
        self._known = None
        _fs.remove(layout.index_old)
        linked = file.identity is not None and _fs.link(layout.index, layout.index_old)
        _fs.rename(prepared, layout.index)
        self._unflushed = True
        published = look(layout.index)
        if linked:
            _fs.rename(layout.index_old, layout.index_spare)
            spare = look(layout.index_spare)
            if file.identity is not None and spare is not None and _identity(spare) == file.identity:
                self._spare = _Spare(file.identity, edit.offset)
        self.settle()
        with self._mutex:
            file.apply(edit)
            if published is not None and published.st_size == file.size:
                file.identity = _identity(published)
                self._known = file

    def settle(self) -> None:
        """Flush the folder where that is still to be done, perhaps because it failed before."""
        if self._unflushed:
            _fs.sync_folder(self._layout.top)
            self._unflushed = False

    def make_empty(self) -> None:
        """Make an index.json without entries where there is none."""
        if look(self._layout.index) is None:
            _write_whole(self._layout.index_new, EMPTY_INDEX)
            _fs.rename(self._layout.index_new, self._layout.index)

    def replace(self, text: bytes) -> None:
        """Put a whole new index.json in place of one that may not be readable."""
        self._known = self._spare = None
        self._write_new(text)
        _fs.rename(self._layout.index_new, self._layout.index)
        self._unflushed = True
        self.settle()

    def _patch(self, edit: Edit, spare: _Spare) -> bool:
        """Make the spare into the new text where that is safe and worth it; return whether it was."""
        offset = min(spare.same_up_to, edit.offset)
        if edit.size < _PATCH_FROM or offset < edit.size // 2:
            return False
        path = self._layout.index_spare
        try:
            file = os.open(path, os.O_RDWR | _fs.READ_ONLY)
        except OSError:
            return False
        try:
            found = os.fstat(file)
            if _identity(found) != spare.identity or found.st_nlink != 1 or not _is_ours_alone(file):
                return False
            os.lseek(file, offset, os.SEEK_SET)
            _fs.write(file, edit.text_from(offset), path)
            _fs.truncate(file, edit.size, path)
            _fs.stamp(file, path, time.time_ns())
            _fs.sync(file, path)
        except StoreIOError:
            return False  # the whole text, written to a new file, may fit or fail better
        finally:
            _share_again(file)
            os.close(file)
        return True


def read_index(path: str) -> IndexFile | None:
    """Read and parse index.json, again where a program that writes it in place may be at it just now.

    oras-go empties the file and then writes it; on a busy machine it may be kept from going on in between.
    """
    deadline = time.monotonic() + _PATIENCE
    while (found := look(path)) is not None:
        last = time.monotonic() >= deadline
        data = _read_unless_leased(path, last=last)
        after = look(path)
        if data is not None and after is not None and (last or _identity(after) == _identity(found)):
            try:
                file = parse_index_file(data, path)
            except CorruptStoreError:
                if last or time.time() - found.st_mtime > _UNSETTLED:
                    raise
            else:
                file.identity = _identity(found)
                return file
        time.sleep(_WAIT)
    return None


def _read_unless_leased(path: str, *, last: bool) -> bytes | None:
    """Return the text; None where it is gone, or where the writer keeps others from it for a moment."""
    try:
        return read_plain_file(path, MAX_INDEX_SIZE)
    except StoreIOError as error:
        if last or error.errno != errno.EAGAIN:
            raise
        return None


def _write_whole(path: str, text: bytes) -> None:
    """Write a new file, durably, in place of what a killed process may have left there."""
    _fs.remove(path)
    file = _fs.create(path)
    try:
        _fs.write(file, text, path)
        _fs.stamp(file, path, time.time_ns())
        _fs.sync(file, path)
    finally:
        os.close(file)


def _identity(found: os.stat_result) -> Identity:
    return found.st_ino, found.st_size, found.st_mtime_ns


if sys.platform == "linux":
    import fcntl
    import signal

    def _is_ours_alone(file: int) -> bool:
        """Return whether no other open of the file exists, and keep new ones waiting until `_share_again`."""
        try:
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)  # who waits is announced by SIGIO otherwise, which kills
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            return False
        return True

    def _share_again(file: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)

else:

    def _is_ours_alone(_file: int) -> bool:
        return False

    def _share_again(_file: int) -> None:
        pass
