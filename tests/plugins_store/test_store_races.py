"""Processes and threads on one store at once. The reference keeps 41 of 400 tags here, and fails 109 times."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from store_processes import in_processes
from store_samples import Sample, assert_whole, build, leftovers, make_sample, stored

from toolhive_plugins_store import Store, StoreNotFoundError

PROCESSES = 8
BUILDS = 50
SHARED = b"one layer for all" * 20


def sample_for(worker: int, number: int) -> Sample:
    """Every build has documents of its own; every third shares its layer with others."""
    name = f"{worker}-{number}"
    return make_sample(name, layer=SHARED if number % 3 == 0 else None)


def build_many(worker: int, root: Path) -> None:
    with Store(root) as store:
        for number in range(BUILDS):
            sample = sample_for(worker, number)
            if number % 2:
                build(store, f"{worker}-{number}", sample)
            else:
                sample.put(store)
                store.tag(sample.digest, f"{worker}-{number}")
            assert store.get_manifest(store.resolve(f"{worker}-{number}")) == sample.index


def test_eight_processes_keep_all_of_400_builds(root: Path) -> None:
    in_processes(build_many, PROCESSES, root)
    expected = {f"{w}-{n}": sample_for(w, n) for w in range(PROCESSES) for n in range(BUILDS)}
    assert len(expected) == 400
    assert_whole(root, expected)
    with Store(root) as store:
        assert store.list_tags() == sorted(expected)
        assert store.check() == ()
        assert store.gc(grace=0).blobs == ()
    assert leftovers(root) == []


def build_and_delete(worker: int, root: Path) -> None:
    """Build what another one deletes, sweep, and read what is there; nothing that a tag stands for is ever missing."""
    with Store(root) as store:
        kept = make_sample(f"kept {worker}", layer=SHARED)
        build(store, f"kept-{worker}", kept)
        for number in range(12):
            pair = worker // 2
            sample = make_sample(f"pair {pair}", layer=SHARED)
            build(store, f"{pair}-{worker}", sample)
            for digest, data in sample.blobs.items():
                assert store.get_blob(digest) == data
            store.delete_build(f"{pair}-{worker}")
            if number % 4 == worker % 4:
                store.gc(grace=0)
            assert store.get_manifest(store.resolve(f"kept-{worker}")) == kept.index
            assert store.get_blob(kept.layer_digest) == SHARED


def test_deleting_never_takes_what_another_process_is_building(root: Path) -> None:
    in_processes(build_and_delete, 4, root)
    expected = {f"kept-{worker}": make_sample(f"kept {worker}", layer=SHARED) for worker in range(4)}
    assert_whole(root, expected)
    with Store(root) as store:
        store.gc(grace=0)
        assert store.check() == ()
    assert stored(root) == {digest for sample in expected.values() for digest in sample.blobs}


@pytest.mark.parametrize("one_store", [True, False], ids=["one object", "an object each"])
def test_threads_of_one_process(root: Path, one_store: bool) -> None:
    shared = Store(root)
    gate = threading.Barrier(6)

    def work(worker: int) -> None:
        store = shared if one_store else Store(root)
        gate.wait()
        for number in range(8):
            tag = f"{worker}-{number}"
            sample = make_sample(tag, layer=SHARED)
            sample.put(store)
            store.tag(sample.digest, tag)
            assert tag in store.list_tags()
            assert tag in {entry.tag for entry in store.tags()}
            if number % 2:
                store.delete_build(tag)
                with pytest.raises(StoreNotFoundError):
                    store.resolve(tag)

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(work, worker) for worker in range(6)]:
            done.result()
    assert_whole(root, {f"{w}-{n}": make_sample(f"{w}-{n}", layer=SHARED) for w in range(6) for n in range(0, 8, 2)})
    assert shared.check() == ()
    shared.close()


def test_a_thread_that_lists_sees_no_transaction_half_done(root: Path) -> None:
    """Two tags, far apart in the list, always move together."""
    with Store(root) as store, ThreadPoolExecutor(1) as other:
        samples = [make_sample(name) for name in "xy"]
        with store.transaction() as transaction:
            for number in range(2000):
                transaction.tag(samples[0].put(transaction), f"b{number}")
            for tag in ("a", "c"):
                transaction.tag(samples[1].put(transaction), tag)

        def move() -> None:
            for number in range(60):
                with store.transaction() as transaction:
                    for tag in ("a", "c"):
                        transaction.tag(samples[number % 2].digest, tag)

        moving = other.submit(move)
        listed = 0
        while not moving.done() or not listed:
            found = {tag: digest for tag, digest, _ in store.tags()}
            assert len(found) == 2002
            assert found["a"] == found["c"]
            listed += 1
        moving.result()
