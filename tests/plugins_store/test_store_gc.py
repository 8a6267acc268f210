"""Deleting removes what nothing else needs; `gc` what nothing needs at all."""

import contextlib
import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from store_samples import OrasGoStore, assert_whole, blob_path, build, entries, leftovers, make_sample, stored

from toolhive_artifact import Digest
from toolhive_plugins_store import CorruptStoreError, Store, _fs, sessions

HOUR = 3600


def age(root: Path, digests: set[Digest], seconds: float) -> None:
    """Set the modification times of blobs back."""
    for digest in digests:
        path = blob_path(root, digest)
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def test_delete_build_removes_all_of_it(store: Store, root: Path) -> None:
    build(store, "a")
    store.delete_build("a")
    assert stored(root) == set()
    assert entries(root) == []


def test_delete_build_keeps_what_another_tag_stands_for(store: Store, root: Path) -> None:
    sample = build(store, "a")
    store.tag(sample.digest, "b")
    store.delete_build("a")
    assert_whole(root, {"b": sample})
    store.delete_build("b")
    assert stored(root) == set()


def test_delete_build_keeps_blobs_another_build_uses(store: Store, root: Path) -> None:
    """The reference loses a manifest here: one build for one platform, another for two."""
    one = build(store, "a", make_sample("x", architectures=("amd64",)))
    two = build(store, "b", make_sample("x"))
    store.delete_build("a")
    assert_whole(root, {"b": two})
    assert not store.has_blob(one.digest)
    assert store.check() == ()


def test_delete_build_keeps_what_an_untagged_build_uses(store: Store, root: Path) -> None:
    one = build(store, "a", make_sample("x", architectures=("amd64",)))
    two = build(store, "b", make_sample("x"))
    store.delete_tag("b")
    store.delete_build("a")
    assert stored(root) == set(two.blobs)
    assert not store.has_blob(one.digest)


def test_delete_build_takes_the_manifests_that_oras_go_lists_along(root: Path) -> None:
    go = OrasGoStore(root)
    one, two = make_sample("x", architectures=("amd64",)), make_sample("x")
    go.tag(one.put(go), "a")
    go.tag(two.put(go), "b")
    with Store(root) as store:
        store.delete_build("b")
        assert_whole(root, {"a": one})
        assert {entry["digest"] for entry in entries(root)} == {one.digest, Digest.of(one.manifests[0])}
        assert store.check() == ()
        store.delete_build("a")
        assert stored(root) == set()
        assert entries(root) == []


def test_delete_build_spares_what_was_just_built_and_has_no_tag_yet(root: Path) -> None:
    """Building and tagging are two steps. In between, another process deletes a build with the same content."""
    with Store(root) as store, Store(root) as other:
        sample = build(other, "old")
        with store.transaction() as transaction:
            sample.put(transaction)
        other.delete_build("old")
        store.tag(sample.digest, "new")
        assert_whole(root, {"new": sample})
        other.delete_build("new")
        assert stored(root) == set()


def test_a_store_that_is_closed_claims_nothing(root: Path) -> None:
    with Store(root) as store:
        sample = build(store, "old")
        with store.transaction() as transaction:
            sample.put(transaction)
        store.close()
        store.delete_build("old")
        assert stored(root) == set()


def test_a_thread_keeps_what_it_put_whatever_other_threads_tag_and_delete(root: Path) -> None:
    """Each thread's claims are its own, also where a thread tags content that it did not put."""
    with Store(root) as store, ThreadPoolExecutor(1) as other:
        sample = build(store, "old")
        with store.transaction() as transaction:
            sample.put(transaction)
        for action in (lambda: store.tag(sample.digest, "old"), lambda: store.delete_build("old")):
            other.submit(action).result()
        store.tag(sample.digest, "new")
        assert_whole(root, {"new": sample})
        store.delete_build("new")
        assert stored(root) == set()


