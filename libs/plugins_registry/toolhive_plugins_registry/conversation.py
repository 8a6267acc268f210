"""One operation's talk with one repository: whom to ask, for what, until when."""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from toolhive_artifact import Descriptor, Digest, DigestMismatchError, InvalidDigestError, shown
from toolhive_plugins_interfaces import RegistryResponseError
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.transport import Body, Response
from toolhive_plugins_registry.urls import Url

DISTRUST: Final = "The registry, or something before it, changes content: do not trust it"


@frozen
class Conversation:
    """What every request of an operation has in common."""

    client: Client
    """Talks to the registry."""

    scopes: tuple[str, ...]
    """What a token is asked for."""

    deadline: Deadline
    """Of the operation."""

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
        """Send a request that moves `size` bytes; it has as much time as that takes."""
        timeouts = self.client.timeouts
        return self.client.request(
            method,
            url,
            scopes=self.scopes if scopes is None else scopes,
            deadline=self.deadline.within(timeouts.exchange + size / timeouts.slowest),
            headers=headers,
            body=body,
        )


def promised_digest(response: Response) -> Digest | None:
    """Return the digest in an answer's `Docker-Content-Digest`, if it has one.

    Raises:
        RegistryResponseError: it is malformed, or of an algorithm that is not spoken here.
    """
    text = response.header("Docker-Content-Digest")
    if not text:
        return None
    try:
        return Digest.parse(text)
    except InvalidDigestError:
        raise RegistryResponseError(
            f"promises {shown(text)!r}, which is not a sha256 digest", where=response.url.shown
        ) from None


def check_stored(response: Response, descriptor: Descriptor) -> None:
    """Raise DigestMismatchError if the registry says that it stored anything but what was sent."""
    stored = promised_digest(response)
    if stored is not None and stored != descriptor.digest:
        raise DigestMismatchError(
            f"the registry stored {stored} and was sent {descriptor.digest}", where=response.url.shown, remedy=DISTRUST
        )
