"""Every call by which this library changes a disk, so that a test can watch them, fail one, or kill the process at one."""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from toolhive_plugins import FileModes, FileTree, replace_directory, shown, sync_folder, write_files
from toolhive_plugins_installs.errors import DiskError


class Operation(StrEnum):
    """The calls that change a disk."""

    MAKE_FOLDER = "make folder"
    WRITE_TREE = "write tree"
    WRITE_FILE = "write file"
    RENAME = "rename"
    SWAP = "swap"
    REMOVE = "remove"
    REMOVE_FOLDER = "remove folder"
    REMOVE_TREE = "remove tree"


watcher: Callable[[Operation, Path], None] | None = None
"""A test's hook, called with the operation and the path before each change. The operation raises what it raises."""

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_REMEDIES: Final = {
    errno.ENOSPC: "Free some space on the disk and try again; nothing was changed",
    errno.EDQUOT: "Free some of your disk quota and try again; nothing was changed",
    errno.EROFS: "The file system is mounted read-only",
    errno.EACCES: "Give this user permission to write there",
    errno.EPERM: "Give this user permission to write there",
}


def disk_error(error: OSError, verb: str, path: Path) -> DiskError:
    """Return the error to raise where the system would not `verb` (such as `write`) what is at a path."""
    reason = os.strerror(error.errno) if error.errno is not None else str(error)
    remedy = _REMEDIES.get(error.errno or 0, "Find out what is wrong with it, and try again")
    return DiskError(f"cannot {verb} it: {reason}", where=shown(path), remedy=remedy, errno=error.errno)


def read_file(path: Path, limit: int) -> bytes | None:
    """Return the content of a regular file; None where nothing is there.

    Raises:
        DiskError: it is a link, a pipe or a folder, has more than `limit` bytes, or cannot be read.
    """
    try:
        fd = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise DiskError(
                "is a symbolic link", where=shown(path), remedy="Remove the link", errno=error.errno
            ) from error
        raise disk_error(error, "read", path) from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise DiskError("is not a regular file", where=shown(path), remedy="Move it away", errno=errno.EINVAL)
        with os.fdopen(fd, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except DiskError:
        raise
    except OSError as error:
        raise disk_error(error, "read", path) from error
    finally:
        os.close(fd)
    if len(data) > limit:
        raise DiskError(f"is larger than {limit} bytes", where=shown(path), remedy="Move it away", errno=errno.EFBIG)
    return data


def make_folder(path: Path, mode: int = 0o755) -> None:
    """Make one folder, unless it is there."""
    _announce(Operation.MAKE_FOLDER, path)
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        return
    except OSError as error:
        raise disk_error(error, "make", path) from error


def make_folders(path: Path, mode: int = 0o755) -> None:
    """Make a folder and those that it is in, unless they are there; `mode` is that of the innermost."""
    missing = [parent for parent in path.parents if not parent.is_dir()]
    for parent in reversed(missing):
        make_folder(parent)
    make_folder(path, mode)


def write_tree(tree: FileTree, path: Path, modes: FileModes | None = None) -> None:
    """Write a plugin's files to a new folder, and wait until they are on the disk.

    Args:
        tree: the files.
        path: the folder, which is not there yet.
        modes: the exact permission bits; None for the usual ones.
    """
    _announce(Operation.WRITE_TREE, path)
    try:
        write_files(tree, path, modes=modes)
    except OSError as error:
        raise disk_error(error, "write", path) from error


def write_file(path: Path, data: bytes, mode: int) -> None:
    """Write a new file, and wait until it is on the disk.

    Args:
        path: nothing is there yet.
        data: the content.
        mode: the exact permission bits.
    """
    _announce(Operation.WRITE_FILE, path)
    try:
        with os.fdopen(os.open(path, _CREATE, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except OSError as error:
        raise disk_error(error, "write", path) from error


def rename(source: Path, target: Path) -> None:
    """Give something another name in its folder."""
    _announce(Operation.RENAME, target)
    try:
        source.rename(target)
    except OSError as error:
        raise disk_error(error, "put in place", target) from error


def swap(fresh: Path, target: Path, aside: Path) -> None:
    """Put a folder in the place of another, whose new name is then `fresh` or `aside`."""
    _announce(Operation.SWAP, target)
    try:
        replace_directory(fresh, target, aside)
    except OSError as error:
        raise disk_error(error, "replace", target) from error


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    _announce(Operation.REMOVE, path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error, "remove", path) from error


def remove_empty_folder(path: Path) -> bool:
    """Remove a folder if it is empty; return whether it is gone."""
    _announce(Operation.REMOVE_FOLDER, path)
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def remove_tree(path: Path) -> bool:
    """Remove a folder with all that is in it, or a file; return whether it is gone."""
    _announce(Operation.REMOVE_TREE, path)
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            path.unlink()
            return True
        _make_removable(path)
        shutil.rmtree(path)
    except FileNotFoundError:
        return True
    except (OSError, RecursionError):
        return False
    return True


def _make_removable(top: Path) -> None:
    """Let the owner into every folder: what is in one that cannot be written cannot be removed."""
    top.chmod(0o700)
    for folder, names, _ in os.walk(top):
        for name in names:
            if not (path := Path(folder, name)).is_symlink():
                path.chmod(0o700)


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    try:
        sync_folder(folder)
    except OSError as error:
        raise disk_error(error, "flush", folder) from error


def _announce(operation: Operation, path: Path) -> None:
    if watcher is None:
        return
    try:
        watcher(operation, path)
    except OSError as error:
        raise disk_error(error, operation.value, path) from error
