"""Reads blobs from a repository, many at a time, and checks that they are what their IDs say (git-cat-file(1), "Batch output")."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Final

from toolhive_plugins_content.errors import GitError, GitFailedError
from toolhive_plugins_content.git import Repository

_MAX_LINE: Final = 200


def blob_sizes(repository: Repository, ids: Iterable[str]) -> dict[str, int]:
    """Return the sizes of blobs in bytes; those that the repository lacks are left out.

    Raises:
        GitError: git failed.
    """
    questions = "".join(f"{name}\n" for name in dict.fromkeys(ids)).encode()
    try:
        answer = repository.run("cat-file", "--batch-check", stdin=questions)
    except GitFailedError as error:  # Older versions of git end where they would have to fetch an object.
        raise GitFailedError(
            error.problem, remedy="Fetch all of the commit first if this is a partial clone"
        ) from error
    fields = [line.split(" ") for line in answer.decode("ascii", "replace").splitlines()]
    return {line[0]: int(line[2]) for line in fields if len(line) == 3 and line[1] == "blob"}


def read_blobs(repository: Repository, sizes: Mapping[str, int]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the ID of each blob, and its content, which the caller reads to its end before the next.

    Args:
        repository: has the blobs.
        sizes: their sizes in bytes, as `blob_sizes` returns them.

    Raises:
        GitError: git failed, or a blob is damaged.
    """
    questions = "".join(f"{name}\n" for name in sizes).encode()
    limit = sum(sizes.values()) + len(sizes) * _MAX_LINE
    with closing(repository.stream("cat-file", "--batch", stdin=questions, limit=limit)) as chunks:
        reader = _Reader(chunks)
        for name, size in sizes.items():
            if reader.line() != f"{name} blob {size}".encode():
                raise _damaged(name)
            yield name, _checked(name, size, reader)
            if reader.line() != b"":
                raise _damaged(name)


def _checked(name: str, size: int, reader: "_Reader") -> Iterator[bytes]:
    hasher = hashlib.sha1(usedforsecurity=False) if len(name) == 40 else hashlib.sha256()  # the repository's own choice
    hasher.update(b"blob %d\0" % size)
    for chunk in reader.take(size):
        hasher.update(chunk)
        yield chunk
    if hasher.hexdigest() != name:
        raise _damaged(name)


class _Reader:
    """Reads lines and pieces of a known size from chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def line(self) -> bytes | None:
        """Return the next line without its end; None if there is none, or it is too long."""
        while b"\n" not in self._rest:
            chunk = next(self._chunks, b"")
            if not chunk or len(self._rest) > _MAX_LINE:
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def take(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes, or fewer where the output ends."""
        while size:
            piece, self._rest = self._rest[:size], self._rest[size:]
            if not piece:
                self._rest = next(self._chunks, b"")
                if not self._rest:
                    return
            size -= len(piece)
            if piece:
                yield piece


def _damaged(name: str) -> GitError:
    return GitError("an object of the repository is damaged", where=name, remedy="Fetch it again")
