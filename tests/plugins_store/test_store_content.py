"""Content goes in and comes out as it was, or not at all."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import blob_path, leftovers, make_sample, stored

from toolhive_artifact import (
    MAX_BLOB_SIZE,
    MAX_MANIFEST_SIZE,
    Descriptor,
    Digest,
    DigestMismatchError,
    InvalidDigestError,
    InvalidDocumentError,
    SizeLimitError,
)
from toolhive_plugins_store import CorruptBlobError, Store, StoredBlob, StoreNotFoundError

OCTETS = "application/octet-stream"


def test_a_blob_comes_back(store: Store) -> None:
    digest = store.put_blob(b"hello")
    assert digest == Digest.of(b"hello")
    assert store.get_blob(digest) == b"hello"
    assert store.has_blob(digest)
    assert store.blob_size(digest) == 5


def test_a_manifest_comes_back_byte_for_byte(store: Store) -> None:
    manifest = b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}'
    assert store.get_manifest(store.put_manifest(manifest)) == manifest


def test_the_blob_stands_where_the_layout_says(store: Store, root: Path) -> None:
    digest = store.put_blob(b"hello")
    assert (root / "blobs" / "sha256" / hashlib.sha256(b"hello").hexdigest()).read_bytes() == b"hello"
    assert (root / "oci-layout").read_bytes() == b'{"imageLayoutVersion":"1.0.0"}'
    assert stored(root) == {digest}


def test_an_empty_blob_is_a_blob(store: Store) -> None:
    digest = store.put_blob(b"")
    assert store.get_blob(digest) == b""
    assert list(store.blob_chunks(digest)) == []


def test_putting_again_changes_nothing(store: Store, root: Path) -> None:
    digest = store.put_blob(b"hello")
    before = blob_path(root, digest).stat()
    assert store.put_blob(b"hello") == digest
    assert blob_path(root, digest).stat().st_ino == before.st_ino


@settings(max_examples=25, deadline=None)
@given(chunks=st.lists(st.binary(max_size=300), max_size=8))
def test_pieces_are_the_same_as_the_whole(chunks: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    with Store(tmp_path_factory.mktemp("pieces")) as store:
        whole = b"".join(chunks)
        assert store.put_blob_chunks(chunks) == StoredBlob(Digest.of(whole), len(whole))
        assert store.get_blob(Digest.of(whole)) == whole
        assert b"".join(store.blob_chunks(Digest.of(whole))) == whole


def test_pieces_that_are_there_already_leave_nothing_behind(store: Store, root: Path) -> None:
    digest = store.put_blob(b"one two")
    inode = blob_path(root, digest).stat().st_ino
    with store.transaction() as transaction:
        assert transaction.put_blob_chunks([b"one ", b"two"]).digest == digest
        assert transaction.put_blob_chunks([b"one two"]).digest == digest
    assert blob_path(root, digest).stat().st_ino == inode


def test_pieces_as_expected(store: Store) -> None:
    expected = Descriptor(OCTETS, Digest.of(b"abc"), 3)
    assert store.put_blob_chunks([b"a", b"bc"], expected=expected) == StoredBlob(expected.digest, 3)


@pytest.mark.parametrize(
    ("chunks", "expected", "message"),
    [
        ([b"abcd"], Descriptor(OCTETS, Digest.of(b"abc"), 3), "longer than the 3 bytes"),
        ([b"ab"], Descriptor(OCTETS, Digest.of(b"abc"), 3), "ends after 2 of 3 bytes"),
        ([b"abx"], Descriptor(OCTETS, Digest.of(b"abc"), 3), "is sha256:"),
    ],
)
def test_pieces_that_break_a_promise(
    store: Store, root: Path, chunks: list[bytes], expected: Descriptor, message: str
) -> None:
    with pytest.raises(DigestMismatchError, match=message):
        store.put_blob_chunks(chunks, expected=expected)
    assert stored(root) == set()


def test_reading_stops_as_soon_as_more_comes_than_was_announced(store: Store) -> None:
    taken: list[int] = []

    def endless() -> object:
        while True:
            taken.append(1)
            yield b"x" * 1000

    with pytest.raises(DigestMismatchError):
        store.put_blob_chunks(endless(), expected=Descriptor(OCTETS, Digest.of(b""), 2500))  # type: ignore[arg-type]
    assert len(taken) == 3


def test_what_is_too_large_is_refused(store: Store, root: Path) -> None:
    with pytest.raises(SizeLimitError):
        store.put_manifest(b" " * (MAX_MANIFEST_SIZE + 1))
    with pytest.raises(SizeLimitError):
        store.put_blob(bytes(MAX_BLOB_SIZE + 1))
    with pytest.raises(SizeLimitError):
        store.put_blob_chunks([], expected=Descriptor(OCTETS, Digest.of(b""), MAX_BLOB_SIZE + 1))
    assert stored(root) == set()


def test_what_is_too_large_for_a_manifest_is_not_read_as_one(store: Store) -> None:
    digest = store.put_blob(b" " * (MAX_MANIFEST_SIZE + 1))
    with pytest.raises(SizeLimitError, match=str(MAX_MANIFEST_SIZE)):
        store.get_manifest(digest)


def test_an_unknown_digest_is_not_found(store: Store) -> None:
    digest = Digest.of(b"nothing")
    for read in (store.get_blob, store.get_manifest, store.blob_size, store.get_index, store.is_index, store.open_blob):
        with pytest.raises(StoreNotFoundError, match=str(digest)) as caught:
            read(digest)
        assert caught.value.status == 404
    assert not store.has_blob(digest)


@pytest.mark.parametrize(
    "text", ["", "sha256:abc", "sha256:../../../etc/passwd", "md5:" + "0" * 64, "sha256:" + "G" * 64]
)
def test_a_digest_is_checked_before_it_becomes_a_path(store: Store, text: str) -> None:
    for read in (store.get_blob, store.get_manifest, store.has_blob, store.open_blob, store.is_index, store.get_index):
        with pytest.raises(InvalidDigestError):
            read(text)  # type: ignore[arg-type]  # what callers without a type checker do


def test_reading_makes_no_store(store: Store, root: Path) -> None:
    assert store.list_tags() == []
    assert store.tags() == ()
    assert store.check() == ()
    assert store.repair() == ()
    assert store.gc().blobs == ()
    assert not store.has_blob(Digest.of(b""))
    assert not root.exists()


def test_an_index_is_told_from_a_manifest(store: Store) -> None:
    sample = make_sample("a")
    sample.put(store)
    assert store.is_index(sample.digest)
    assert not store.is_index(Digest.of(sample.manifests[0]))
    assert not store.is_index(sample.layer_digest)
    index = store.get_index(sample.digest)
    assert [manifest.digest for manifest in index.manifests] == [Digest.of(data) for data in sample.manifests]
    with pytest.raises(InvalidDocumentError):
        store.get_index(sample.layer_digest)


def test_damaged_content_is_never_handed_out(store: Store, root: Path) -> None:
    digest = store.put_blob(b"0123456789" * 1000)
    path = blob_path(root, digest)
    path.chmod(0o644)
    for damaged in (b"0123456789" * 999 + b"012345678x", b"0123456789" * 999, b"0123456789" * 1001, b""):
        path.write_bytes(damaged)
        with pytest.raises(CorruptBlobError, match="Check the store"):
            store.get_blob(digest)
        received: list[bytes] = []
        with pytest.raises(CorruptBlobError, match=str(path)):
            received.extend(store.blob_chunks(digest))
        assert received == []


def test_the_last_bytes_of_damaged_content_are_held_back(store: Store, root: Path) -> None:
    digest = store.put_blob(bytes(range(250)))
    path = blob_path(root, digest)
    path.chmod(0o644)
    path.write_bytes(bytes(250))
    with store.open_blob(digest) as reader:
        assert reader.read(249) == bytes(249)
        with pytest.raises(CorruptBlobError):
            reader.read(1)


def test_a_reader_reads_like_a_file(store: Store) -> None:
    with store.open_blob(store.put_blob(b"abcdef")) as reader:
        assert reader.size == 6
        assert reader.read(0) == b""
        assert reader.read(4) == b"abcd"
        assert reader.read() == b"ef"
        assert reader.read() == b""


def test_no_file_is_left_open_or_unfinished(store: Store, root: Path) -> None:
    store.put_blob(b"hello")
    store.close()
    assert leftovers(root) == []


def test_a_closed_store_opens_again(store: Store) -> None:
    digest = store.put_blob(b"hello")
    store.close()
    store.put_blob(b"again")
    assert store.get_blob(digest) == b"hello"
