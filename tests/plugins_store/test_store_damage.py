"""Stores that are damaged: each damage is named by `check`, mended by `repair` as far as it can be, and what is
sound outlives both."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen
from store_samples import (
    REF_NAME,
    OrasGoStore,
    assert_whole,
    blob_path,
    build,
    encode,
    entries,
    make_sample,
    read_index,
    stored,
    tags_on_disk,
)

from toolhive_artifact import Digest
from toolhive_plugins_store import CorruptStoreError, Problem, Store, StoreError

A = make_sample("a")
B = make_sample("b")
LOCAL = make_sample("local")


@pytest.fixture
def root(scratch: Path) -> Path:
    return scratch / "data" / "store"


@pytest.fixture
def damaged(root: Path) -> Path:
    """A store of three builds, about to be damaged."""
    with Store(root) as store:
        build(store, "a", A)
        build(store, "b", B)
        with store.transaction() as transaction:
            transaction.tag(LOCAL.put(transaction), "local", local_build=True)
    # What is damaged long after it was written is not taken for a file that somebody is writing.
    os.utime(root / "index.json", (0, 0))
    return root


def overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, (0, 0))


def check(root: Path) -> list[str]:
    with Store(root) as store:
        return [str(problem) for problem in store.check()]


def repair(root: Path) -> tuple[Problem, ...]:
    with Store(root) as store:
        problems = store.repair()
        assert store.check() == ()
        assert store.repair() == ()
        return problems


def quarantine(root: Path) -> dict[str, Path]:
    folder = root / ".toolhive" / "quarantine"
    return {path.name: path for path in folder.iterdir()} if folder.exists() else {}


def test_a_sound_store_has_no_problems(damaged: Path) -> None:
    before = (damaged / "index.json").read_bytes()
    assert check(damaged) == []
    assert repair(damaged) == ()
    assert (damaged / "index.json").read_bytes() == before
    assert quarantine(damaged) == {}


# --- index.json ---


@frozen
class IndexDamage:
    name: str
    act: Callable[[bytes], bytes | None]
    tags: frozenset[str]
    """The tags that are still there after a repair."""


ALL = frozenset({"a", "b", "local"})
INDEX_DAMAGES = (
    IndexDamage("empty", lambda text: b"", ALL),
    IndexDamage("gone", lambda text: None, ALL),
    IndexDamage("zeros", lambda text: bytes(len(text)), ALL),
    IndexDamage("not JSON", lambda text: b"hello", ALL),
    IndexDamage("a list", lambda text: b"[1]", ALL),
    IndexDamage("cut at the end", lambda text: text[:-1], ALL),
    IndexDamage("cut in the last entry", lambda text: text[:-20], ALL),
    IndexDamage("cut in the first entry", lambda text: text[:150], ALL),
    IndexDamage("followed by an older end", lambda text: text + text[-40:], ALL),
    IndexDamage("a flipped bit in the first entry", lambda text: text.replace(b'"size"', b"!size!", 1), ALL),
    IndexDamage("without its beginning", lambda text: text[30:], ALL),
    IndexDamage("manifests that are no list", lambda text: text.replace(b"[", b"5,[", 1), ALL),
)
"""What can be read of the damaged file is read; the rest comes from the journal."""


@pytest.mark.parametrize("damage", INDEX_DAMAGES, ids=lambda damage: damage.name)
def test_a_damaged_index_is_named_and_rebuilt(damaged: Path, damage: IndexDamage) -> None:
    index = damaged / "index.json"
    text = damage.act(index.read_bytes())
    if text is None:
        index.unlink()
    else:
        overwrite(index, text)
    (problem,) = check(damaged)
    assert problem.startswith(f"{index}: ")
    assert "Repair the store" in problem
    with Store(damaged) as store:
        for act in (store.list_tags, store.tags, lambda: store.resolve("a"), lambda: build(store, "c"), store.gc):
            with pytest.raises(CorruptStoreError, match=f"^{index}: .*Check the store") as caught:
                act()
            assert caught.value.where == str(index)
        assert store.get_blob(A.digest) == A.index
    (mended,) = repair(damaged)
    assert mended.mended
    expected = {tag: sample for tag, sample in {"a": A, "b": B, "local": LOCAL}.items() if tag in damage.tags}
    assert_whole(damaged, expected)
    assert tags_on_disk(damaged).keys() == damage.tags
    assert {entry["digest"] for entry in entries(damaged)} == {A.digest, B.digest, LOCAL.digest}
    if text is not None:
        assert quarantine(damaged)["index.json"].read_bytes() == text
    with Store(damaged) as store:
        assert store.gc(grace=0).blobs == ()
        assert {entry.tag for entry in store.tags() if entry.local_build} == damage.tags & {"local"}


@pytest.mark.parametrize("kind", ["a folder", "a link", "a pipe"])
def test_something_else_in_place_of_the_index(damaged: Path, kind: str) -> None:
    index = damaged / "index.json"
    outside = damaged.parent / "outside.json"
    index.rename(outside)
    before = outside.read_bytes()
    if kind == "a folder":
        index.mkdir()
    elif kind == "a link":
        index.symlink_to(outside)
    else:
        os.mkfifo(index)
    (problem,) = check(damaged)
    assert problem.startswith(f"{index}: ")
    with Store(damaged) as store, pytest.raises(CorruptStoreError, match=str(index)):
        store.list_tags()
    repair(damaged)
    assert_whole(damaged, {"a": A, "b": B})
    assert not index.is_symlink()
    assert outside.read_bytes() == before


def test_unknown_fields_and_foreign_annotations_are_no_damage(damaged: Path) -> None:
    document = read_index(damaged)
    document |= {"x-unknown": 1, "annotations": {"com.example": "x"}}
    document["manifests"][0]["annotations"]["com.example"] = "y"
    overwrite(damaged / "index.json", encode(document))
    assert check(damaged) == []
    assert repair(damaged) == ()
    assert read_index(damaged) == document


def test_a_repair_keeps_unknown_fields(damaged: Path) -> None:
    document = read_index(damaged)
    document["x-unknown"] = {"deep": [1]}
    document["manifests"][0]["x-field"] = "kept"
    document["manifests"][1]["size"] += 1
    overwrite(damaged / "index.json", encode(document))
    repair(damaged)
    document["manifests"][1]["size"] -= 1
    assert read_index(damaged) == document


def test_entries_that_cannot_be_read_are_named_and_dropped(damaged: Path) -> None:
    document = read_index(damaged)
    sha512 = {"mediaType": "m", "digest": "sha512:" + "a" * 128, "size": 1}
    document["manifests"] += [{"digest": "sha256:short"}, 5, sha512]
    overwrite(damaged / "index.json", encode(document))
    assert [problem.split(": ")[1] for problem in check(damaged)] == ["entry 4", "entry 5"]
    assert len(repair(damaged)) == 2
    assert entries(damaged)[-1] == sha512
    assert len(entries(damaged)) == 4


def test_an_entry_whose_blobs_are_gone(damaged: Path) -> None:
    for digest in A.blobs:
        blob_path(damaged, digest).unlink()
    (problem,) = check(damaged)
    assert problem.startswith(f"{damaged / 'index.json'}: entry 1 (a): it needs {A.digest}, which is missing")
    before = (damaged / "index.json").read_bytes()
    (mended,) = repair(damaged)
    assert str(quarantine(damaged)["index.json"]) in mended.remedy
    assert quarantine(damaged)["index.json"].read_bytes() == before
    assert_whole(damaged, {"b": B, "local": LOCAL})
    assert len(entries(damaged)) == 2


@pytest.mark.parametrize("part", ["layer", "config", "manifest"])
def test_an_entry_that_lacks_a_part(damaged: Path, part: str) -> None:
    data = {"layer": A.layer, "config": A.configs[0], "manifest": A.manifests[0]}[part]
    blob_path(damaged, Digest.of(data)).unlink()
    assert any("(a)" in problem and str(Digest.of(data)) in problem for problem in check(damaged))
    repair(damaged)
    assert_whole(damaged, {"b": B, "local": LOCAL})
    assert tags_on_disk(damaged).keys() == {"b", "local"}


def test_the_sound_platforms_of_a_broken_build_stay(damaged: Path) -> None:
    """One of two platforms is lost. The other one's manifest is whole, and becomes an entry of its own."""
    blob_path(damaged, Digest.of(A.configs[0])).unlink()
    repair(damaged)
    sound = Digest.of(A.manifests[1])
    assert sound in {entry["digest"] for entry in entries(damaged)}
    with Store(damaged) as store:
        store.gc(grace=0)
        assert store.get_blob(A.layer_digest) == A.layer
        assert not store.has_blob(A.digest)


