"""Writes gzip streams whose bytes do not depend on the number of workers (RFC 1952; `gzip` says why)."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from toolhive_artifact.errors import CompressorError
from toolhive_artifact.timestamps import check_epoch

if TYPE_CHECKING:
    from concurrent.futures import Future

PIECE_SIZE: Final = 1024 * 1024
"""The size in bytes of the content of each member but the last. Frozen: another size gives other digests."""

LEVEL_OF_ONE: Final = 8
"""libdeflate's level for content that is one piece, as nearly every plugin is: the smaller output costs little. Frozen."""

LEVEL_OF_MANY: Final = 6
"""libdeflate's level for larger content, where time counts. Frozen."""

MAX_DEFAULT_WORKERS: Final = 4
"""More workers would need more memory than packaging a plugin may take."""

_CHECK_DIGEST: Final = "861ff1ea1ccfc7335c365e7fdabebc2fec22dddc4f608c233019d1778ed3f62e"
_MAGIC_METHOD_FLAGS: Final = b"\x1f\x8b\x08\x00"
_OS_UNKNOWN: Final = 255


def compress_chunks(chunks: Iterable[bytes], *, epoch: int = 0, workers: int | None = None) -> Iterator[bytes]:
    """Compress a stream, keeping a few pieces of 1 MiB in memory for each worker.

    Args:
        chunks: the content, in chunks of any size; the sizes do not change the result.
        epoch: the modification time in the headers, in seconds since 1970-01-01T00:00:00Z; its low 32 bits are written, or
            0 if it is negative.
        workers: how many threads compress; with 1, only the caller's. The number does not change the result. By default
            one for each processor, at most 4.

    Yields:
        the members of the gzip stream: a single empty one if there is no content.

    Raises:
        CompressorError: the deflate library is missing, or its output differs from what this version promises.
        InvalidEpochError: the epoch is outside the years 0000 to 9999.
    """
    check_compressor()
    time = check_epoch(epoch) & 0xFFFFFFFF if epoch > 0 else 0
    header = _MAGIC_METHOD_FLAGS + time.to_bytes(4, "little") + bytes((0, _OS_UNKNOWN))
    return _members(header, chunks, _available_workers() if workers is None else workers)


@cache
def check_compressor() -> None:
    """Check, once in a process, that the deflate library's output is what this version promises.

    Raises:
        CompressorError: it is not, or the library is missing.
    """
    content = _check_content()
    found = hashlib.sha256(_member(b"", content, LEVEL_OF_ONE) + _member(b"", content, LEVEL_OF_MANY)).hexdigest()
    if found != _CHECK_DIGEST:
        raise CompressorError(
            "the installed deflate library writes other bytes than this version promises, so digests would differ",
            remedy="Install the version of deflate that toolhive-artifact requires, from a wheel",
        )


def _check_content() -> bytes:
    """Return content that exercises a compressor: noise, words, hexadecimal, runs, repetition."""
    noise = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(256))
    words = b" ".join(
        (b"a", b"the", b"plugin", b"command", b"agent", b"skill", b"hook", b"server")[c & 7] for c in noise
    )
    return noise + words + noise.hex().encode("ascii") + bytes(10_000) + noise


def _members(header: bytes, chunks: Iterable[bytes], workers: int) -> Iterator[bytes]:
    pieces = _pieces(chunks)
    first = next(pieces)
    second = next(pieces, None)
    if second is None:
        yield _member(header, first, LEVEL_OF_ONE)
        return
    pieces = chain((first, second), pieces)
    if workers > 1:
        yield from _in_parallel(header, pieces, workers)
    else:
        for piece in pieces:
            yield _member(header, piece, LEVEL_OF_MANY)


def _in_parallel(header: bytes, pieces: Iterator[bytearray], workers: int) -> Iterator[bytes]:
    """Compress on several threads and yield the members in order; one more piece than there are workers is in flight."""
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[Future[bytes]] = deque()
    pool = ThreadPoolExecutor(workers, "compress")
    try:
        for piece in pieces:
            waiting.append(pool.submit(_member, header, piece, LEVEL_OF_MANY))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _member(header: bytes, piece: bytes | bytearray, level: int) -> bytes:
    deflate_compress, crc32 = _library()
    trailer = crc32(piece).to_bytes(4, "little") + len(piece).to_bytes(4, "little")
    return b"".join((header, deflate_compress(piece, level), trailer))


@cache
def _library() -> tuple[Callable[[bytes | bytearray, int], bytearray], Callable[[bytes | bytearray], int]]:
    try:
        from deflate import crc32, deflate_compress
    except ImportError as error:
        raise CompressorError(
            "the deflate library is missing", remedy="Install toolhive-artifact's requirements"
        ) from error
    return deflate_compress, crc32


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytearray]:
    """Cut content every PIECE_SIZE bytes. Empty content is one empty piece."""
    piece = bytearray()
    is_first = True
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            if len(piece) == PIECE_SIZE:
                yield piece
                piece, is_first = bytearray(), False
            room = PIECE_SIZE - len(piece)
            piece += view[:room]
            view = view[room:]
    if piece or is_first:
        yield piece


def _available_workers() -> int:
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        available = os.cpu_count() or 1
    return min(available, MAX_DEFAULT_WORKERS)
