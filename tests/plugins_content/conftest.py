"""What the tests of plugin content share."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own SOURCE_DATE_EPOCH out of the tests."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Where a test puts its plugin; does not exist yet."""
    return tmp_path / "plugin"


@pytest.fixture
def restore_modes(tmp_path: Path) -> Iterator[None]:
    """Let pytest clean up folders that a test has closed to itself."""
    yield
    for folder in sorted(tmp_path.rglob("*")):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)
