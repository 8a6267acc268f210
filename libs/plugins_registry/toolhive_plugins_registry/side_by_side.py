"""Runs the parts of an operation side by side, and ends them all when one fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TypeVar

from toolhive_plugins_registry.deadlines import Deadline

T = TypeVar("T")
R = TypeVar("R")


class SideBySide:
    """Threads for one operation.

    Args:
        workers: how many at once.
        deadline: the operation's; it is called off when a part fails, so that the others do not go on for nothing.
    """

    def __init__(self, workers: int, deadline: Deadline) -> None:
        self._workers = workers
        self._deadline = deadline

    def map(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what `work` makes of each item, in order.

        Raises:
            Exception: what the first part that failed raised.
        """
        if len(items) <= 1 or self._workers == 1:
            return [work(item) for item in items]
        with ThreadPoolExecutor(min(self._workers, len(items)), thread_name_prefix="registry") as pool:
            futures = [pool.submit(work, item) for item in items]
            try:
                failed = next((f for f in wait(futures, return_when=FIRST_EXCEPTION).done if f.exception()), None)
                if failed is not None:
                    failed.result()
            except BaseException:
                self._deadline.call_off()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            return [future.result() for future in futures]
