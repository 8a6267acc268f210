"""Whether a client loads an installed plugin, as its own files say now."""

from enum import StrEnum
from pathlib import Path

from attrs import frozen


class HealthStatus(StrEnum):
    """One thing that decides whether, or which copy of, a plugin a client loads."""

    MISSING = "missing"
    """Its folder is gone, or the client is no longer told of it."""

    DISABLED = "disabled"
    """The user has turned it off; that is never undone."""

    REFUSED = "refused"
    """The client does not take the file that tells it of the plugin."""

    FORBIDDEN = "forbidden"
    """A setting of the organisation's does not allow it."""

    SHADOWED = "shadowed"
    """The same name in another scope is loaded in its place."""

    OWED = "owed"
    """The client has no copy yet: a command of the user's is missing."""

    STALE = "stale"
    """The client runs a copy that is not what is installed."""

    LEFT_OVER = "left-over"
    """The client still runs a copy of something that is no longer installed."""

    UNTRUSTED = "untrusted"
    """It waits for the user's trust in the project, or in its hooks."""

    LIMITED = "limited"
    """A setting keeps a part of it from running, or the next session from loading this very copy."""

    UNREADABLE = "unreadable"
    """A file that decides it cannot be read."""

    @property
    def loads(self) -> bool:
        """Whether the client may still load what is installed."""
        return self in (HealthStatus.UNTRUSTED, HealthStatus.LIMITED)


@frozen
class Ailment:
    """One thing that is not as it should be."""

    status: HealthStatus
    text: str
    """What is wrong, as a sentence without its full stop; it names the setting, where one decides."""

    file: Path | None = None
    """The file that decides it."""


@frozen
class Health:
    """All that was found about one plugin in one client; nothing where it loads."""

    ailments: tuple[Ailment, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the client from loading what is installed. Trust that is still to be given is not a fault."""
        return all(ailment.status.loads for ailment in self.ailments)
