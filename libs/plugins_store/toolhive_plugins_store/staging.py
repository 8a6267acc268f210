"""Unfinished blobs: files in the session's folder, which are written and flushed before they are put in place."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from attrs import define, frozen

from toolhive_artifact import MAX_BLOB_SIZE, Descriptor, Digest, DigestMismatchError, SizeLimitError
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreIOError, io_error

if TYPE_CHECKING:
    from toolhive_plugins_store.background import Background

_MOST_OPEN: Final = 16
"""How many files may be open at once while they wait to be flushed."""

_LARGE: Final = 1024 * 1024
"""Size in bytes from which a file is flushed as soon as it is written, while the caller goes on."""


@define
class Staged:
    """An unfinished blob."""

    path: str
    """Its file."""

    size: int
    """Its size in bytes."""

    modified: int
    """The file's modification time in nanoseconds."""

    replaces: bool = False
    """Whether something damaged was in its place when it was added."""


@frozen
class StoredBlob:
    """A blob that was put into the store."""

    digest: Digest
    """Its digest."""

    size: int
    """Its size in bytes."""


class Staging:
    """Writes unfinished blobs and flushes them, several at once, so that the waits for the disk overlap.

    Small files are flushed together, after the last one is written: creating a file in a folder that is being flushed
    would wait for the flush.
    """

    def __init__(
        self, new_path: Callable[[], str], in_background: Callable[[Callable[[], None]], "Background"]
    ) -> None:
        self._new_path = new_path
        self._in_background = in_background
        self._open: dict[str, int] = {}
        self._flushing: list[Background] = []

    def write(self, data: bytes) -> Staged:
        """Write content, for `flush` to make durable."""
        path = self._new_path()
        file = _fs.create(path, blob=True)
        try:
            _fs.write(file, data, path)
            staged = Staged(path, len(data), os.fstat(file).st_mtime_ns)
        except BaseException:
            os.close(file)
            discard(path)
            raise
        self._flush_later(staged, file)
        return staged

    def write_chunks(self, chunks: Iterable[bytes], expected: Descriptor | None) -> tuple[Digest, Staged]:
        """Write content that comes in chunks, for `keep` and `flush` to make durable; return its digest too.

        Raises:
            DigestMismatchError: it is not what was expected.
            SizeLimitError: its size, or its expected size, is larger than MAX_BLOB_SIZE.
        """
        limit = MAX_BLOB_SIZE if expected is None else expected.size
        check_size(limit, MAX_BLOB_SIZE)
        path = self._new_path()
        file = _fs.create(path, blob=True)
        try:
            digest, size = _copy(chunks, file, path, limit, expected)
            return digest, Staged(path, size, os.fstat(file).st_mtime_ns)
        except BaseException:
            discard(path)
            raise
        finally:
            os.close(file)

    def keep(self, staged: Staged) -> None:
        """Let `flush` make the file durable as well."""
        try:
            file = os.open(staged.path, _fs.FLUSHABLE)
        except OSError as error:
            raise io_error(error, "open", staged.path) from error
        self._flush_later(staged, file)

    def flush(self) -> None:
        """Flush all files, so that they survive a power cut.

        Raises:
            StoreIOError: the disk failed.
        """
        waiting = list(self._open.items())
        self._open.clear()
        here = waiting.pop() if waiting else None
        for path, file in waiting:
            self._flush_in_background(path, file)
        flushing, self._flushing = self._flushing, []
        if here is not None:
            _flush_and_close(*here)
        for flushed in flushing:
            flushed.result()

    def close(self) -> None:
        """Close what is open, without flushing it."""
        for file in self._open.values():
            os.close(file)
        self._open.clear()

    def _flush_later(self, staged: Staged, file: int) -> None:
        if staged.size >= _LARGE:
            self._flush_in_background(staged.path, file)
            return
        self._open[staged.path] = file
        if len(self._open) > _MOST_OPEN:
            self.flush()

    def _flush_in_background(self, path: str, file: int) -> None:
        self._flushing.append(self._in_background(lambda: _flush_and_close(path, file)))


def _flush_and_close(path: str, file: int) -> None:
    try:
        _fs.sync(file, path)
    finally:
        os.close(file)


def discard(path: str) -> None:
    """Remove an unfinished file. What cannot be removed now, `gc` removes later."""
    with contextlib.suppress(StoreIOError):
        _fs.remove(path)


def check_size(size: int, limit: int) -> None:
    """Refuse content that is too large.

    Raises:
        SizeLimitError: `size` is more than `limit`.
    """
    if size > limit:
        raise SizeLimitError(f"its size is {size} bytes, and {limit} is the store's limit for it")


def _copy(chunks: Iterable[bytes], file: int, path: str, limit: int, expected: Descriptor | None) -> tuple[Digest, int]:
    """Write the chunks, stopping at more than `limit` bytes; return their digest and size."""
    sha256 = hashlib.sha256()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            break
        sha256.update(chunk)
        _fs.write(file, chunk, path)
    digest = Digest("sha256:" + sha256.hexdigest())
    if expected is None:
        check_size(size, limit)
    elif size > limit:
        raise DigestMismatchError(f"the content of {expected.digest} is longer than the {limit} bytes expected")
    elif size < limit:
        raise DigestMismatchError(f"the content of {expected.digest} ends after {size} of {limit} bytes")
    elif digest != expected.digest:
        raise DigestMismatchError(f"the content of {expected.digest} is {digest}")
    return digest, size
