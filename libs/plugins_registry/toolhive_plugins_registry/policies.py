"""How long, how often and how slowly: the bounds of every conversation with a registry."""

import random
import threading
import time
from collections.abc import Callable

from attrs import field, frozen, validators

_positive = validators.gt(0.0)


@frozen
class Timeouts:
    """Bounds in time; all are in seconds but `slowest`."""

    connect: float = field(default=10.0, validator=_positive)
    """For a connection, and for its TLS handshake."""

    read: float = field(default=60.0, validator=_positive)
    """Of silence, between two packets."""

    exchange: float = field(default=60.0, validator=_positive)
    """For one small request and its whole answer, however steadily it drips."""

    slowest: float = field(default=16 * 1024.0, validator=_positive)
    """Bytes a second: a blob gets as much longer than `exchange` as it takes at this rate."""

    operation: float = field(default=3600.0, validator=_positive)
    """For a whole push or pull, its retries included."""


@frozen
class RetryPolicy:
    """When to try again: after 408, 429, 5xx and broken connections, with growing delays."""

    attempts: int = field(default=5, validator=validators.ge(1))
    """In all, for each request or transfer."""

    first_delay: float = field(default=0.2, validator=validators.ge(0.0))
    """Seconds before the second attempt; doubled each time, and shortened at random by up to half."""

    max_delay: float = field(default=10.0, validator=validators.ge(0.0))
    """Seconds that a delay grows to at most."""

    max_retry_after: float = field(default=60.0, validator=validators.ge(0.0))
    """Seconds that a registry may ask us to wait; if it asks for more, we give up at once and say so."""


def _wait(event: threading.Event, seconds: float) -> None:
    event.wait(seconds)


@frozen
class Clock:
    """Time and chance, where tests can take hold of them."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds from any beginning."""

    time: Callable[[], float] = time.time
    """Seconds since 1970, for dates that a registry writes."""

    wait: Callable[[threading.Event, float], None] = _wait
    """Waits so many seconds, or until the event is set."""

    random: Callable[[], float] = random.random
    """From 0 to 1."""
