"""What every operation of store_scenarios.py is put through, change by change: kills, faults and power cuts."""

import contextlib
import errno
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from power_cut import PowerSupply, Tree, restore
from store_samples import leftovers, stored
from store_scenarios import Scenario

from toolhive_artifact import Digest
from toolhive_plugins_store import Store, StoreError, StoreIOError, _fs


@contextmanager
def folder_in_memory(otherwise: Path) -> Iterator[Path]:
    """Yield a folder in memory, where the system has such, for tests that make hundreds of stores: flushing costs nothing."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield otherwise
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


# --- kills ---


def kill_at_each_change(scenario: Scenario, scratch: Path) -> None:
    """Kill a process at each change, in turn. Whether or not the next one to come sweeps first, the operation then does
    what it should have done."""
    for at in range(1, 200):
        root = scratch / str(at)
        scenario.prepare(root)
        before = stored(root)
        killed = run_and_kill(root, scenario, at)
        scenario.check_cut_short(root)
        if killed and at % 2:
            check_swept_at_once(root, scenario, before)
        with Store(root) as store:
            scenario.act(store)
        scenario.check_done(root)
        scenario.check_swept(root)
        if not killed:
            assert at > 5
            return
    pytest.fail("it never ended")


def run_and_kill(root: Path, scenario: Scenario, at: int) -> bool:
    """Run the operation in a process that is killed right before its `at`-th change; return whether it came to that."""
    child = os.fork()
    if child == 0:
        count = 0

        def watch(operation: str, path: str) -> None:
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

        _fs.watcher = watch
        try:
            scenario.act(Store(root))
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def check_swept_at_once(root: Path, scenario: Scenario, before: set[Digest]) -> None:
    """Check that a sweep with the usual grace removes what a process that was killed had not finished."""
    with Store(root) as store:
        store.gc()
        assert leftovers(root) == []
        if scenario.adds.keys() - set(store.list_tags()):
            assert stored(root) == before


# --- faults ---

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EMFILE)
SILENT = {"unlink", "rmdir", "utime", "link", "truncate"}
"""Calls whose failure may be passed over, because only clearing up or speed depends on it."""


def fail_at(at: int, number: int, *, for_good: bool) -> list[tuple[str, str]]:
    """Have the `at`-th change fail, and where it is for good all after it; return a list of what failed."""
    failed: list[tuple[str, str]] = []
    count = 0

    def watch(operation: str, path: str) -> None:
        nonlocal count
        count += 1
        if count == at or (for_good and count > at):
            failed.append((operation, path))
            raise OSError(number, os.strerror(number))

    _fs.watcher = watch
    return failed


def makes_room(number: int, path: str) -> bool:
    """Whether the store tries again in the space of the index before last, so that a full disk lets one delete."""
    return number == errno.ENOSPC and path.endswith(("index.new", "journal", "journal.new"))


def fault_at_each_change(scenario: Scenario, scratch: Path, *, for_good: bool) -> None:
    """Have each change fail, in turn, once or from then on."""
    for at in range(1, 200):
        number = ERRORS[at % len(ERRORS)]
        root = scratch / str(at)
        scenario.prepare(root)
        with Store(root) as store:
            failed = fail_at(at, number, for_good=for_good)
            caught: StoreError | None = None
            try:
                scenario.act(store)
            except StoreError as error:
                caught = error
            _fs.watcher = None
            if not failed:
                assert at > 5
                return
            if caught is None:
                assert all(operation in SILENT or makes_room(number, path) for operation, path in failed)
            else:
                assert isinstance(caught, StoreIOError)
                assert caught.errno == number
                assert caught.where == caught.filename
                assert caught.where in [path for _, path in failed]
                assert str(caught).startswith(f"{caught.where}: cannot ")
                assert os.strerror(number) in str(caught)
                assert caught.remedy
            scenario.check_cut_short(root)
            scenario.act(store)
            scenario.check_done(root)
        scenario.check_swept(root)
    pytest.fail("it never ended")


# --- power cuts ---


def cut_power_at_each_change(scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the power at each instant; what was reported as done is there then, and the operation works."""
    top = scratch / "disk"
    root = top / "store"
    top.mkdir()
    scenario.prepare(root)
    shutil.rmtree(top / "template", ignore_errors=True)
    power = supply(top, monkeypatch)
    cuts: list[Tree] = []

    def watch(operation: str, path: str) -> None:
        for names in ("old", "new"):
            tree = power.cut(names)
            if tree not in cuts[-4:]:
                cuts.append(tree)
        power.watch(operation, path)

    _fs.watcher = watch
    with Store(root) as store:
        scenario.act(store)
        done = [power.cut("old"), power.cut("new")]
    _fs.watcher = None
    monkeypatch.undo()
    assert cuts
    for number, tree in enumerate([*cuts, *done]):
        target = scratch / f"after-{number}"
        restore(tree, top, target)
        scenario.check_cut_short(target / "store")
        if tree in done:
            scenario.check_done(target / "store")
        with Store(target / "store") as store:
            store.gc()
            scenario.act(store)
        scenario.check_done(target / "store")
        shutil.rmtree(target)


def cut_power_after_another_took_over(scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one program renamed and did not live to flush, the next one, which finds it there, must flush."""
    for at in range(1, 200):
        top = scratch / f"disk-{at}"
        root = top / "store"
        top.mkdir()
        scenario.prepare(root)
        shutil.rmtree(top / "template", ignore_errors=True)
        power = supply(top, monkeypatch)
        ended = _run_up_to(at, scenario, root, power)
        _fs.watcher = power.watch
        with Store(root) as store:
            is_there_to_do = set(scenario.drops) <= set(store.list_tags())
            scenario.act(store)
            done = [power.cut("old"), power.cut("new")]
        _fs.watcher = None
        monkeypatch.undo()
        for number, tree in enumerate(done):
            target = scratch / f"after-{at}-{number}"
            restore(tree, top, target)
            scenario.check_cut_short(target / "store")
            if is_there_to_do:
                scenario.check_done(target / "store")
            shutil.rmtree(target)
        shutil.rmtree(top)
        if ended:
            assert at > 5
            return
    pytest.fail("it never ended")


def _run_up_to(at: int, scenario: Scenario, root: Path, power: PowerSupply) -> bool:
    """Run the operation, of which nothing reaches the disk from its `at`-th change on; return whether it came to its end."""
    count = 0

    def watch(operation: str, path: str) -> None:
        nonlocal count
        count += 1
        if count >= at:
            raise OSError(errno.EIO, "the program is no more", path)
        power.watch(operation, path)

    _fs.watcher = watch
    store = Store(root)
    with contextlib.suppress(StoreError):
        scenario.act(store)
    ended = count < at
    store.close()
    return ended


def supply(top: Path, monkeypatch: pytest.MonkeyPatch) -> PowerSupply:
    power = PowerSupply(top)
    monkeypatch.setattr(_fs, "sync", power.sync)
    monkeypatch.setattr(_fs, "sync_folder", power.sync_folder)
    return power
