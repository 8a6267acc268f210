"""Puts a new index.json on the disk.

It replaces the old one by a rename, so that a reader sees the old text or the new one and never a torn one. Its text
is flushed before, and its folder after the rename.

A store of 10,000 builds has an index.json of 3 MB. Writing that for each build would cost more than the build, so the
file that the last write replaced is kept as `index.spare`. Usually it differs from the next text only at its end. So
it is renamed to `index.patch`, its end is written, and it is renamed back into place. A reader that started before the
spare was replaced may still have it open. Linux tells (a write lease, fcntl(2), is granted only for a file that nobody
else has open). If a reader has it, or if the system cannot tell, the whole text is written to a new file.

A program that takes no lock writes index.json in place. If it opened the file before our rename and writes after it,
its text goes to the replaced file. So that file is kept open during the rename, and looked at afterwards.
"""

import contextlib
import errno
import os
import sys
import time
from typing import Final, NamedTuple

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CorruptStoreError, StoreError, StoreIOError
from toolhive_plugins_store.index_file import Edit, Identity, IndexFile
from toolhive_plugins_store.index_reader import identity, read_open_index
from toolhive_plugins_store.layout import EMPTY_INDEX, Layout, look

_PATCH_FROM: Final = 64 * 1024
"""Size in bytes of index.json below which writing all of it is as fast as anything."""


class Prepared(NamedTuple):
    """A new index.json, flushed, under a name that nobody reads."""

    path: str
    identity: Identity

    unchanged_up_to: int
    """Size in bytes of its beginning that equals the present index.json."""


class _Spare(NamedTuple):
    """What is known about `index.spare`: which file it is, and up to which byte it equals index.json."""

    identity: Identity
    same_up_to: int


class IndexWriter:
    """Writes the index.json of one store. The caller holds the store's lock."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._spare: _Spare | None = None
        self._unflushed = False

    def prepare(self, edit: Edit) -> Prepared:
        """Write the text after an edit, durably, without publishing it."""
        layout = self._layout
        spare, self._spare = self._spare, None
        patched = self._patch(edit, spare) if spare is not None else None
        if patched is not None:
            return Prepared(layout.index_patch, patched, edit.offset)
        try:
            return Prepared(layout.index_new, self._write_new(edit.text_from(0)), edit.offset)
        except StoreIOError:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove what was prepared. What cannot be removed now, `gc` removes later."""
        for path in (self._layout.index_new, self._layout.index_patch):
            with contextlib.suppress(StoreIOError):
                _fs.remove(path)

    def publish(self, prepared: Prepared, replaced: Identity | None) -> IndexFile | None:
        """Rename the prepared text into place, keep what was there as the spare, and flush the folder.

        Returns:
            What a program without our lock wrote into the replaced file at this very moment; None as a rule.
        """
        layout = self._layout
        _fs.remove(layout.index_old)
        linked = replaced is not None and _fs.link(layout.index, layout.index_old)
        held = _hold(layout.index) if replaced is not None else None
        try:
            _fs.rename(prepared.path, layout.index)
            self._unflushed = True
            if linked:
                _fs.rename(layout.index_old, layout.index_spare)
            foreign = _foreign_write(held, replaced, layout.index)
        finally:
            if held is not None:
                os.close(held)
        if linked and foreign is None and replaced is not None:
            self._spare = _Spare(replaced, prepared.unchanged_up_to)
        self.settle()
        return foreign

    def settle(self, *, unflushed: bool = False) -> None:
        """Flush the folder if that is still to be done, perhaps because it failed before."""
        if unflushed or self._unflushed:
            self._unflushed = True
            _fs.sync_folder(self._layout.top)
            self._unflushed = False

    def make_empty(self) -> None:
        """Create an index.json without entries if there is none."""
        if look(self._layout.index) is None:
            _write_whole(self._layout.index_new, EMPTY_INDEX)
            _fs.rename(self._layout.index_new, self._layout.index)

    def replace(self, text: bytes) -> None:
        """Write a new index.json in place of one that may be unreadable."""
        self._spare = None
        self._write_new(text)
        _fs.rename(self._layout.index_new, self._layout.index)
        self.settle(unflushed=True)

    def forget_spare(self) -> None:
        """Write the next text as a whole, since another program changed index.json."""
        self._spare = None

    def make_room(self) -> bool:
        """Remove the spare, so that a full disk does not prevent a deletion; return whether there was one."""
        self._spare = None
        return _fs.remove(self._layout.index_spare)

    def _write_new(self, text: bytes) -> Identity:
        try:
            return _write_whole(self._layout.index_new, text)
        except StoreIOError as error:
            if not is_full(error) or not self.make_room():
                raise
            return _write_whole(self._layout.index_new, text)

    def _patch(self, edit: Edit, spare: _Spare) -> Identity | None:
        """Make the spare into the new text if that is safe and worth it; return which file it is then, else None."""
        offset = min(spare.same_up_to, edit.offset)
        if edit.size < _PATCH_FROM or offset < edit.size // 2:
            return None
        path = self._layout.index_patch
        try:
            file = os.open(self._layout.index_spare, os.O_RDWR | _fs.READ_ONLY)
        except OSError:
            return None
        try:
            found = os.fstat(file)
            if identity(found) != spare.identity or found.st_nlink != 1 or not _is_exclusive(file):
                return None
            _fs.rename(self._layout.index_spare, path)
            os.lseek(file, offset, os.SEEK_SET)
            _fs.write(file, edit.text_from(offset), path)
            _fs.truncate(file, edit.size, path)
            _fs.stamp(file, path, time.time_ns())
            _fs.sync(file, path)
            return identity(os.fstat(file))
        except StoreIOError:
            return None  # writing the whole text to a new file may succeed, or fail with a better error
        finally:
            _share_again(file)
            os.close(file)


