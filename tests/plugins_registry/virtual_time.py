"""Threads that live in made-up time: each sleep ends when all others sleep longer, so hours pass at once and in one order."""

import heapq
import threading
from collections.abc import Callable, Iterable

from attrs import Factory, define, field


@define
class VirtualTime:
    """The time, in seconds from 0."""

    now: float = 0.0
    _alive: int = 0
    _sleeping: list[tuple[float, int]] = Factory(list)
    _changed: threading.Condition = field(factory=threading.Condition, repr=False)

    def sleep(self, seconds: float) -> None:
        """Sleep, and let others run meanwhile."""
        with self._changed:
            entry = (self.now + seconds, threading.get_ident())
            heapq.heappush(self._sleeping, entry)
            self._changed.notify_all()
            while len(self._sleeping) < self._alive or self._sleeping[0] != entry:
                self._changed.wait()
            self.now = heapq.heappop(self._sleeping)[0]

    def run(self, tasks: Iterable[Callable[[], object]]) -> None:
        """Run tasks at once, each in a thread of its own, until all have ended."""
        waiting = list(tasks)
        self._alive = len(waiting)
        failures: list[BaseException] = []

        def live(task: Callable[[], object]) -> None:
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - told to the test below
                failures.append(error)
            finally:
                with self._changed:
                    self._alive -= 1
                    self._changed.notify_all()

        threads = [threading.Thread(target=live, args=(task,), daemon=True) for task in waiting]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failures, failures
