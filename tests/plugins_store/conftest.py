"""What the tests of the store share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_injection import folder_in_memory

from toolhive_plugins_store import Store, _fs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder for a store, which does not exist yet."""
    return tmp_path / "data" / "toolhive" / "plugins"


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    with folder_in_memory(tmp_path) as folder:
        yield folder


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    with Store(root) as store:
        yield store


@pytest.fixture(autouse=True)
def nobody_watches() -> Iterator[None]:
    """Take off what a test hung onto the disk-changing calls."""
    yield
    _fs.watcher = None


@pytest.fixture
def plain_umask() -> Iterator[None]:
    """022, as on most machines."""
    before = os.umask(0o022)
    yield
    os.umask(before)
