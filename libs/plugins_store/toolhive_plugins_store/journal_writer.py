"""Writes the journal; see `journal` for what it is and how it reads.

A group is appended and flushed. Now and then the journal is written as a whole, with what is still of use in it.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterable
from typing import Final

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreIOError
from toolhive_plugins_store.index_file import Identity
from toolhive_plugins_store.journal import (
    HEADER,
    HEADER_SIZE,
    OPEN,
    RIGHT,
    SETTLED,
    WRONG,
    Action,
    Journal,
    Note,
    line_checksum,
)
from toolhive_plugins_store.layout import Layout, look

_COMPACT_FROM: Final = 64 * 1024
"""Size in bytes below which the journal is not compacted. From there on it is once it has grown to four times its size."""

DELETED_LIFE: Final = 30 * 24 * 3600 * 10**9
"""Nanoseconds after which a deletion is forgotten when the journal is compacted."""


class JournalWriter(Journal):
    """Writes the journal of one store. The caller holds the store's lock."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self._layout = layout

    def append(
        self,
        notes: Iterable[Note],
        *,
        index: Identity | None,
        replaced: Identity | None,
        settled: bool = True,
        replaced_was_right: bool = True,
    ) -> None:
        """Add a group, durably.

        Args:
            notes: what is about to happen to tags. They name what a tag was before only as far as it is new.
            index: the file that is about to become index.json.
            replaced: the present index.json.
            settled: whether all tags in the new one are as we leave them.
            replaced_was_right: whether the present one needs no correction.

        Raises:
            StoreIOError: the disk failed; the journal is as it was.
        """
        flags = f"{SETTLED if settled else OPEN} {RIGHT if replaced_was_right else WRONG}"
        group = _group(notes, f"{_identity_text(index)} {_identity_text(replaced)} {flags}")
        size = self._size_to_append_to()
        if size is None:
            self._rewrite(group)
            return
        file = _fs.append_to(self.path)
        try:
            try:
                _fs.write(file, group, self.path)
                _fs.sync(file, self.path)
            except BaseException:
                with contextlib.suppress(StoreIOError):
                    _fs.truncate(file, size, self.path)
                raise
        finally:
            os.close(file)

    def clear(self) -> None:
        """Remove the journal, which then counts as empty."""
        _fs.remove(self.path)

    def undo(self) -> None:
        """Remove the last group, whose change did not happen. A failure is ignored, since readers see that, too."""
        left = self.left()
        if left is None:
            return
        with contextlib.suppress(StoreIOError):
            file = _fs.append_to(self.path)
            try:
                _fs.truncate(file, os.fstat(file).st_size - left.group, self.path)
            finally:
                os.close(file)

    def _size_to_append_to(self) -> int | None:
        """Return the journal's size in bytes; None if it must be written as a whole."""
        found = look(self.path)
        base, left = self.ends()
        if found is None or left is None or found.st_size > max(_COMPACT_FROM, 4 * base):
            return None
        return found.st_size

    def _rewrite(self, group: bytes) -> None:
        """Write the journal as a whole: what is still of use in it, and a new group."""
        now = time.time_ns()
        notes = [note for note in self.notes().values() if note.action is Action.TAG or note.time > now - DELETED_LIFE]
        kept = _group(notes, f"- - {OPEN} {WRONG}") if notes else b""
        header = HEADER + b"%010d\n" % (len(kept) + HEADER_SIZE)
        path = self._layout.journal_new
        _fs.remove(path)
        file = _fs.create(path)
        try:
            _fs.write(file, header + kept + group, path)
            _fs.sync(file, path)
        finally:
            os.close(file)
        _fs.rename(path, self.path)
        _fs.sync_folder(self._layout.private)


def _group(notes: Iterable[Note], end: str) -> bytes:
    lines = [_sealed(_note_text(note)) for note in notes]
    size = sum(map(len, lines))
    # The last line tells the size of all, itself included, in a number of fixed width.
    own_size = len(_sealed(f"end {len(lines)} {0:010d} {end}".encode()))
    return b"".join(lines) + _sealed(f"end {len(lines)} {size + own_size:010d} {end}".encode())


def _note_text(note: Note) -> bytes:
    past = ",".join(note.past) or "-"
    text = note.entry.raw if note.entry is not None else json.dumps(note.tag).encode()
    return f"{note.action} {note.time} {past} ".encode() + text


def _identity_text(identity: Identity | None) -> str:
    return "-" if identity is None else "{}/{}/{}".format(*identity)


def _sealed(text: bytes) -> bytes:
    return line_checksum(text) + b" " + text + b"\n"
