"""The locks of a store: the operating system's, which end with the process that holds them, however it ends."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreLockError, io_error

if TYPE_CHECKING:
    from filelock import FileLock

_POLL: Final = 0.003
"""Seconds between two tries; a lock is held for a few milliseconds."""


class StoreLock:
    """Keeps the threads of this process, and other processes, from changing one store at once. Not re-entrant."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._threads = threading.Lock()
        self._file: FileLock | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock while the context lasts.

        Raises:
            StoreLockError: it was not free within the timeout.
            StoreIOError: the lock file cannot be created or opened.
        """
        deadline = time.monotonic() + self._timeout
        if not self._threads.acquire(timeout=self._timeout):
            raise self._timed_out()
        try:
            if self._file is None:
                self._file = new_file_lock(self._path)
            self._take(self._file, max(0.0, deadline - time.monotonic()))
            try:
                yield
            finally:
                self._file.release()
        finally:
            self._threads.release()

    def _take(self, file: "FileLock", timeout: float) -> None:
        from filelock import Timeout

        try:
            _fs.announce(_fs.Operation.LOCK, self._path)
            file.acquire(timeout=timeout, poll_interval=_POLL)
        except Timeout as error:
            raise self._timed_out() from error
        except OSError as error:
            raise io_error(error, "lock", self._path) from error

    def _timed_out(self) -> StoreLockError:
        return StoreLockError(
            f"another process or thread held it for more than {self._timeout:g} seconds",
            where=self._path,
            remedy="Wait for the other process, then try again",
        )


def new_file_lock(path: str) -> "FileLock":
    """Return a lock on the file, not held. It never expires, and its file is kept on release."""
    from filelock import FileLock  # lazily: reading takes no lock

    return FileLock(path, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)


def try_lock(lock: "FileLock") -> bool:
    """Take the lock if it is free; return whether it was taken.

    Raises:
        StoreIOError: the lock file cannot be created or opened.
    """
    from filelock import Timeout

    try:
        _fs.announce(_fs.Operation.LOCK, lock.lock_file)
        lock.acquire(blocking=False)
    except Timeout:
        return False
    except OSError as error:
        raise io_error(error, "lock", lock.lock_file) from error
    return True
