"""Deadlines that hold across threads, and can be brought forward: an operation that is called off ends at once."""

import contextlib
import socket
import threading

from toolhive_plugins_interfaces import RegistryConnectionError
from toolhive_plugins_registry.policies import Clock


class Deadline:
    """A point in time by which a conversation must be over.

    Args:
        seconds: from now.
        clock: what tells the time.
        parent: the operation's own deadline, which this one does not outlast and is called off with.
    """

    def __init__(self, seconds: float, clock: Clock, parent: "Deadline | None" = None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = clock.monotonic() + seconds
        self._called_off: threading.Event = parent._called_off if parent else threading.Event()
        self._sockets: set[socket.socket] = parent._sockets if parent else set()
        self._lock: threading.Lock = parent._lock if parent else threading.Lock()
        if parent is not None and parent._end < self._end:
            self._end, self._seconds = parent._end, parent._seconds

    def within(self, seconds: float) -> "Deadline":
        """Return a deadline so many seconds from now, or at this one's time where that is earlier."""
        return Deadline(seconds, self._clock, self)

    def remaining(self) -> float:
        """Return the seconds left; none are once the operation was called off."""
        return 0.0 if self._called_off.is_set() else max(0.0, self._end - self._clock.monotonic())

    def check(self, where: str) -> None:
        """Raise `error(where)` if no time is left."""
        if self.remaining() <= 0:
            raise self.error(where)

    def error(self, where: str) -> RegistryConnectionError:
        """Return the error that says that the time is over."""
        if self._called_off.is_set():
            return RegistryConnectionError("was called off", where=where)
        return RegistryConnectionError(
            f"did not finish within {round(self._seconds, 1):g} seconds",
            where=where,
            remedy="Try again on a faster connection, or allow more time",
        )

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until the operation is called off."""
        self._clock.wait(self._called_off, seconds)

    def watch(self, sock: socket.socket) -> None:
        """Have `call_off` break this socket, under whoever waits for it."""
        with self._lock:
            self._sockets.add(sock)
        if self._called_off.is_set():
            _break(sock)

    def unwatch(self, sock: socket.socket) -> None:
        """Leave the socket alone from now on."""
        with self._lock:
            self._sockets.discard(sock)

    def call_off(self) -> None:
        """End the operation: nobody waits any longer, and the sockets it uses are broken."""
        self._called_off.set()
        with self._lock:
            for sock in self._sockets:
                _break(sock)


def _break(sock: socket.socket) -> None:
    # Past SSLSocket.shutdown, which would take the TLS state away from under the thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
