"""A model of the least that a file system keeps through a power cut.

Content is kept as it was at the file's last fsync; a file that was overwritten since is junk, and one that was only
appended to has junk at its end. A name in a folder is kept as it
was at the folder's last fsync (`names="old"`), or as it was when the power went (`names="new"`): a file system may do
either with names that were not flushed, and most do one with all of them, in order.
"""

import os
import stat
import threading
from pathlib import Path
from typing import Literal

from attrs import define

from toolhive_plugins_store import _fs

JUNK = b"\0junk\0"
APPENDED = ("/journal", "/claims")
"""The files that are appended to."""

Tree = dict[str, bytes | None]
"""What is there after the cut: content by path, None for a folder."""


@define
class _File:
    durable: bytes
    dirty: bool


class PowerSupply:
    """Watches what the store does to the disk; can tell at any instant what a cut would leave."""

    def __init__(self, top: Path) -> None:
        self._top = str(top)
        self._mutex = threading.RLock()
        self._files: dict[int, _File] = {}
        self._names: dict[str, dict[str, int | None]] = {}
        self._new_file = ""
        self._sync, self._sync_folder = _fs.sync, _fs.sync_folder
        for folder, _, _ in os.walk(top):  # what was there before is on the disk for long
            self._note_names(folder)
            for path in Path(folder).iterdir():
                if path.is_file():
                    self._files[path.stat().st_ino] = _File(path.read_bytes(), dirty=False)

    def watch(self, operation: str, path: str) -> None:
        """Take note of a call that is about to change the disk."""
        with self._mutex:
            self._settle()
            if operation in ("create", "lock") and not Path(path).exists():
                self._new_file = path
            elif operation in ("write", "truncate") and Path(path).exists():
                # It may be new to us: another thread flushed between the word that it is made and its making.
                self._files.setdefault(Path(path).stat().st_ino, _File(b"", dirty=True)).dirty = True

    def sync(self, file: int, path: str) -> None:
        """Flush a file, and take note of its content once that is done."""
        self._sync(file, path)
        with self._mutex:
            self._settle()
            self._files[os.fstat(file).st_ino] = _File(_content(file, path), dirty=False)

    def sync_folder(self, path: str) -> None:
        """Flush a folder, and take note of the names in it once that is done."""
        self._sync_folder(path)
        with self._mutex:
            self._settle()
            self._note_names(path)

    def cut(self, names: Literal["old", "new"]) -> Tree:
        """Return what would be there after a cut at this instant."""
        with self._mutex:
            self._settle()
            tree: Tree = {}
            self._add(tree, self._top, names)
            return tree

    def _settle(self) -> None:
        """A file that was about to be made is there now, perhaps with the inode of one that is gone."""
        path, self._new_file = self._new_file, ""
        if path and Path(path).exists():
            self._files[Path(path).stat().st_ino] = _File(b"", dirty=True)

    def _note_names(self, folder: str) -> None:
        self._names[folder] = _list(folder)

    def _add(self, tree: Tree, folder: str, names: Literal["old", "new"]) -> None:
        tree[folder] = None
        listed = self._names.get(folder, {}) if names == "old" else _list(folder)
        for name, inode in listed.items():
            path = f"{folder}/{name}"
            if inode is None:
                self._add(tree, path, names)
            else:
                file = self._files.get(inode, _File(b"", dirty=True))
                tree[path] = _after_cut(file, path)


def _after_cut(file: _File, path: str) -> bytes:
    if not file.dirty:
        return file.durable
    is_appended = path.endswith(APPENDED) and Path(path).read_bytes().startswith(file.durable)
    return file.durable + JUNK if is_appended else JUNK


def _content(file: int, path: str) -> bytes:
    """Return a file's content, where possible by the file that is open: on a spare that is being patched there is a
    lease, and whoever opened it anew would wait for the patch to end."""
    try:
        return os.pread(file, os.fstat(file).st_size, 0)
    except OSError:
        return Path(path).read_bytes()


def _list(folder: str) -> dict[str, int | None]:
    """Return the names in a folder, with the inode of each file, and None for a folder."""
    if not Path(folder).is_dir():
        return {}
    found = {path.name: path.lstat() for path in Path(folder).iterdir()}
    return {name: None if stat.S_ISDIR(state.st_mode) else state.st_ino for name, state in found.items()}


def restore(tree: Tree, top: Path, target: Path) -> None:
    """Make on the disk what is left after a cut."""
    for path, content in tree.items():
        place = target / Path(path).relative_to(top)
        if content is None:
            place.mkdir(exist_ok=True, parents=True)
        else:
            place.write_bytes(content)
            if place.name == "index.json":
                os.utime(place, (0, 0))  # nobody can be writing it after the cut
