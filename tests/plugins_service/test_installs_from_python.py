"""The example of the installs' README, run as it stands there."""

import re
from pathlib import Path

import pytest
from plugin_folders import make_plugin

from toolhive_plugins import Packager, Store, default_store_root
from toolhive_plugins_installs import UnsupportedSystemError
from toolhive_plugins_service import Service

README = Path(__file__).parents[2] / "libs" / "plugins_installs" / "README.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for folder in (".claude", ".codex"):
        (tmp_path / folder).mkdir()
    return tmp_path


def test_the_example_installs_and_lists(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(default_store_root())
    plugin = make_plugin(home / "release-notes", {"README.md": "x"}, name="release-notes", version="1.2.0")
    store.tag(Packager(store).package(str(plugin)).index_digest, "release-notes")
    example = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert example is not None
    names: dict[str, object] = {"__name__": "example"}
    exec(example[1].replace("ghcr.io/acme/release-notes:1.2.0", "release-notes"), names)
    printed = capsys.readouterr().out
    assert "codex plugin add release-notes@toolhive" in printed
    assert "release-notes 1.2.0 [True, False]" in printed
    assert (home / ".claude/skills/release-notes/README.md").is_file()


def test_windows_is_refused_at_once_and_clearly(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolhive_plugins_installs.supported.sys.platform", "win32")
    with pytest.raises(UnsupportedSystemError, match="on Windows"):
        Service(Store(default_store_root())).installs()
