"""HTTP connections that a peer cannot hold open, or feed headers, without end.

urllib3 and http.client bound the silence between two packets and the length of one header line; a peer that sends a byte
now and then, a hundred long headers or `100 Continue` for ever stays within those bounds. Here every read of the
socket, headers included, checks the deadline of the request it belongs to, and everything before the body counts
against one limit. The seams are those that urllib3 documents (`ConnectionCls`, `pool_classes_by_scheme`) and
`http.client.HTTPConnection.response_class`.
"""

import contextlib
import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from toolhive_plugins_registry.deadlines import Deadline

MAX_HEADER_SIZE: Final = 128 * 1024
"""Size in bytes of a response before its body: status lines and all headers. Registries send about one kilobyte."""

_READ_BUFFER: Final = 64 * 1024


class OverlongHeadersError(http.client.HTTPException):
    """More came before the body than MAX_HEADER_SIZE."""


class ProxyRefusedError(http.client.HTTPException):
    """A proxy did not open the tunnel that was asked for.

    Args:
        status: the HTTP status that it answered with.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy answered with HTTP {status}")
        self.status = status


class _Current(threading.local):
    """The bounds of the request that this thread is making."""

    deadline: Deadline | None = None
    silence: float = 60.0
    sock: socket.socket | None = None
    redact: Callable[[str], str] = staticmethod(str)


_current = _Current()


def current_redaction() -> Callable[[str], str] | None:
    """Return what takes the secrets out of a text, while this thread makes a request of ours; else None."""
    return None if _current.deadline is None else _current.redact


class Bounds:
    """The connection that a request ended up on, for whoever reads its response."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._sock: socket.socket | None = None

    def done(self) -> None:
        """Leave the connection alone: its response was read, and it may serve other requests."""
        if self._sock is not None:
            self._deadline.unwatch(self._sock)


@contextlib.contextmanager
def bounded(deadline: Deadline, silence: float, redact: Callable[[str], str] = str) -> Iterator[Bounds]:
    """Bound the request that this thread sends within the block, and its response however late that is read.

    Args:
        deadline: when it must all be over.
        silence: seconds without a packet, while the request is being sent.
        redact: takes the secrets out of a text, for the log.
    """
    bounds = Bounds(deadline)
    _current.deadline, _current.silence, _current.sock, _current.redact = deadline, silence, None, redact
    try:
        yield bounds
    finally:
        bounds._sock = _current.sock
        _current.deadline = _current.sock = None


def _take_in(sock: socket.socket | None) -> None:
    """Put a socket that is about to be used under the bounds of the request."""
    deadline = _current.deadline
    if sock is not None and deadline is not None:
        deadline.watch(sock)
        _current.sock = sock
        # urllib3 leaves the time-out for connecting in place while it sends the body.
        sock.settimeout(max(0.001, min(_current.silence, deadline.remaining())))


class _BoundedReader(io.RawIOBase):
    """Reads a socket until a deadline, and no more than a budget of bytes while there is one."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, deadline: Deadline | None) -> None:
        self._inner = inner
        self._sock = sock
        self._deadline = deadline
        self.budget: int | None = None
        """Bytes that may still be read; None for no limit."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            remaining = self._deadline.remaining()
            if remaining <= 0:
                raise TimeoutError("the deadline is over")
            timeout = self._sock.gettimeout()
            if timeout is None or remaining < timeout:
                self._sock.settimeout(remaining)
        if self.budget is not None and self.budget <= 0:
            raise OverlongHeadersError("too much came before the body")
        count = self._inner.readinto(buffer)
        if self.budget is not None:
            self.budget -= count or 0
        return count

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._inner.close()


class _BoundedResponse(http.client.HTTPResponse):
    """http.client's response, reading through a `_BoundedReader`."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._bounded = _BoundedReader(self.fp.detach(), sock, _current.deadline)
        self.fp = io.BufferedReader(self._bounded, _READ_BUFFER)

    def begin(self) -> None:
        self._bounded.budget = MAX_HEADER_SIZE
        super().begin()
        self._bounded.budget = None


class _Bounded(HTTPConnection):
    """A connection under the bounds of the request that is being made."""

    response_class = _BoundedResponse

    def connect(self) -> None:
        super().connect()
        _take_in(self.sock)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        _take_in(self.sock)
        super().putrequest(*args, **kwargs)

    def _tunnel(self) -> None:
        """Ask the proxy for a tunnel, within the bounds.

        http.client's own version reads the proxy's headers without a limit on all of them, and tells its refusal in a sentence.
        """
        _take_in(self.sock)
        host = str(self._tunnel_host)
        authority = f"[{host}]" if ":" in host and not host.startswith("[") else host
        headers = {"Host": f"{authority}:{self._tunnel_port}", **getattr(self, "_tunnel_headers", {})}
        lines = [
            f"CONNECT {authority}:{self._tunnel_port} HTTP/1.1",
            *(f"{k}: {v}" for k, v in headers.items()),
            "",
            "",
        ]
        self.send("\r\n".join(lines).encode("latin-1"))
        response = self.response_class(self.sock, method="CONNECT")
        try:
            response.begin()
        finally:
            response.close()
        if not 200 <= response.status < 300:  # RFC 9110 section 9.3.6
            self.close()
            raise ProxyRefusedError(response.status)


class _BoundedHTTPSConnection(_Bounded, HTTPSConnection):
    """HTTPS under the same bounds."""


class _BoundedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _BoundedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection


POOL_CLASSES: Final = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}
"""For a `urllib3.PoolManager`."""
