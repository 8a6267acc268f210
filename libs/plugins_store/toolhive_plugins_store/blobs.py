"""Reads blobs: bounded, through no link, and checked against the digest that names them.

The callers have checked that the folders above the blobs are none either (`Layout.check_folders`).
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from toolhive_artifact import MAX_BLOB_SIZE, Digest, SizeLimitError
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CHECK_OR_REPAIR, CorruptBlobError, CorruptStoreError, io_error
from toolhive_plugins_store.layout import Layout, describe, look, missing_blob

CHUNK_SIZE: Final = 1024 * 1024
"""Bytes that are read at a time."""


def blob_size(layout: Layout, digest: Digest) -> int:
    """Return the bytes of a blob, without reading it.

    Raises:
        StoreNotFoundError: it is not there.
        CorruptStoreError: no regular file stands in its place.
    """
    found = look_at_blob(layout, digest)
    if found is None:
        raise missing_blob(digest)
    return found.st_size


def look_at_blob(layout: Layout, digest: Digest) -> os.stat_result | None:
    """Return what is known of a blob's file; None where there is none.

    Raises:
        CorruptStoreError: something that is no regular file stands in its place.
    """
    path = layout.blob(digest)
    found = look(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise _no_blob(path, found.st_mode)
    return found


def read_blob(layout: Layout, digest: Digest, limit: int) -> bytes:
    """Return the content of a blob of at most `limit` bytes.

    Raises:
        StoreNotFoundError: it is not there.
        SizeLimitError: it is larger.
        CorruptStoreError: it is not what its digest promises.
    """
    with BlobReader(layout, digest, limit) as reader:
        return reader.read()


class BlobReader:
    """A blob, open for reading once, front to back. The last bytes are handed out only if all of it was right."""

    def __init__(self, layout: Layout, digest: Digest, limit: int = MAX_BLOB_SIZE) -> None:
        look_at_blob(layout, digest)  # names what stands in its place, where opening it would only fail
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
                raise SizeLimitError(
                    f"it has {found.st_size} bytes, more than the {limit} that are read", where=self._path
                )
        except BaseException:
            self.close()
            raise
        self.size = found.st_size
        """Bytes of the blob."""

        self._left = self.size

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, or all that are left where it is negative; none at the end.

        Raises:
            CorruptBlobError: the blob is not what its digest promises.
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
        """Close it; what was not read was not checked."""
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
    return CorruptBlobError(f"the blob is damaged: {problem}", where=path, remedy=CHECK_OR_REPAIR)


def _no_blob(path: str, mode: int) -> CorruptStoreError:
    return CorruptStoreError(f"{describe(mode)} stands in a blob's place", where=path, remedy=CHECK_OR_REPAIR)
