"""The failures that another try may cure; callers meet them as members of the public family."""

from toolhive_plugins_interfaces import RegistryConnectionError, RegistryResponseError


class TransientConnectionError(RegistryConnectionError):
    """A connection broke, or nobody answered in time."""


class TransientResponseError(RegistryResponseError):
    """The registry said that it cannot just now."""

    def __init__(
        self, problem: str, *, where: str = "", remedy: str = "", status: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(problem, where=where, remedy=remedy)
        self.status = status
        """The HTTP status."""
        self.retry_after = retry_after
        """Seconds that the registry asked us to wait."""


Transient = TransientConnectionError | TransientResponseError
