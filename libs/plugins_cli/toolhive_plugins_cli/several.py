"""Doing the same for each of several: one that fails does not stop the rest."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Protocol, TypeVar

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import OutputFormat, Session

if TYPE_CHECKING:
    from toolhive_plugins_service import Digest, Progress

    class Transferred(Protocol):
        """What a push or pull gives."""

        @property
        def digest(self) -> Digest:
            """The artifact's digest."""
            ...

        @property
        def warnings(self) -> tuple[str, ...]:
            """What did not stop the transfer."""
            ...


S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R", bound="Transferred")


def transfer_each(
    items: Sequence[T],
    transfer: "Callable[[T, Progress | None], R]",
    draw: Callable[[R], None],
    session: Session,
    *,
    title: str,
    place: Callable[[T], str],
    jobs: int,
) -> int:
    """Push or pull each, several at once, show what came of it in the order given, and return the exit status.

    Of a single one, JSON and YAML have the result itself; of several, a list of the results of those that succeeded, in order.

    Args:
        items: what is pushed or pulled.
        transfer: does it, in any thread, and tells how far it is.
        draw: shows a result to a person.
        session: shows the rest.
        title: what the progress is called.
        place: names the repository; what is in the same one is transferred one after another, since it has much in common.
        jobs: the most that are transferred at once.
    """
    from toolhive_plugins_service import ToolhiveError

    progress = session.progress(title)

    def attempt(item: T) -> "R | ToolhiveError":
        try:
            return transfer(item, progress)
        except ToolhiveError as error:
            return error

    results: list[R] = []
    failures: list[int] = []
    with closing(in_order(items, attempt, place, jobs, session.cancel_transfers)) as outcomes:
        # The bars are on the terminal until the last is done; without them each result is told as soon as it can be.
        for outcome in outcomes if progress is None else list(outcomes):
            session.close_progress()
            if isinstance(outcome, ToolhiveError):
                failures.append(session.report(outcome))
                continue
            if session.terse:
                session.write(outcome.digest)
            elif session.format is OutputFormat.TABLE:
                if results:
                    session.write("")
                draw(outcome)
            session.warn(outcome.warnings)
            results.append(outcome)
    if session.format is not OutputFormat.TABLE and (results or len(items) > 1):
        session.emit(results if len(items) > 1 else results[0])
    return status_of_several(len(results), failures)


def in_order(
    items: Sequence[T], work: Callable[[T], S], place: Callable[[T], str], jobs: int, cancel: Callable[[], None]
) -> Generator[S, None, None]:
    """Yield what `work` returns for each item, in order, as soon as all before it are done.

    Args:
        items: what is worked on.
        work: is called in this thread if that is enough.
        place: items of the same place are worked on one after another.
        jobs: the most that are worked on at once.
        cancel: ends the work that is under way, when the caller wants no more of it.
    """
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(place(item), []).append(item)
    if min(len(groups), jobs) < 2:
        for item in items:
            yield work(item)
        return

    from concurrent.futures import ThreadPoolExecutor
    from threading import Event

    stopped = Event()

    def run(group: Sequence[T]) -> Iterator[S]:
        return iter([work(item) for item in group if not stopped.is_set()])

    pool = ThreadPoolExecutor(min(len(groups), jobs), thread_name_prefix="transfer")
    try:
        under_way = {name: pool.submit(run, group) for name, group in groups.items()}
        for item in items:
            yield next(under_way[place(item)].result())
    except BaseException:
        stopped.set()
        cancel()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def repository_of(ref: str) -> str:
    """Return a reference without its tag or digest, however it is written."""
    name = ref.partition("@")[0]
    before, colon, tag = name.rpartition(":")
    return before if colon and "/" not in tag else name


def status_of_several(succeeded: int, failures: Sequence[int]) -> int:
    """Return the exit status where `succeeded` of several are done and the others ended with `failures`."""
    if not failures:
        return exit_codes.OK
    return failures[0] if not succeeded and len(set(failures)) == 1 else exit_codes.PARTLY_FAILED
