"""A plugin's files as all readers see them: paths, sizes, modes, and bytes on demand.

A directory that is packaged and the layer of an artifact that is inspected are both such trees, so that the same code finds what a plugin
would run in either.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from types import TracebackType
from typing import Final, Self

from attrs import field, frozen

from toolhive_artifact.digest import Digest
from toolhive_artifact.errors import DocumentLimitError, shown
from toolhive_artifact.json_reader import parse_json
from toolhive_artifact.json_values import JsonValue
from toolhive_artifact.limits import MAX_JSON_DEPTH
from toolhive_plugins_content.errors import UnreadableFileError

HEAD_SIZE: Final = 256
"""How much of the beginning of a file shows what kind of program it is, in bytes."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""What some editors begin a file in UTF-8 with."""

_SHALLOW: Final = 64
_SMALL_DOCUMENT: Final = 16 * 1024
_MAX_DOCUMENTS: Final = 64

Stamp = tuple[int, int, int, int, int]
"""What distinguishes one state of a file from another: device, inode, size in bytes, mtime and ctime in nanoseconds."""


@frozen
class PluginFile:
    """A file that belongs to a plugin."""

    path: str
    """From the plugin's root, with slashes; `surrogateescape` for bytes that are not UTF-8."""

    size: int
    """In bytes."""

    mode: int
    """The permission bits that an artifact carries for it."""

    stamp: Stamp | None = field(default=None, repr=False, eq=False)
    """The state that a directory's file was listed in; None for files of other trees."""

    copy_of: str = field(default="", repr=False, eq=False)
    """The path of the file whose content it has, where the source has a symbolic link to that; else empty."""

    @property
    def read_from(self) -> str:
        """The path in the source that the content is read from."""
        return self.copy_of or self.path

    @property
    def executable(self) -> bool:
        """Whether the owner may execute it."""
        return bool(self.mode & 0o100)


class FileTree(ABC):
    """The files that a plugin ships: what is packaged, no more. A context manager that closes itself."""

    files: Mapping[str, PluginFile]
    """The files by path, in the order of the paths' bytes."""

    @abstractmethod
    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the content of the file at `path`, which is one of `files`.

        Raises:
            ToolhiveError: it cannot be read, or changed since the tree was made.
        """

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The files' paths, sorted by their bytes."""
        return tuple(self.files)

    def read(self, path: str, limit: int) -> bytes:
        """Return the content of the file at `path`.

        Args:
            path: from the plugin's root.
            limit: the most bytes to take.

        Raises:
            UnreadableFileError: there is no such file, or it has more than `limit` bytes.
            ToolhiveError: the file cannot be read, or changed since the tree was made.
        """
        file = self.files.get(path)
        if file is None:
            raise UnreadableFileError("there is no such file", where=shown(path))
        if file.size > limit:
            raise UnreadableFileError(f"is larger than {limit} bytes, and was not read", where=shown(path))
        return b"".join(self.chunks(path))

    def json(self, path: str, limit: int, max_depth: int = MAX_JSON_DEPTH) -> JsonValue:
        """Return the JSON document in the file at `path`, without a byte order mark. A small one is parsed once.

        Args:
            path: from the plugin's root.
            limit: the most bytes to take, at least 16 KiB.
            max_depth: the most nesting, at least 64.

        Raises:
            UnreadableFileError: there is no such file, or it has more than `limit` bytes.
            DocumentLimitError: it is deeper than `max_depth`.
            InvalidDocumentError: it is not JSON; `line` and `column` say where.
            ToolhiveError: the file cannot be read, or changed since the tree was made.
        """
        if path in self._documents:
            return self._documents[path]
        data = self.read(path, limit).removeprefix(BYTE_ORDER_MARK)
        if len(data) <= _SMALL_DOCUMENT and len(self._documents) < _MAX_DOCUMENTS:
            with suppress(DocumentLimitError):  # What is not deep is within every caller's limit.
                self._documents[path] = parse_json(data, where=path, max_size=limit, max_depth=_SHALLOW)
                return self._documents[path]
        return parse_json(data, where=path, max_size=limit, max_depth=max_depth)

    @cached_property
    def _documents(self) -> dict[str, JsonValue]:
        return {}

    def head(self, path: str) -> bytes:
        """Return the first HEAD_SIZE bytes of the file at `path`, which is one of `files`.

        Raises:
            ToolhiveError: it cannot be read, or changed since the tree was made.
        """
        head = b""
        for chunk in self.chunks(path):
            head += chunk[: HEAD_SIZE - len(head)]
            if len(head) == HEAD_SIZE:
                break
        return head

    def digest(self, path: str) -> Digest:
        """Return the digest of the file at `path`, which is one of `files`.

        Raises:
            ToolhiveError: it cannot be read, or changed since the tree was made.
        """
        hasher = hashlib.sha256()
        for chunk in self.chunks(path):
            hasher.update(chunk)
        return Digest("sha256:" + hasher.hexdigest())

    def close(self) -> None:  # noqa: B027 - not every tree holds something
        """Release what the tree holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class MemoryTree(FileTree):
    """A tree of files that are in memory."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = dict(contents)
        paths = sorted(contents, key=path_bytes)
        self.files = {path: PluginFile(path, len(contents[path]), 0o644) for path in paths}

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        yield self._contents[path]


def path_bytes(path: str) -> bytes:
    """Return the bytes of a path, which are what it is sorted by."""
    return path.encode("utf-8", "surrogateescape")


def resolve_path(path: str) -> str | None:
    """Resolve a path that a plugin declares, such as `./commands/`, to a path from its root, which itself is "".

    Does not read the disk. Returns None if the path is empty, absolute, or leads out of the plugin.
    """
    if not path or path.startswith("/") or "\0" in path:
        return None
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def under(paths: Iterable[str], folder: str) -> list[str]:
    """Return the paths that are in `folder`, at any depth; all of them if it is the root, ""."""
    prefix = f"{folder}/" if folder else ""
    return [path for path in paths if path.startswith(prefix)]
