"""What a client of the tests is made with: a clock that never sleeps, logins that can be looked at."""

import threading
import time
from collections.abc import Callable

from attrs import Factory, define

from toolhive_plugins_registry import Credential, Registry
from toolhive_plugins_registry.policies import Clock

ClientMaker = Callable[..., Registry]


@define
class FakeClock:
    """A clock whose waits take no time: they are written down, and move it forward."""

    waits: list[float] = Factory(list)
    _moved: float = 0.0

    def clock(self) -> Clock:
        def wait(event: threading.Event, seconds: float) -> None:
            self.waits.append(seconds)
            self._moved += seconds

        return Clock(
            monotonic=lambda: time.monotonic() + self._moved,
            time=lambda: 1_800_000_000.0,
            wait=wait,
            random=lambda: 0.0,
        )

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._moved += seconds


@define
class Logins:
    """A credential store that tells what it was asked."""

    known: dict[str, Credential] = Factory(dict)
    asked: list[str] = Factory(list)

    def get(self, registry_host: str) -> Credential:
        self.asked.append(registry_host)
        return self.known.get(registry_host, Credential())
