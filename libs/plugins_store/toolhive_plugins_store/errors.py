"""What the store raises."""

import errno
import os
from enum import StrEnum
from typing import Final

from toolhive_artifact import DigestMismatchError, ToolhiveError


class Hint(StrEnum):
    """What the user can do about an error, for callers that word it with their own commands."""

    REPAIR_STORE = "repair-store"
    """Look for damage in the store, and repair it."""

    LIST_TAGS = "list-tags"
    """Look at the tags in the store."""

    BUILD_OR_PULL = "build-or-pull"
    """Build the plugin, or pull it."""


_HINT_REMEDIES: Final[dict[str, str]] = {
    Hint.REPAIR_STORE: "Check the store to see all damage, and repair it",
    Hint.LIST_TAGS: "List the store's tags",
    Hint.BUILD_OR_PULL: "Build the plugin or pull it, then try again",
}

_REMEDIES: Final = {
    errno.ENOSPC: "Free some space on the disk and try again; what was stored before is unchanged",
    errno.EDQUOT: "Free some of your disk quota and try again; what was stored before is unchanged",
    errno.EROFS: "The file system is mounted read-only; mount it writable, or use another store",
    errno.EACCES: "Give this user permission, or use another store",
    errno.EPERM: "Give this user permission, or use another store",
    errno.EMFILE: "Close some files, or raise this process's limit of open files (`ulimit -n`), and try again",
    errno.ENFILE: "The system has too many open files; close some and try again",
    errno.EIO: "The disk failed; see the system's log, and try again once the disk works",
    errno.EXDEV: "Keep the whole store on one file system; none of its folders can be a mount point",
    errno.ENOTDIR: "A file is where a folder of the store should be; move it away",
}


class StoreError(ToolhiveError):
    """The base of the store's own errors."""

    def __init__(self, problem: str, *, where: str = "", remedy: str = "", hint: str = "") -> None:
        super().__init__(problem, where=where, remedy=remedy or _HINT_REMEDIES.get(hint, ""), hint=hint)


class StoreNotFoundError(StoreError):
    """The store does not have this tag or digest."""

    status: Final = 404
    """The equivalent HTTP status."""


class InvalidTagError(StoreError):
    """A tag is empty, too long, a digest, or has characters that cannot be displayed."""


class CorruptStoreError(StoreError):
    """A file of the store is damaged, missing, or something else is in its place; the message names it."""


class CorruptBlobError(CorruptStoreError, DigestMismatchError):
    """A stored blob does not match its digest."""


class StoreLockError(StoreError):
    """Another process, or another thread, held the store's lock for longer than the timeout."""


class StoreIOError(StoreError, OSError):
    """The operating system refused or failed an operation on a file of the store; `errno` says why."""

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
    """Return the error to raise if the system would not `verb` (such as `write`) the file or folder at `path`."""
    reason = os.strerror(error.errno) if error.errno is not None else str(error)
    remedy = _REMEDIES.get(error.errno or 0, "Find out what is wrong with the file or the disk, and try again")
    return StoreIOError(f"cannot {verb} it: {reason}", error=error, where=os.fspath(path), remedy=remedy)
