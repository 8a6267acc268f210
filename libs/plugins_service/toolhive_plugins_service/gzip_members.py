"""What a gzip stream carries besides its content: fields in its headers, and members without content (RFC 1952)."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

_HEADER_SIZE: Final = 10
_LARGEST_HEADER: Final = _HEADER_SIZE + 2 + 65_535 + 2 * 512 + 2
"""Size in bytes of the largest header that the reader of layers accepts."""
_HAS_HEADER_CRC, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 2, 4, 8, 16
_PIECE: Final = 262_144


@frozen
class Extras:
    """What no build writes."""

    header_bytes: int = 0
    """Size in bytes of extra fields, names, comments and checksums in headers."""

    empty_members: int = 0
    """How many members have no content, in a stream that has some."""


def find_extras(stream: Iterable[bytes]) -> Extras:
    """Return what a gzip stream carries besides its content.

    Args:
        stream: in chunks of any size; the reader of layers has accepted it.
    """
    header_bytes = empty = members = 0
    for header, size in _members(stream):
        members += 1
        header_bytes += header - _HEADER_SIZE
        empty += size == 0
    return Extras(header_bytes, empty if members > 1 else 0)


def _members(stream: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the size in bytes of each member's header, and of its content."""
    chunks = iter(stream)
    pending = b""
    while True:
        while len(pending) < _LARGEST_HEADER and (chunk := next(chunks, b"")):
            pending += chunk
        if not pending:
            return
        header = _header_size(pending)
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        size = 0
        while not inflater.eof:
            size += len(inflater.decompress(pending, _PIECE))
            pending = inflater.unused_data if inflater.eof else inflater.unconsumed_tail or next(chunks, b"")
            if not pending and not inflater.eof:
                size += len(inflater.flush())
                break
        yield header, size


def _header_size(data: bytes) -> int:
    flags, size = data[3], _HEADER_SIZE
    if flags & _HAS_EXTRA:
        size += 2 + int.from_bytes(data[size : size + 2], "little")
    for flag in (_HAS_NAME, _HAS_COMMENT):
        if flags & flag:
            size = data.index(b"\0", size) + 1
    return size + (2 if flags & _HAS_HEADER_CRC else 0)
