"""Asks a registry whether it accepts a credential (distribution spec, "Determining Support")."""

from http import HTTPStatus

from attrs import define, field

from toolhive_plugins_interfaces import RegistryAuthError, RegistryResponseError
from toolhive_plugins_registry.client import Client
from toolhive_plugins_registry.credentials import Credential
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.operation import Operation
from toolhive_plugins_registry.web_pages import refuse_page


@define
class GivenCredential:
    """A credential store of one credential, which tells whether anybody asked for it."""

    credential: Credential = field(repr=False)
    asked: bool = False

    def get(self, registry_host: str) -> Credential:  # noqa: ARG002 - the one credential is for every host
        """Return the credential."""
        self.asked = True
        return self.credential


def check_login(client: Client, deadline: Deadline) -> None:
    """Return if the registry lets the client in.

    Raises:
        RegistryAuthError: it does not.
        RegistryError: it failed, or is not a registry.
    """
    operation = Operation(client, (), deadline)

    def attempt() -> None:
        with operation.request("GET", client.home.at("/v2/")) as response:
            if response.status == HTTPStatus.NOT_FOUND:
                raise RegistryResponseError(
                    "answered with HTTP 404, so it is not a registry", where=response.url.shown, remedy="Check the host"
                )
            client.check(response, HTTPStatus.OK)
            refuse_page(response)
            response.drain()

    try:
        operation.retry(attempt)
    except RegistryAuthError as error:
        if error.hint == Hint.LOG_IN:  # which is what the caller is doing
            error.hint, error.remedy = "", "Check the user name, and the password or token"
        raise
