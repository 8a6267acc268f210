"""Where the store stands, on each platform: the folder that adrg/xdg gives to `thv`."""

from pathlib import Path

import pytest

from toolhive_plugins_store import Store, default_store_root, store_root
from toolhive_plugins_store.paths import _data_home

APP_DATA = "C:\\Users\\me\\AppData\\Local"


def never() -> str:
    raise AssertionError("only Windows has known folders")


def test_the_store_in_a_data_home() -> None:
    assert store_root("/data") == Path("/data/toolhive/plugins")
    assert store_root(Path("/data")) == Path("/data/toolhive/plugins")


@pytest.mark.parametrize(
    ("platform", "environ", "home"),
    [
        ("linux", {"HOME": "/home/me"}, "/home/me/.local/share"),
        ("linux", {"HOME": "/home/me", "XDG_DATA_HOME": ""}, "/home/me/.local/share"),
        ("linux", {"HOME": "/home/me", "XDG_DATA_HOME": "/data"}, "/data"),
        ("linux", {"HOME": "/home/me", "XDG_DATA_HOME": "relative/data"}, "/home/me/.local/share"),
        ("linux", {"HOME": "/home/me", "XDG_DATA_HOME": "~/data"}, "/home/me/data"),
        ("linux", {"HOME": "/home/me", "XDG_DATA_HOME": "$HOME/data"}, "/home/me/data"),
        ("linux", {}, "/.local/share"),
        ("freebsd14", {"HOME": "/home/me"}, "/home/me/.local/share"),
        ("darwin", {"HOME": "/Users/me"}, "/Users/me/Library/Application Support"),
        ("darwin", {"HOME": "/Users/me", "XDG_DATA_HOME": "/data"}, "/data"),
        ("darwin", {"HOME": "/Users/me", "XDG_DATA_HOME": "data"}, "/Users/me/Library/Application Support"),
    ],
)
def test_data_homes_of_unix(platform: str, environ: dict[str, str], home: str) -> None:
    assert _data_home(platform, environ, never) == home


@pytest.mark.parametrize(
    ("environ", "home"),
    [
        ({}, APP_DATA),
        ({"HOME": "/home/me"}, APP_DATA),
        ({"XDG_DATA_HOME": "D:\\data"}, "D:\\data"),
        ({"XDG_DATA_HOME": "data"}, APP_DATA),
        ({"XDG_DATA_HOME": "%USERPROFILE%\\data", "USERPROFILE": "C:\\Users\\me"}, "C:\\Users\\me\\data"),
    ],
)
def test_data_homes_of_windows(environ: dict[str, str], home: str) -> None:
    assert _data_home("win32", environ, lambda: APP_DATA) == home


def test_the_default_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_store_root() == tmp_path / "toolhive" / "plugins"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_store_root().is_relative_to(tmp_path)
    assert default_store_root().parts[-2:] == ("toolhive", "plugins")


@pytest.mark.parametrize(
    "given",
    ["/", "//host/x", "///x", "/a//b/./c/", "/a/../b", "/a/..b", "", ".", "a", "./a", "../a", "a/..", "a/./b//", "~/a"],
)
def test_a_store_stands_where_the_path_given_leads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str) -> None:
    monkeypatch.chdir(tmp_path)
    for root in (given, Path(given)):
        assert str(Store(root).root) == str(Path(root).absolute())
        assert repr(Store(root)) == f"Store({str(Path(root).absolute())!r})"


def test_a_store_stays_where_it_stood_when_the_working_directory_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("a")
    monkeypatch.chdir("/")
    assert store.root == tmp_path / "a"


def test_no_root_stands_for_this_users_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Store(None).root == default_store_root()
