"""A program that takes no lock keeps the store open: it read index.json once, and writes it whole, from memory.

`OrasGoStore` does what oras-go does, and so thv. No tag of either is lost, whoever writes first.
"""

import os
import threading
from pathlib import Path

import pytest
from store_samples import (
    LOCAL_BUILD,
    OrasGoStore,
    assert_whole,
    blob_path,
    build,
    entries,
    make_sample,
    stored,
    tags_on_disk,
)

from toolhive_artifact import Digest
from toolhive_plugins_store import Notice, NoticeKind, Store, StoreNotFoundError, Tag, _fs
from toolhive_plugins_store.journal import Journal
from toolhive_plugins_store.layout import Layout

HOUR = 3600


@pytest.fixture
def thv(root: Path) -> OrasGoStore:
    """A program that opened the store while it held one build of its own."""
    thv = OrasGoStore(root)
    thv.tag(make_sample("early").put(thv), "early")
    return thv


def by_thv(thv: OrasGoStore, tag: str) -> Digest:
    digest = make_sample(tag).put(thv)
    thv.tag(digest, tag)
    return digest


def journal_of(root: Path) -> Path:
    return root / ".toolhive" / "journal"


def test_a_tag_that_thv_never_saw_comes_back(thv: OrasGoStore, store: Store, root: Path) -> None:
    sample = build(store, "ours")
    by_thv(thv, "theirs")
    assert set(tags_on_disk(root)) == {"early", "theirs"}
    assert store.list_tags() == ["early", "ours", "theirs"]
    assert store.resolve("ours") == sample.digest


def test_a_reader_writes_nothing_and_takes_no_lock(thv: OrasGoStore, store: Store, root: Path) -> None:
    build(store, "ours")
    by_thv(thv, "theirs")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    calls: list[str] = []
    _fs.watcher = lambda operation, path: calls.append(operation)
    with Store(root) as reader:
        assert reader.list_tags() == ["early", "ours", "theirs"]
        assert reader.resolve("ours")
        assert reader.check() == ()
    assert calls == []
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_the_next_writer_writes_what_was_lost(thv: OrasGoStore, store: Store, root: Path) -> None:
    ours = make_sample("ours")
    with store.transaction() as transaction:
        transaction.tag(ours.put(transaction), "ours", local_build=True)
    by_thv(thv, "theirs")
    build(store, "later")
    assert set(tags_on_disk(root)) == {"early", "later", "ours", "theirs"}
    assert {tag.tag for tag in store.tags() if tag.local_build} == {"ours"}
    assert_whole(root, {tag: make_sample(tag) for tag in tags_on_disk(root)})


def test_gc_writes_it_too_and_keeps_the_content(thv: OrasGoStore, store: Store, root: Path) -> None:
    sample = build(store, "ours")
    store.close()
    by_thv(thv, "theirs")
    assert store.gc(grace=0).blobs == ()
    assert_whole(root, {"ours": sample, "theirs": make_sample("theirs")})


def test_thv_sees_our_tags_once_it_opens_the_store_again(thv: OrasGoStore, store: Store, root: Path) -> None:
    build(store, "ours")
    by_thv(thv, "theirs")
    build(store, "later")
    assert {"ours", "later", "theirs"} <= OrasGoStore(root).by_reference.keys()


def test_it_goes_on_for_as_long_as_thv_runs(thv: OrasGoStore, root: Path) -> None:
    for number in range(5):
        with Store(root) as store:
            build(store, f"ours-{number}")
        by_thv(thv, f"theirs-{number}")
    with Store(root) as store:
        expected = {"early", *(f"{who}-{n}" for who in ("ours", "theirs") for n in range(5))}
        assert set(store.list_tags()) == expected
        store.gc(grace=0)
        assert set(tags_on_disk(root)) == expected
        assert store.check() == ()


