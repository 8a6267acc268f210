"""What the tests of the service share."""

from pathlib import Path

import pytest
from service_plugins import COMPLETE, StoreRegistry, write_plugin

from toolhive_plugins import Store
from toolhive_plugins_service import Service


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A local store."""
    return Store(tmp_path / "store")


@pytest.fixture
def registry(tmp_path: Path) -> StoreRegistry:
    """A registry client on a store of its own."""
    return StoreRegistry(Store(tmp_path / "remote"))


@pytest.fixture
def service(store: Store, registry: StoreRegistry, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service on the local store and that registry."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return Service(store, make_registry=lambda: registry)


@pytest.fixture
def complete(tmp_path: Path) -> str:
    """The directory of a plugin that has one of everything."""
    return write_plugin(tmp_path / "complete", COMPLETE)
