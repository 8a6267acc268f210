"""Reads any gzip stream as strictly as Go's compress/gzip does (RFC 1952), within limits.

Every member's header, CRC and length are checked, and nothing may follow the last member, not even zeros. The inflater is
the interpreter's zlib: it does not matter here how content was compressed.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from toolhive_artifact._streams import Stream
from toolhive_artifact.errors import GzipLimitError, InvalidGzipError
from toolhive_artifact.limits import MAX_DECOMPRESSED_SIZE, MAX_GZIP_MEMBERS

_HEADER_SIZE: Final = 10
_TRAILER_SIZE: Final = 8
_MAGIC_AND_METHOD: Final = b"\x1f\x8b\x08"
_HAS_HEADER_CRC, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 2, 4, 8, 16
_MAX_TEXT: Final = 512
_INPUT_PIECE: Final = 65_536
_OUTPUT_PIECE: Final = 262_144


def decompress_chunks(chunks: Iterable[bytes], *, max_size: int = MAX_DECOMPRESSED_SIZE) -> Iterator[bytes]:
    """Decompress a stream, keeping one chunk of input and 256 KiB of output in memory.

    Do not trust what was yielded before an error: checksums come last.

    Args:
        chunks: the gzip stream, of one or more members, in chunks of any size.
        max_size: the maximum decompressed size in bytes, over all members.

    Yields:
        the content, in chunks of at most 256 KiB.

    Raises:
        GzipLimitError: the stream decompresses to more than `max_size`, or has more than 10,000 members.
        InvalidGzipError: the stream is empty, malformed or truncated, a checksum does not match, or data follows its end.
    """
    stream = Stream(chunks)
    if not stream.peek(1):
        raise InvalidGzipError("the gzip stream is empty")
    total = members = 0
    while stream.peek(1):
        members += 1
        if members > MAX_GZIP_MEMBERS:
            raise GzipLimitError(f"the gzip stream has more than {MAX_GZIP_MEMBERS} members")
        _read_header(stream)
        crc = size = 0
        for piece in _inflate(stream, max_size - total + 1):
            size += len(piece)
            if total + size > max_size:
                raise GzipLimitError(f"the gzip stream decompresses to more than {max_size} bytes")
            crc = zlib.crc32(piece, crc)
            yield piece
        total += size
        trailer = _read(stream, _TRAILER_SIZE)
        if int.from_bytes(trailer[:4], "little") != crc or int.from_bytes(trailer[4:], "little") != size & 0xFFFFFFFF:
            raise InvalidGzipError("the checksum or the length of the content does not match", where=_place(stream))


def _read_header(stream: Stream) -> None:
    """Read and check a member's header. Nothing in it is needed."""
    place = _place(stream)
    header = _read(stream, _HEADER_SIZE)
    if not header.startswith(_MAGIC_AND_METHOD):
        after = "Nothing may follow the gzip stream, not even zeros" if stream.offset > _HEADER_SIZE else ""
        raise InvalidGzipError("this is not a gzip header", where=place, remedy=after)
    flags = header[3]
    if flags & _HAS_EXTRA:
        length = _read(stream, 2)
        header += length + _read(stream, int.from_bytes(length, "little"))
    if flags & _HAS_NAME:
        header += _read_text(stream)
    if flags & _HAS_COMMENT:
        header += _read_text(stream)
    if flags & _HAS_HEADER_CRC and int.from_bytes(_read(stream, 2), "little") != zlib.crc32(header) & 0xFFFF:
        raise InvalidGzipError("the checksum of the header does not match", where=place)


def _read_text(stream: Stream) -> bytes:
    """Read a NUL-terminated text of the header."""
    text = b""
    while not text.endswith(b"\0"):
        if len(text) >= _MAX_TEXT:
            raise InvalidGzipError("a name or comment in the header is too long", where=_place(stream))
        text += _read(stream, 1)
    return text


def _read(stream: Stream, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise InvalidGzipError("the gzip stream is truncated", where=_place(stream))
    return data


def _inflate(stream: Stream, limit: int) -> Iterator[bytes]:
    """Decompress one deflate stream up to its end, or until about `limit` bytes were yielded."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    given = 0
    while not inflater.eof:
        # In small pieces, because zlib copies the rest of a piece each time.
        data = stream.peek(_INPUT_PIECE)
        try:
            piece = inflater.decompress(data, min(_OUTPUT_PIECE, max(limit - given, 1)))
        except zlib.error as error:
            raise InvalidGzipError("the compressed content is malformed", where=_place(stream)) from error
        rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        stream.skip(len(data) - len(rest))
        if piece:
            given += len(piece)
            yield piece
        elif not data and not inflater.eof:
            raise InvalidGzipError("the gzip stream is truncated", where=_place(stream))


def _place(stream: Stream) -> str:
    return f"byte {stream.offset} of the gzip stream"
