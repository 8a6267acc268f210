"""A running `thv serve` is recognised by its file, which anybody may have written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from toolhive_plugins_store import RunningServer, running_server
from toolhive_plugins_store.paths import _base_folder

STATE = ("XDG_STATE_HOME", (".local", "state"))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = tmp_path / "toolhive" / "server" / "server.json"
    path.parent.mkdir(parents=True)
    return path


def test_no_file_means_no_server(file: Path) -> None:
    assert running_server() is None


def test_a_server_whose_process_is_alive(file: Path) -> None:
    file.write_text(json.dumps({"url": "http://127.0.0.1:8080", "pid": os.getpid(), "nonce": "x"}))
    assert running_server() == RunningServer("http://127.0.0.1:8080", os.getpid())


def test_a_server_of_another_user_is_alive(file: Path) -> None:
    file.write_text(json.dumps({"url": "unix:///run/thv.sock", "pid": 1}))
    assert running_server() == RunningServer("unix:///run/thv.sock", 1)


def test_a_server_whose_process_has_ended(file: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    file.write_text(json.dumps({"url": "http://127.0.0.1:8080", "pid": ended.pid}))
    assert running_server() is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 50_000,
        b'{"url":"http://x"}',
        b'{"pid":"1"}',
        b'{"pid":true}',
        b'{"pid":1.0}',
        b'{"pid":0}',
        b'{"pid":-1}',
        b'{"pid":2147483648}',
        b'{"pid":' + b"9" * 5000 + b"}",
        b'{"pid":1,"x":"' + b"x" * 70_000 + b'"}',
    ],
)
def test_a_file_that_says_nothing_sensible(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    assert running_server() is None


def test_something_else_in_place_of_the_file(file: Path) -> None:
    file.mkdir()
    assert running_server() is None
    file.rmdir()
    os.mkfifo(file)
    assert running_server() is None
    file.unlink()
    file.symlink_to("/dev/zero")
    assert running_server() is None


def test_what_it_says_cannot_reach_the_terminal(file: Path) -> None:
    file.write_text(json.dumps({"url": "\x1b[2J" + "x" * 5000, "pid": os.getpid()}))
    found = running_server()
    assert found is not None
    assert found.url.isprintable()
    assert len(found.url) < 300


def never() -> str:
    raise AssertionError("only Windows has known folders")


def test_the_state_home_of_each_platform() -> None:
    assert _base_folder(*STATE, "linux", {"HOME": "/home/me"}, never) == "/home/me/.local/state"
    assert _base_folder(*STATE, "linux", {"HOME": "/home/me", "XDG_STATE_HOME": "/state"}, never) == "/state"
    assert _base_folder(*STATE, "linux", {"HOME": "/home/me", "XDG_STATE_HOME": "x"}, never) == "/home/me/.local/state"
    assert _base_folder(*STATE, "darwin", {"HOME": "/Users/me"}, never) == "/Users/me/Library/Application Support"
    assert _base_folder(*STATE, "win32", {}, lambda: "C:\\Local") == "C:\\Local"
