"""Bytes that arrive in pieces, read in other pieces."""

from collections.abc import Iterable


class Stream:
    """Reads an iterable of byte strings, holding one of them at a time."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._start = 0
        self.offset = 0
        """Bytes read so far."""

    def peek(self, limit: int) -> bytes:
        """Return from 1 to `limit` bytes without moving past them, or none at the end."""
        while self._start == len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._chunk, self._start = chunk, 0
        return self._chunk[self._start : self._start + limit]

    def skip(self, size: int) -> None:
        """Move past bytes that were peeked at."""
        self._start += size
        self.offset += size

    def read_some(self, limit: int) -> bytes:
        """Return from 1 to `limit` bytes, or none at the end."""
        part = self.peek(limit)
        self.skip(len(part))
        return part

    def read(self, size: int) -> bytes:
        """Return `size` bytes, or as many as there are before the end."""
        parts: list[bytes] = []
        while size and (part := self.read_some(size)):
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)
