"""The store under stress. Some seconds of it here; the long form is `TOOLHIVE_STRESS=long` (docs/reliability.md)."""

import errno
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_samples import assert_whole, build, leftovers, make_sample, read_index, stored, tags_on_disk
from store_stress import LONG, SCALE, SEED, Player, in_processes, play, player_to_be_killed, sample, write_both_ways

from toolhive_plugins_store import Store, StoreIOError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_everything_at_once_loses_nothing(root: Path, tmp_path: Path) -> None:
    """Processes of two threads each build, tag, take over, delete, sweep, read and check, at random."""
    ledgers = tmp_path / "ledgers"
    ledgers.mkdir()
    in_processes(play, SCALE.processes, str(root), str(ledgers), SCALE.steps, SEED)
    expected = {
        tag: sample(name) for ledger in ledgers.iterdir() for tag, name in json.loads(ledger.read_text()).items()
    }
    assert len(list(ledgers.iterdir())) == 2 * SCALE.processes
    assert tags_on_disk(root).keys() == expected.keys()
    assert_whole(root, expected)
    with Store(root) as store:
        assert store.check() == ()
        for entry in read_index(root)["manifests"]:
            if "org.opencontainers.image.ref.name" not in entry.get("annotations", {}):
                store.delete_build(entry["digest"])
        store.gc(grace=0)
    assert stored(root) == {digest for one in expected.values() for digest in one.blobs}
    assert leftovers(root) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
def test_kills_at_random_instants_lose_nothing(root: Path) -> None:
    """A process that builds, tags, deletes and sweeps is killed at a random instant, many times over, in one store."""
    chance = random.Random(SEED)
    kept = make_sample("kept")
    with Store(root) as store:
        build(store, "kept", kept)
    for number in range(SCALE.kills):
        known: dict[str, str] = {}
        with player_to_be_killed(root, number) as (child, pipe):
            # An instant, not a state: the wait is what is random here.
            told = b""
            if select.select([pipe], [], [], 30)[0]:
                told += os.read(pipe, 1 << 16)
            select.select([], [], [], chance.uniform(0, 0.06))
            os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
            assert os.WIFSIGNALED(status), "the child failed on its own"
            while part := os.read(pipe, 1 << 16):
                told += part
        lines = told.splitlines(keepends=True)
        known = json.loads([line for line in lines if line.endswith(b"\n")][-1])
        with Store(root) as store:
            assert store.check() == (), f"kill {number}"
            # What was under way when the kill came concerned one tag at most.
            lost = [tag for tag, name in known.items() if tags_on_disk(root).get(tag) != sample(name).digest]
            assert len(lost) <= 1, f"kill {number}"
            assert_whole(root, {"kept": kept} | {tag: sample(known[tag]) for tag in known.keys() - set(lost)})
            store.gc()
            assert leftovers(root) == [], f"kill {number}"
            for tag in store.list_tags():
                if tag != "kept":
                    store.delete_build(tag)
            store.gc(grace=0)
            assert store.check() == ()
        if number % 10 == 0:
            with Store(root) as store:
                Player(store, "survivor", number).build()
                store.delete_build(store.list_tags()[-1])


def test_a_program_that_takes_no_lock(root: Path) -> None:
    """oras-go rewrites index.json from its own memory, in place. Promised: index.json is always read; each tag that is
    listed is whole; no content is lost, so that a tag of ours which it dropped can be given again."""
    count = 400 if LONG else 40
    with Store(root) as store:
        build(store, "ours-0", sample("ours-0"))
    in_processes(write_both_ways, 2, str(root), count)
    everything = {f"{who}-{n}": sample(f"{who}-{n}") for who in ("go", "ours") for n in range(count)}
    with Store(root) as store:
        listed = store.list_tags()
        assert_whole(root, {tag: everything[tag] for tag in listed})
        assert {f"go-{count - 1}"} <= set(listed)
        assert store.check() == ()
        for tag, one in everything.items():
            assert all(store.get_blob(digest) == data for digest, data in one.blobs.items()), tag
            store.tag(one.digest, tag)
        assert store.list_tags() == sorted(everything)
        assert store.gc(grace=0).blobs == ()
        assert store.check() == ()
    assert_whole(root, everything)


