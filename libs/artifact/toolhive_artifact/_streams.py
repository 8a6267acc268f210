"""Reads chunks of any size as a stream of bytes."""

from collections.abc import Iterable


class Stream:
    """Reads an iterable of byte strings, keeping one of them at a time."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._start = 0
        self.offset = 0
        """The number of bytes read so far."""

    def peek(self, limit: int) -> bytes:
        """Return 1 to `limit` bytes without consuming them; none at the end."""
        while self._start == len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._chunk, self._start = chunk, 0
        return self._chunk[self._start : self._start + limit]

    def skip(self, size: int) -> None:
        """Consume `size` bytes that `peek` returned."""
        self._start += size
        self.offset += size

    def read_some(self, limit: int) -> bytes:
        """Return 1 to `limit` bytes; none at the end."""
        part = self.peek(limit)
        self.skip(len(part))
        return part

    def read(self, size: int) -> bytes:
        """Return `size` bytes, or fewer at the end."""
        parts: list[bytes] = []
        while size and (part := self.read_some(size)):
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)