def test_a_wrong_size_in_an_entry(damaged: Path) -> None:
    document = read_index(damaged)
    document["manifests"][0]["size"] = 7
    overwrite(damaged / "index.json", encode(document))
    (problem,) = check(damaged)
    assert f"its size is 7, and the blob has {len(A.index)} bytes" in problem
    repair(damaged)
    assert entries(damaged)[0]["size"] == len(A.index)
    assert_whole(damaged, {"a": A, "b": B, "local": LOCAL})


# --- blobs ---


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    overwrite(path, bytes(data))


def link_outside(path: Path) -> None:
    outside = path.parents[3] / "outside"
    path.rename(outside)
    path.symlink_to(outside)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_bytes(b"something")


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


BLOB_DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped bits": flip,
    "too short": lambda path: overwrite(path, path.read_bytes()[:-1]),
    "too long": lambda path: overwrite(path, path.read_bytes() + b"x"),
    "empty": lambda path: overwrite(path, b""),
    "a folder": make_folder,
    "a link that leads outside": link_outside,
    "a link to itself": link_to_itself,
    "a pipe": make_pipe,
}


@pytest.mark.parametrize("part", ["layer", "index"])
@pytest.mark.parametrize("damage", BLOB_DAMAGES)
def test_a_damaged_blob(damaged: Path, damage: str, part: str) -> None:
    data = A.layer if part == "layer" else A.index
    digest = Digest.of(data)
    path = blob_path(damaged, digest)
    BLOB_DAMAGES[damage](path)
    problems = check(damaged)
    assert problems[0].startswith(f"{path}: ")
    assert any("entry 1 (a)" in problem for problem in problems)
    with Store(damaged) as store:
        for read in (store.get_blob, lambda digest: b"".join(store.blob_chunks(digest))):
            with pytest.raises(CorruptStoreError, match=f"^{path}: "):
                read(digest)
        assert store.get_blob(B.digest) == B.index
    moved = [problem for problem in repair(damaged) if problem.where == str(path)]
    assert moved[0].mended
    assert str(quarantine(damaged)[digest.encoded]) in moved[0].remedy
    assert_whole(damaged, {"b": B, "local": LOCAL})
    assert not path.exists()
    with Store(damaged) as store:
        build(store, "a", A)
    assert_whole(damaged, {"a": A, "b": B, "local": LOCAL})


