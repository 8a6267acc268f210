"""Every call by which the store changes a disk.

They are together so that a test can watch them, fail one or kill the process at one (`watcher`), and so that each
failure becomes a `StoreIOError` that names the file. Paths are text, since these calls are the store's inner loop.
"""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from toolhive_plugins_store.errors import io_error


class Operation(StrEnum):
    """The calls that change a disk."""

    MKDIR = "mkdir"
    CHMOD = "chmod"
    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    FSYNC = "fsync"
    RENAME = "rename"
    LINK = "link"
    UNLINK = "unlink"
    RMDIR = "rmdir"
    UTIME = "utime"
    LOCK = "lock"


watcher: Callable[[Operation, str], None] | None = None
"""A test's hook, called with the operation and the path before each change. The operation raises what it raises."""

NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_PLAIN: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
READ_ONLY: Final = os.O_RDONLY | NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | _PLAIN
"""How content is opened: never through a link, and without waiting on a pipe."""

FLUSHABLE: Final = (os.O_RDWR if sys.platform == "win32" else os.O_RDONLY) | NO_FOLLOW | _PLAIN
"""How a finished file is opened to be flushed."""

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW | _PLAIN
_BLOB_MODE: Final = 0o666 if sys.platform == "win32" else 0o444  # Windows cannot delete a read-only file
_MOST_TRIES: Final = 50


def make_folder(path: str, *, mode: int = 0o777) -> bool:
    """Make one folder, with the mode less what the umask takes away; return whether it is new."""
    try:
        announce(Operation.MKDIR, path)
        os.mkdir(path, mode)
    except FileExistsError:
        return False
    except OSError as error:
        raise io_error(error, "make", path) from error
    return True


def make_private(path: str, mode: int) -> None:
    """Take from others what a file or folder lets them do, if it is this user's to change."""
    try:
        if sys.platform == "win32" or not stat.S_IMODE(os.lstat(path).st_mode) & ~mode:
            return
        announce(Operation.CHMOD, path)
        os.chmod(path, mode)
    except (FileNotFoundError, PermissionError):
        return
    except OSError as error:
        raise io_error(error, "protect", path) from error


def create(path: str, *, blob: bool = False) -> int:
    """Create a file that must not exist, and open it for writing. A blob's file is read-only."""
    try:
        announce(Operation.CREATE, path)
        return os.open(path, _CREATE, _BLOB_MODE if blob else 0o666)
    except OSError as error:
        raise io_error(error, "create", path) from error


def append_to(path: str) -> int:
    """Open a file for appending; create it if it is absent."""
    try:
        announce(Operation.CREATE, path)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_FOLLOW | _PLAIN, 0o666)
    except OSError as error:
        raise io_error(error, "open", path) from error


def write(file: int, data: bytes | bytearray | memoryview, path: str) -> None:
    """Write all of `data`."""
    try:
        announce(Operation.WRITE, path)
        written = os.write(file, data)
        if written < len(data):
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[os.write(file, rest) :]
    except OSError as error:
        raise io_error(error, "write", path) from error


def truncate(file: int, size: int, path: str) -> None:
    """Cut the file to `size` bytes."""
    try:
        announce(Operation.TRUNCATE, path)
        os.ftruncate(file, size)
    except OSError as error:
        raise io_error(error, "truncate", path) from error


def sync(file: int, path: str) -> None:
    """Flush the file, so that its content survives a power cut."""
    try:
        announce(Operation.FSYNC, path)
        _flush(file)
    except OSError as error:
        raise io_error(error, "flush", path) from error


def sync_folder(path: str) -> None:
    """Flush the folder, so that the names in it survive a power cut. Does nothing if the system cannot flush folders."""
    if sys.platform == "win32":
        return
    try:
        announce(Operation.FSYNC, path)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _PLAIN)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise io_error(error, "flush", path) from error


def rename(source: str, target: str) -> None:
    """Rename `source` to `target`, replacing what has that name."""
    try:
        announce(Operation.RENAME, target)
        if sys.platform == "win32":
            _rename_patiently(source, target)
        else:
            os.replace(source, target)
    except OSError as error:
        raise io_error(error, "put in place", target) from error


def link(source: str, target: str) -> bool:
    """Give the file a second name; return False if the file system has no hard links."""
    try:
        announce(Operation.LINK, target)
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        return False
    return True


def remove(path: str) -> bool:
    """Remove a file or a link; return whether there was one."""
    try:
        announce(Operation.UNLINK, path)
        os.unlink(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise io_error(error, "remove", path) from error
    return True


def remove_folder(path: str) -> None:
    """Remove an empty folder, if it exists."""
    try:
        announce(Operation.RMDIR, path)
        os.rmdir(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise io_error(error, "remove", path) from error


def touch(path: str) -> None:
    """Set the file's times to now, if this user may."""
    try:
        announce(Operation.UTIME, path)
        os.utime(path, follow_symlinks=os.utime not in os.supports_follow_symlinks)
    except PermissionError:
        return
    except OSError as error:
        raise io_error(error, "touch", path) from error


def stamp(file: int, path: str, nanoseconds: int) -> None:
    """Set the open file's times."""
    try:
        announce(Operation.UTIME, path)
        os.utime(file if os.utime in os.supports_fd else path, ns=(nanoseconds, nanoseconds))
    except OSError as error:
        raise io_error(error, "touch", path) from error


def announce(operation: Operation, path: str) -> None:
    """Call the watcher, before an operation on a path."""
    if watcher is not None:
        watcher(operation, path)


def _flush(file: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)  # macOS's fsync leaves the data in the drive's cache
        except OSError:
            pass
        else:
            return
    os.fsync(file)


def _rename_patiently(source: str, target: str) -> None:
    """Rename on Windows, where a reader that has the target open prevents it for a moment."""
    for _ in range(_MOST_TRIES):
        try:
            os.replace(source, target)
        except PermissionError:
            time.sleep(0.01)
        else:
            return
    os.replace(source, target)
