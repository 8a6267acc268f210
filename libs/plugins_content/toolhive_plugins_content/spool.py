"""Keeps the content of files that were read once, to be read again in any order: in memory if small, else in an unnamed file."""

from collections.abc import Iterable, Iterator
from io import SEEK_END, BytesIO
from typing import BinaryIO, Final

from toolhive_plugins_content.tree import HEAD_SIZE

_CHUNK: Final = 256 * 1024

_IN_MEMORY: Final = 1024 * 1024
"""Size in bytes up to which everything is kept in memory."""


class Spool:
    """Contents, by name."""

    def __init__(self) -> None:
        self._file: BinaryIO = BytesIO()
        self._places: dict[str, tuple[int, int]] = {}
        self._heads: dict[str, bytes] = {}

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Keep a content."""
        start, head = self._file.seek(0, SEEK_END), b""
        for chunk in content:
            self._file.write(chunk)
            if isinstance(self._file, BytesIO) and self._file.tell() > _IN_MEMORY:
                self._file = _moved_to_disk(self._file)
            head += chunk[: HEAD_SIZE - len(head)]
        self._places[name] = (start, self._file.tell() - start)
        self._heads[name] = head

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a content; add none meanwhile."""
        position, left = self._places[name]
        while left:
            self._file.seek(position)
            chunk = self._file.read(min(left, _CHUNK))
            position += len(chunk)
            left -= len(chunk)
            yield chunk

    def head(self, name: str) -> bytes:
        """Return the first HEAD_SIZE bytes of a content."""
        return self._heads[name]

    def close(self) -> None:
        """Release the temporary file."""
        self._file.close()


def _moved_to_disk(spool: BytesIO) -> BinaryIO:
    from tempfile import TemporaryFile  # lazily: most plugins are small, and it imports a dozen modules

    file: BinaryIO = TemporaryFile(prefix="thv-plugin-")  # noqa: SIM115 - closed by Spool.close()
    file.write(spool.getbuffer())
    return file