def test_a_link_that_leads_outside_is_never_read(damaged: Path) -> None:
    secret = damaged.parent / "secret"
    secret.write_bytes(A.layer)
    path = blob_path(damaged, A.layer_digest)
    path.unlink()
    path.symlink_to(secret)
    with Store(damaged) as store:
        for act in (store.get_blob, store.get_manifest, store.has_blob, store.blob_size, store.open_blob):
            with pytest.raises(CorruptStoreError, match="a symbolic link is in a blob's place"):
                act(A.layer_digest)
    repair(damaged)
    assert secret.read_bytes() == A.layer


def test_what_was_moved_aside_twice_has_two_names(damaged: Path) -> None:
    for _ in range(2):
        flip(blob_path(damaged, A.layer_digest))
        repair(damaged)
        with Store(damaged) as store:
            build(store, "a", A)
    assert {A.layer_digest.encoded, A.layer_digest.encoded + ".2"} <= quarantine(damaged).keys()


def test_a_damaged_blob_that_nothing_needs(damaged: Path) -> None:
    with Store(damaged) as store:
        orphan = store.put_blob(b"orphan")
    flip(blob_path(damaged, orphan))
    assert len(check(damaged)) == 1
    assert len(repair(damaged)) == 1
    assert_whole(damaged, {"a": A, "b": B, "local": LOCAL})
    assert "index.json" not in quarantine(damaged)


# --- the folders and oci-layout ---


@pytest.mark.parametrize("folder", ["blobs", "blobs/sha256", ".toolhive"])
def test_a_folder_that_leads_outside(damaged: Path, folder: str) -> None:
    outside = damaged.parent / "outside"
    (damaged / folder).rename(outside)
    (damaged / folder).symlink_to(outside)
    with Store(damaged) as store:
        with pytest.raises(CorruptStoreError, match=f"{damaged / folder}: .*a symbolic link"):
            store.put_blob(b"new")
        if folder != ".toolhive":
            with pytest.raises(CorruptStoreError, match="a symbolic link"):
                store.get_blob(A.digest)
        if folder != ".toolhive":
            (problem,) = store.check()
            assert problem.where == str(damaged / folder)
            assert "does not follow links" in problem.remedy
            assert [found.mended for found in store.repair()] == [False]
    (damaged / folder).unlink()
    outside.rename(damaged / folder)
    assert check(damaged) == []


def test_a_file_in_place_of_the_blobs(damaged: Path) -> None:
    (damaged / "blobs").rename(damaged.parent / "blobs")
    (damaged / "blobs").write_bytes(b"")
    with Store(damaged) as store:
        with pytest.raises(CorruptStoreError, match="a file is"):
            store.get_blob(A.digest)
        assert [problem.where for problem in store.check()] == [str(damaged / "blobs")]


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b'{"imageLayoutVersion":"2.0.0"}', b"{}", None, b"\xff" * 10, b'{"imageLayoutVersion":null}'],
)
def test_a_damaged_oci_layout(damaged: Path, text: bytes | None) -> None:
    marker = damaged / "oci-layout"
    if text is None:
        marker.unlink()
    else:
        marker.write_bytes(text)
        with Store(damaged) as store:
            for act in (store.list_tags, lambda: store.put_blob(b"new")):
                with pytest.raises(CorruptStoreError, match=f"^{marker}: .*Check the store"):
                    act()
    (problem,) = check(damaged)
    assert problem.startswith(f"{marker}: ")
    repair(damaged)
    assert marker.read_bytes() == b'{"imageLayoutVersion":"1.0.0"}'
    assert_whole(damaged, {"a": A, "b": B, "local": LOCAL})
    if text is not None:
        assert quarantine(damaged)["oci-layout"].read_bytes() == text


