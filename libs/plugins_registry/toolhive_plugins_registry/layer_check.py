"""Checks, as a layer arrives, that it decompresses to what its config says (OCI image-spec, config.md, "DiffID").

A layer can be exactly what its manifest promises and still not be what its config describes; that would deceive whoever trusts
the diff ID. The check runs while the layer is downloaded: inflating and hashing release the interpreter lock.
"""

import hashlib
import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from toolhive_artifact import Digest, InvalidGzipError, SizeLimitError, decompress_chunks
from toolhive_plugins_interfaces import InvalidArtifactError

_SMALL: Final = 1024 * 1024
"""Size in bytes up to which a layer is checked at the end, in the caller's thread: starting another would take longer."""
_AHEAD: Final = 8
"""Chunks that may wait for the check."""


class LayerCheck:
    """The check of one layer, which must be used as a context manager.

    Args:
        expected: the diff ID.
        where: what to call the layer in errors.
    """

    def __init__(self, expected: Digest, where: str) -> None:
        self._expected = expected
        self._where = where
        self._held: list[bytes] = []
        self._held_size = 0
        self._queue: queue.Queue[bytes | None]
        self._thread: threading.Thread | None = None
        self._error: InvalidGzipError | SizeLimitError | None = None
        self._digest = ""

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the layer's chunks, and check them."""
        for chunk in chunks:
            self._feed(chunk)
            yield chunk

    def finish(self) -> None:
        """Return if the chunks are what they should be; call it after the last, when their own digest is known to be right.

        Raises:
            InvalidArtifactError: they are not a gzip stream, or not the one that the config describes.
            SizeLimitError: they decompress to more than 100 MiB.
        """
        if self._thread is None:
            self._run(decompress_chunks(self._held))
        self._end()
        if isinstance(self._error, SizeLimitError):
            raise SizeLimitError(self._error.problem, where=self._where)
        if self._error is not None:
            raise InvalidArtifactError(f"the layer cannot be decompressed: {self._error.problem}", where=self._where)
        if self._digest != self._expected:
            raise InvalidArtifactError(
                f"the layer decompresses to {self._digest}, and the config says {self._expected}",
                where=self._where,
                remedy="The artifact was not built as it claims: do not trust it",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _feed(self, chunk: bytes) -> None:
        if self._thread is not None:
            self._queue.put(chunk)
            return
        self._held.append(chunk)
        self._held_size += len(chunk)
        if self._held_size > _SMALL:
            self._queue = queue.Queue(_AHEAD)
            self._thread = threading.Thread(target=self._run_beside, name="layer-check", daemon=True)
            self._thread.start()
            for held in self._held:
                self._queue.put(held)
            self._held.clear()

    def _end(self) -> None:
        """Let the thread finish."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _queued(self) -> Iterator[bytes]:
        while (chunk := self._queue.get()) is not None:
            yield chunk

    def _run_beside(self) -> None:
        chunks = self._queued()
        try:
            self._run(decompress_chunks(chunks))
        finally:
            for _ in chunks:
                pass  # so that the feeder never waits for a check that is over

    def _run(self, pieces: Iterator[bytes]) -> None:
        digest = hashlib.sha256()
        try:
            for piece in pieces:
                digest.update(piece)
        except (InvalidGzipError, SizeLimitError) as error:
            self._error = error
        self._digest = f"sha256:{digest.hexdigest()}"
