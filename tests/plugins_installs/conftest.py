"""What the tests of installs share."""

from pathlib import Path

import pytest

from toolhive_plugins import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A local store."""
    return Store(tmp_path / "store")
