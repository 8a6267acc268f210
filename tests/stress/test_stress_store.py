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
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from store_processes import in_processes
from store_samples import Sample, assert_whole, build, leftovers, make_sample, read_index, stored, tags_on_disk
from store_stress import ACTIONS, CONTENTS, LONG, SCALE, SEED, Heard, play, player_to_be_killed, sample, write_both_ways

from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store, StoreIOError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_everything_at_once_loses_nothing(root: Path, tmp_path: Path, registry_host: str) -> None:
    """Processes of two threads each build, tag, take over, push, pull, delete, sweep, read and check, at random."""
    folder = tmp_path / "ledgers"
    folder.mkdir()
    in_processes(play, SCALE.processes, str(root), str(folder), registry_host, SCALE.steps, SEED, timeout=3600)
    ledgers = [json.loads(ledger.read_text()) for ledger in folder.iterdir()]
    expected = {tag: sample(name) for ledger in ledgers for tag, name in ledger["tags"].items()}
    done = sum((Counter(ledger["done"]) for ledger in ledgers), Counter())
    print(f"{SCALE.processes} processes under seed {SEED}: {dict(done)}")
    assert len(ledgers) == 2 * SCALE.processes
    assert done["push"] > 0
    assert done["pull"] > 0
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
def test_kills_at_random_instants_lose_nothing(root: Path, registry_host: str) -> None:
    """A process that builds, tags, pulls, pushes, deletes and sweeps is killed at a random instant, many times over, in
    one store. What it was not just about to change is as it was; that is as it was before, or as it was to be."""
    chance = random.Random(SEED)
    kept = sample("kept")
    hit: Counter[str] = Counter()
    with Store(root) as store, Registry(plain_http=True) as registry:
        build(store, "kept", kept)
        for name in CONTENTS:
            registry.push(store, build(store, name, sample(name)).digest, f"{registry_host}/stress/{name}:first")
            store.delete_build(name)
    for number in range(SCALE.kills):
        # Every second kill waits for one kind of action, so that none is missed.
        aim = ACTIONS[number // 2 % len(ACTIONS)] if number % 2 else ""
        with player_to_be_killed(root, number, registry_host) as (child, pipe):
            heard = kill_at_random(child, pipe, chance, aim)
        hit[heard.action] += 1
        with Store(root) as store:
            assert store.check() == (), f"kill {number}"
            tags = tags_on_disk(root)
            assert tags in [
                {"kept": kept.digest} | {tag: sample(name).digest for tag, name in allowed.items()}
                for allowed in heard.allowed()
            ], f"kill {number}, {heard.under_way}"
            assert_whole(root, {tag: by_digest(digest) for tag, digest in tags.items()})
            store.gc()
            assert leftovers(root) == [], f"kill {number}"
            for tag in store.list_tags():
                if tag != "kept":
                    store.delete_build(tag)
            store.gc(grace=0)
            assert store.check() == ()
    print(f"{SCALE.kills} kills under seed {SEED}, by what they hit: {dict(hit)}")
    if LONG:
        assert set(ACTIONS) <= hit.keys()


def kill_at_random(child: int, pipe: int, chance: random.Random, aim: str) -> Heard:
    """Kill the child at a random instant, soon after it began what is aimed at, if anything is; return what it told."""
    heard = Heard()
    end = time.monotonic() + 60
    first = True
    while first or (aim and heard.action != aim):
        assert select.select([pipe], [], [], end - time.monotonic())[0], f"the child does not come to {aim or 'begin'}"
        told = os.read(pipe, 1 << 16)
        assert told, "the child failed on its own"
        heard.take(told)
        first = False
    # An instant, not a state: the wait is what is random here.
    select.select([], [], [], 0.005 * chance.random() ** 3 if aim else chance.uniform(0, 0.06))
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status), "the child failed on its own"
    while told := os.read(pipe, 1 << 16):
        heard.take(told)
    assert heard.told == b"", "a line is written whole"
    return heard


def by_digest(digest: str) -> Sample:
    """Return the artifact of a digest."""
    return next(one for one in map(sample, ["kept", *CONTENTS]) if one.digest == digest)


def test_a_program_that_takes_no_lock(root: Path) -> None:
    """oras-go rewrites index.json from its own memory, in place, as fast as it can while we build. No tag is lost."""
    count = 400 if LONG else 40
    with Store(root) as store:
        build(store, "ours-0", sample("ours-0"))
    in_processes(write_both_ways, 2, str(root), count, timeout=600)
    everything = {f"{who}-{n}": sample(f"{who}-{n}") for who in ("go", "ours") for n in range(count)}
    with Store(root) as store:
        assert store.list_tags() == sorted(everything)
        assert store.check() == ()
        assert store.gc(grace=0).blobs == ()
        assert store.check() == ()
    assert_whole(root, everything)


# --- real disks ---


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mount small file systems, as only root may."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        missing("only root may mount, on Linux")
    mounts: list[Path] = []

    def mount(*options: str, at: Path | None = None) -> Path:
        folder = at or tmp_path / f"disk{len(mounts)}"
        folder.mkdir(parents=True)
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = done.stderr.strip()
            if "unknown filesystem type 'vfat'" in said:
                pytest.skip(f"this kernel has no vfat, also in CI: {said}")
            missing(f"this machine lets nobody mount: {said}")
        mounts.append(folder)
        return folder

    yield mount
    for folder in mounts:
        subprocess.run(["umount", str(folder)], check=True)


def missing(what: str) -> NoReturn:
    """Skip the test for what this machine lacks; in CI, where it must be there, fail."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def needed(program: str) -> None:
    """Skip the test where a program is not installed, but not in CI, which installs it."""
    if shutil.which(program) is None:
        missing(f"{program} is not installed")


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
    make = f"mkfs.{kind.removesuffix('-fuse')}"
    needed(make)
    if kind == "exfat-fuse":
        needed("mount.exfat-fuse")
        if not Path("/dev/fuse").exists():
            pytest.skip("this kernel has no /dev/fuse, also in CI")
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
