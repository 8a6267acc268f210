"""A plugin's files, whether they stand in a directory or in an artifact's layer: read once, then looked at in any order.

Nothing here follows a link, and nothing is held in memory but one file at a time: a layer is unpacked into one
unnamed temporary file.
"""

import hashlib
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

from attrs import frozen

from toolhive_plugins import (
    MANIFEST_PATH,
    MAX_DECOMPRESSED_SIZE,
    Digest,
    InvalidPluginDirError,
    InvalidPluginFileError,
    TooManyFilesError,
    UnreadableFileError,
    decompress_chunks,
    read_tar,
    shown,
)

PACKAGED_HIDDEN: Final = frozenset({MANIFEST_PATH, ".mcp.json", ".lsp.json"})
"""The only paths with a component that begins with a dot that are part of an artifact."""

_CHUNK: Final = 1 << 18
_HEAD: Final = 256
_MAX_ENTRIES: Final = 10_000


@frozen
class TreeFile:
    """One regular file of a plugin."""

    path: str
    """From the plugin's root, with slashes; bytes that are not UTF-8 are surrogate escapes."""

    size: int
    """Bytes."""

    mode: int
    """Permission bits."""

    head: bytes
    """The first 256 bytes, or fewer."""

    @property
    def executable(self) -> bool:
        """Whether the owner may execute it."""
        return bool(self.mode & 0o100)


class Tree(Protocol):
    """The files of one plugin; also what the packager's component readers read from (its FileTree)."""

    @property
    def files(self) -> Mapping[str, TreeFile]:
        """The files by path, in the order of the paths' bytes."""
        ...

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths, in the same order."""
        ...

    def read(self, path: str, limit: int) -> bytes:
        """Return a file's content; UnreadableFileError where there is no such file or it has more than `limit` bytes."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file's content; KeyError where there is no such file."""
        ...

    def digest(self, path: str) -> Digest:
        """Return the digest of a file's content; KeyError where there is no such file."""
        ...

    def close(self) -> None:
        """Give back what the tree holds."""
        ...


def path_order(path: str) -> bytes:
    """Return the key that sorts paths as archives sort them: by their bytes."""
    return path.encode("utf-8", "surrogateescape")


