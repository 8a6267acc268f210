"""Reads a client's files, which may be anything: links, FIFOs, huge, gone. Nothing here waits, and nothing here writes."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_clients.errors import ClientFileError, Hint, PlacementError
from toolhive_plugins_clients.json_text import MAX_SIZE
from toolhive_plugins_clients.plans import NEW_FILE

_WRITE_BITS: Final = 0o222


@frozen
class Found:
    """A file as it is, or where it would be."""

    path: Path
    """The last target, where links lead to it."""
    data: bytes | None = field(default=None, repr=False)
    """None where there is no file."""
    mode: int = NEW_FILE


def read_file(path: Path, *, max_size: int = MAX_SIZE) -> Found:
    """Return a file's bytes; a file that does not exist has none.

    Raises:
        ClientFileError: it cannot be read, is not a regular file, is larger than `max_size`, or links to it go in a circle.
    """
    try:
        target = Path(os.path.realpath(path))
        # O_NONBLOCK: a FIFO in the file's place must not be waited for. O_NOFOLLOW: links have just been followed.
        fd = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except (FileNotFoundError, NotADirectoryError):
        return Found(target)
    except (OSError, ValueError) as error:
        reason = "links go in a circle" if getattr(error, "errno", 0) == errno.ELOOP else getattr(error, "strerror", "")
        raise unusable(f"cannot be read: {reason or 'the path is not usable'}", path) from error
    try:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode):
            raise unusable("is not a regular file", path)
        with open(fd, "rb", closefd=False) as file:
            data = file.read(max_size + 1)
    except OSError as error:
        raise unusable(f"cannot be read: {error.strerror}", path) from error
    finally:
        os.close(fd)
    if len(data) > max_size:
        raise unusable(f"is larger than {max_size} bytes", path)
    return Found(target, data, stat.S_IMODE(state.st_mode))


def check_writable(found: Found, *, within: Path | None = None) -> None:
    """Check that a file can be replaced, before anything is written anywhere.

    Args:
        within: a folder that links may not lead out of, if any.

    Raises:
        ClientFileError: it, or its folder, is read-only.
        PlacementError: links lead out of `within`.
    """
    if within is not None and not found.path.is_relative_to(Path(os.path.realpath(within))):
        problem = "is behind a link that leads out of the project"
        raise PlacementError(problem, where=shown(found.path), remedy="Remove the link; nothing was written")
    if found.data is not None and not (found.mode & _WRITE_BITS and os.access(found.path, os.W_OK)):
        raise unusable("is read-only", found.path, "Make it writable; nothing was written")
    check_folder_writable(found.path.parent)


def check_folder_writable(folder: Path) -> None:
    """Check that something can be made in a folder, or in the nearest one above it that is there.

    Raises:
        ClientFileError: it is read-only.
        PlacementError: something that is not a folder is in the way.
    """
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise PlacementError("is in the way, and is not a folder", where=shown(folder), remedy="Move it away")
    if not (folder.stat().st_mode & _WRITE_BITS and os.access(folder, os.W_OK | os.X_OK)):
        raise unusable("is a read-only folder", folder, "Make it writable; nothing was written")


def check_no_link(base: Path, folder: Path) -> None:
    """Check that nothing from a base to a folder below it, the folder too, is a link or no folder. What is missing will be made.

    Raises:
        PlacementError: something is.
    """
    at = base
    for part in folder.relative_to(base).parts:
        at = at / part
        try:
            mode = os.lstat(at).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise PlacementError(f"cannot be read: {error.strerror}", where=shown(at)) from error
        if stat.S_ISLNK(mode):
            remedy = "Remove the link, or put a folder in its place"
            raise PlacementError("is a symbolic link, where a folder must be", where=shown(at), remedy=remedy)
        if not stat.S_ISDIR(mode):
            raise PlacementError("is in the way, and is not a folder", where=shown(at), remedy="Move it away")


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def names_in(folder: Path, limit: int = 1000) -> Iterator[str]:
    """Yield the names in a folder, at most so many, in order; none where it cannot be read."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry, _ in zip(entries, range(limit), strict=False):
                names.append(entry.name)
    except (OSError, ValueError):
        pass
    yield from sorted(names)


def unusable(problem: str, path: Path, remedy: str = "Correct it, or move it away") -> ClientFileError:
    """Return the error for a file that cannot be used."""
    return ClientFileError(problem, where=shown(path), remedy=remedy, hint=Hint.CORRECT_FILE)
