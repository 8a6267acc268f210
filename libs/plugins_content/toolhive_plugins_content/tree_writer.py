"""Writes a plugin's files to a new folder, durably and with modes that do not depend on the umask of whoever packaged them."""

import os
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins_content.portable_names import check_portable
from toolhive_plugins_content.tree import FileTree

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@frozen
class FileModes:
    """Permission bits to write with."""

    file: int = 0o644

    program: int = 0o755
    """Of a file that its owner may execute."""

    folder: int = 0o755


def write_files(tree: FileTree, root: Path, *, modes: FileModes | None = None) -> None:
    """Write all files of a tree below `root`, a folder that is not there yet, and wait until they are on the disk.

    Args:
        tree: the files.
        root: the folder to make; the one that it is in exists.
        modes: the exact permission bits; None for the usual ones, less what the umask takes away.

    Raises:
        NotAPluginError: a file's path is too deep, or a name in it is not portable. Nothing was written.
        OSError: the disk refuses. What was written so far is left.
    """
    for path in tree.files:
        check_portable(path)
    chosen = modes or _usual_modes()
    folders = [root]
    known = {root}
    root.mkdir(mode=0o700)
    for path, file in tree.files.items():
        target = root / path
        for folder in reversed([each for each in target.parents if each not in known and root in each.parents]):
            folder.mkdir(mode=0o700)
            folders.append(folder)
            known.add(folder)
        with os.fdopen(os.open(target, _NEW_FILE, 0o600), "wb") as out:
            out.writelines(tree.chunks(path))
            out.flush()
            _set_mode(out.fileno(), target, chosen.program if file.executable else chosen.file)
            os.fsync(out.fileno())
    for folder in reversed(folders):
        sync_folder(folder)
        folder.chmod(chosen.folder)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable, where the system can."""
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _set_mode(fd: int, path: Path, mode: int) -> None:
    if hasattr(os, "fchmod"):
        os.fchmod(fd, mode)
    else:
        path.chmod(mode)


def _usual_modes() -> FileModes:
    umask = os.umask(0)
    os.umask(umask)
    return FileModes(0o644 & ~umask, 0o755 & ~umask, 0o777 & ~umask)
