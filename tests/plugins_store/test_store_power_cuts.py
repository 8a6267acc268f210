"""The power goes at each instant of an operation. What the store reported as done is there afterwards, and all is whole."""

import contextlib
import errno
import shutil
from pathlib import Path

import pytest
from power_cut import PowerSupply, Tree, restore
from store_samples import blob_path, build, make_sample, read_index
from store_scenarios import SCENARIOS, Scenario

from toolhive_plugins_store import Store, StoreError, _fs
from toolhive_plugins_store.index_file import new_entry


def supply(top: Path, monkeypatch: pytest.MonkeyPatch) -> PowerSupply:
    power = PowerSupply(top)
    monkeypatch.setattr(_fs, "sync", power.sync)
    monkeypatch.setattr(_fs, "sync_folder", power.sync_folder)
    return power


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_power_cut_at_any_instant(scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_power_cut_after_another_took_up_what_was_cut_short(
    scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_power_cut_while_a_large_index_is_patched(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spare is changed in place, and never the index itself."""
    top = scratch / "disk"
    root = top / "store"
    with Store(root) as store:
        sample = build(store, "first")
        descriptor = store.tags()[0].descriptor
        many = b",".join(new_entry(descriptor, f"many-{n}", local_build=False).raw for n in range(400))
        index = root / "index.json"
        index.write_bytes(index.read_bytes().replace(b"]}", b"," + many + b"]}"))
        store.tag(sample.digest, "second")
        store.tag(sample.digest, "third")
        power = supply(top, monkeypatch)
        cuts: list[tuple[int, Tree]] = []
        patched: list[str] = []
        done = 0

        def watch(operation: str, path: str) -> None:
            if operation == "write" and path.endswith("index.spare"):
                patched.append(path)
            cuts.extend((done, power.cut(names)) for names in ("old", "new"))
            power.watch(operation, path)

        _fs.watcher = watch
        for number in range(3):
            store.tag(sample.digest, f"new-{number}")
            done = number + 1
            cuts.extend((done, power.cut(names)) for names in ("old", "new"))
        _fs.watcher = None
    monkeypatch.undo()
    assert len(patched) == 3
    for number, (count, tree) in enumerate(cuts):
        target = scratch / f"after-{number}"
        restore(tree, top, target)
        assert len(read_index(target / "store")["manifests"]) in (403 + count, 404 + count)
        with Store(target / "store") as store:
            assert {f"new-{n}" for n in range(count)} <= set(store.list_tags())
            assert store.check() == ()


def test_the_model_loses_what_was_not_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the flushes the same test finds damage; so it can."""
    top = tmp_path / "disk"
    root = top / "store"
    with Store(root) as store:
        build(store, "kept")
    power = PowerSupply(top)
    _fs.watcher = power.watch
    monkeypatch.setattr(_fs, "sync", lambda file, path: None)
    monkeypatch.setattr(_fs, "sync_folder", lambda path: None)
    sample = make_sample("a")
    with Store(root) as store:
        build(store, "a", sample)
        restore(power.cut("new"), top, tmp_path / "new")
        restore(power.cut("old"), top, tmp_path / "old")
    monkeypatch.undo()
    _fs.watcher = None
    assert blob_path(tmp_path / "new" / "store", sample.digest).read_bytes() != sample.index
    assert not blob_path(tmp_path / "old" / "store", sample.digest).exists()
    with Store(tmp_path / "new" / "store") as store:
        assert store.check() != ()
