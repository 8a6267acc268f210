"""Decompresses a gzip stream of many members on several cores.

Our own big layers are cut into members (RFC 1952 section 2.2) with equal headers. Wherever the first header occurs again, a
member may begin, so what lies between two such places is decompressed by itself, ahead of its turn. A guess can be
wrong, as the ten bytes can occur within compressed data; it then fails, and from there on the stream is read front to
back as any other. Members in a row give what they give one by one, so the result is the same in either way.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Final

from toolhive_artifact import (
    MAX_DECOMPRESSED_SIZE,
    MAX_GZIP_MEMBERS,
    GzipLimitError,
    InvalidGzipError,
    SizeLimitError,
    decompress_chunks,
)

_WORKERS: Final = 2
_AHEAD: Final = 4
"""Members in memory, decompressed or about to be."""
_HEADER_SIZE: Final = 10
_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a member, compressed or not; beyond that, it is read in pieces like any other stream."""

_Part = tuple[bytes, "Future[list[bytes] | None]"]


def decompress_side_by_side(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what `decompress_chunks` would, from the same bytes and with the same errors, but sooner.

    Raises:
        InvalidGzipError, SizeLimitError: as `decompress_chunks`.
    """
    parts = _Parts(chunks)
    total = members = 0
    pending: deque[_Part] = deque()
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="gunzip") as pool:
        while True:
            while len(pending) < _AHEAD and (part := parts.next()):
                pending.append((part, pool.submit(_decompress, part)))
            if not pending:
                break
            pieces = pending[0][1].result()
            if pieces is None:
                break
            members += 1
            total += sum(map(len, pieces))
            if members > MAX_GZIP_MEMBERS or total > MAX_DECOMPRESSED_SIZE:
                raise GzipLimitError(
                    f"the gzip stream gives more than {MAX_DECOMPRESSED_SIZE} bytes, or has too many members"
                )
            pending.popleft()
            yield from pieces
        for _, future in pending:
            future.cancel()
    rest = chain((part for part, _ in pending), parts.rest())
    first = next(rest, None)
    if first is not None or total == members == 0:
        yield from decompress_chunks(
            chain(() if first is None else (first,), rest), max_size=MAX_DECOMPRESSED_SIZE - total
        )


def _decompress(part: bytes) -> list[bytes] | None:
    """Return what a part gives, or None if it is no member, or gives too much to be held."""
    try:
        return list(decompress_chunks((part,), max_size=_LARGEST))
    except (InvalidGzipError, SizeLimitError):
        return None


class _Parts:
    """Cuts a stream where the first header occurs again."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()
        self._searched = 0
        self._at_end = False

    def next(self) -> bytes:
        """Return the next part; none at the end, or where it is too large to be one."""
        while True:
            cut = self._find()
            if cut is None and self._at_end and 0 < len(self._held) <= _LARGEST:
                cut = len(self._held)
            if cut is not None:
                part = bytes(self._held[:cut])
                del self._held[:cut]
                self._searched = 0
                return part
            if self._at_end or len(self._held) > _LARGEST:
                return b""
            chunk = next(self._chunks, None)
            if chunk is None:
                self._at_end = True
            else:
                self._held += chunk

    def rest(self) -> Iterator[bytes]:
        """Yield what has not been handed out."""
        if self._held:
            yield bytes(self._held)
            self._held.clear()
        yield from self._chunks

    def _find(self) -> int | None:
        header = bytes(self._held[:_HEADER_SIZE])
        if len(header) < _HEADER_SIZE:
            return None
        found = self._held.find(header, max(_HEADER_SIZE, self._searched))
        self._searched = max(_HEADER_SIZE, len(self._held) - _HEADER_SIZE + 1)
        return found if 0 < found <= _LARGEST else None