def test_what_one_thread_puts_and_another_tags_is_kept_until_the_first_has_ended(root: Path) -> None:
    with Store(root) as store:
        with ThreadPoolExecutor(1) as other:
            sample = make_sample("a")
            other.submit(sample.put, store).result()
            store.tag(sample.digest, "a")
            store.delete_build("a")
            assert stored(root) == set(sample.blobs)
            store.tag(sample.digest, "b")
            assert store.gc(grace=0).blobs == ()
        store.gc(grace=0)
        store.delete_build("b")
        assert stored(root) == set()


def test_gc_without_grace_spares_what_another_thread_is_about_to_tag(root: Path) -> None:
    with Store(root) as store, ThreadPoolExecutor(1) as other:
        sample = make_sample("a")
        other.submit(sample.put, store).result()
        assert store.gc(grace=0).blobs == ()
        other.submit(store.tag, sample.digest, "a").result()
        assert_whole(root, {"a": sample})


def test_gc_without_grace_removes_what_a_thread_left_that_has_ended(root: Path) -> None:
    with Store(root) as store:
        with ThreadPoolExecutor(1) as other:
            other.submit(make_sample("a").put, store).result()
        store.gc(grace=0)
    assert stored(root) == set()


def test_gc_spares_what_was_found_again_though_its_file_could_not_be_touched(root: Path) -> None:
    """A blob of another user keeps its old time; what counts is when it was claimed."""

    def refuse(operation: str, path: str) -> None:
        if operation == "utime" and "sha256" in path:
            raise PermissionError(errno.EPERM, "not yours", path)

    with Store(root) as store, ThreadPoolExecutor(1) as other:
        sample = build(store, "old")
        age(root, set(sample.blobs), HOUR + 1)
        _fs.watcher = refuse
        with store.transaction() as transaction:
            sample.put(transaction)
        for action in (store.gc, lambda: store.delete_build("old"), store.gc):
            other.submit(action).result()
        store.tag(sample.digest, "new")
        assert_whole(root, {"new": sample})