# --- real disks ---


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mount small file systems, as only root may."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount, on Linux")
    mounts: list[Path] = []

    def mount(*options: str, at: Path | None = None) -> Path:
        folder = at or tmp_path / f"disk{len(mounts)}"
        folder.mkdir(parents=True)
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
        mounts.append(folder)
        return folder

    yield mount
    for folder in mounts:
        subprocess.run(["umount", str(folder)], check=True)


def needed(program: str) -> str:
    """Return the path of a program; skip the test where it is not installed, but not in CI, which installs it."""
    path = shutil.which(program)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return path


def test_a_full_disk(mounted: Callable[..., Path]) -> None:
    """Build until nothing fits; whatever step it fails at, all builds that were reported are there."""
    disk = mounted("-t", "tmpfs", "-o", "size=1m,nr_inodes=4k", "tmpfs")
    root = disk / "store"
    sizes = random.Random(SEED)
    built: dict[str, int] = {}
    with Store(root) as store:
        full = 0
        for number in range(400):
            tag, size = f"t{number}", sizes.choice([500, 5_000, 40_000])
            try:
                build(store, tag, make_sample(tag, size=size))
                built[tag] = size
            except StoreIOError as error:
                assert error.errno == errno.ENOSPC
                assert error.where.startswith(str(root))
                assert "Free some space" in str(error)
                full += 1
                assert store.check() == ()
                assert store.list_tags() == sorted(built)
                if full > 30:
                    break
        assert full > 30
        assert_whole(root, {tag: make_sample(tag, size=size) for tag, size in built.items()})
        assert stored(root) == {d for tag, size in built.items() for d in make_sample(tag, size=size).blobs}
        # Not one byte is free, and yet something can be deleted, and then something built.
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 512)
        largest = max(built, key=lambda tag: built[tag])
        store.delete_build(largest)
        filler.unlink()
        build(store, "at last", make_sample("at last", size=built[largest] // 2))
        assert store.check() == ()
        store.close()
    assert leftovers(root) == []


def test_a_disk_that_turns_read_only(mounted: Callable[..., Path]) -> None:
    disk = mounted("-t", "tmpfs", "-o", "size=4m", "tmpfs")
    root = disk / "store"
    with Store(root) as store:
        kept = build(store, "kept")
        store.close()  # a file that is open for writing would keep the disk writable
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert store.list_tags() == ["kept"]
        assert store.get_blob(kept.digest) == kept.index
        assert store.check() == ()
        for act in (
            lambda: build(store, "new"),
            lambda: store.tag(kept.digest, "new"),
            lambda: store.delete_build("kept"),
            lambda: store.gc(),
            lambda: Store(root).put_blob(b"new"),
        ):
            with pytest.raises(StoreIOError, match="mounted read-only") as caught:
                act()
            assert caught.value.errno == errno.EROFS
            assert caught.value.where.startswith(str(root))
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        new = build(store, "new")
        assert_whole(root, {"kept": kept, "new": new})
        store.gc(grace=0)
        assert store.check() == ()


def test_blobs_on_another_disk_are_refused_clearly(mounted: Callable[..., Path], tmp_path: Path) -> None:
    root = tmp_path / "store"
    mounted("-t", "tmpfs", "tmpfs", at=root / "blobs")
    with Store(root) as store, pytest.raises(StoreIOError, match="one file system"):
        store.put_blob(b"new")


@pytest.mark.parametrize("kind", ["vfat", "exfat-fuse"])
def test_a_disk_without_links_and_with_case_folding_names(
    mounted: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    """vfat by the kernel, where it has that, and exFAT by a program."""
    make = needed(f"mkfs.{kind.removesuffix('-fuse')}")
    if kind == "exfat-fuse":
        needed("mount.exfat-fuse")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(32 * 1024 * 1024)
    subprocess.run([make, str(image)], check=True, capture_output=True)
    root = mounted("-o", "loop", "-t", kind, str(image)) / "store"
    root.mkdir()
    (root / "case").touch()
    assert (root / "CASE").exists()
    with pytest.raises(OSError, match="not permitted"):
        (root / "link").hardlink_to(root / "case")
    (root / "case").unlink()
    with Store(root) as store:
        samples = {tag: build(store, tag) for tag in ("a", "A", "b")}
        store.delete_build("b")
        del samples["b"]
        store.gc(grace=0)
        assert_whole(root, samples)
        assert store.check() == ()
        store.close()
    assert leftovers(root) == []
