"""Who holds the store's lock, and what those who wait for it are told."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from store_samples import build

from toolhive_plugins_store import Notice, NoticeKind, Store, StoreLockError, locking
from toolhive_plugins_store.locking import OsLock, lock_holder

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process that holds the lock")
linux = pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who holds a lock")


@contextmanager
def held_by_another_process(root: Path) -> Iterator[int]:
    """Have a child hold the store's lock; yield its process id."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(done[1])
            OsLock(str(root / ".toolhive" / "lock")).acquire(10)
            os.write(ready[1], b"!")
            os.read(done[0], 1)
        finally:
            os._exit(0)
    os.read(ready[0], 1)
    try:
        yield child
    finally:
        for fd in (*ready, *done):
            os.close(fd)
        os.waitpid(child, 0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose patience sooner than after a second."""
    monkeypatch.setattr(locking, "_SILENCE", 0.02)


@forks
@linux
@pytest.mark.usefixtures("quick")
def test_who_waits_for_another_process_is_told_which_and_not_for_ever(store: Store, root: Path) -> None:
    build(store, "a")
    notices: list[Notice] = []
    with held_by_another_process(root) as pid, Store(root, lock_timeout=0.1, notify=notices.append) as waiting:
        assert lock_holder(str(root / ".toolhive" / "lock")) == pid
        with pytest.raises(StoreLockError, match=rf"process {pid} held it for more than 0\.1 seconds"):
            build(waiting, "b")
    assert notices == [Notice(NoticeKind.WAITING_FOR_LOCK, pid=pid)]
    assert str(notices[0]) == f"waiting for process {pid}, which is changing the store"
    assert lock_holder(str(root / ".toolhive" / "lock")) == 0
    build(store, "b")


@forks
@pytest.mark.usefixtures("quick")
def test_where_the_system_does_not_tell_who_holds_it(store: Store, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(store, "a")
    monkeypatch.setattr(locking, "lock_holder", lambda path: 0)
    notices: list[Notice] = []
    with (
        held_by_another_process(root),
        Store(root, lock_timeout=0.1, notify=notices.append) as waiting,
        pytest.raises(StoreLockError, match="another process held it"),
    ):
        build(waiting, "b")
    assert str(notices[0]) == "waiting for another process, which is changing the store"


@pytest.mark.usefixtures("quick")
def test_who_waits_for_another_thread_is_told(store: Store, root: Path) -> None:
    build(store, "a")
    notices: list[Notice] = []
    entered, leave = threading.Event(), threading.Event()
    with Store(root, notify=notices.append) as shared:

        def hold() -> None:
            with shared._work.locked():
                entered.set()
                leave.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        entered.wait(10)
        threading.Timer(0.1, leave.set).start()
        build(shared, "b")
        thread.join()
        assert shared.list_tags() == ["a", "b"]
    assert notices == [Notice(NoticeKind.WAITING_FOR_LOCK, pid=os.getpid())]


def test_nobody_is_told_of_a_short_wait(store: Store, root: Path) -> None:
    notices: list[Notice] = []
    with Store(root, notify=notices.append) as other:
        for number in range(5):
            build(store, f"a{number}")
            build(other, f"b{number}")
    assert notices == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.usefixtures("plain_umask")
def test_only_its_owner_may_enter_the_private_folder_and_open_the_lock(store: Store, root: Path) -> None:
    build(store, "a")
    private = root / ".toolhive"
    assert private.stat().st_mode & 0o777 == 0o700
    assert (private / "lock").stat().st_mode & 0o777 == 0o600
    private.chmod(0o755)
    (private / "lock").chmod(0o644)
    with Store(root) as again:
        build(again, "b")
    assert private.stat().st_mode & 0o777 == 0o700
    assert (private / "lock").stat().st_mode & 0o777 == 0o600
