"""Doing the same for each of several: one that fails does not stop the rest."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.session import OutputFormat, Session

if TYPE_CHECKING:
    from toolhive_plugins_service import Digest

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


T = TypeVar("T")
R = TypeVar("R", bound="Transferred")


def transfer_each(items: Sequence[T], transfer: Callable[[T], R], draw: Callable[[R], None], session: Session) -> int:
    """Push or pull each, show what came of it, and return the exit status.

    Of a single one, JSON and YAML have the result itself; of several, a list of the results of those that succeeded, in order.
    """
    from toolhive_plugins_service import ToolhiveError

    results: list[R] = []
    failures: list[int] = []
    for item in items:
        try:
            result = transfer(item)
        except ToolhiveError as error:
            session.close_progress()
            failures.append(session.report(error))
            continue
        session.close_progress()
        if session.terse:
            session.write(result.digest)
        elif session.format is OutputFormat.TABLE:
            if results:
                session.write("")
            draw(result)
        session.warn(result.warnings)
        results.append(result)
    if session.format is not OutputFormat.TABLE and (results or len(items) > 1):
        session.emit(results if len(items) > 1 else results[0])
    return status_of_several(len(results), failures)


def status_of_several(succeeded: int, failures: Sequence[int]) -> int:
    """Return the exit status where `succeeded` of several are done and the others ended with `failures`."""
    if not failures:
        return exit_codes.OK
    return failures[0] if not succeeded and len(set(failures)) == 1 else exit_codes.PARTLY_FAILED