def test_a_tag_that_thv_has_as_it_was_before_is_ours_again(store: Store, root: Path) -> None:
    build(store, "a", make_sample("first"))
    thv = OrasGoStore(root)
    build(store, "a", make_sample("second"))
    third = build(store, "a", make_sample("third"))
    by_thv(thv, "theirs")
    assert tags_on_disk(root)["a"] == make_sample("first").digest
    assert store.resolve("a") == third.digest
    assert store.displaced() == ()
    build(store, "b")
    assert tags_on_disk(root)["a"] == third.digest


def test_thvs_own_tag_that_we_took_over_stays_ours(thv: OrasGoStore, store: Store) -> None:
    ours = build(store, "early", make_sample("rebuilt"))
    by_thv(thv, "theirs")
    assert store.resolve("early") == ours.digest


def test_a_tag_that_thv_gave_to_something_else_is_thvs_and_ours_is_kept(
    thv: OrasGoStore, store: Store, root: Path
) -> None:
    ours = make_sample("ours")
    with store.transaction() as transaction:
        transaction.tag(ours.put(transaction), "a", local_build=True)
    store.close()
    theirs = make_sample("theirs")
    thv.tag(theirs.put(thv), "a")
    for _ in range(2):
        assert store.resolve("a") == theirs.digest
        assert store.displaced() == (Tag("a", ours.digest, local_build=True),)
        assert store.resolve(ours.digest) == ours.digest
        assert store.gc(grace=0).blobs == ()
        assert_whole(root, {"a": theirs})
        assert stored(root) >= set(ours.blobs)
    kept = [entry for entry in entries(root) if entry["digest"] == ours.digest]
    assert [entry.get("annotations") for entry in kept] == [{LOCAL_BUILD: "true"}]


def test_a_kept_build_is_deleted_by_its_digest(thv: OrasGoStore, store: Store, root: Path) -> None:
    ours = build(store, "a", make_sample("ours"))
    thv.tag(make_sample("theirs").put(thv), "a")
    store.delete_build(ours.digest)
    assert store.displaced() == ()
    assert store.resolve("a") == make_sample("theirs").digest
    assert not blob_path(root, ours.digest).exists()
    assert store.gc(grace=0).blobs == ()


def test_a_kept_build_outlives_the_deletion_of_its_other_tag(thv: OrasGoStore, store: Store, root: Path) -> None:
    ours = build(store, "a", make_sample("ours"))
    store.tag(ours.digest, "b")
    thv.tag(make_sample("theirs").put(thv), "a")
    store.delete_build("b")
    assert store.displaced() == (Tag("a", ours.digest, local_build=False),)
    assert stored(root) >= set(ours.blobs)


def test_tagging_again_settles_who_has_a_tag(thv: OrasGoStore, store: Store) -> None:
    ours = build(store, "a", make_sample("ours"))
    thv.tag(make_sample("theirs").put(thv), "a")
    store.tag(ours.digest, "a")
    assert store.displaced() == ()
    by_thv(thv, "other")
    assert store.resolve("a") == ours.digest


def test_a_deleted_build_that_comes_back_is_dropped_again(store: Store, root: Path) -> None:
    build(store, "a")
    thv = OrasGoStore(root)
    store.delete_build("a")
    by_thv(thv, "theirs")
    assert "a" in tags_on_disk(root)
    assert store.list_tags() == ["theirs"]
    with pytest.raises(StoreNotFoundError):
        store.resolve("a")
    build(store, "b")
    assert set(tags_on_disk(root)) == {"b", "theirs"}
    assert store.check() == ()


def test_a_deleted_tag_that_comes_back_is_dropped_again(store: Store, root: Path) -> None:
    sample = build(store, "a")
    thv = OrasGoStore(root)
    store.delete_tag("a")
    for number in range(2):
        by_thv(thv, f"theirs-{number}")
        assert "a" not in store.list_tags()
        store.gc(grace=0)
        assert "a" not in tags_on_disk(root)
    assert store.resolve(sample.digest)


