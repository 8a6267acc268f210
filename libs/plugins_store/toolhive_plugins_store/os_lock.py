"""A lock on a file that the operating system drops when its process ends, however it ends.

Where there is flock(2), it is called directly: filelock brings thirty modules, of its own and of the standard library, for what takes
one call here. Elsewhere filelock does it.
"""

import contextlib
import os
import sys
import time
from typing import Final

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
        """Let go of the lock, if it is held."""
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
