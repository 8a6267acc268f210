"""What one HTTP exchange is: a request goes out, a response comes back. `HttpTransport` is the network; tests may bring another.

Nothing is repeated at this level, no redirect is followed and no credential is known; `client` does that.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Final, Protocol, Self

from attrs import field, frozen

from toolhive_artifact import SizeLimitError
from toolhive_plugins_interfaces import RegistryError
from toolhive_plugins_registry.credentials import Credential
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.urls import Url

CHUNK_SIZE: Final = 512 * 1024
"""Bytes that are read from a socket, or handed to it, at once."""

_MAX_DRAIN: Final = 64 * 1024
"""Bytes of an unwanted body that are read so that its connection can be used again."""

_DECIMAL: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class Body(Protocol):
    """The body of a request. It can be sent again: each call of `chunks` starts from the beginning."""

    @property
    def size(self) -> int:
        """Size in bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, `size` in all."""
        ...


@frozen
class BytesBody:
    """A body in memory."""

    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.data)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes."""
        if self.data:
            yield self.data


def _nothing() -> None:
    """Close nothing."""


class Response:
    """A response whose body has not been read. Close it, best by `with`, or its connection cannot be used again.

    Args:
        url: where it came from.
        status: its HTTP status.
        headers: looked up without regard to case if the mapping does so; repeated ones are joined by commas.
        body: the body in chunks, with no content coding undone; it raises RegistryConnectionError where it breaks off.
        on_close: called when the response is closed.
    """

    def __init__(
        self,
        url: Url,
        status: int,
        headers: Mapping[str, str],
        body: Iterator[bytes],
        on_close: Callable[[], None] = _nothing,
    ) -> None:
        self.url = url
        """Where it came from."""
        self.asked = url
        """Where the request was sent first, before any redirect."""
        self.asked_as = Credential()
        """What was shown to get it; the empty one for nothing."""
        self.status = status
        """Its HTTP status."""
        self._headers = headers
        self._body = body
        self._on_close = on_close

    def header(self, name: str) -> str:
        """Return a header's text, "" if there is none; a repeated header is joined by commas."""
        return str(self._headers.get(name, "")).strip()

    @property
    def length(self) -> int | None:
        """The size in bytes that `Content-Length` promises, if it is a number."""
        text = self.header("Content-Length")
        return int(text) if _DECIMAL.fullmatch(text) else None

    @property
    def media_type(self) -> str:
        """The `Content-Type` without its parameters, in lower case."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            SizeLimitError: it is larger than `limit` bytes.
            RegistryConnectionError: it broke off, or the time is over.
        """
        length = self.length
        if length is not None and length > limit:
            raise self._too_large(f"announces {length} bytes, and {limit} is the limit")
        parts: list[bytes] = []
        total = 0
        for chunk in self._body:
            total += len(chunk)
            if total > limit:
                raise self._too_large(f"sent more than {limit} bytes, the limit")
            parts.append(chunk)
        return b"".join(parts)

    def chunks(self) -> Iterator[bytes]:
        """Return the body in chunks as it arrives, as sent: no content coding is undone.

        Raises:
            RegistryConnectionError: it broke off, or the time is over; what had arrived by then was yielded.
        """
        return self._body

    def drain(self) -> None:
        """Read and drop the rest of a small body."""
        length = self.length
        if length is not None and length > _MAX_DRAIN:
            return
        total = 0
        try:
            for chunk in self._body:
                total += len(chunk)
                if total > _MAX_DRAIN:
                    return
        except RegistryError:
            return

    def close(self) -> None:
        """Give the connection back if the body was read to its end, else close it."""
        self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _too_large(self, problem: str) -> SizeLimitError:
        return SizeLimitError(
            problem, where=self.url.shown, remedy="This is not a plugin: do not trust the registry with it"
        )


class Transport(Protocol):
    """Sends requests; threads may share it."""

    def send(
        self, method: str, url: Url, headers: Mapping[str, str], body: Body | None, deadline: Deadline
    ) -> Response:
        """Send one request and return its response, whatever its status.

        Args:
            method: `GET`, `PUT`, ...
            url: where to.
            headers: all of them but `Host` and `Content-Length`. They may hold credentials.
            body: what to send.
            deadline: when the exchange must be over, the body of the response included.

        Raises:
            RegistryConnectionError: there was no response; TransientConnectionError if another try could help.
            RegistryResponseError: there was one, but it was not HTTP.
            Exception: what the source of the body raised.
        """
        ...

    def close(self) -> None:
        """Close the idle connections. The transport may be used again."""
        ...
