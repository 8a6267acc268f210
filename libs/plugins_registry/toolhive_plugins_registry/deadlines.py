"""Deadlines that hold across threads and can be cancelled: a cancelled operation ends at once."""

import contextlib
import socket
import threading

from toolhive_plugins_interfaces import RegistryConnectionError
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.policies import Clock


class Deadline:
    """A point in time by which a request, or an operation, must be over.

    Args:
        seconds: from now.
        clock: tells the time.
        parent: the operation's deadline; this one ends no later, and is cancelled with it.
    """

    def __init__(self, seconds: float, clock: Clock, parent: "Deadline | None" = None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = clock.monotonic() + seconds
        self._cancelled: threading.Event = parent._cancelled if parent else threading.Event()
        self._sockets: set[socket.socket] = parent._sockets if parent else set()
        self._lock: threading.Lock = parent._lock if parent else threading.Lock()
        if parent is not None and parent._end < self._end:
            self._end, self._seconds = parent._end, parent._seconds

    def within(self, seconds: float) -> "Deadline":
        """Return a deadline `seconds` from now, or this one's end if that is earlier."""
        return Deadline(seconds, self._clock, self)

    def remaining(self) -> float:
        """Return the seconds left; 0 once the operation is cancelled."""
        return 0.0 if self._cancelled.is_set() else max(0.0, self._end - self._clock.monotonic())

    def check(self, where: str) -> None:
        """Raise `error(where)` if no time is left."""
        if self.remaining() <= 0:
            raise self.error(where)

    def error(self, where: str) -> RegistryConnectionError:
        """Return the error that says that the time is over."""
        if self._cancelled.is_set():
            return RegistryConnectionError("was cancelled", where=where)
        return RegistryConnectionError(
            f"did not finish within {round(self._seconds, 1):g} seconds",
            where=where,
            remedy="Try again on a faster connection, or allow more time",
            hint=Hint.ALLOW_MORE_TIME,
        )

    def wait(self, seconds: float) -> None:
        """Wait `seconds`, or until the operation is cancelled."""
        self._clock.wait(self._cancelled, seconds)

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket down when the operation is cancelled, even while another thread reads it."""
        with self._lock:
            self._sockets.add(sock)
        if self._cancelled.is_set():
            _shut_down(sock)

    def unwatch(self, sock: socket.socket) -> None:
        """Leave the socket alone from now on."""
        with self._lock:
            self._sockets.discard(sock)

    def cancel(self) -> None:
        """End the operation: stop all waiting, and shut down the sockets that it uses."""
        self._cancelled.set()
        with self._lock:
            for sock in self._sockets:
                _shut_down(sock)


def _shut_down(sock: socket.socket) -> None:
    # Not SSLSocket.shutdown: it would drop the TLS state under the thread that is reading. urllib3's TLS within TLS, through an
    # https proxy, is not a socket, but has one.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(getattr(sock, "socket", sock), socket.SHUT_RDWR)
