"""What the stress tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_injection import folder_in_memory
from stress_registry import running_registry

from toolhive_plugins_store import _fs


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the system has such."""
    with folder_in_memory(tmp_path) as folder:
        yield folder


@pytest.fixture
def registry_host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The host and port of a registry in another process, which no proxy stands before."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    with running_registry() as host:
        yield host


@pytest.fixture(autouse=True)
def nobody_watches() -> Iterator[None]:
    """Take off what a test hung onto the disk-changing calls."""
    yield
    _fs.watcher = None
