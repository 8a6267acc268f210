"""HTTP connections that cannot be held open, or fed headers, without end.

urllib3 and http.client bound the silence between two packets and the length of one header line; a peer that sends a byte
now and then, a hundred long headers or `100 Continue` for ever stays within those bounds. Here every read of the
socket, headers included, looks at the deadline of the request it belongs to, and everything before the body counts
against one limit. The seams are those that urllib3 documents (`ConnectionCls`, `pool_classes_by_scheme`) and
`http.client.HTTPConnection.response_class`.
"""

import contextlib
import http.client
import io
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from toolhive_plugins_registry.deadlines import Deadline

MAX_HEADER_SIZE: Final = 128 * 1024
"""Bytes of an answer before its body: status lines and all headers. Registries send about one kilobyte."""

_READ_BUFFER: Final = 64 * 1024


class OverlongHeadersError(http.client.HTTPException):
    """More came before the body than MAX_HEADER_SIZE."""


class _Current(threading.local):
    """The bounds of the request that this thread is making."""

    deadline: Deadline | None = None
    silence: float = 60.0
    sock: socket.socket | None = None
    hide: Callable[[str], str] = staticmethod(str)


_current = _Current()


@contextlib.contextmanager
def bounded(deadline: Deadline, silence: float, hide: Callable[[str], str] = str) -> Iterator[Callable[[], None]]:
    """Bound the requests that this thread sends within the block, and their answers however late those are read.

    Args:
        deadline: when it must all be over.
        silence: seconds without a packet, while a request is being sent.
        hide: takes the secrets out of a text, for the log.

    Yields:
        what to call when the answer has been read: the connection may then serve others, and is left alone.
    """
    _current.deadline, _current.silence, _current.sock, _current.hide = deadline, silence, None, hide

    def done() -> None:
        if sock is not None:
            deadline.unwatch(sock)

    sock: socket.socket | None = None
    try:
        yield done
    finally:
        sock = _current.sock
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
    """Reads a socket by a deadline, and no more than a budget of bytes while there is one."""

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


class _BoundedHTTPConnection(HTTPConnection):
    response_class = _BoundedResponse

    def connect(self) -> None:
        super().connect()
        _take_in(self.sock)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        _take_in(self.sock)
        super().putrequest(*args, **kwargs)


class _BoundedHTTPSConnection(HTTPSConnection):
    response_class = _BoundedResponse

    def connect(self) -> None:
        super().connect()
        _take_in(self.sock)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        _take_in(self.sock)
        super().putrequest(*args, **kwargs)


class _BoundedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection


_POOLS: Final = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}


class BoundedAdapter(HTTPAdapter):
    """requests' adapter over the connections above. It repeats nothing by itself."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


_QUERY: Final = re.compile(r"\?\S*")


class _Discreet(logging.Filter):
    """Keeps secrets out of urllib3's log lines about our requests.

    A signed URL is as good as a password, so queries are cut; a path may be the registry's own choice, so secrets that it
    knows are taken out; and a malformed header is quoted in full, which may be
    our own `Authorization` sent back to us, so such a line is dropped.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if _current.deadline is None:
            return True
        if isinstance(record.args, tuple):
            hide = _current.hide
            record.args = tuple(hide(_QUERY.sub("?…", arg)) if isinstance(arg, str) else arg for arg in record.args)
        return not record.exc_info


for _name in ("urllib3.connectionpool", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_Discreet())
