"""Tries again, with growing delays, within bounds."""

from collections.abc import Callable
from typing import Final, TypeVar

from toolhive_plugins_interfaces import RegistryConnectionError, RegistryError, RegistryResponseError
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import Transient, TransientConnectionError, TransientResponseError
from toolhive_plugins_registry.policies import Clock, RetryPolicy

PROGRESS: Final = 1024 * 1024
"""Bytes: a transfer that moved this much since its last failure gets all its attempts again."""

T = TypeVar("T")


class Retries:
    """Makes attempts by one policy and one clock."""

    def __init__(self, policy: RetryPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock

    def begin(self, deadline: Deadline) -> "Attempts":
        """Return the attempts of one request or transfer."""
        return Attempts(self._policy, self._clock, deadline)

    def run(self, attempt: Callable[[], T], deadline: Deadline) -> T:
        """Return what `attempt` returns, called as often as it takes and the policy allows.

        Raises:
            RegistryError: the last failure, with the number of attempts.
        """
        attempts = self.begin(deadline)
        while True:
            try:
                return attempt()
            except (TransientConnectionError, TransientResponseError) as error:
                failure = error
            attempts.failed(failure)


class Attempts:
    """Counts the failures of one request or transfer, and waits after each."""

    def __init__(self, policy: RetryPolicy, clock: Clock, deadline: Deadline) -> None:
        self._policy = policy
        self._clock = clock
        self._deadline = deadline
        self._failures = 0

    def advanced(self, count: int) -> None:
        """Record that `count` bytes were moved since the last failure."""
        if count >= PROGRESS:
            self._failures = 0

    def failed(self, failure: Transient) -> None:
        """Wait before the next attempt.

        Raises:
            RegistryError: the attempts are used up, or there is no time for another.
        """
        self._failures += 1
        asked = failure.retry_after if isinstance(failure, TransientResponseError) else None
        asked_too_much = asked is not None and asked > self._policy.max_retry_after
        delay = max(asked or 0.0, self._delay())
        if asked_too_much or self._failures >= self._policy.attempts or delay >= self._deadline.remaining():
            raise _final(failure, self._failures, asked_too_much)
        self._deadline.wait(delay)

    def _delay(self) -> float:
        """Return the seconds to wait after this many failures."""
        doublings = min(self._failures - 1, 60)
        grown = min(self._policy.max_delay, self._policy.first_delay * 2.0**doublings)
        return grown * (1 - self._clock.random() / 2)


def _final(failure: Transient, attempts: int, asked_too_much: bool) -> RegistryError:
    """Return the failure as a final one that says how often it was tried."""
    problem = failure.problem
    if asked_too_much and isinstance(failure, TransientResponseError):
        problem += f", and asks to wait {failure.retry_after:g} seconds"
    elif attempts > 1:
        problem += f" ({attempts} attempts)"
    remedy = failure.remedy or "Try again later"
    if isinstance(failure, TransientResponseError):
        return RegistryResponseError(problem, where=failure.where, remedy=remedy, hint=failure.hint)
    return RegistryConnectionError(problem, where=failure.where, remedy=remedy, hint=failure.hint)
