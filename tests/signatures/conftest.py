"""A real registry and a real Sigstore, shared by all tests of the run; each test has a repository of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_registry import RealRegistry, running_registry
from signed_by_others import Published, publish
from sigstore_services import Sigstore, running_sigstore

from toolhive_plugins import Registry


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sigstore]:
    with running_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


@pytest.fixture
def client() -> Iterator[Registry]:
    with Registry(plain_http=True) as made:
        yield made


@pytest.fixture
def published(registry: RealRegistry, client: Registry, tmp_path: Path) -> Published:
    """A plugin that nobody has signed."""
    return publish(registry, client, tmp_path)
