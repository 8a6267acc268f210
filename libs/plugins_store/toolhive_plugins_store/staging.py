"""Unfinished blobs: files in the session's folder that are written, flushed and not yet in their place."""

import contextlib
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from attrs import define, field

from toolhive_artifact import MAX_BLOB_SIZE, Descriptor, Digest, DigestMismatchError, SizeLimitError
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreIOError, io_error

if TYPE_CHECKING:
    from concurrent.futures import Future

_MOST_OPEN: Final = 16
"""Files that may be open at once while they wait to be flushed."""


@define
class Staged:
    """An unfinished blob."""

    path: str
    """Its file."""

    size: int
    """Bytes of it."""

    modified: int
    """The file's modification time in nanoseconds."""

    replaces: bool = False
    """Whether something damaged stood in its place when it was added."""

    flushed: "Future[None] | None" = field(default=None, repr=False)
    """Done when its content will survive a power cut; None where that was not asked for."""


class Staging:
    """Writes unfinished blobs, and flushes them in other threads, so that the waits overlap."""

    def __init__(
        self, new_path: Callable[[], str], in_background: Callable[[Callable[[], None]], "Future[None]"]
    ) -> None:
        self._new_path = new_path
        self._in_background = in_background
        self._flushing: deque[Future[None]] = deque()

    def write(self, data: bytes) -> Staged:
        """Write content and begin to flush it."""
        path = self._new_path()
        file = _fs.create(path, blob=True)
        try:
            _fs.write(file, data, path)
            staged = Staged(path, len(data), os.fstat(file).st_mtime_ns)
        except BaseException:
            os.close(file)
            discard(path)
            raise
        self._flush(staged, file)
        return staged

    def write_chunks(self, chunks: Iterable[bytes], expected: Descriptor | None) -> tuple[Digest, Staged]:
        """Write content that comes in pieces, not flushed yet, and return its digest too.

        Raises:
            DigestMismatchError: it is not what was expected.
            SizeLimitError: it is larger than MAX_BLOB_SIZE, or expected to be.
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

    def flush(self, staged: Staged) -> None:
        """Begin to flush what is not being flushed yet."""
        if staged.flushed is None:
            try:
                file = os.open(staged.path, _fs.FLUSHABLE)
            except OSError as error:
                raise io_error(error, "open", staged.path) from error
            self._flush(staged, file)

    def _flush(self, staged: Staged, file: int) -> None:
        def flush_and_close() -> None:
            try:
                _fs.sync(file, staged.path)
            finally:
                os.close(file)

        staged.flushed = self._in_background(flush_and_close)
        self._flushing.append(staged.flushed)
        if len(self._flushing) > _MOST_OPEN:
            self._flushing.popleft().result()


def discard(path: str) -> None:
    """Remove an unfinished file; what cannot be removed is swept later."""
    with contextlib.suppress(StoreIOError):
        _fs.remove(path)


def check_size(size: int, limit: int) -> None:
    """Refuse content that is too large.

    Raises:
        SizeLimitError: `size` is more than `limit`.
    """
    if size > limit:
        raise SizeLimitError(f"{size} bytes are more than the {limit} that the store takes for it")


def _copy(chunks: Iterable[bytes], file: int, path: str, limit: int, expected: Descriptor | None) -> tuple[Digest, int]:
    """Write the chunks, stopping where there are more than `limit` bytes; return their digest and size."""
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
        raise DigestMismatchError(f"the content of {expected.digest} is longer than the {limit} bytes announced")
    elif size < limit:
        raise DigestMismatchError(f"the content of {expected.digest} ended after {size} of {limit} bytes")
    elif digest != expected.digest:
        raise DigestMismatchError(f"the content of {expected.digest} is {digest}")
    return digest, size
