"""What the service asks of its registry client, seen with a generated mock: nothing but what the interface has."""

import pytest

from toolhive_plugins import RegistryConnectionError, Store
from toolhive_plugins_mocks import MockPluginPackager, MockRegistryClient
from toolhive_plugins_service import BuildRequest, Service, TargetNotFoundError

pytest_plugins = ["toolhive_plugins_mocks.pytest_plugin"]

REF = "registry.test/plugins/complete:1"


def with_client(service: Service, client: MockRegistryClient) -> Service:
    """The same service on a mocked client; it has nothing to package."""
    return Service(service.store, make_packager=lambda _: MockPluginPackager(), make_registry=lambda: client)


def test_push_sends_what_the_tag_stands_for(
    service: Service, complete: str, store: Store, mock_registry_client: MockRegistryClient
) -> None:
    built = service.build(BuildRequest(complete, tag="complete"))
    mock_registry_client.push.expect(store, store.resolve("complete"), REF)

    pushed = with_client(service, mock_registry_client).push("complete", REF)

    assert pushed.digest == built.digest


def test_a_push_that_fails_is_told_and_not_repeated(
    service: Service, complete: str, store: Store, mock_registry_client: MockRegistryClient
) -> None:
    service.build(BuildRequest(complete, tag="complete"))
    mock_registry_client.push.answers(RegistryConnectionError("reset by peer"))

    with pytest.raises(RegistryConnectionError, match="reset by peer"):
        with_client(service, mock_registry_client).push("complete", REF)

    assert len(mock_registry_client.calls) == 1


def test_an_unknown_tag_reaches_no_registry(service: Service, mock_registry_client: MockRegistryClient) -> None:
    with pytest.raises(TargetNotFoundError):
        with_client(service, mock_registry_client).push("nothing", REF)

    assert mock_registry_client.calls == ()
