"""Writes gzip streams that any number of workers make the same (RFC 1952; see `gzip` for the why)."""

import hashlib
import os
import struct
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
"""Bytes of content in each member but the last. Frozen: another one gives other digests."""

LEVEL_OF_ONE: Final = 8
"""libdeflate's level for content that is one piece, as nearly every plugin is: thorough, within a millisecond. Frozen."""

LEVEL_OF_MANY: Final = 6
"""libdeflate's level for content that is more than one piece, where it is time that counts. Frozen."""

MAX_DEFAULT_WORKERS: Final = 4
"""More would need more memory than packaging a plugin is to take."""

_CHECK_DIGEST: Final = "861ff1ea1ccfc7335c365e7fdabebc2fec22dddc4f608c233019d1778ed3f62e"
_MAGIC_METHOD_FLAGS: Final = b"\x1f\x8b\x08\x00"
_OS_UNKNOWN: Final = 255
_header = struct.Struct("<4sIBB").pack
_trailer = struct.Struct("<II").pack


def compress_chunks(chunks: Iterable[bytes], *, epoch: int = 0, workers: int | None = None) -> Iterator[bytes]:
    """Compress piece by piece, holding a few pieces of 1 MiB for each worker.

    Args:
        chunks: the content, in pieces of any size; how it is cut does not matter.
        epoch: the modification time in the headers, in seconds since 1970 (its low 32 bits; 0 where it is negative).
        workers: threads that compress; 1 uses none but the caller's. The bytes are the same for any number. None
            takes one a processor, at most 4.

    Yields:
        the members of the gzip stream; where there is no content, one empty member.

    Raises:
        CompressorError: the installed deflate library would not write the promised bytes.
        InvalidEpochError: the epoch lies outside the years 0000 to 9999.
    """
    check_compressor()
    header = _header(_MAGIC_METHOD_FLAGS, check_epoch(epoch) & 0xFFFFFFFF if epoch > 0 else 0, 0, _OS_UNKNOWN)
    return _members(header, chunks, _available_workers() if workers is None else workers)


@cache
def check_compressor() -> None:
    """See, once a process, that the deflate library gives the bytes that the golden digests in our tests hold.

    Raises:
        CompressorError: it does not, or cannot be imported.
    """
    content = _check_content()
    found = hashlib.sha256(_member(b"", content, LEVEL_OF_ONE) + _member(b"", content, LEVEL_OF_MANY)).hexdigest()
    if found != _CHECK_DIGEST:
        raise CompressorError(
            "the installed deflate library compresses otherwise than this version promises, so digests would differ",
            remedy="Install the version of deflate that toolhive-artifact requires, from its wheel",
        )


def _check_content() -> bytes:
    """Return content that takes a compressor through its paces: noise, words, hexadecimal, runs, repetition."""
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
        yield from _side_by_side(header, pieces, workers)
    else:
        for piece in pieces:
            yield _member(header, piece, LEVEL_OF_MANY)


def _side_by_side(header: bytes, pieces: Iterator[bytearray], workers: int) -> Iterator[bytes]:
    """Compress on several threads, and give the members in order; at most one more than the workers is waiting."""
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
    return b"".join((header, deflate_compress(piece, level), _trailer(crc32(piece), len(piece))))


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
    """Cut content every PIECE_SIZE bytes; no content is one empty piece."""
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
