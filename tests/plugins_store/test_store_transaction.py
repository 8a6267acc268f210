"""A build appears in the store whole, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import Sample, assert_whole, blob_path, build, entries, leftovers, make_sample, stored

from toolhive_artifact import Descriptor, Digest, DigestMismatchError
from toolhive_plugins_store import Store, StoreError, StoreNotFoundError, Transaction


class StoppedError(Exception):
    """What a caller's own code raises."""


def test_nothing_is_visible_before_the_end(store: Store, root: Path) -> None:
    sample = make_sample("a")
    with store.transaction() as transaction:
        transaction.tag(sample.put(transaction), "a")
        assert stored(root) == set()
        assert store.list_tags() == []
        assert not store.has_blob(sample.layer_digest)
        assert transaction.has(sample.layer_digest)
    assert_whole(root, {"a": sample})


def test_an_exception_leaves_nothing(store: Store, root: Path) -> None:
    kept = build(store, "kept")
    sample = make_sample("a")

    def fail(transaction: Transaction) -> None:
        transaction.put_blob_chunks([sample.layer])
        transaction.tag(sample.put(transaction), "a")
        raise StoppedError

    with pytest.raises(StoppedError), store.transaction() as transaction:
        fail(transaction)
    assert stored(root) == set(kept.blobs)
    assert store.list_tags() == ["kept"]
    with store.transaction() as transaction:
        sample.put(transaction)
    store.close()
    assert leftovers(root) == []


def test_a_failed_end_leaves_nothing(store: Store, root: Path) -> None:
    kept = build(store, "kept")
    with pytest.raises(StoreNotFoundError), store.transaction() as transaction:
        transaction.put_blob(b"new")
        transaction.tag(Digest.of(b"absent"), "a")
    assert stored(root) == set(kept.blobs)
    assert store.list_tags() == ["kept"]
    store.close()
    assert leftovers(root) == []


def test_content_that_breaks_its_promise_leaves_nothing(store: Store, root: Path) -> None:
    expected = Descriptor("application/octet-stream", Digest.of(b"abc"), 3)
    with pytest.raises(DigestMismatchError), store.transaction() as transaction:
        transaction.put_blob(b"fine")
        transaction.put_blob_chunks([b"abd"], expected=expected)
    assert stored(root) == set()


def test_the_source_of_the_pieces_may_fail(store: Store, root: Path) -> None:
    def source() -> Iterator[bytes]:
        yield b"some"
        raise StoppedError

    with pytest.raises(StoppedError):
        store.put_blob_chunks(source())
    assert stored(root) == set()
    store.close()
    assert leftovers(root) == []


def test_a_transaction_that_is_over_takes_nothing(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put_blob(b"a")
    for act in (
        lambda: transaction.put_blob(b"b"),
        lambda: transaction.put_blob_chunks([b"b"]),
        lambda: transaction.has(Digest.of(b"a")),
        lambda: transaction.tag(Digest.of(b"a"), "a"),
        transaction.commit,
    ):
        with pytest.raises(StoreError, match="over"):
            act()


def test_many_tags_in_one_change_of_the_index(store: Store, root: Path) -> None:
    one, two = make_sample("one"), make_sample("two")
    with store.transaction() as transaction:
        for tag in ("a", "b", "c"):
            transaction.tag(one.put(transaction), tag, local_build=tag == "b")
        transaction.tag(two.put(transaction), "c")
    assert_whole(root, {"a": one, "b": one, "c": two})
    assert len(entries(root)) == 3
    assert [entry.local_build for entry in store.tags()] == [False, True, False]


def test_many_blobs_keep_few_files_open(store: Store, root: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    store.put_blob(b"opens what the store needs")
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/dev/fd").iterdir())) + 40, before[1]))
    try:
        with store.transaction() as transaction:
            for number in range(200):
                transaction.put_blob(b"%d" % number)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert len(stored(root)) == 201


@pytest.mark.parametrize("streamed", [False, True])
def test_what_was_there_is_written_again_if_it_is_removed_meanwhile(root: Path, streamed: bool) -> None:
    """Another process deletes the build whose content a transaction found and did not write again."""
    with Store(root) as store, Store(root) as other:
        sample = build(store, "old")
        with store.transaction() as transaction:
            if streamed:
                transaction.put_blob_chunks([sample.layer])
            transaction.tag(sample.put(transaction), "new")
            other.delete_build("old")
            assert not stored(root) & set(sample.blobs)
        assert_whole(root, {"new": sample})
        assert store.check() == ()


def test_what_a_transaction_asked_for_is_not_removed_meanwhile(root: Path) -> None:
    """`has` answered yes, so a pull downloads nothing: the content must stay until the transaction ends."""
    with Store(root) as store, Store(root) as other:
        sample = build(store, "old")
        with store.transaction() as transaction:
            assert all(transaction.has(digest, size=len(data)) for digest, data in sample.blobs.items())
            other.delete_build("old")
            assert other.gc(grace=0).blobs == ()
            transaction.tag(sample.digest, "new")
        assert_whole(root, {"new": sample})
        other.delete_build("new")
        assert stored(root) == set()


def test_has_tells_of_another_size(store: Store) -> None:
    digest = store.put_blob(b"abc")
    with store.transaction() as transaction:
        assert not transaction.has(digest, size=4)
        assert transaction.has(digest, size=3)
        assert not transaction.has(Digest.of(b"absent"))


def test_two_transactions_with_the_same_content(root: Path) -> None:
    with Store(root) as store:
        sample = make_sample("a")
        with store.transaction() as one, store.transaction() as two:
            two.tag(sample.put(two), "two")
            one.tag(sample.put(one), "one")
        assert_whole(root, {"one": sample, "two": sample})
        store.delete_build("one")
        store.delete_build("two")
        assert stored(root) == set()


def damage(path: Path, how: str) -> None:
    """Put something that is no blob, or a bad one, in a blob's place."""
    data = path.read_bytes()
    path.chmod(0o644)
    if how == "flipped":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif how == "cut":
        path.write_bytes(data[:-1])
    else:
        path.unlink()
        target = path.parents[2] / "elsewhere"
        target.write_bytes(data)
        path.symlink_to(target)


@pytest.mark.parametrize("how", ["flipped", "cut", "a link"])
def test_putting_again_mends_what_is_damaged(store: Store, root: Path, how: str) -> None:
    sample = build(store, "a")
    for digest in sample.blobs:
        damage(blob_path(root, digest), how)
    build(store, "a", sample)
    assert_whole(root, {"a": sample})
    assert not any(blob_path(root, digest).is_symlink() for digest in sample.blobs)
    assert store.check() == ()


def test_a_build_that_is_there_costs_no_write(store: Store, root: Path) -> None:
    from toolhive_plugins_store import _fs

    sample: Sample = build(store, "a")
    calls: list[str] = []
    _fs.watcher = lambda operation, path: calls.append(operation)
    build(store, "a", sample)
    assert not {"create", "rename", "link"} & set(calls)
