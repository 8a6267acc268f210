"""No credential helper of whoever runs the tests is found."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_helpers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