def test_an_oci_layout_with_spaces_and_more_is_fine(damaged: Path) -> None:
    (damaged / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0", "x": 1}, indent=2))
    assert check(damaged) == []


# --- all at once, and what others do ---


def test_everything_at_once(damaged: Path) -> None:
    overwrite(damaged / "index.json", (damaged / "index.json").read_bytes()[:-5])
    (damaged / "oci-layout").write_bytes(b"?")
    flip(blob_path(damaged, A.layer_digest))
    make_folder(blob_path(damaged, Digest.of(LOCAL.configs[0])))
    before = {path: path.read_bytes() for digest in B.blobs for path in [blob_path(damaged, digest)]}
    problems = repair(damaged)
    assert {problem.where for problem in problems if problem.mended} == {problem.where for problem in problems}
    assert_whole(damaged, {"b": B})
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(quarantine(damaged)) == sorted(
        ["index.json", "oci-layout", A.layer_digest.encoded, Digest.of(LOCAL.configs[0]).encoded]
    )


def test_a_repair_that_is_cut_short_is_taken_up_again(damaged: Path) -> None:
    from toolhive_plugins_store import _fs

    text = (damaged / "index.json").read_bytes()
    for at in range(1, 60):
        overwrite(damaged / "index.json", text[:-1])
        flip(blob_path(damaged, A.layer_digest))
        count = 0

        def fail(operation: str, path: str, at: int = at) -> None:
            nonlocal count
            count += 1
            if count == at:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

        _fs.watcher = fail
        with Store(damaged) as store:
            try:
                store.repair()
            except StoreError as error:
                assert error.where.startswith(str(damaged))
        _fs.watcher = None
        repair(damaged)
        assert_whole(damaged, {"b": B, "local": LOCAL})
        with Store(damaged) as store:
            build(store, "a", A)
        if count < at:
            return
    pytest.fail("it never ended")


def test_leftovers_are_no_damage(damaged: Path) -> None:
    private = damaged / ".toolhive"
    (private / "index.new").write_bytes(b'{"manif')
    (private / "index.spare").write_bytes(b"torn")
    session = private / "sessions" / "0123456789abcdef"
    session.mkdir()
    (session / "1").write_bytes(b"half a blo")
    (session / "claims").write_bytes(b"\n+" + b"a" * 64 + b" 12\n=junk\n-\n\xff\n+" + b"b" * 30)
    (private / "sessions" / "0123456789abcdef.lock").write_bytes(b"")
    assert check(damaged) == []
    with Store(damaged) as store:
        assert store.gc().files == 2
        build(store, "c")
        assert store.check() == ()
    assert not session.exists()


def test_a_store_that_oras_go_wrote_is_rebuilt_with_its_parts(root: Path) -> None:
    go = OrasGoStore(root)
    go.tag(A.put(go), "a")
    B.put(go)
    overwrite(root / "index.json", b"")
    repair(root)
    assert {entry["digest"] for entry in entries(root)} == {A.digest, B.digest}
    assert all(REF_NAME not in entry.get("annotations", {}) for entry in entries(root))
    assert stored(root) == set(A.blobs) | set(B.blobs)


def test_checking_waits_for_nobody_unless_it_finds_something(damaged: Path) -> None:
    from toolhive_plugins_store import _fs

    locked: list[str] = []
    _fs.watcher = lambda operation, path: locked.append(operation)
    with Store(damaged) as store:
        assert store.check() == ()
        assert locked == []


def test_what_looks_like_damage_for_a_moment_is_none(damaged: Path) -> None:
    """A blob vanishes while `check` reads, because its build is deleted; under the lock all is well again."""
    from toolhive_plugins_store import _fs

    path = blob_path(damaged, A.layer_digest)
    path.rename(damaged.parent / "away")

    def bring_back(operation: str, name: str) -> None:
        if operation == "lock":
            (damaged.parent / "away").rename(path)

    _fs.watcher = bring_back
    with Store(damaged) as store:
        assert store.check() == ()


def test_a_store_that_cannot_be_locked_is_checked_all_the_same(damaged: Path) -> None:
    from toolhive_plugins_store import _fs

    flip(blob_path(damaged, A.layer_digest))

    def refuse(operation: str, path: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    _fs.watcher = refuse
    with Store(damaged) as store:
        assert len(store.check()) == 2
