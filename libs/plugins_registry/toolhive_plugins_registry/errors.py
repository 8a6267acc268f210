"""The failures that another try may cure, and the hints that errors of this library carry.

Callers meet every error as a member of the public family in `toolhive_plugins_interfaces`.
"""

from enum import StrEnum, unique

from toolhive_plugins_interfaces import RegistryConnectionError, RegistryResponseError


@unique
class Hint(StrEnum):
    """What would help, for callers that word remedies with their own options; the values stay the same between versions."""

    ALLOW_MORE_TIME = "allow-more-time"
    """The time for a request or an operation was too short."""

    CHECK_PROXY = "check-proxy"
    """The proxy failed or refused; `where` names the environment variable that it comes from."""

    CHECK_REFERENCE = "check-reference"
    """The reference is malformed, or names something that is not there."""

    LOG_IN = "log-in"
    """The registry asks for credentials, or for other ones."""

    NOT_A_PLUGIN = "not-a-plugin"
    """The reference names an artifact of another kind."""

    TRUST_CERTIFICATE = "trust-certificate"
    """The registry's certificate is signed by an authority that is not trusted here."""

    TRUST_TOKEN_HOST = "trust-token-host"  # noqa: S105 - not a password
    """The registry names a token service elsewhere, which may be given the credentials if the user says so."""

    USE_HTTPS = "use-https"
    """The registry seems to speak HTTPS, and was asked over plain HTTP."""

    USE_PLAIN_HTTP = "use-plain-http"
    """The registry seems to speak plain HTTP, and was asked over HTTPS."""


class TransientConnectionError(RegistryConnectionError):
    """A connection broke, or nobody answered in time."""


class TransientResponseError(RegistryResponseError):
    """The registry said that it cannot answer right now.

    Args:
        problem, where, remedy, hint: as for ToolhiveError.
        status: the HTTP status.
        retry_after: seconds that the registry asked us to wait.
    """

    def __init__(
        self,
        problem: str,
        *,
        where: str = "",
        remedy: str = "",
        hint: str = "",
        status: int = 0,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(problem, where=where, remedy=remedy, hint=hint)
        self.status = status
        self.retry_after = retry_after


Transient = TransientConnectionError | TransientResponseError
