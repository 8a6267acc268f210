"""Reads index.json while programs that take no lock may be writing it in place."""

import errno
import os
import time
from collections.abc import Callable
from typing import Final

from toolhive_plugins_store.errors import CorruptStoreError, StoreIOError
from toolhive_plugins_store.index_file import Identity, IndexFile, parse_index_file
from toolhive_plugins_store.layout import MAX_INDEX_SIZE, look, read_open_file, read_plain_file

_WAIT: Final = 0.02
"""Seconds between two reads of a file that does not parse."""

_UNSETTLED: Final = 3.0
"""Seconds after its last change for which a program may still be writing a file."""

_PATIENCE: Final = 10.0
"""Seconds for which a file that keeps changing is read again at most."""


def identity(found: os.stat_result) -> Identity:
    """Return which state of which file this is."""
    return found.st_ino, found.st_size, found.st_mtime_ns


def read_index(path: str) -> IndexFile | None:
    """Read and parse index.json; None if there is none.

    oras-go empties the file and then writes it, and on a busy machine it may be interrupted in between. So a file that
    does not parse is read again until its last change is a few seconds old.

    Raises:
        CorruptStoreError: it is not an index, and nobody is writing it.
    """
    return _read_patiently(lambda: look(path), lambda last: _read_unless_leased(path, last=last), path)


def read_open_index(file: int, path: str) -> IndexFile | None:
    """Read and parse the index.json that is open, as `read_index` does, also if it has no name any more."""
    return _read_patiently(lambda: os.fstat(file), lambda _: read_open_file(file, path, MAX_INDEX_SIZE), path)


def _read_patiently(
    status: Callable[[], os.stat_result | None], read: Callable[[bool], bytes | None], path: str
) -> IndexFile | None:
    deadline = time.monotonic() + _PATIENCE
    while (found := status()) is not None:
        last = time.monotonic() >= deadline
        data = read(last)
        after = status()
        if data is not None and after is not None and (last or identity(after) == identity(found)):
            try:
                file = parse_index_file(data, path)
            except CorruptStoreError:
                if last or time.time() - found.st_mtime > _UNSETTLED:
                    raise
            else:
                file.identity = identity(found)
                return file
        time.sleep(_WAIT)
    return None


def _read_unless_leased(path: str, *, last: bool) -> bytes | None:
    """Return the text; None if it is missing, or if its writer keeps readers out for a moment."""
    try:
        return read_plain_file(path, MAX_INDEX_SIZE)
    except StoreIOError as error:
        if last or error.errno != errno.EAGAIN:
            raise
        return None
