"""Reads a plugin's directory: the content of its files, unchanged since they were listed.

A directory may be changed by others while it is read, by accident or on purpose. Hence every file and folder is opened by its
name within its already opened parent (openat), never through a link, and a file's identity, size and times must be the same
when it is listed, before it is read and after: what is packaged is a state that each file was in, or there is an error. Nothing
outside the directory is ever opened.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_plugins_content.errors import ChangedFileError
from toolhive_plugins_content.plugin import manifest_too_large
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, MAX_PLUGIN_MANIFEST_SIZE
from toolhive_plugins_content.selection import MANIFEST_FOLDER, EntryKind, packaged_mode, refused_kind
from toolhive_plugins_content.tree import HEAD_SIZE, PluginFile, Stamp, path_bytes
from toolhive_plugins_interfaces.errors import (
    InvalidPluginDirError,
    InvalidPluginFileError,
    PluginManifestMissingError,
)
from toolhive_plugins_interfaces.interfaces import Compat

CHUNK_SIZE: Final = 256 * 1024
"""Size in bytes of the largest piece that is read at a time."""

_MAX_KEPT_FILE: Final = 32 * 1024
"""Size in bytes of the largest file whose content is kept."""

_MAX_KEPT: Final = 1024 * 1024
"""Size in bytes of all content that is kept."""

_FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a fifo that has taken a file's place would wait for a writer.
_FILE_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_NOT_THE_SAME: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EINVAL)
"""The errors of opening a file or folder, or reading a link, whose place something else has taken."""

_SPECIAL: Final = {
    stat.S_IFLNK: EntryKind.LINK,
    stat.S_IFIFO: EntryKind.PIPE,
    stat.S_IFSOCK: EntryKind.SOCKET,
    stat.S_IFCHR: EntryKind.DEVICE,
    stat.S_IFBLK: EntryKind.DEVICE,
}


class OpenDirectory(AbstractContextManager["OpenDirectory"]):
    """A plugin's directory, held open.

    Args:
        path: an absolute path. A link to the directory is followed, since the caller named it; no other ever is.

    Raises:
        InvalidPluginDirError: it is relative, does not exist, is not a directory, or may not be read.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._chain: list[tuple[bytes, int]] = []
        self._kept: dict[tuple[str, Stamp | None], bytes] = {}
        self._room = _MAX_KEPT
        if not os.path.isabs(path):
            raise InvalidPluginDirError("the plugin directory must be an absolute path", where=shown(path))
        try:
            self.root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "the path is malformed"
            raise InvalidPluginDirError(
                f"cannot read the plugin directory: {reason}",
                where=shown(path),
                remedy="Name the directory that holds .claude-plugin",
            ) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(0)
        os.close(self.root)
        self.root = -1  # Another file may soon have its number.

    def chunks(self, file: PluginFile) -> Iterator[bytes]:
        """Yield the content of a listed file. A small one is read from the disk once.

        Raises:
            InvalidPluginFileError: it cannot be read, or is not what it was when it was listed.
        """
        kept = self._small(file)
        if kept is None:
            yield from self._read(file)
        else:
            yield kept

    def head(self, file: PluginFile) -> bytes:
        """Return the first HEAD_SIZE bytes of a listed file.

        Raises: as `chunks`.
        """
        kept = self._small(file)
        if kept is not None:
            return kept[:HEAD_SIZE]
        fd = self._open_file(file)
        try:
            _expect(file, fd)
            return os.read(fd, HEAD_SIZE)
        except OSError as error:
            raise unreadable(file.path, error) from error
        finally:
            os.close(fd)

    def _small(self, file: PluginFile) -> bytes | None:
        """Return the content of a small file, which is kept: a build needs it up to five times. None if it is not small."""
        if file.size > _MAX_KEPT_FILE:
            return None
        key = file.read_from, file.stamp
        kept = self._kept.get(key)
        if kept is None and file.size <= self._room:
            kept = self._kept[key] = b"".join(self._read(file))
            self._room -= len(kept)
        return kept

    def _read(self, file: PluginFile) -> Iterator[bytes]:
        fd = self._open_file(file)
        try:
            _expect(file, fd)
            left = file.size
            while left:
                chunk = os.read(fd, min(left, CHUNK_SIZE))
                if not chunk:
                    raise changed(file.path)
                left -= len(chunk)
                yield chunk
            _expect(file, fd)
        except OSError as error:
            raise unreadable(file.path, error) from error
        finally:
            os.close(fd)

    def file_at(self, path: str) -> PluginFile | None:
        """Return the regular file at a path in the directory; None if there is none, or it is reached through a link."""
        *folders, name = path_bytes(path).split(b"/")
        try:
            status = os.stat(name, dir_fd=self._enter(folders), follow_symlinks=False)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return PluginFile(path, status.st_size, packaged_mode(path, status.st_mode, Compat.NONE), stamp_of(status))

    def files_in(self, folder: str, limit: int) -> Iterator[str]:
        """Yield the paths of the files in a folder, at any depth, at most `limit`; links are not followed.

        A folder that cannot be listed has none.
        """
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            try:
                with os.scandir(self._enter(path_bytes(place).split(b"/"))) as entries:
                    found = [(os.fsencode(entry.name).decode("utf-8", "surrogateescape"), entry) for entry in entries]
            except OSError:
                continue
            for name, entry in sorted(found, key=lambda pair: pair[0]):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{place}/{name}")
                elif limit:
                    limit -= 1
                    yield f"{place}/{name}"
                else:
                    return

    def read_manifest(self) -> tuple[bytes, PluginFile]:
        """Return the content of `.claude-plugin/plugin.json`, and the state that it was read in.

        Raises:
            PluginManifestMissingError: it does not exist.
            InvalidPluginFileError: it, or its folder, is a link or another thing that is not a file, or cannot be read.
            InvalidPluginManifestError: it is larger than 64 KiB.
        """
        name = MANIFEST_PATH.rpartition("/")[2].encode()
        try:
            status = os.stat(name, dir_fd=self._enter_manifest_folder(), follow_symlinks=False)
        except FileNotFoundError:
            raise self._manifest_missing() from None
        except OSError as error:
            raise unreadable(MANIFEST_PATH, error) from error
        kind = kind_of(status.st_mode)
        if kind is not EntryKind.FILE:
            raise refused_kind(MANIFEST_PATH, kind)
        if status.st_size > MAX_PLUGIN_MANIFEST_SIZE:
            raise manifest_too_large(status.st_size)
        mode = packaged_mode(MANIFEST_PATH, status.st_mode, Compat.NONE)
        file = PluginFile(MANIFEST_PATH, status.st_size, mode, stamp_of(status))
        return b"".join(self.chunks(file)), file

    def _enter_manifest_folder(self) -> int:
        try:
            return self._enter([MANIFEST_FOLDER.encode()])
        except FileNotFoundError:
            raise self._manifest_missing() from None
        except OSError as error:
            if not self._is_link(MANIFEST_FOLDER):
                if isinstance(error, NotADirectoryError):
                    raise self._manifest_missing() from None
                raise unreadable(MANIFEST_FOLDER, error) from error
        # To toolhive-core, the manifest is missing if the link leads nowhere. Checking that opens nothing.
        try:
            os.stat(MANIFEST_PATH, dir_fd=self.root, follow_symlinks=False)
        except OSError:
            raise self._manifest_missing(f"{MANIFEST_FOLDER} is a symbolic link: remove it first. ") from None
        raise refused_kind(MANIFEST_FOLDER, EntryKind.LINK)

    def _is_link(self, name: str) -> bool:
        try:
            return stat.S_ISLNK(os.stat(name, dir_fd=self.root, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def _open_file(self, file: PluginFile) -> int:
        *folders, name = path_bytes(file.read_from).split(b"/")
        try:
            return os.open(name, _FILE_FLAGS, dir_fd=self._enter(folders))
        except OSError as error:
            raise unreadable(file.path, error) from error

    def _manifest_missing(self, advice: str = "") -> PluginManifestMissingError:
        return PluginManifestMissingError(
            f"there is no {MANIFEST_PATH}",
            where=shown(self._path),
            remedy=advice + "Name the directory that holds it, or write one with a name in it",
        )

    def _enter(self, folders: list[bytes]) -> int:
        """Open the chain of folders, keeping open what it shares with the one before, and return the last."""
        shared = 0
        for (name, _), wanted in zip(self._chain, folders, strict=False):
            if name != wanted:
                break
            shared += 1
        self._leave(shared)
        fd = self._chain[-1][1] if self._chain else self.root
        for name in folders[shared:]:
            fd = os.open(name, _FOLDER_FLAGS, dir_fd=fd)
            self._chain.append((name, fd))
        return fd

    def _leave(self, depth: int) -> None:
        while len(self._chain) > depth:
            os.close(self._chain.pop()[1])


def open_folder(name: bytes, parent: int) -> int:
    """Open a folder within the folder `parent`, only if it is a folder and not a link."""
    return os.open(name, _FOLDER_FLAGS, dir_fd=parent)


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the state that `status` was taken of."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def kind_of(mode: int) -> EntryKind:
    """Return what something is by its `st_mode`."""
    return EntryKind.FILE if stat.S_ISREG(mode) else _SPECIAL.get(stat.S_IFMT(mode), EntryKind.SPECIAL)


def unreadable(path: str, error: OSError) -> InvalidPluginFileError:
    """Return the error for something that the system would not let us open or read."""
    if error.errno in _NOT_THE_SAME:
        return changed(path)
    return InvalidPluginFileError(f"cannot be read: {error.strerror}", where=shown(path))


def changed(path: str) -> ChangedFileError:
    """Return the error for something that is not what it was when it was listed."""
    remedy = "Try again once nothing else writes to the plugin"
    return ChangedFileError("changed while it was being read", where=shown(path), remedy=remedy)


def _expect(file: PluginFile, fd: int) -> None:
    """Check that the open file is in the state that it was listed in."""
    if stamp_of(os.fstat(fd)) != file.stamp:
        raise changed(file.path)
