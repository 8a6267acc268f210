"""A process is killed at each call that changes the disk, in turn. The store needs no repair, and loses nothing."""

import os
import signal
from pathlib import Path

import pytest
from crash_injection import kill_at_each_change
from store_samples import blob_path, build, leftovers, make_sample
from store_scenarios import SCENARIOS, Scenario

from toolhive_plugins_store import Store, StoreLockError, _fs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_kill_at_any_change_loses_nothing(scenario: Scenario, scratch: Path) -> None:
    kill_at_each_change(scenario, scratch)


def test_unfinished_files_of_a_living_process_are_not_swept(root: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with Store(root) as store, store.transaction() as transaction:
            transaction.put_blob(b"unfinished")
            os.write(writing, b"!")
            os.read(reading, 0)
            signal.pause()
    os.read(reading, 1)
    with Store(root) as store:
        files = [name for name in leftovers(root) if name.endswith("/1")]
        assert len(files) == 1
        assert store.gc(grace=0).files == 0
        assert files[0] in leftovers(root)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert store.gc().files == 1
    assert leftovers(root) == []


def test_the_lock_of_a_killed_process_is_free(root: Path) -> None:
    with Store(root) as store:
        build(store, "a")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:

        def hold(operation: str, path: str) -> None:
            if operation == "rename":
                os.write(writing, b"!")
                signal.pause()

        _fs.watcher = hold
        build(Store(root), "b")
        os._exit(1)
    os.read(reading, 1)
    with Store(root, lock_timeout=0.05) as hasty, pytest.raises(StoreLockError, match=str(root)):
        hasty.put_blob(b"c")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with Store(root) as store:
        build(store, "c")
        assert store.list_tags() == ["a", "c"]


def test_a_child_of_a_fork_works_on_its_own(root: Path) -> None:
    """Threads, locks and claims do not come along into a forked process; the store begins anew there."""
    with Store(root) as store:
        before = make_sample("before")
        with store.transaction() as transaction:
            before.put(transaction)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                build(store, "child")
                store.gc(grace=0)
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        store.tag(before.digest, "parent")
        assert store.list_tags() == ["child", "parent"]
        assert store.check() == ()
        assert blob_path(root, before.digest).exists()
