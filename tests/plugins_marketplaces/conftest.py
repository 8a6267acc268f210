"""What the tests of marketplaces share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from git_repositories import isolate_git
from real_registry import RealRegistry, running_registry

from toolhive_plugins import Registry


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A real registry, shared by all tests of the run: each takes a prefix of its own."""
    with running_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def prefix(registry: RealRegistry, tmp_path: Path) -> str:
    """A prefix that no other test uses."""
    return f"{registry.host}/{tmp_path.name.lower().replace('_', '-').strip('-')}"


@pytest.fixture
def client() -> Iterator[Registry]:
    """A client of that registry."""
    with Registry(plain_http=True) as made:
        yield made


@pytest.fixture(autouse=True)
def own_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the machine's own configuration of git, and its epoch, out of the tests."""
    isolate_git(monkeypatch, tmp_path / "home")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
