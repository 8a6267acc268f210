"""The power goes at each instant of an operation. What the store reported as done is there afterwards, and all is whole."""

from pathlib import Path

import pytest
from crash_injection import cut_power_after_another_took_over, cut_power_at_each_change, supply
from power_cut import PowerSupply, Tree, restore
from store_samples import blob_path, build, make_sample, read_index
from store_scenarios import SCENARIOS, Scenario

from toolhive_plugins_store import Store, _fs
from toolhive_plugins_store.index_keeper import IndexKeeper
from toolhive_plugins_store.layout import Layout


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_power_cut_at_any_instant(scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_power_at_each_change(scenario, scratch, monkeypatch)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_power_cut_after_another_took_up_what_was_cut_short(
    scenario: Scenario, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_power_after_another_took_over(scenario, scratch, monkeypatch)


def test_a_power_cut_while_a_large_index_is_patched(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spare is changed in place, and never the index itself."""
    top = scratch / "disk"
    root = top / "store"
    with Store(root) as store:
        sample = build(store, "first")
        (first,) = IndexKeeper(Layout(root)).load().entries.values()
        many = b",".join(first.with_tag(f"many-{n}", local_build=False).raw for n in range(400))
        index = root / "index.json"
        index.write_bytes(index.read_bytes().replace(b"]}", b"," + many + b"]}"))
        store.tag(sample.digest, "second")
        store.tag(sample.digest, "third")
        power = supply(top, monkeypatch)
        cuts: list[tuple[int, Tree]] = []
        patched: list[str] = []
        done = 0

        def watch(operation: str, path: str) -> None:
            if operation == "write" and path.endswith("index.patch"):
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
