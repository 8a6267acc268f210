"""Reads blobs: bounded, never through a link, and checked against the digest that names them.

The callers have checked that the folders above the blobs are not links (`Layout.check_folders`).
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from toolhive_artifact import MAX_BLOB_SIZE, Digest, SizeLimitError
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CorruptBlobError, CorruptStoreError, Hint, io_error
from toolhive_plugins_store.layout import Layout, describe, look, missing_blob

CHUNK_SIZE: Final = 1024 * 1024
"""Size in bytes of what is read at a time."""


def blob_size(layout: Layout, digest: Digest) -> int:
    """Return a blob's size in bytes, without reading it.

    Raises:
        StoreNotFoundError: the store does not have it.
        CorruptStoreError: something other than a regular file is in its place.
    """
    found = look_at_blob(layout, digest)
    if found is None:
        raise missing_blob(digest)
    return found.st_size


def look_at_blob(layout: Layout, digest: Digest) -> os.stat_result | None:
    """Return the status of a blob's file; None if there is none.

    Raises:
        CorruptStoreError: something other than a regular file is in its place.
    """
    path = layout.blob(digest)
    found = look(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise _no_blob(path, found.st_mode)
    return found


def read_blob(layout: Layout, digest: Digest, limit: int) -> bytes:
    """Return the content of a blob of at most `limit` bytes.

    Raises:
        StoreNotFoundError: the store does not have it.
        SizeLimitError: it is larger.
        CorruptStoreError: it does not match its digest.
    """
    with BlobReader(layout, digest, limit) as reader:
        return reader.read()


class BlobReader:
    """A blob, open for reading once, front to back. The last bytes are returned only if the whole blob matches its digest."""

    def __init__(self, layout: Layout, digest: Digest, limit: int = MAX_BLOB_SIZE) -> None:
        look_at_blob(layout, digest)  # names what is in its place, where opening it would only fail
        self.digest = digest
        """The digest."""

        self._path = layout.blob(digest)
        self._hash = hashlib.sha256()
        try:
            self._file: int = os.open(self._path, _fs.READ_ONLY)
        except FileNotFoundError as error:
            raise missing_blob(digest) from error
        except OSError as error:
            raise io_error(error, "open", self._path) from error
        try:
            found = os.fstat(self._file)
            if not stat.S_ISREG(found.st_mode):
                raise _no_blob(self._path, found.st_mode)
            if found.st_size > limit:
                raise SizeLimitError(f"its size is {found.st_size} bytes, and {limit} is the limit", where=self._path)
        except BaseException:
            self.close()
            raise
        self.size = found.st_size
        """Size in bytes of the blob."""

        self._left = self.size

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, or all that are left if it is negative; empty at the end.

        Raises:
            CorruptBlobError: the blob does not match its digest.
            StoreIOError: it cannot be read.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        if wanted == 0:
            if self.size == 0:
                self._check(b"")
            return b""
        parts: list[bytes] = []
        while wanted > 0:
            part = self._read_some(wanted)
            parts.append(part)
            wanted -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_SIZE):
            yield chunk

    def close(self) -> None:
        """Close it. What was not read was not checked."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_some(self, most: int) -> bytes:
        try:
            part = os.read(self._file, most)
        except OSError as error:
            raise io_error(error, "read", self._path) from error
        if not part:
            raise _damaged(self._path, f"it ended {self._left} bytes early")
        self._left -= len(part)
        self._check(part)
        return part

    def _check(self, part: bytes) -> None:
        self._hash.update(part)
        if self._left == 0 and self._hash.hexdigest() != self.digest[7:]:
            raise _damaged(self._path, f"its content is sha256:{self._hash.hexdigest()}")


def _damaged(path: str, problem: str) -> CorruptBlobError:
    return CorruptBlobError(f"the blob is damaged: {problem}", where=path, hint=Hint.REPAIR_STORE)


def _no_blob(path: str, mode: int) -> CorruptStoreError:
    return CorruptStoreError(f"{describe(mode)} is in a blob's place", where=path, hint=Hint.REPAIR_STORE)
