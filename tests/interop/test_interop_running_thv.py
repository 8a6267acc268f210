"""toolhive-core keeps its store open, as a running thv does, while we use the same one. Neither loses a tag."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_folders import make_plugin

from toolhive_artifact import Digest
from toolhive_core import ToolhiveCore, running_toolhive_core
from toolhive_plugins_interfaces import PackageOptions
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store, Tag

SECONDS = 60.0 if os.environ.get("TOOLHIVE_STRESS") == "long" else 4.0


@pytest.fixture
def thv() -> Iterator[ToolhiveCore]:
    with running_toolhive_core() as running:
        yield running


def build(store: Store, directory: Path, tag: str) -> Digest:
    """Package a plugin and tag it, as the command does."""
    made = Packager(store).package(directory, PackageOptions(epoch=0))
    store.tag(made.index_digest, tag, local_build=True)
    return made.index_digest


def thv_builds(thv: ToolhiveCore, root: Path, directory: Path, tag: str) -> Digest:
    made = thv.package(directory, root)
    thv.tag(root, made.index_digest, tag, local_build=True)
    return made.index_digest


def reopened(root: Path) -> list[str]:
    """Return the tags that thv sees after a restart."""
    with running_toolhive_core() as again:
        again.open(root)
        return sorted(again.tags(root))


def test_thv_opens_the_store_and_we_tag_first(thv: ToolhiveCore, store: Store, tmp_path: Path) -> None:
    thv_builds(thv, store.root, make_plugin(tmp_path / "early", name="early"), "early")
    ours = build(store, make_plugin(tmp_path / "ours", name="ours"), "ours")
    theirs = thv_builds(thv, store.root, make_plugin(tmp_path / "theirs", name="theirs"), "theirs")
    assert "ours" not in reopened(store.root)  # thv wrote what it had in memory
    assert store.list_tags() == ["early", "ours", "theirs"]
    assert store.resolve("ours") == ours
    assert store.gc(grace=0).blobs == ()
    assert reopened(store.root) == ["early", "ours", "theirs"]
    assert store.resolve("theirs") == theirs
    assert store.check() == ()


def test_we_tag_before_thv_opens_the_store_and_again_after_it(thv: ToolhiveCore, store: Store, tmp_path: Path) -> None:
    first = make_plugin(tmp_path / "first", name="first")
    build(store, first, "first")
    build(store, first, "moved")
    thv.open(store.root)
    second = build(store, make_plugin(tmp_path / "second", name="second"), "moved")
    build(store, make_plugin(tmp_path / "new", name="new"), "new")
    store.delete_build("first")
    thv_builds(thv, store.root, make_plugin(tmp_path / "theirs", name="theirs"), "theirs")
    assert reopened(store.root) == ["first", "moved", "theirs"]
    assert store.list_tags() == ["moved", "new", "theirs"]
    assert store.resolve("moved") == second
    store.gc(grace=0)
    assert reopened(store.root) == ["moved", "new", "theirs"]
    assert store.check() == ()


def test_a_tag_that_thv_takes_over_is_thvs_and_ours_is_kept(thv: ToolhiveCore, store: Store, tmp_path: Path) -> None:
    thv.open(store.root)
    ours = build(store, make_plugin(tmp_path / "ours", name="ours"), "plugin")
    theirs = thv_builds(thv, store.root, make_plugin(tmp_path / "theirs", name="theirs"), "plugin")
    assert store.resolve("plugin") == theirs
    assert store.displaced() == (Tag("plugin", ours, local_build=True),)
    store.gc(grace=0)
    assert store.get_index(ours)
    assert store.check() == ()


def test_a_build_that_thv_deletes_is_not_brought_back(thv: ToolhiveCore, store: Store, tmp_path: Path) -> None:
    build(store, make_plugin(tmp_path / "ours", name="ours"), "ours")
    thv.open(store.root)
    thv.delete_build(store.root, "ours")
    assert store.list_tags() == []


def test_both_write_at_once(thv: ToolhiveCore, store: Store, tmp_path: Path) -> None:
    """Each as fast as it can, with builds of its own; no tag of either is missing once thv has closed the store."""
    ours = make_plugin(tmp_path / "ours", name="ours")
    theirs = make_plugin(tmp_path / "theirs", name="theirs")
    thv_builds(thv, store.root, theirs, "theirs-0")
    by_thv = ["theirs-0"]
    failures: list[BaseException] = []
    end = time.monotonic() + SECONDS

    def write_as_thv() -> None:
        try:
            while time.monotonic() < end:
                (theirs / "README.md").write_text(f"{len(by_thv) // 4}\n")
                tag = f"theirs-{len(by_thv)}"
                thv_builds(thv, store.root, theirs, tag)
                by_thv.append(tag)
        except BaseException as error:
            failures.append(error)
            raise

    thread = threading.Thread(target=write_as_thv)
    thread.start()
    by_us: list[str] = []
    deleted: list[str] = []
    try:
        while time.monotonic() < end:
            (ours / "README.md").write_text(f"{len(by_us)}\n")
            tag = f"ours-{len(by_us) + len(deleted)}"
            build(store, ours, tag)
            by_us.append(tag)
            assert store.resolve(tag)
            if (len(by_us) + len(deleted)) % 5 == 0:
                deleted.append(by_us.pop(-3))
                store.delete_build(deleted[-1])
    finally:
        thread.join()
    assert not failures
    print(f"{SECONDS:g} seconds: {len(by_us)} tags of ours kept, {len(deleted)} deleted, {len(by_thv)} of thv")
    assert set(store.list_tags()) == {*by_us, *by_thv}
    with Store(store.root) as reader:
        assert set(reader.list_tags()) == {*by_us, *by_thv}
    store.gc(grace=0)
    assert set(reopened(store.root)) == {*by_us, *by_thv}
    assert store.check() == ()