def is_full(error: StoreIOError) -> bool:
    """Return whether an operation failed for lack of space."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _hold(path: str) -> int | None:
    """Open a file that is about to be replaced; None if it cannot be, or if that would prevent the rename."""
    if sys.platform == "win32":
        return None
    try:
        return os.open(path, _fs.READ_ONLY)
    except OSError:
        return None


def _foreign_write(held: int | None, replaced: Identity | None, path: str) -> IndexFile | None:
    """Return what was written to the replaced file since it was read, once it is whole."""
    if held is None or identity(os.fstat(held)) == replaced:
        return None
    try:
        return read_open_index(held, path)
    except (CorruptStoreError, StoreIOError):
        return None  # its writer was killed


def spare_written_since(layout: Layout, replaced: Identity | None) -> IndexFile | None:
    """Return what a program without our lock wrote into the replaced file long after the rename, once it is whole."""
    try:
        found = look(layout.index_spare)
        if replaced is None or found is None or found.st_ino != replaced[0] or identity(found) == replaced:
            return None
        held = _hold(layout.index_spare)
        try:
            return _foreign_write(held, replaced, layout.index_spare)
        finally:
            if held is not None:
                os.close(held)
    except StoreError:
        return None


def _write_whole(path: str, text: bytes) -> Identity:
    """Write a new file, durably, in place of what a killed process may have left; return which one it is."""
    _fs.remove(path)
    file = _fs.create(path)
    try:
        _fs.write(file, text, path)
        _fs.stamp(file, path, time.time_ns())
        _fs.sync(file, path)
        return identity(os.fstat(file))
    finally:
        os.close(file)


if sys.platform == "linux":
    import fcntl
    import signal

    def _is_exclusive(file: int) -> bool:
        """Return whether nobody else has the file open, and keep others out until `_share_again`."""
        try:
            fcntl.fcntl(
                file, fcntl.F_SETSIG, signal.SIGURG
            )  # a waiting opener would raise SIGIO otherwise, which kills
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            return False
        return True

    def _share_again(file: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)

else:

    def _is_exclusive(_file: int) -> bool:
        return False

    def _share_again(_file: int) -> None:
        pass
