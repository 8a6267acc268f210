"""Putting one directory in the place of another, so that a reader, or a kill, meets one of the two and never neither."""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
"""Of renameat2(2)."""

_RENAME_SWAP: Final = 2
"""Of macOS's renamex_np(2)."""

_UNSUPPORTED: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def replace_directory(fresh: Path, target: Path, aside: Path) -> Path:
    """Put `fresh` in the place of `target`, and return where the old one is now.

    Where the system cannot exchange two directories in one step, the old one is moved to `aside` first, and moved back if the
    second step fails; signals are held back meanwhile.

    Raises:
        OSError: it failed, and `target` is as it was.
    """
    try:
        if _exchange(fresh, target):
            return fresh
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    with _signals_held_back():
        target.rename(aside)
        try:
            fresh.rename(target)
        except BaseException:
            aside.rename(target)
            raise
    return aside


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two directories in one step; return False where the system has no call for it."""
    if sys.platform not in ("linux", "darwin"):
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(first), os.fsencode(second)
    try:
        if sys.platform == "linux":
            status = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
        else:
            status = libc.renamex_np(*paths, _RENAME_SWAP)
    except AttributeError:  # an older C library
        return False
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(second))
    return True


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until both steps are done."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