def test_a_build_deleted_here_that_thv_pulls_again_is_thvs(thv: OrasGoStore, store: Store, root: Path) -> None:
    sample = build(store, "a")
    store.delete_build("a")
    thv.tag(sample.put(thv), "a")
    assert store.resolve("a") == sample.digest
    build(store, "b")
    assert_whole(root, {"a": sample})


def test_building_it_again_under_another_tag_does_not_bring_the_deleted_tag_back(store: Store, root: Path) -> None:
    sample = build(store, "a")
    thv = OrasGoStore(root)
    store.delete_build("a")
    build(store, "b", sample)
    by_thv(thv, "theirs")
    assert store.list_tags() == ["b", "theirs"]


def test_a_deleted_tag_that_thv_gives_to_something_else_is_thvs(store: Store, root: Path) -> None:
    build(store, "a")
    thv = OrasGoStore(root)
    store.delete_build("a")
    theirs = make_sample("theirs")
    thv.tag(theirs.put(thv), "a")
    assert store.resolve("a") == theirs.digest
    build(store, "b")
    assert store.resolve("a") == theirs.digest


def test_a_build_whose_content_thv_removed_is_told_once(thv: OrasGoStore, root: Path) -> None:
    notices: list[Notice] = []
    with Store(root, notify=notices.append) as store:
        sample = build(store, "ours")
        for digest in sample.blobs:
            blob_path(root, digest).unlink()
        by_thv(thv, "theirs")
        assert store.list_tags() == ["early", "theirs"]
        assert notices == []
        build(store, "b")
        build(store, "c")
        assert notices == [Notice(NoticeKind.REMOVED_ELSEWHERE, tag="ours", digest=sample.digest)]
        assert str(notices[0]) == f"ours ({sample.digest}) was removed by another program"
        assert store.check() == ()


@pytest.mark.parametrize("part", ["layer", "config", "manifest"])
def test_a_build_comes_back_only_if_all_of_it_is_there(thv: OrasGoStore, store: Store, root: Path, part: str) -> None:
    sample = build(store, "ours")
    data = {"layer": sample.layer, "config": sample.configs[1], "manifest": sample.manifests[1]}[part]
    blob_path(root, Digest.of(data)).unlink()
    by_thv(thv, "theirs")
    with Store(root) as store:
        assert store.list_tags() == ["early", "theirs"]


def test_a_damaged_build_neither_comes_back_nor_is_forgotten(thv: OrasGoStore, root: Path) -> None:
    notices: list[Notice] = []
    with Store(root, notify=notices.append) as store:
        sample = build(store, "ours")
    manifest = blob_path(root, Digest.of(sample.manifests[0]))
    manifest.chmod(0o644)
    manifest.write_bytes(b"x" * len(sample.manifests[0]))
    by_thv(thv, "theirs")
    with Store(root, notify=notices.append) as store:
        assert store.list_tags() == ["early", "theirs"]
        build(store, "b")
        assert notices == []
    manifest.write_bytes(sample.manifests[0])
    with Store(root) as store:
        assert store.resolve("ours") == sample.digest


def test_a_tag_that_thv_removed_comes_back_and_is_ended_by_deleting_it(store: Store, root: Path) -> None:
    build(store, "ours")
    thv = OrasGoStore(root)
    thv.untag("ours")
    assert "ours" in store.list_tags()
    store.delete_build("ours")
    assert store.list_tags() == []
    by_thv(thv, "theirs")
    assert store.list_tags() == ["theirs"]


