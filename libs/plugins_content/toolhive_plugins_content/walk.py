"""Walks a plugin's directory once and yields its entries in toolhive-core's order.

The walk does not enter hidden folders other than `.claude-plugin`. Its memory is bounded whatever the directory contains: a folder may have
any number of hidden files.
"""

import os
from collections.abc import Generator, Iterator
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_plugins_content.directory import OpenDirectory, changed, kind_of, open_folder, stamp_of, unreadable
from toolhive_plugins_content.errors import ChangedFileError
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.selection import MANIFEST_FOLDER, Entry, EntryKind, Fault, FirstNames, is_taken
from toolhive_plugins_interfaces.errors import InvalidPluginFileError, PluginError, TooManyFilesError
from toolhive_plugins_interfaces.interfaces import Compat

MAX_ENTRIES: Final = 10_000
"""The most files and folders in the whole directory, not counting hidden ones; a walk that finds more ends there."""

MAX_DEPTH: Final = 128
"""The most folders nested in one another."""

_MAX_IRREGULAR: Final = 100
"""The most special files that are yielded for one folder, and in the toolhive-core profile links."""

_CHANGED: Final = "something that changed while it was read"


def walk(directory: OpenDirectory, compat: Compat) -> Generator[Entry, None, None]:
    """Yield what is in the directory: its files, what is left out, and what cannot be packaged.

    Files and entries that cannot be packaged come in the order of toolhive-core's walk: sorted by the bytes of their names, folder by
    folder. Left-out entries come in any order. A folder that cannot be listed is one entry, as is a file that has just vanished.

    Args:
        directory: the plugin's directory.
        compat: the profile, which says which hidden files belong to a plugin.
    """
    try:
        yield from _Walk(compat).folder(directory.root)
    except _TooManyEntriesError:
        yield _too_many_entries()


def too_many_entries(count: int) -> Entry | None:
    """Return the fault of a plugin with `count` files and folders, or None if these are not too many."""
    return _too_many_entries() if count > MAX_ENTRIES else None


def too_deep(folder: str) -> Entry:
    """Return the fault of a folder that is in more than MAX_DEPTH others."""
    refused = InvalidPluginFileError(f"is more than {MAX_DEPTH} folders deep", where=shown(folder + "/"))
    return _fault(folder + "/", Rule.TOO_DEEP, refused, f"a directory more than {MAX_DEPTH} folders deep")


def _too_many_entries() -> Entry:
    error = TooManyFilesError(
        f"there are more than {MAX_ENTRIES} files and folders",
        remedy="Name the plugin's own directory, the one that holds .claude-plugin",
    )
    return _fault(".", Rule.TOO_MANY_FILES, error, "a directory of very many files")


class _TooManyEntriesError(Exception):
    """The walk came across more than MAX_ENTRIES."""


class _Walk:
    def __init__(self, compat: Compat) -> None:
        self._compat = compat
        self._entries = 0

    def folder(
        self, fd: int, prefix: str = "", *, hidden: bool = False, listed: bool = True, depth: int = 0
    ) -> Iterator[Entry]:
        """Walk one open folder.

        Args:
            fd: the folder.
            prefix: its path, with a slash at the end; "" for the root.
            hidden: nothing in it but the manifest is taken; it is only checked.
            listed: what is left out of it is yielded, rather than the whole folder.
            depth: how many folders it is in.
        """
        folders: set[bytes] = set()
        kept: list[bytes] = []
        links: set[bytes] = set()
        irregular = FirstNames(_MAX_IRREGULAR)
        try:
            with os.scandir(fd) as entries:
                for entry in entries:
                    name = os.fsencode(entry.name)  # The locale must not matter.
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if entry.is_symlink() and self._compat is Compat.NONE:
                        self._count_entry()
                        links.add(name)
                        continue
                    if not is_folder and not entry.is_file(follow_symlinks=False):
                        irregular.add(name)
                        continue
                    path = prefix + _text(name)
                    if is_folder:
                        is_kept = not name.startswith(b".") or path == MANIFEST_FOLDER
                        is_left_out = hidden or not is_kept
                    else:
                        is_kept = is_taken(path, self._compat)
                        is_left_out = not is_kept
                    if is_left_out and listed:
                        yield Entry(path + "/" if is_folder else path, EntryKind.LEFT_OUT)
                    if is_kept:
                        self._count_entry()
                        kept.append(name)
                        if is_folder:
                            folders.add(name)
        except OSError as error:
            place = prefix or "./"
            yield _unreadable(place, error, f"a directory that cannot be listed ({error.strerror})")
            return
        special = {*irregular.first(), *links}
        for name in sorted([*kept, *special]):
            path = prefix + _text(name)
            if name in folders:
                yield from self._subfolder(fd, name, path, hidden=hidden, depth=depth)
            else:
                yield _entry_of(fd, name, path, was_special=name in special)

    def _count_entry(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise _TooManyEntriesError

    def _subfolder(self, parent: int, name: bytes, path: str, *, hidden: bool, depth: int) -> Iterator[Entry]:
        try:
            fd = open_folder(name, parent)
        except OSError as error:
            yield _unreadable(path, error, f"a directory that cannot be opened ({error.strerror})")
            return
        try:
            if depth == MAX_DEPTH:
                yield too_deep(path)
                return
            in_manifest_folder = path == MANIFEST_FOLDER
            yield from self.folder(
                fd, path + "/", hidden=hidden or in_manifest_folder, listed=not hidden, depth=depth + 1
            )
        finally:
            os.close(fd)


def _entry_of(folder: int, name: bytes, path: str, *, was_special: bool) -> Entry:
    """Return the entry for a name in a folder, which may no longer be what it was when the folder was listed."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        kind = kind_of(status.st_mode)
        target = os.readlink(name, dir_fd=folder) if kind is EntryKind.LINK else b""
    except OSError as error:
        return _unreadable(path, error, f"a file that cannot be read ({error.strerror})")
    if kind is EntryKind.LINK:
        return Entry(path, kind, target=_text(target))
    if kind is not EntryKind.FILE:
        return Entry(path, kind)
    if was_special:
        return _fault(path, Rule.CHANGED_FILE, changed(path), _CHANGED)
    return Entry(path, EntryKind.FILE, status.st_size, status.st_mode, stamp_of(status))


def _unreadable(path: str, error: OSError, what: str) -> Entry:
    refused = unreadable(path, error)
    if isinstance(refused, ChangedFileError):
        return _fault(path, Rule.CHANGED_FILE, refused, _CHANGED)
    return _fault(path, Rule.UNREADABLE_FILE, refused, what)


def _fault(path: str, rule: Rule, error: PluginError, what: str) -> Entry:
    return Entry(path, EntryKind.FAULT, fault=Fault(rule, error, what))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
