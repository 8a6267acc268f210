"""One push, pull or copy at one repository: its scopes, its deadline, and its attempts."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from attrs import frozen

from toolhive_artifact import Descriptor, Digest, DigestMismatchError, InvalidDigestError, shown
from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.retries import Attempts
from toolhive_plugins_registry.transport import Body, Response
from toolhive_plugins_registry.urls import Url

DISTRUST: Final = "The registry, or something in front of it, changes content: do not trust it"

T = TypeVar("T")


@frozen
class Operation:
    """What the requests of an operation at one repository have in common."""

    client: Client
    """Talks to the registry."""

    scopes: tuple[str, ...]
    """What a token is asked for."""

    deadline: Deadline
    """When the operation must be over."""

    def request(
        self,
        method: str,
        url: Url,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        *,
        size: int = 0,
        scopes: tuple[str, ...] | None = None,
    ) -> Response:
        """Send a request that moves `size` bytes, and give it the time that they take.

        Raises: as `Client.request`.
        """
        timeouts = self.client.timeouts
        return self.client.request(
            method,
            url,
            scopes=self.scopes if scopes is None else scopes,
            deadline=self.deadline.within(timeouts.exchange + size / timeouts.slowest),
            headers=headers,
            body=body,
        )

    def retry(self, attempt: Callable[[], T]) -> T:
        """Return what `attempt` returns, called as often as it takes, the policy allows and there is time.

        Raises:
            RegistryError: the last failure.
        """
        return self.client.retries.run(attempt, self.deadline)

    def attempts(self) -> Attempts:
        """Return the attempts of a transfer that resumes by itself."""
        return self.client.retries.begin(self.deadline)


def promised_digest(response: Response) -> Digest | None:
    """Return the digest in a response's `Docker-Content-Digest`; None where there is none.

    Raises:
        RegistryResponseError: it is malformed, or of an unsupported algorithm.
    """
    text = response.header("Docker-Content-Digest")
    return parse_promised(text, response.url.shown) if text else None


def parse_promised(text: str, where: str) -> Digest:
    """Return the digest that a registry named.

    Raises:
        RegistryResponseError: it is malformed, or of an unsupported algorithm.
    """
    try:
        return Digest.parse(text)
    except InvalidDigestError:
        raise RegistryResponseError(f"promises {shown(text)!r}, which is not a sha256 digest", where=where) from None


def check_stored(response: Response, descriptor: Descriptor) -> None:
    """Raise DigestMismatchError if the registry says that it stored anything but what was sent."""
    stored = promised_digest(response)
    if stored is not None and stored != descriptor.digest:
        raise DigestMismatchError(
            f"the registry stored {stored} and was sent {descriptor.digest}", where=response.url.shown, remedy=DISTRUST
        )
