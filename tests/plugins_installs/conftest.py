"""What the tests of installs share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolhive_plugins import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A local store."""
    return Store(tmp_path / "store")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where flushing costs nothing, if there is one."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=folder) as name:
        yield Path(name)
