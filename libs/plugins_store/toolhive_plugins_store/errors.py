"""What the store raises."""

import errno
import os
from typing import Final

from toolhive_artifact import DigestMismatchError, ToolhiveError

CHECK_OR_REPAIR: Final = "Run `thv-plugin check` to see all damage and `thv-plugin repair` to mend it"

_REMEDIES: Final = {
    errno.ENOSPC: "Free some space on the disk and repeat; what was stored before is untouched",
    errno.EDQUOT: "Free some of your quota and repeat; what was stored before is untouched",
    errno.EROFS: "The file system is mounted read-only; mount it writable, or use another store",
    errno.EACCES: "Give this user the right to it, or use another store",
    errno.EPERM: "Give this user the right to it, or use another store",
    errno.EMFILE: "Close some files, or raise this process's limit of open files (`ulimit -n`), and repeat",
    errno.ENFILE: "The whole machine has too many files open; close some and repeat",
    errno.EIO: "The disk failed; see the system's log, and repeat once the disk works",
    errno.EXDEV: "The store must lie on one file system; let none of its folders be a mount point",
    errno.ENOTDIR: "A file stands where a folder of the store should be; move it away",
}


class StoreError(ToolhiveError):
    """The base of what the store raises on its own account."""


class StoreNotFoundError(StoreError):
    """The store has no such tag or digest."""

    status: Final = 404
    """The HTTP status that says the same."""


class InvalidTagError(StoreError):
    """A tag is empty, too long, a digest, or holds characters that cannot be shown."""


class CorruptStoreError(StoreError):
    """A file of the store is damaged, missing or not what should stand there; the message names it."""


class CorruptBlobError(CorruptStoreError, DigestMismatchError):
    """A stored blob does not have the content that its name promises."""


class StoreLockError(StoreError):
    """Another process, or another thread, held the store's lock for longer than the time-out."""


class StoreIOError(StoreError, OSError):
    """The operating system refused or failed an operation on a file of the store; `errno` says how."""

    def __init__(self, problem: str, *, error: OSError, where: str = "", remedy: str = "", hint: str = "") -> None:
        super().__init__(problem, where=where, remedy=remedy, hint=hint)
        self.errno = error.errno
        self.strerror = error.strerror
        self.filename = where

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_io_error, (self.problem, self.errno, self.strerror, self.where, self.remedy, self.hint))


def _rebuild_io_error(
    problem: str, number: int | None, text: str | None, where: str, remedy: str, hint: str
) -> StoreIOError:
    error = OSError(number, text) if number is not None else OSError(text)
    return StoreIOError(problem, error=error, where=where, remedy=remedy, hint=hint)


def io_error(error: OSError, verb: str, path: str | os.PathLike[str]) -> StoreIOError:
    """Return what to raise where the system would not `verb` (such as `write`) the file or folder at `path`."""
    reason = os.strerror(error.errno) if error.errno is not None else str(error)
    remedy = _REMEDIES.get(error.errno or 0, "See what is wrong with the file or the disk, and repeat")
    return StoreIOError(f"cannot {verb} it: {reason}", error=error, where=os.fspath(path), remedy=remedy)
