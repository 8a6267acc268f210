"""A call in a thread of its own, for waits on the disk. concurrent.futures does more, and imports a dozen modules for it."""

from _thread import allocate_lock, start_new_thread
from collections.abc import Callable


class Background:
    """A call that runs while the caller goes on.

    Args:
        action: what to call; it runs to its end, whether or not the result is asked for.
    """

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._error: BaseException | None = None
        self._running = allocate_lock()
        self._running.acquire()
        try:
            start_new_thread(self._run, ())
        except RuntimeError:  # the system has no thread left, or the interpreter is ending
            self._run()

    def result(self) -> None:
        """Wait until the call has returned; raise what it raised."""
        with self._running:
            if self._error is not None:
                raise self._error

    def _run(self) -> None:
        try:
            self._action()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._error = error
        finally:
            self._running.release()