# --- the journal's file ---


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"",
        b"junk",
        b"\x00" * 5000,
        b"toolhive-plugins journal 2 0000000020\nanything at all\n",
        b"toolhive-plugins journal 1 0000000037\n",
        b"toolhive-plugins journal 1 0000000037\n" + b"0" * 16 + b" end 0 0000000060 - - settled\n",
        b"toolhive-plugins journal 1 " + b"9" * 5000,
    ],
)
def test_a_journal_that_says_nothing_counts_as_empty(
    thv: OrasGoStore, store: Store, root: Path, text: bytes | None
) -> None:
    build(store, "before")
    if text is None:
        journal_of(root).unlink()
    else:
        journal_of(root).write_bytes(text)
    by_thv(thv, "theirs")
    assert store.list_tags() == ["early", "theirs"]
    build(store, "ours")
    by_thv(thv, "more")
    assert store.list_tags() == ["early", "more", "ours", "theirs"]
    assert store.check() == ()


@pytest.mark.parametrize("kind", ["a link", "a pipe"])
def test_something_else_in_place_of_the_journal_is_replaced(
    thv: OrasGoStore, store: Store, root: Path, kind: str
) -> None:
    build(store, "before")
    journal = journal_of(root)
    victim = root / "victim"
    victim.write_bytes(journal.read_bytes())
    journal.unlink()
    if kind == "a link":
        journal.symlink_to(victim)
    else:
        os.mkfifo(journal)
    before = victim.read_bytes()
    build(store, "ours")
    by_thv(thv, "theirs")
    assert store.list_tags() == ["early", "ours", "theirs"]
    assert victim.read_bytes() == before


@pytest.mark.parametrize("keep", [-1, -10, -100, 0])
def test_an_unfinished_group_does_not_count_and_the_rest_does(
    thv: OrasGoStore, store: Store, root: Path, keep: int
) -> None:
    build(store, "ours")
    whole = journal_of(root).read_bytes()
    build(store, "later")
    group = journal_of(root).read_bytes()[len(whole) :]
    journal_of(root).write_bytes(whole + (group[:keep] if keep else group.splitlines(keepends=True)[0]))
    by_thv(thv, "theirs")
    assert store.list_tags() == ["early", "ours", "theirs"]
    build(store, "last")
    by_thv(thv, "more")
    assert store.list_tags() == ["early", "last", "more", "ours", "theirs"]


def test_what_is_written_after_the_damage_counts(store: Store, root: Path) -> None:
    thv = OrasGoStore(root)
    for tag in ("a", "b", "c"):
        build(store, tag)
    data = bytearray(journal_of(root).read_bytes())
    data[data.index(b"tag ") + 10] ^= 1  # in the first line after the header
    journal_of(root).write_bytes(data)
    by_thv(thv, "theirs")
    assert store.list_tags() == ["b", "c", "theirs"]


def test_the_journal_does_not_grow_without_bound(store: Store, root: Path) -> None:
    samples = [make_sample(name) for name in "xy"]
    for sample in samples:
        sample.put(store)
    largest = 0
    for number in range(600):
        store.tag(samples[number % 2].digest, "ghcr.io/owner/name:" + "v" * 100)
        largest = max(largest, journal_of(root).stat().st_size)
    assert 64 * 1024 < largest < 70 * 1024
    assert journal_of(root).stat().st_size < 64 * 1024
    (note,) = Journal(Layout(root)).notes().values()
    assert note.entry is not None
    assert note.entry.digest == samples[1].digest
    assert set(note.past) == {sample.digest for sample in samples}


def test_a_copy_of_a_store_needs_nothing(store: Store, root: Path, tmp_path: Path) -> None:
    import shutil

    sample = build(store, "ours")
    store.close()
    shutil.copytree(root, tmp_path / "copy")
    with Store(tmp_path / "copy") as copy:
        assert copy.list_tags() == ["ours"]
        copy.delete_build("ours")
        assert not copy.has_blob(sample.digest)


# --- at the same moment ---


