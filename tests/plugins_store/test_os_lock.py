"""The operating system's lock on a file."""

import os
from pathlib import Path

import pytest

from toolhive_plugins_store.locking import OsLock


def test_only_one_holds_it_until_it_is_released(tmp_path: Path) -> None:
    first, second = OsLock(str(tmp_path / "lock")), OsLock(str(tmp_path / "lock"))
    assert first.acquire()
    assert not second.acquire()
    assert not second.acquire(timeout=0.01)
    first.release()
    assert second.acquire(timeout=5)
    second.release()
    second.release()


def test_the_file_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    lock = OsLock(str(tmp_path / "lock"))
    lock.acquire()
    lock.release()
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        OsLock(str(tmp_path / "lock")).acquire()
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_in_its_place_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lock")
    lock = OsLock(str(tmp_path / "lock"))
    assert lock.acquire()
    lock.release()


def test_a_lock_on_a_file_that_was_removed_is_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def open_and_lose(*arguments: object, **named: object) -> int:
        fd = opened(*arguments, **named)  # type: ignore[arg-type]
        monkeypatch.undo()
        (tmp_path / "lock").unlink()
        return fd

    monkeypatch.setattr(os, "open", open_and_lose)
    assert not OsLock(str(tmp_path / "lock")).acquire()
    assert OsLock(str(tmp_path / "lock")).acquire()


def test_a_forked_child_does_not_end_its_parents_lock(tmp_path: Path) -> None:
    held = OsLock(str(tmp_path / "lock"))
    held.acquire()
    pid = os.fork()
    if pid == 0:
        held.release()
        os._exit(0)
    os.waitpid(pid, 0)
    assert not OsLock(str(tmp_path / "lock")).acquire()
    held.release()
    assert OsLock(str(tmp_path / "lock")).acquire()
