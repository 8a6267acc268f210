"""A plugin's files as the component readers see them: paths, and bytes on demand.

A directory that is being packaged and an artifact that is being inspected are both such trees, so what a
plugin would run is found by the same code in both.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from toolhive_artifact.errors import ToolhiveError


class UnreadableFileError(ToolhiveError):
    """A file of a tree is not there, or larger than the reader would take."""


class FileTree(Protocol):
    """The files that a plugin ships: what is packaged, no more."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file's path from the plugin's root, with slashes, sorted by its bytes; `surrogateescape` for non-UTF-8."""
        ...

    def read(self, path: str, limit: int) -> bytes:
        """Return the content of the file at `path`.

        Raises:
            UnreadableFileError: there is no such file, or it has more than `limit` bytes.
            ToolhiveError: the file cannot be read, or changed since the tree was made.
        """
        ...


class MemoryTree:
    """A tree of files that are in memory, those of an artifact say."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._paths = tuple(sorted(self._files, key=path_bytes))

    @property
    def paths(self) -> tuple[str, ...]:
        """See FileTree."""
        return self._paths

    def read(self, path: str, limit: int) -> bytes:
        """See FileTree."""
        content = self._files.get(path)
        if content is None:
            raise UnreadableFileError("there is no such file", where=path)
        return check_read_limit(path, content, limit)


def check_read_limit(path: str, content: bytes, limit: int) -> bytes:
    """Return `content` where it has at most `limit` bytes, else raise UnreadableFileError."""
    if len(content) > limit:
        raise UnreadableFileError(f"is larger than {limit} bytes, and was not read", where=path)
    return content


def path_bytes(path: str) -> bytes:
    """Return the bytes of a path, which are what it is sorted by."""
    return path.encode("utf-8", "surrogateescape")


def resolve_path(path: str) -> str | None:
    """Resolve a path that a plugin declares, `./commands/` say, to one from its root; the root itself is "".

    Nothing is looked up on a disk. None where the path is empty, absolute, or leads out of the plugin.
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
    """Return those of `paths` that lie in `folder`, at any depth; all of them where it is the root, ""."""
    prefix = f"{folder}/" if folder else ""
    return [path for path in paths if path.startswith(prefix)]
