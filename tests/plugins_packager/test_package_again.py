"""A plugin that has not changed is not compressed again, and one that has is never taken for what it was."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toolhive_artifact import compress_chunks
from toolhive_plugins_content.plugin_directory import open_plugin_directory
from toolhive_plugins_interfaces import PackageOptions, PackageResult
from toolhive_plugins_packager import Packager
from toolhive_plugins_packager.layer_cache import layer_key
from toolhive_plugins_store import Store

BIG = bytes(range(256)) * 8192
"""More than one piece."""


@pytest.fixture(params=[b"small", BIG], ids=["one piece", "many pieces"])
def big_or_small(request: pytest.FixtureRequest, plugin: Path) -> Path:
    """A plugin whose layer is one piece, and one whose layer is several."""
    (plugin / ".claude-plugin").mkdir(parents=True)
    (plugin / ".claude-plugin/plugin.json").write_text('{"name": "again"}')
    (plugin / "content.bin").write_bytes(request.param)
    return plugin


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def compressions(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Returns how often something was compressed since it was last asked."""
    begun: list[None] = []

    def counting(chunks: Iterable[bytes], *, epoch: int, workers: int | None) -> Iterator[bytes]:
        begun.append(None)
        return compress_chunks(chunks, epoch=epoch, workers=workers)

    monkeypatch.setattr("toolhive_plugins_packager.packager.compress_chunks", counting)

    def count() -> int:
        counted = len(begun)
        begun.clear()
        return counted

    return count


def build(store: Store, plugin: Path, epoch: int = 0) -> PackageResult:
    return Packager(Store(store.root)).package(str(plugin), PackageOptions(epoch=epoch))


def layer_path(store: Store, built: PackageResult) -> Path:
    return store.root / "blobs/sha256" / built.layer_digest.encoded


def test_what_has_not_changed_is_not_compressed_again(
    store: Store, big_or_small: Path, compressions: Callable[[], int]
) -> None:
    first = build(store, big_or_small)
    assert compressions() == 1
    assert build(store, big_or_small) == first
    assert compressions() == 0


def test_nothing_is_written_again(store: Store, big_or_small: Path) -> None:
    built = build(store, big_or_small)
    before = {path: path.stat().st_ino for path in (store.root / "blobs/sha256").iterdir()}
    build(store, big_or_small)
    assert {path: path.stat().st_ino for path in (store.root / "blobs/sha256").iterdir()} == before
    assert layer_path(store, built) in before


def test_the_times_of_files_do_not_matter(store: Store, big_or_small: Path, compressions: Callable[[], int]) -> None:
    first = build(store, big_or_small)
    compressions()
    os.utime(big_or_small / "content.bin", (1, 1))
    assert build(store, big_or_small) == first
    assert compressions() == 0


def test_a_change_that_keeps_size_and_times_is_seen(store: Store, big_or_small: Path) -> None:
    first = build(store, big_or_small)
    file = big_or_small / "content.bin"
    status = file.stat()
    file.write_bytes(file.read_bytes()[::-1])
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed = build(store, big_or_small)
    assert changed.diff_id != first.diff_id
    assert changed.layer_digest != first.layer_digest


@pytest.mark.parametrize("change", ["epoch", "mode", "name"])
def test_what_else_the_layer_depends_on_is_seen(store: Store, big_or_small: Path, change: str) -> None:
    first = build(store, big_or_small)
    if change == "mode":
        (big_or_small / "content.bin").chmod(0o755)
    elif change == "name":
        (big_or_small / "content.bin").rename(big_or_small / "renamed.bin")
    assert build(store, big_or_small, epoch=int(change == "epoch")).layer_digest != first.layer_digest


def test_a_layer_that_is_gone_is_made_again(store: Store, big_or_small: Path, compressions: Callable[[], int]) -> None:
    first = build(store, big_or_small)
    compressions()
    layer_path(store, first).unlink()
    assert build(store, big_or_small) == first
    assert compressions() == 1
    assert layer_path(store, first).exists()


def test_a_layer_that_was_cut_short_is_made_again(store: Store, big_or_small: Path) -> None:
    first = build(store, big_or_small)
    path = layer_path(store, first)
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1])
    assert build(store, big_or_small) == first
    assert path.read_bytes() == content


def test_a_small_layer_that_has_rotted_is_made_again(store: Store, plugin: Path) -> None:
    (plugin / ".claude-plugin").mkdir(parents=True)
    (plugin / ".claude-plugin/plugin.json").write_text('{"name": "rotten"}')
    first = build(store, plugin)
    path = layer_path(store, first)
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(bytes(len(content)))
    assert build(store, plugin) == first
    assert path.read_bytes() == content


@pytest.mark.parametrize("note", ["nonsense", "sha256:0 sha256:0 1", "x" * 1024])
def test_a_malformed_cache_entry_is_ignored(store: Store, big_or_small: Path, note: str) -> None:
    first = build(store, big_or_small)
    with open_plugin_directory(str(big_or_small)) as opened:
        store.remember(layer_key(opened.files.values(), 0), note)
    assert build(store, big_or_small) == first


def test_a_store_without_a_cache_gives_the_same_digests(store: Store, big_or_small: Path, tmp_path: Path) -> None:
    build(store, big_or_small)
    again = build(store, big_or_small)
    assert build(Store(tmp_path / "other"), big_or_small) == again


def test_one_packager_packages_for_several_threads_at_once(store: Store, tmp_path: Path) -> None:
    folders = []
    for number in range(12):
        manifest = tmp_path / f"plugin-{number}/.claude-plugin/plugin.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text(json.dumps({"name": f"plugin-{number}", "description": "x" * number}))
        folders.append(str(manifest.parents[1]))
    alone = [Packager(Store(tmp_path / "alone")).package(folder, PackageOptions(epoch=0)) for folder in folders]
    packager = Packager(store)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda folder: packager.package(folder, PackageOptions(epoch=0)), folders))
    assert [built.index_digest for built in together] == [built.index_digest for built in alone]
    assert not store.check()
