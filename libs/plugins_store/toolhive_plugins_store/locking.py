"""The locks of a store: the operating system's, which end with the process that holds them, however it ends."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreLockError, io_error
from toolhive_plugins_store.os_lock import OsLock


class StoreLock:
    """Keeps the threads of this process, and other processes, from changing one store at once. Not re-entrant."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._threads = threading.Lock()
        self._file = OsLock(path)

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
            self._take(max(0.0, deadline - time.monotonic()))
            try:
                yield
            finally:
                self._file.release()
        finally:
            self._threads.release()

    def _take(self, timeout: float) -> None:
        try:
            _fs.announce(_fs.Operation.LOCK, self._path)
            taken = self._file.acquire(timeout)
        except OSError as error:
            raise io_error(error, "lock", self._path) from error
        if not taken:
            raise self._timed_out()

    def _timed_out(self) -> StoreLockError:
        return StoreLockError(
            f"another process or thread held it for more than {self._timeout:g} seconds",
            where=self._path,
            remedy="Wait for the other process, then try again",
        )


def try_lock(lock: OsLock) -> bool:
    """Take the lock if it is free; return whether it was taken.

    Raises:
        StoreIOError: the lock file cannot be created or opened.
    """
    try:
        _fs.announce(_fs.Operation.LOCK, lock.path)
        return lock.acquire()
    except OSError as error:
        raise io_error(error, "lock", lock.path) from error
