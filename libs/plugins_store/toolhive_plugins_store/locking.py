"""The locks of a store: the operating system's, which end with the process that holds them, however it ends.

Where there is flock(2), it is called directly: filelock brings thirty modules, of its own and of the standard library, for what takes
one call here. Elsewhere filelock does it.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreLockError, io_error

if TYPE_CHECKING:
    from toolhive_plugins_store.notices import Notify

_SILENCE: Final = 1.0
"""Seconds to wait before saying so."""

_POLL: Final = 0.003
"""Seconds between two tries; a lock is held for a few milliseconds."""


class OsLock:
    """An exclusive lock on a file, which is kept when the lock is released. Neither re-entrant nor for threads.

    Args:
        path: the file; created where it is missing, readable and writable for its owner alone.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._held: _Descriptor | None = None

    def acquire(self, timeout: float = 0.0) -> bool:
        """Wait until the lock is free, for `timeout` seconds at most, and return whether it was taken.

        Raises:
            OSError: the file cannot be created or opened.
        """
        deadline = time.monotonic() + timeout
        while (held := _try_lock(self.path)) is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL)
        self._held = held
        return True

    def release(self) -> None:
        """Release the lock, if it is held."""
        held, self._held = self._held, None
        if held is not None:
            held.close()


if sys.platform == "win32":
    from filelock import FileLock, Timeout

    class _Descriptor:
        """A file that is locked."""

        def __init__(self, lock: FileLock) -> None:
            self._lock = lock

        def close(self) -> None:
            """Unlock it."""
            self._lock.release()

    def _try_lock(path: str) -> _Descriptor | None:
        lock = FileLock(path, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        return _Descriptor(lock)
else:
    import fcntl

    class _Descriptor:
        """A file that is locked. The lock belongs to the open file: a forked child shares it until it closes or ends."""

        def __init__(self, fd: int) -> None:
            self._fd = fd
            self._pid = os.getpid()

        def close(self) -> None:
            """Unlock it; in a forked child only its own handle is closed, since the lock is the parent's."""
            try:
                if os.getpid() == self._pid:
                    fcntl.flock(self._fd, fcntl.LOCK_UN)
            finally:
                os.close(self._fd)

    def _try_lock(path: str) -> _Descriptor | None:
        # O_NOFOLLOW: a link in the lock's place must not have us create or lock a file elsewhere. O_NONBLOCK: nor must a pipe block us.
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(fd).st_nlink:  # else its last holder removed it: the lock would guard no name
                    return _Descriptor(fd)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        return None


class StoreLock:
    """Keeps the threads of this process, and other processes, from changing one store at once. Not re-entrant."""

    def __init__(self, path: str, timeout: float, notify: "Notify | None" = None) -> None:
        self._path = path
        self._timeout = timeout
        self._notify = notify
        self._threads = threading.Lock()
        self._file = OsLock(path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock while the context lasts.

        Raises:
            StoreLockError: it was not free within the timeout.
            StoreIOError: the lock file cannot be created or opened.
        """
        wait = _Wait(self._path, self._timeout, self._notify)
        if not wait.until(lambda seconds: self._threads.acquire(timeout=seconds), holder=os.getpid):
            raise wait.timed_out(os.getpid())
        try:
            if not wait.until(self._take, holder=lambda: lock_holder(self._path)):
                raise wait.timed_out(lock_holder(self._path))
            try:
                yield
            finally:
                self._file.release()
        finally:
            self._threads.release()

    def _take(self, timeout: float) -> bool:
        try:
            _fs.announce(_fs.Operation.LOCK, self._path)
            return self._file.acquire(timeout)
        except OSError as error:
            raise io_error(error, "lock", self._path) from error


class _Wait:
    """One wait for a lock: silent at first, then told once, and bounded."""

    def __init__(self, path: str, timeout: float, notify: "Notify | None") -> None:
        self._path = path
        self._timeout = timeout
        self._notify = notify
        self._start = time.monotonic()

    def until(self, take: Callable[[float], bool], holder: Callable[[], int]) -> bool:
        """Try to take a lock, within what is left of the time; return whether it was taken."""
        if self._notify is not None:
            silence = min(_SILENCE, self._timeout) - self._passed()
            if take(max(0.0, silence)):
                return True
            if self._timeout > _SILENCE:
                from toolhive_plugins_store.notices import Notice, NoticeKind

                self._notify(Notice(NoticeKind.WAITING_FOR_LOCK, pid=holder()))
                self._notify = None
        return take(max(0.0, self._timeout - self._passed()))

    def timed_out(self, pid: int) -> StoreLockError:
        """Return the error for a lock that was not free in time."""
        holder = {0: "another process", os.getpid(): "another thread of this process"}.get(pid, f"process {pid}")
        return StoreLockError(
            f"{holder} held it for more than {self._timeout:g} seconds",
            where=self._path,
            remedy="Wait for it, or end it if it hangs, then try again",
        )

    def _passed(self) -> float:
        return time.monotonic() - self._start


def lock_holder(path: str) -> int:
    """Return the process that holds the lock on a file; 0 if that is not known. Only Linux tells (proc(5), locks)."""
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii", errors="replace") as locks:
            lines = [line.split() for line in locks]
    except OSError:
        return 0
    holders = {int(f[4]) for f in lines if len(f) == 8 and f[1] == "FLOCK" and f[5].endswith(f":{inode}")}
    return holders.pop() if len(holders) == 1 else 0


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
