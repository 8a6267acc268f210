"""Large indexes: the spare is patched instead of writing all anew, and nobody ever sees a torn one."""

import os
import sys
from pathlib import Path

import pytest
from store_samples import read_index, tags_on_disk

from toolhive_artifact import Descriptor, Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import IndexFile
from toolhive_plugins_store.index_keeper import IndexKeeper
from toolhive_plugins_store.layout import EMPTY_INDEX, Layout

MANY = 600  # entries, of some 200 bytes each: beyond the size from which the spare is used
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whether somebody has a file open")


def entry(tag: str) -> IndexEntry:
    return IndexEntry.of(Descriptor("application/x", Digest.of(tag.encode()), len(tag)), tag, local_build=True)


@pytest.fixture
def layout(root: Path) -> Layout:
    (root / ".toolhive").mkdir(parents=True)
    (root / "index.json").write_bytes(EMPTY_INDEX)
    return Layout(root)


@pytest.fixture
def written(layout: Layout) -> IndexKeeper:
    """A keeper that has written an index of many entries, and one more."""
    keeper = IndexKeeper(layout)
    keeper.change(lambda _: ({}, [entry(f"tag-{n}") for n in range(MANY)]))
    keeper.change(lambda _: ({}, [entry("one more")]))
    return keeper


def add(keeper: IndexKeeper, tag: str) -> list[tuple[str, str]]:
    """Add a tag; return the disk-changing calls that it took."""
    calls: list[tuple[str, str]] = []
    _fs.watcher = lambda operation, path: calls.append((operation, Path(path).name))
    keeper.change(lambda _: ({}, [entry(tag)]))
    _fs.watcher = None
    return calls


def check(layout: Layout, tags: int) -> None:
    """Check that the index on the disk is what a fresh reader and Python's own decoder read."""
    assert len(tags_on_disk(layout.root)) == tags
    assert len(IndexKeeper(layout).load().by_tag) == tags
    assert list(read_index(layout.root)) == ["schemaVersion", "mediaType", "manifests"]


@on_linux
def test_a_large_index_is_patched(layout: Layout, written: IndexKeeper) -> None:
    for number in range(5):
        calls = add(written, f"new-{number}")
        assert ("write", "index.patch") in calls
        assert ("write", "index.new") not in calls
        check(layout, MANY + 2 + number)


@on_linux
def test_a_small_index_is_written_whole(layout: Layout) -> None:
    keeper = IndexKeeper(layout)
    for number in range(5):
        assert ("write", "index.new") in add(keeper, f"new-{number}")
        check(layout, number + 1)


@on_linux
def test_who_still_reads_the_old_index_reads_it_to_the_end(layout: Layout, written: IndexKeeper) -> None:
    """A reader opens index.json; then it is replaced, and its inode becomes the spare. While the reader has it open it
    is not touched, and the next changes are written to new files."""
    old = Path(layout.index).read_bytes()
    with Path(layout.index).open("rb") as reader:
        beginning = reader.read(1000)
        add(written, "first")
        assert ("write", "index.new") in add(written, "second")
        add(written, "third")
        assert beginning + reader.read() == old
    check(layout, MANY + 4)


@on_linux
def test_the_spare_is_not_patched_where_another_process_made_it(layout: Layout, written: IndexKeeper) -> None:
    assert ("write", "index.new") in add(IndexKeeper(layout), "from another")
    assert ("write", "index.new") in add(written, "from this one")
    assert ("write", "index.patch") in add(written, "from this one again")
    check(layout, MANY + 4)


@pytest.mark.parametrize("harm", ["removed", "other content", "linked", "a link", "a folder"])
def test_a_spare_that_is_not_what_it_was_is_not_patched(layout: Layout, written: IndexKeeper, harm: str) -> None:
    spare = Path(layout.index_spare)
    text = spare.read_bytes()
    if harm == "linked":
        os.link(spare, spare.with_name("other"))
    else:
        spare.unlink()
        if harm == "other content":
            spare.write_bytes(text[::-1])
        elif harm == "a link":
            (layout.root / "victim").write_bytes(text)
            spare.symlink_to(layout.root / "victim")
        elif harm == "a folder":
            spare.mkdir()
    if harm == "a folder":
        spare.rmdir()  # a rename onto a folder fails; the store never makes one there
    assert ("write", "index.new") in add(written, "new")
    check(layout, MANY + 2)
    if harm == "a link":
        assert (layout.root / "victim").read_bytes() == text


def test_without_hard_links_all_is_written_each_time(
    layout: Layout, written: IndexKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    add(written, "uses the spare up")
    for number in range(3):
        assert ("write", "index.new") in add(written, f"new-{number}")
    check(layout, MANY + 5)


def test_changes_in_the_middle(layout: Layout, written: IndexKeeper) -> None:
    for number in (MANY // 2, MANY - 1, MANY // 2 + 1, 0):
        key = written.load().by_tag[f"tag-{number}"]
        written.change(lambda _, key=key: ({key: None}, ()))  # type: ignore[misc]
    written.change(lambda file: ({file.by_tag["tag-1"]: entry("renamed to something longer")}, [entry("x")]))
    check(layout, MANY - 2)
    tags = tags_on_disk(layout.root)
    assert "renamed to something longer" in tags
    assert not {"tag-0", "tag-1", f"tag-{MANY // 2}"} & tags.keys()


def test_a_change_by_another_program_is_seen(layout: Layout, written: IndexKeeper) -> None:
    text = Path(layout.index).read_bytes()
    Path(layout.index).write_bytes(text.replace(b"tag-17", b"tag_17"))  # in place, of the same size
    assert "tag_17" in written.load().by_tag
    add(written, "new")
    check(layout, MANY + 2)
    assert "tag_17" in tags_on_disk(layout.root)


def test_a_plan_that_changes_nothing_writes_nothing(layout: Layout, written: IndexKeeper) -> None:
    before = Path(layout.index).stat()
    written.change(lambda _: ({}, ()))
    assert Path(layout.index).stat() == before


def test_an_index_that_keeps_changing_is_written_in_the_end(layout: Layout) -> None:
    keeper = IndexKeeper(layout)
    Path(layout.sha256).mkdir(parents=True)
    Path(layout.blob(Digest.of(b"a"))).write_bytes(b"a")
    writes: list[int] = []

    def restless(operation: str, path: str) -> None:
        if operation == "fsync" and path == layout.index_new:
            writes.append(1)
            Path(layout.index).write_bytes(EMPTY_INDEX + b" " * len(writes))

    _fs.watcher = restless
    keeper.change(lambda _: ({}, [entry("a")]))
    assert 1 < len(writes) < 50
    check(layout, 1)


def test_the_file_is_an_index_at_every_step(layout: Layout, written: IndexKeeper) -> None:
    seen: set[int] = set()

    def look(operation: str, path: str) -> None:
        seen.add(len(read_index(layout.root)["manifests"]))

    _fs.watcher = look
    for number in range(3):
        written.change(lambda file, number=number: ({file.by_tag[f"tag-{number}"]: None}, [entry(f"new-{number}")]))  # type: ignore[misc]
    _fs.watcher = None
    assert seen == {MANY + 1}


def test_a_file_of_the_index_from_nothing(layout: Layout) -> None:
    file = IndexFile(b"[", [], b"]")
    assert file.size == 2
