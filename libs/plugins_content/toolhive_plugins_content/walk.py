"""Lists the files that belong to a plugin, in the reference's order, so that the first fault found is the same.

Taken is everything but hidden paths (a part that begins with a dot), except `.mcp.json` at the root and, in the default
profile, `.lsp.json`. A link or a special file is refused wherever the walk comes, hidden or not; it does not come
into hidden folders, `.claude-plugin` aside. Memory is bounded whatever the directory holds.
"""

import os
import stat
from enum import Enum
from operator import itemgetter
from typing import Final

from attrs import frozen

from toolhive_artifact import ToolhiveError
from toolhive_artifact.errors import shown
from toolhive_artifact.tar import check_entry_path
from toolhive_plugins_content.directory import (
    OpenDirectory,
    PluginFile,
    changed,
    open_folder,
    permission_bits,
    refused_type,
    stamp_of,
    unreadable,
)
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.tree import path_bytes
from toolhive_plugins_interfaces.errors import InvalidPluginFileError, PluginTooLargeError, TooManyFilesError
from toolhive_plugins_interfaces.interfaces import Compat

MAX_FILES: Final = 1_000
"""Files beside the manifest."""

MAX_TOTAL_SIZE: Final = 95 * 1024 * 1024
"""Bytes of those files together."""

MAX_ENTRIES: Final = 10_000
"""Files and folders, hidden files aside, that the walk keeps count of, over the whole directory."""

MAX_DEPTH: Final = 128
"""Folders within one another."""

MAX_LEFT_OUT: Final = 1_000
"""Left-out paths that are listed; there may be any number of them."""

_MANIFEST: Final = MANIFEST_PATH.encode()
_MANIFEST_FOLDER: Final = _MANIFEST.partition(b"/")[0]
_HIDDEN_BUT_TAKEN: Final = {Compat.TOOLHIVE_CORE: (b".mcp.json",), Compat.NONE: (b".mcp.json", b".lsp.json")}


@frozen
class Listing:
    """What a walk found."""

    files: tuple[PluginFile, ...]
    """The plugin's files, the manifest among them, sorted by the bytes of their paths."""

    left_out: tuple[str, ...]
    """The hidden paths that were left out, sorted, at most MAX_LEFT_OUT; a folder ends in a slash."""

    warnings: tuple[str, ...]
    """What is packaged but should not be, and what could not be listed."""


def list_files(directory: OpenDirectory, compat: Compat, manifest: PluginFile) -> Listing:
    """Walk the directory.

    Args:
        directory: the plugin's directory.
        compat: the profile, which says what is taken and with which permission bits.
        manifest: the manifest, in the state that it was read in.

    Raises:
        InvalidPluginFileError: something is a link, no regular file, unreadable, too deep, or has a path that readers
            of artifacts refuse (in the profile TOOLHIVE_CORE that is a warning).
        TooManyFilesError: there are more than MAX_FILES files, or more than MAX_ENTRIES files and folders.
        PluginTooLargeError: the files are larger than MAX_TOTAL_SIZE together.
    """
    walk = _Walk(compat, manifest)
    walk.folder(directory.root)
    if walk.left_out_count > len(walk.left_out):
        walk.warnings.append(f"{walk.left_out_count} hidden paths were left out; the first {MAX_LEFT_OUT} are listed")
    return Listing(
        tuple(sorted((manifest, *walk.files), key=lambda file: path_bytes(file.path))),
        tuple(sorted(walk.left_out, key=path_bytes)),
        tuple(walk.warnings),
    )


class _Kind(Enum):
    """What a name in a folder stood for when the folder was listed."""

    FILE = "file"
    FOLDER = "folder"
    REFUSED = "link or special file"