@pytest.mark.parametrize("failing", ["create", "write", "rename"])
def test_an_account_that_cannot_be_kept_short_stays_true(
    root: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """A disk that fails, or an interrupt, while the list of claims is written anew."""
    monkeypatch.setattr("toolhive_plugins_store.sessions._COMPACT_FROM", 512)
    monkeypatch.setattr("toolhive_plugins_store.sessions._read_claims", _with_faults_after(failing))
    with Store(root) as store, Store(root) as other:
        store.put_blob(b"never tagged")
        with contextlib.suppress(KeyboardInterrupt):
            for number in range(9):
                build(store, "a", make_sample(str(number)))
        _fs.watcher = None
        sample = build(other, "old")
        with store.transaction() as transaction:
            sample.put(transaction)
        other.delete_build("old")
        store.tag(sample.digest, "new")
        assert_whole(root, {"new": sample})
        assert store.check() == ()
    assert leftovers(root) == []


def _with_faults_after(failing: str) -> Callable[[str], object]:
    """Return `_read_claims`, after which the next such operations fail, the last of them by an interrupt."""
    faults = iter([OSError(errno.EIO, "fault"), OSError(errno.ENOSPC, "fault"), KeyboardInterrupt()])

    def read(folder: str) -> object:
        def fail(operation: str, path: str) -> None:
            if operation == failing and path.startswith(folder):
                _fs.watcher = None
                fault = next(faults, None)
                if fault is not None:
                    raise fault

        _fs.watcher = fail
        return read_claims(folder)

    read_claims = sessions._read_claims
    return read


def test_the_account_of_claims_does_not_grow_without_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One blob that is never tagged must not make the list of claims keep all that came after it."""
    monkeypatch.setattr("toolhive_plugins_store.sessions._COMPACT_FROM", 4096)
    with Store(root) as store, Store(root) as other:
        lasting = store.put_blob(b"never tagged")
        for number in range(60):
            build(store, "a", make_sample(str(number)))
        sample = build(other, "old")
        with store.transaction() as transaction:
            sample.put(transaction)
        (account,) = (path for path in root.glob(".toolhive/sessions/*/claims") if path.stat().st_size)
        assert account.stat().st_size < 8192
        other.delete_build("old")
        store.tag(sample.digest, "new")
        assert_whole(root, {"new": sample})
        assert store.has_blob(lasting)
        store.gc(grace=0)
        assert account.read_bytes() == b""


def test_delete_build_of_a_damaged_build(store: Store, root: Path) -> None:
    kept = build(store, "kept")
    sample = build(store, "a")
    blob_path(root, sample.digest).chmod(0o644)
    blob_path(root, sample.digest).write_bytes(b"junk")
    with Store(root) as store:
        store.delete_build("a")
        assert store.list_tags() == ["kept"]
        assert not store.has_blob(sample.digest)
        assert_whole(root, {"kept": kept})


def test_delete_build_stops_where_nobody_can_tell_what_another_build_needs(store: Store, root: Path) -> None:
    sample = build(store, "a")
    other = build(store, "b", make_sample("b", layer=sample.layer))
    path = blob_path(root, Digest.of(other.manifests[0]))
    path.chmod(0o644)
    path.write_bytes(b"junk")
    before = stored(root)
    with Store(root) as store:
        with pytest.raises(CorruptStoreError, match=f"{path}.*Check the store"):
            store.delete_build("a")
        with pytest.raises(CorruptStoreError, match=str(path)):
            store.gc(grace=0)
        assert store.list_tags() == ["a", "b"]
        assert stored(root) == before


def test_gc_removes_what_nothing_reaches_once_it_is_old(store: Store, root: Path) -> None:
    kept = build(store, "kept")
    with Store(root) as other:  # whose claim ends with it
        orphan = other.put_blob(b"orphan")
        assert store.gc(grace=0).blobs == ()
    assert store.gc().blobs == ()
    age(root, {orphan}, HOUR - 60)
    assert store.gc().blobs == ()
    age(root, {orphan}, 120)
    report = store.gc()
    assert report.blobs == (orphan,)
    assert report.size == len(b"orphan")
    assert_whole(root, {"kept": kept})
    assert stored(root) == set(kept.blobs)


def test_gc_without_grace(store: Store, root: Path) -> None:
    sample = build(store, "a", make_sample("old"))
    build(store, "a", make_sample("new"))
    assert set(store.gc(grace=0).blobs) == set(sample.blobs)


def test_gc_spares_what_was_found_again_lately(store: Store, root: Path) -> None:
    sample = make_sample("a")
    sample.put(store)
    age(root, set(sample.blobs), 2 * HOUR)
    sample.put(store)
    store.close()
    assert store.gc().blobs == ()


def test_gc_spares_what_another_living_process_has_not_tagged_yet(root: Path) -> None:
    with Store(root) as store, Store(root) as other:
        sample = make_sample("a")
        sample.put(store)
        age(root, set(sample.blobs), 2 * HOUR)
        assert other.gc().blobs == ()
        assert other.gc(grace=0).blobs == ()
        store.tag(sample.digest, "a")
        store.delete_tag("a")
        assert_whole(root, {})
        other.delete_build(sample.digest)
        assert stored(root) == set()


def test_gc_spares_a_transaction_under_way(root: Path) -> None:
    with Store(root) as store, Store(root) as other:
        store.put_blob(b"there already")
        store.close()
        with store.transaction() as transaction:
            transaction.put_blob(b"new")
            transaction.put_blob(b"there already")
            assert transaction.has(Digest.of(b"there already"))
            other.gc(grace=0)
            assert leftovers(root) != []
        assert stored(root) == {Digest.of(b"new"), Digest.of(b"there already")}


def test_gc_of_one_thread_spares_the_transaction_of_another(store: Store, root: Path) -> None:
    digest = store.put_blob(b"there already")
    with store.transaction() as transaction:
        assert transaction.has(digest)
        assert store.gc(grace=0).blobs == ()


def test_gc_leaves_alone_what_is_not_the_stores(store: Store, root: Path) -> None:
    build(store, "a")
    strangers = [
        root / "ingest" / "x",
        root / "blobs" / "sha512" / "y",
        root / "blobs" / "sha256" / ".DS_Store",
        root / "note",
    ]
    for path in strangers:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"theirs")
    store.gc(grace=0)
    assert store.check() == ()
    assert all(path.exists() for path in strangers)


def test_gc_copes_with_entries_whose_builds_thv_deleted(root: Path) -> None:
    """The reference removes a build's blobs and leaves an untagged entry for the index."""
    go = OrasGoStore(root)
    sample = make_sample("a")
    go.tag(sample.put(go), "a")
    go.untag("a")
    blob_path(root, sample.digest).unlink()
    with Store(root) as store:
        kept = build(store, "b")
        store.gc(grace=0)
        store.delete_build("b")
        assert not store.has_blob(kept.digest)


def test_gc_stops_where_a_tagged_build_lost_a_document(store: Store, root: Path) -> None:
    sample = build(store, "a")
    blob_path(root, Digest.of(sample.manifests[0])).unlink()
    with pytest.raises(CorruptStoreError, match=r"missing.*Check the store"):
        Store(root).gc(grace=0)
    assert len(stored(root)) == len(sample.blobs) - 1


def test_documents_of_any_shape_keep_what_they_name(store: Store, root: Path) -> None:
    """Names match as Go matches them, and the kind of a document is not taken for granted."""
    blob = store.put_blob(b"content")
    deep = b'{"x":' + b"[" * 3000 + b"]" * 3000 + b',"Layers":[{"DIGEST":"' + blob.encode() + b'","size":7}]}'
    for number, text in enumerate(
        [
            b'{"mediaType":"strange","manifests":[{"digest":"%s"}]}' % blob.encode(),
            b'{"MANIFESTS":[{"Digest":"%s"}]}' % blob.encode(),
            b'{"config":{"dige\\u017ft":"x","digest":"%s"},"layers":null}' % blob.encode(),
            b'{"blobs":[{"digest":"%s"},5,null,{"digest":7},{"digest":"sha512:0"}]}' % blob.encode(),
            deep,
        ]
    ):
        tag = f"t{number}"
        store.tag(store.put_manifest(text), tag)
        assert store.gc(grace=0).blobs == (), tag
        store.delete_tag(tag)
        assert store.gc(grace=0).blobs == (), tag
        store.tag(store.put_blob(b'{"layers":[{"digest":"%s"}]}' % blob.encode()), "holds it meanwhile")
        store.delete_build(Digest.of(text))
        assert not store.has_blob(Digest.of(text))


def test_a_build_deleted_by_its_digest_is_not_kept_by_the_tag_it_once_had(root: Path) -> None:
    """Another writer's claim spares its blobs at that moment; once the claim ended, nothing else may keep them."""
    one = make_sample("one")
    with Store(root) as store, Store(root) as other:
        build(store, "first", one)
        store.delete_tag("first")
        with other.transaction() as transaction:
            one.put(transaction)
        store.delete_build(one.digest)
        assert stored(root) == set(one.blobs)
        other.close()
        store.gc(grace=0)
    assert stored(root) == set()


def test_a_build_that_got_a_new_tag_and_was_deleted_by_it_is_not_kept_by_its_old_tag(root: Path) -> None:
    one = make_sample("one")
    with Store(root) as store, Store(root) as other:
        build(store, "first", one)
        store.delete_tag("first")
        store.tag(one.digest, "second")
        with other.transaction() as transaction:
            one.put(transaction)
        store.delete_build("second")
        other.close()
        store.gc(grace=0)
    assert stored(root) == set()
