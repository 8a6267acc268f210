"""What a store tells its user while it works, through the function given as `Store(notify=...)`."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class NoticeKind(StrEnum):
    """What a notice is about."""

    WAITING_FOR_LOCK = "waiting-for-lock"
    """Another process or thread is changing the store. Told once a wait, after a second."""

    REMOVED_ELSEWHERE = "removed-elsewhere"
    """A build that was tagged here is gone: another program removed its content. Told once."""


class Notice(NamedTuple):
    """Something that the user may want to know. As text, it is a sentence without its full stop."""

    kind: NoticeKind

    tag: str = ""
    """The tag of the removed build."""

    digest: str = ""
    """The digest of the removed build."""

    pid: int = 0
    """The process that holds the lock; 0 if it is not known."""

    def __str__(self) -> str:
        if self.kind is NoticeKind.REMOVED_ELSEWHERE:
            return f"{self.tag} ({self.digest}) was removed by another program"
        holder = f"process {self.pid}" if self.pid else "another process"
        return f"waiting for {holder}, which is changing the store"


Notify = Callable[[Notice], object]


def ignore(_: Notice) -> None:
    """Ignore the notice."""
