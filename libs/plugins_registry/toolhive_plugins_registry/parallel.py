"""Runs the parts of an operation in parallel, and ends them all when one fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from toolhive_plugins_registry.deadlines import Deadline

T = TypeVar("T")
R = TypeVar("R")


class Parallel:
    """Runs the parts of one operation.

    Args:
        pool: returns the threads, which all operations share; None to run the parts one after another.
        deadline: the operation's; it is cancelled when a part fails, so that the others stop early.
    """

    def __init__(self, pool: Callable[[], ThreadPoolExecutor] | None, deadline: Deadline) -> None:
        self._pool = pool
        self._deadline = deadline

    def map(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what `work` returns for each item, in order.

        Raises:
            Exception: what the first part that failed raised.
        """
        if len(items) <= 1 or self._pool is None:
            return [work(item) for item in items]
        failures: list[BaseException] = []

        def run(item: T) -> R:
            try:
                return work(item)
            except BaseException as error:
                failures.append(error)
                self._deadline.cancel()
                raise

        pool = self._pool()
        futures = [pool.submit(run, item) for item in items[1:]]
        try:
            # One is done here: this thread would only wait, and handing it to another takes longer than many a part.
            return [run(items[0]), *[future.result() for future in futures]]
        except BaseException as error:
            self._deadline.cancel()
            wait([future for future in futures if not future.cancel()])
            if isinstance(error, Exception) and failures[0] is not error:
                raise failures[0] from None  # the others were cancelled because of it
            raise
