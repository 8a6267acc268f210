"""A simulated registry with a plugin in it, which tests sign, poison and verify."""

from collections.abc import Iterator

import pytest
from registry_simulator import Simulator
from signed_plugins import Scene

from toolhive_plugins import Credential, Registry, RetryPolicy


class NoLogins:
    """A credential store that knows nobody."""

    def get(self, registry_host: str) -> Credential:
        return Credential()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def client() -> Iterator[Registry]:
    retries = RetryPolicy(attempts=2, first_delay=0.0)
    with Registry(plain_http=True, credential_store=NoLogins(), retries=retries) as made:
        yield made


@pytest.fixture
def scene(simulator: Simulator, client: Registry) -> Scene:
    """A plugin that nobody has signed."""
    return Scene.of(simulator, client)
