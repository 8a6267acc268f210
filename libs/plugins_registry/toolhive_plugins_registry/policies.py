"""How long, how often and how slowly: the bounds of all requests to a registry."""

import random
import threading
import time
from collections.abc import Callable

from attrs import field, frozen, validators

_positive = validators.gt(0.0)


@frozen
class Timeouts:
    """Bounds in time, in seconds except for `slowest`."""

    connect: float = field(default=10.0, validator=_positive)
    """To connect, and for the TLS handshake."""

    read: float = field(default=60.0, validator=_positive)
    """Of silence between two packets."""

    exchange: float = field(default=60.0, validator=_positive)
    """For a small request and its whole response, however steadily it trickles in."""

    slowest: float = field(default=16 * 1024.0, validator=_positive)
    """Bytes a second: a blob gets, in addition to `exchange`, the time that it takes at this rate."""

    operation: float = field(default=3600.0, validator=_positive)
    """For a whole push, pull or copy, retries included."""


@frozen
class RetryPolicy:
    """When to try again: after 408, 429, 5xx and broken connections, with growing delays."""

    attempts: int = field(default=5, validator=validators.ge(1))
    """For each request or transfer, the first included."""

    first_delay: float = field(default=0.2, validator=validators.ge(0.0))
    """Seconds before the second attempt. It doubles each time, and is shortened at random by up to half."""

    max_delay: float = field(default=10.0, validator=validators.ge(0.0))
    """The longest delay, in seconds."""

    max_retry_after: float = field(default=60.0, validator=validators.ge(0.0))
    """Seconds that a registry may ask us to wait; if it asks for more, we give up at once and say so."""


def _wait(event: threading.Event, seconds: float) -> None:
    event.wait(seconds)


@frozen
class Clock:
    """Time and chance, replaceable in tests."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds since an arbitrary moment."""

    time: Callable[[], float] = time.time
    """Seconds since 1970, to compare with dates that a registry sends."""

    wait: Callable[[threading.Event, float], None] = _wait
    """Waits for the given seconds, or until the event is set."""

    random: Callable[[], float] = random.random
    """From 0 to 1."""
