"""A store and an artifact's digest for the tests of the mocks."""

from pathlib import Path

import pytest

from toolhive_artifact import Digest
from toolhive_plugins_store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with nothing in it: the mocks hand it on, nobody writes to it."""
    return Store(tmp_path / "store")


@pytest.fixture
def digest() -> Digest:
    """The digest of some artifact."""
    return Digest.of(b"an artifact")