class _Tree(ABC):
    """What the two kinds of tree share."""

    files: Mapping[str, TreeFile]

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths, sorted by their bytes."""
        return tuple(self.files)

    def read(self, path: str, limit: int) -> bytes:
        """Return a file's content.

        Raises:
            UnreadableFileError: there is no such file, or it has more than `limit` bytes.
        """
        file = self.files.get(path)
        if file is None:
            raise UnreadableFileError("there is no such file", where=shown(path))
        if file.size > limit:
            raise UnreadableFileError(f"is {file.size} bytes, and {limit} is the limit", where=shown(path))
        return b"".join(self.chunks(path))

    @abstractmethod
    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file's content."""

    def digest(self, path: str) -> Digest:
        """Return the digest of a file's content."""
        hasher = hashlib.sha256()
        for chunk in self.chunks(path):
            hasher.update(chunk)
        return _digest(hasher.hexdigest())

    def close(self) -> None:  # noqa: B027 - a directory holds nothing
        """Give back what the tree holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LayerTree(_Tree):
    """The files of a layer.

    Args:
        layer: the compressed layer, already checked against its digest or checked as it is read.

    Raises:
        InvalidGzipError, InvalidArchiveError, SizeLimitError: the layer is malformed or breaks a limit.
    """

    def __init__(self, layer: Iterable[bytes]) -> None:
        self._spool: BinaryIO = TemporaryFile(prefix="thv-plugin-")  # noqa: SIM115 - closed by close()
        self._offsets: dict[str, int] = {}
        found: dict[str, TreeFile] = {}
        hasher = hashlib.sha256()
        try:
            tar = _hashed(decompress_chunks(layer, max_size=MAX_DECOMPRESSED_SIZE), hasher.update)
            for member, content in read_tar(tar):
                self._offsets[member.path] = self._spool.tell()
                found[member.path] = TreeFile(member.path, member.size, member.mode & 0o777, self._copy(content))
            for _ in tar:
                pass  # whatever follows the end of the archive is part of what the diff ID is taken of
        except BaseException:
            self._spool.close()
            raise
        self.diff_id = _digest(hasher.hexdigest())
        """The digest of the archive, as it really is."""
        self.files = {path: found[path] for path in sorted(found, key=path_order)}

    def _copy(self, content: Iterable[bytes]) -> bytes:
        """Copy a file to the spool, and return how it begins."""
        head = b""
        for chunk in content:
            self._spool.write(chunk)
            head += chunk[: _HEAD - len(head)]
        return head

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file's content; KeyError where there is no such file."""
        position, left = self._offsets[path], self.files[path].size
        while left:
            self._spool.seek(position)
            chunk = self._spool.read(min(left, _CHUNK))
            position += len(chunk)
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Give back the temporary file."""
        self._spool.close()


@frozen
class Irregular:
    """Something in a plugin directory that is neither a regular file nor a directory, or that cannot be read."""

    path: str
    what: str
    """What it is: `a symbolic link`, `a named pipe`, ..."""


class DirectoryTree(_Tree):
    """The files of a directory that would be part of an artifact, read without following links.

    Args:
        directory: the plugin's directory.

    Raises:
        InvalidPluginDirError: it is not there, or is no directory.
        TooManyFilesError: there are more than 10,000 files and directories: surely this is not a plugin.
    """

    def __init__(self, directory: str) -> None:
        self._root = Path(directory).absolute()
        try:
            mode = self._root.stat().st_mode
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            reason = error.strerror if isinstance(error, OSError) else "the path is malformed"
            raise InvalidPluginDirError(f"cannot be opened: {reason}", where=shown(directory)) from error
        if not stat.S_ISDIR(mode):
            raise InvalidPluginDirError(
                "is not a directory", where=shown(directory), remedy="Name the directory that holds .claude-plugin"
            )
        self.left_out: tuple[str, ...] = ()
        """Hidden files and directories that no artifact would hold; a directory ends in a slash."""
        self.irregular: tuple[Irregular, ...] = ()
        """What cannot be part of an artifact and makes packaging fail."""
        left_out: list[str] = []
        irregular: list[Irregular] = []
        found: dict[str, TreeFile] = {}
        for path, kind in _walk(self._root):
            if kind == "hidden":
                left_out.append(path)
            elif kind:
                irregular.append(Irregular(path, kind))
            else:
                try:
                    found[path] = self._look(path)
                except OSError as error:
                    irregular.append(Irregular(path, f"a file that cannot be read ({error.strerror})"))
                except InvalidPluginFileError as error:
                    irregular.append(Irregular(path, error.problem))
        self.left_out = tuple(sorted(left_out, key=path_order))
        self.irregular = tuple(sorted(irregular, key=lambda item: path_order(item.path)))
        self.files = {path: found[path] for path in sorted(found, key=path_order)}

    def _look(self, path: str) -> TreeFile:
        """Return what a file is, with its mode as a default build normalises it: what git would keep of it."""
        with self._open(path) as file:
            status = os.fstat(file.fileno())
            return TreeFile(path, status.st_size, 0o755 if status.st_mode & 0o100 else 0o644, file.read(_HEAD))

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file's content, as it stands now.

        Raises:
            InvalidPluginFileError: it has become something that is no regular file.
            OSError: it cannot be read.
        """
        with self._open(path) as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def _open(self, path: str) -> FileIO:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        file = FileIO(os.open(self._root / path, flags))
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
        raise InvalidPluginFileError("is no regular file", where=shown(path))


def _walk(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each path below `root` that is no plain directory, and what it is: empty for a file that is packaged, else
    `hidden` or a description of what is in the way."""
    pending = [""]
    count = 0
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = list(listing)
        except OSError as error:
            yield folder + "/", f"a directory that cannot be listed ({error.strerror})"
            continue
        count += len(entries)
        if count > _MAX_ENTRIES:
            remedy = "Name the plugin's own directory, the one that holds .claude-plugin"
            raise TooManyFilesError(
                f"there are more than {_MAX_ENTRIES} files and directories", where=shown(root), remedy=remedy
            )
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            hidden = any(part.startswith(".") for part in path.split("/")) and path not in PACKAGED_HIDDEN
            if entry.is_symlink():
                # The reference looks into no hidden directory but this one, and a link beside what it packages fails the build.
                yield path, "a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                if hidden and path != ".claude-plugin":
                    yield path + "/", "hidden"
                else:
                    pending.append(path)
            elif not entry.is_file(follow_symlinks=False):
                yield path, _kind(entry)
            else:
                yield path, "hidden" if hidden else ""


def _kind(entry: os.DirEntry[str]) -> str:
    mode = entry.stat(follow_symlinks=False).st_mode
    names = {
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return names.get(stat.S_IFMT(mode), "no regular file")


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk


def _digest(encoded: str) -> Digest:
    return Digest(f"sha256:{encoded}")