class _Walk:
    def __init__(self, compat: Compat, manifest: PluginFile) -> None:
        self.files: list[PluginFile] = []
        self.left_out: list[str] = []
        self.left_out_count = 0
        self.warnings: list[str] = []
        self._total_size = 0
        self._compat = compat
        self._manifest = manifest
        self._taken_though_hidden = _HIDDEN_BUT_TAKEN[compat]
        self._entries = 0

    def folder(self, fd: int, prefix: str = "", *, hidden: bool = False, listed: bool = True, depth: int = 0) -> None:
        """Walk one open folder.

        Args:
            fd: the folder.
            prefix: its path, with a slash at the end; "" for the root.
            hidden: nothing in it but the manifest is taken; it is only checked.
            listed: what is left out of it is listed, rather than the whole folder.
            depth: how many folders it lies in.
        """
        if depth > MAX_DEPTH:
            raise InvalidPluginFileError(f"lies more than {MAX_DEPTH} folders deep", where=shown(prefix))
        for name, kind in self._entries_of_interest(fd, prefix, hidden=hidden, listed=listed):
            path = prefix + name.decode("utf-8", "surrogateescape")
            if kind is _Kind.FOLDER:
                self._subfolder(fd, name, path, hidden=hidden, depth=depth)
            else:
                self._file(fd, name, path, kind)

    def _entries_of_interest(self, fd: int, prefix: str, *, hidden: bool, listed: bool) -> list[tuple[bytes, "_Kind"]]:
        """Return the names in a folder that need a closer look, with what each is, in the reference's order.

        A folder may hold any number of hidden files; all those need is to be listed as left out, which is done here.
        """
        kept: list[tuple[bytes, _Kind]] = []
        refused: bytes | None = None
        left_out = _LeftOut(prefix, MAX_LEFT_OUT - len(self.left_out) if listed else 0)
        try:
            with os.scandir(fd) as entries:
                for entry in entries:
                    name = os.fsencode(entry.name)  # What the locale makes of the bytes must not matter.
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if not is_folder and not entry.is_file(follow_symlinks=False):
                        refused = name if refused is None else min(refused, name)  # The first one ends the walk.
                        continue
                    is_taken = self._is_entered(name, prefix) if is_folder else self._is_taken(name, prefix, hidden)
                    if not is_taken or (is_folder and hidden):
                        left_out.add(name + b"/" * is_folder)
                    if is_taken:
                        kept.append((name, _Kind.FOLDER if is_folder else _Kind.FILE))
                        self._count_entry()
        except OSError as error:
            raise unreadable(prefix or "./", error) from error
        if listed:
            self.left_out.extend(left_out.first())
            self.left_out_count += left_out.count
        if refused is not None:
            kept.append((refused, _Kind.REFUSED))
        kept.sort(key=itemgetter(0))
        return kept

    def _is_entered(self, name: bytes, prefix: str) -> bool:
        return not name.startswith(b".") or (not prefix and name == _MANIFEST_FOLDER)

    def _is_taken(self, name: bytes, prefix: str, hidden: bool) -> bool:
        if not hidden and not name.startswith(b"."):
            return True
        return name in self._taken_though_hidden if not prefix else path_bytes(prefix) + name == _MANIFEST

    def _count_entry(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise TooManyFilesError(f"there are more than {MAX_ENTRIES} files and folders")

    def _subfolder(self, parent: int, name: bytes, path: str, *, hidden: bool, depth: int) -> None:
        try:
            fd = open_folder(name, parent)
        except OSError as error:
            raise unreadable(path, error) from error
        is_manifest_folder = depth == 0 and name == _MANIFEST_FOLDER
        try:
            self.folder(fd, path + "/", hidden=hidden or is_manifest_folder, listed=not hidden, depth=depth + 1)
        finally:
            os.close(fd)

    def _file(self, folder: int, name: bytes, path: str, kind: "_Kind") -> None:
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            raise unreadable(path, error) from error
        if not stat.S_ISREG(status.st_mode):
            raise refused_type(path, status.st_mode)
        if kind is _Kind.REFUSED:
            raise changed(path)
        stamp = stamp_of(status)
        if path == MANIFEST_PATH:
            if stamp != self._manifest.stamp:
                raise changed(path)
            return
        self._check_path(path)
        if len(self.files) >= MAX_FILES:
            raise TooManyFilesError(
                f"there are more than {MAX_FILES} files",
                remedy="Leave out what the plugin does not need when it runs; hidden folders are left out anyway",
            )
        self._total_size += status.st_size
        if self._total_size > MAX_TOTAL_SIZE:
            raise PluginTooLargeError(f"the files are larger than {MAX_TOTAL_SIZE} bytes together", where=shown(path))
        self.files.append(PluginFile(path, status.st_size, permission_bits(status.st_mode, self._compat), stamp))

    def _check_path(self, path: str) -> None:
        """Refuse a path that readers of artifacts, ours at least, would refuse."""
        try:
            check_entry_path(path)
        except ToolhiveError as error:
            if self._compat is Compat.NONE:
                raise InvalidPluginFileError(error.problem, where=error.where, remedy="Rename the file") from error
            self.warnings.append(f"{shown(path)}: readers of the artifact may refuse it: {error.problem}")


class _LeftOut:
    """Collects the names that are left out of one folder: how many, and the first of them in bounded memory."""

    def __init__(self, prefix: str, room: int) -> None:
        self.count = 0
        self._prefix = prefix
        self._room = room
        self._names: list[bytes] = []

    def add(self, name: bytes) -> None:
        self.count += 1
        self._names.append(name)
        if len(self._names) > 2 * self._room:
            self._cut()

    def first(self) -> list[str]:
        self._cut()
        return [self._prefix + name.decode("utf-8", "surrogateescape") for name in self._names]

    def _cut(self) -> None:
        self._names.sort()
        del self._names[self._room :]
