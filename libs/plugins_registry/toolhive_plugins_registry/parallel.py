"""Runs the parts of an operation in parallel, and ends them all when one fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
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
        pool = self._pool()
        futures = [pool.submit(work, item) for item in items]
        try:
            failed = next((f for f in wait(futures, return_when=FIRST_EXCEPTION).done if f.exception()), None)
            if failed is not None:
                failed.result()
        except BaseException:
            self._deadline.cancel()
            wait([future for future in futures if not future.cancel()])
            raise
        return [future.result() for future in futures]