@pytest.mark.parametrize("operation", ["write", "fsync", "link", "rename"])
def test_a_write_at_any_moment_of_ours_is_kept(thv: OrasGoStore, store: Store, root: Path, operation: str) -> None:
    """At each of our changes in turn, in place, by the name that index.json has then."""
    at = 0
    while True:
        count, tag = 0, f"theirs-{at}"

        def write(done: str, path: str, at: int = at, tag: str = tag) -> None:
            nonlocal count
            if (done == operation and ".toolhive" in path) or path.endswith("index.json"):
                count += 1
                if count == at + 1:
                    by_thv(thv, tag)

        _fs.watcher = write
        build(store, f"ours-{at}")
        _fs.watcher = None
        if count <= at:
            break
        at += 1
        expected = {"early", *(f"{who}-{n}" for who in ("ours", "theirs") for n in range(at))}
        assert set(store.list_tags()) == expected
        with Store(root) as other:
            assert set(other.list_tags()) == expected
    assert at > 0
    store.gc(grace=0)
    assert_whole(root, {tag: make_sample(tag) for tag in store.list_tags()})
    assert store.check() == ()


class SlowWriter:
    """Sets a tag as oras-go does, but takes its time between opening index.json, emptying it and writing it."""

    def __init__(self, thv: OrasGoStore, tag: str) -> None:
        thv.by_reference[tag] = dict(thv.by_reference[make_sample(tag).digest])
        self.text = thv.text()
        self.file = (thv.root / "index.json").open("r+b")

    def empty(self) -> None:
        self.file.truncate(0)

    def finish(self) -> None:
        self.file.write(self.text)
        self.file.close()


def test_a_file_emptied_before_our_rename_and_written_after_it_is_read_again(
    thv: OrasGoStore, store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sample("theirs").put(thv)
    build(store, "first")
    slow = SlowWriter(thv, "theirs")
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        if not waited:
            slow.finish()
        waited.append(seconds)

    def empty(operation: str, path: str) -> None:
        if operation == "rename" and path.endswith("index.json"):
            _fs.watcher = None
            slow.empty()

    monkeypatch.setattr("toolhive_plugins_store.index_reader.time.sleep", sleep)
    _fs.watcher = empty
    build(store, "ours")
    assert waited
    assert set(tags_on_disk(root)) == {"early", "first", "ours", "theirs"}


def test_a_file_opened_before_our_rename_and_written_long_after_it_is_noticed(
    thv: OrasGoStore, store: Store, root: Path
) -> None:
    make_sample("theirs").put(thv)
    build(store, "first")
    slow = SlowWriter(thv, "theirs")
    build(store, "ours")
    slow.empty()
    slow.finish()
    assert "theirs" not in tags_on_disk(root)
    with Store(root) as reader:
        assert reader.list_tags() == ["early", "first", "ours", "theirs"]
    build(store, "later")
    assert set(tags_on_disk(root)) == {"early", "first", "later", "ours", "theirs"}


def test_a_writer_that_died_after_emptying_the_file_stops_nobody(
    thv: OrasGoStore, store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sample("theirs").put(thv)
    build(store, "first")
    slow = SlowWriter(thv, "theirs")

    def empty(operation: str, path: str) -> None:
        if operation == "rename" and path.endswith("index.json"):
            _fs.watcher = None
            slow.empty()
            os.utime(slow.file.fileno(), (0, 0))

    _fs.watcher = empty
    build(store, "ours")
    _fs.watcher = None
    slow.file.close()
    assert store.list_tags() == ["early", "first", "ours"]
    build(store, "later")
    assert set(tags_on_disk(root)) == {"early", "first", "later", "ours"}


def test_both_write_at_once(root: Path) -> None:
    """In two threads, each with content of its own; the other program opens the store first."""
    thv = OrasGoStore(root)
    count = 40

    def write() -> None:
        for number in range(count):
            by_thv(thv, f"theirs-{number}")

    thread = threading.Thread(target=write)
    thread.start()
    with Store(root) as store:
        for number in range(count):
            build(store, f"ours-{number}")
        thread.join()
        expected = {f"{who}-{n}" for who in ("ours", "theirs") for n in range(count)}
        assert set(store.list_tags()) == expected
        build(store, "last")
        assert set(tags_on_disk(root)) == expected | {"last"}
        assert store.check() == ()
