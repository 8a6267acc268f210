"""Does the same for many, several at once, and tells of each that is done."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(
    work: Callable[[T], R], items: Sequence[T], jobs: int, told: Callable[[R, int, int], None] | None = None
) -> list[R]:
    """Return what `work` returns for each item, in order.

    Args:
        work: what is done; an error that it raises ends everything.
        items: what it is done for.
        jobs: the most that are done at once.
        told: is told of each result, how many are done, and of how many.
    """
    found: dict[int, R] = {}
    pool = ThreadPoolExecutor(max(1, min(jobs, len(items) or 1)), thread_name_prefix="marketplace")
    try:
        futures = {pool.submit(work, item): number for number, item in enumerate(items)}
        for future in as_completed(futures):
            found[futures[future]] = result = future.result()
            if told is not None:
                told(result, len(found), len(items))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [found[number] for number in range(len(items))]
