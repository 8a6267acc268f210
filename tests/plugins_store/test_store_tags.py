"""Tags: what stands for what, in our words and in those of the other programs."""

from pathlib import Path

import pytest
from store_samples import (
    ARTIFACT_TYPE,
    LOCAL_BUILD,
    REF_NAME,
    build,
    encode,
    entries,
    make_sample,
    read_index,
)

from toolhive_artifact import MEDIA_TYPE_IMAGE_INDEX, Digest, InvalidDigestError
from toolhive_plugins_store import InvalidTagError, Store, StoreNotFoundError, Tag

REFERENCE = "ghcr.io/owner/my-plugin:v1.0.0"


def test_a_tag_stands_for_what_it_was_given_to(store: Store) -> None:
    sample = build(store, REFERENCE)
    assert store.resolve(REFERENCE) == sample.digest
    assert store.list_tags() == [REFERENCE]


def test_tags_are_listed_in_order(store: Store) -> None:
    sample = make_sample("a")
    sample.put(store)
    for tag in ("v2", "v10", "b", "ghcr.io/a/b:c"):
        store.tag(sample.digest, tag)
    assert store.list_tags() == ["b", "ghcr.io/a/b:c", "v10", "v2"]
    assert [entry.tag for entry in store.tags()] == store.list_tags()


@pytest.mark.parametrize("change", [{"size": "large"}, {"mediaType": None}, {"unknown": [1]}, {"urls": 5}])
def test_a_build_is_listed_whatever_other_fields_its_entry_has(store: Store, root: Path, change: object) -> None:
    sample = build(store, "a")
    document = read_index(root)
    document["manifests"][0].update(change)
    (root / "index.json").write_bytes(encode(document))
    assert store.tags() == (Tag("a", sample.digest, local_build=False),)


def test_a_tag_moves_to_what_takes_it(store: Store, root: Path) -> None:
    build(store, "a", make_sample("old"))
    new = build(store, "a", make_sample("new"))
    assert store.resolve("a") == new.digest
    assert len(entries(root)) == 1


def test_a_digest_stands_for_itself_where_it_is_there(store: Store) -> None:
    sample = make_sample("a")
    sample.put(store)
    assert store.resolve(sample.digest) == sample.digest
    with pytest.raises(StoreNotFoundError):
        store.resolve(Digest.of(b"elsewhere"))
    with pytest.raises(InvalidDigestError):
        store.resolve("sha256:../..")


def test_an_unknown_tag_is_not_found(store: Store) -> None:
    for act in (store.resolve, store.delete_tag, store.delete_build):
        with pytest.raises(StoreNotFoundError, match="tag not found: nothing") as caught:
            act("nothing")
        assert caught.value.status == 404


def test_the_entry_is_what_oras_go_writes(store: Store, root: Path) -> None:
    sample = make_sample("a")
    sample.put(store)
    store.tag(sample.digest, REFERENCE)
    assert (root / "index.json").read_bytes() == (
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":['
        b'{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"' + sample.digest.encode() + b'","size":'
        b"%d"
        % len(sample.index)
        + b',"annotations":{"org.opencontainers.image.ref.name":"'
        + REFERENCE.encode()
        + b'"},'
        b'"artifactType":"' + ARTIFACT_TYPE.encode() + b'"}]}'
    )


def test_tags_tell_what_they_name_and_where_it_was_built(store: Store) -> None:
    sample = make_sample("a")
    with store.transaction() as transaction:
        transaction.tag(sample.put(transaction), "a", local_build=True)
    ((tag, digest, local_build),) = store.tags()
    assert (tag, digest, local_build) == ("a", sample.digest, True)


def test_the_mark_of_a_local_build_is_read_again(root: Path) -> None:
    sample = make_sample("a")
    with Store(root) as store:
        sample.put(store)
        store.tag(sample.digest, "mine", local_build=True)
        store.tag(sample.digest, "theirs")
    with Store(root) as store:
        assert {entry.tag: entry.local_build for entry in store.tags()} == {"mine": True, "theirs": False}


def test_a_pulled_artifact_that_takes_the_tag_drops_the_mark(store: Store, root: Path) -> None:
    sample = make_sample("a")
    sample.put(store)
    store.tag(sample.digest, "a", local_build=True)
    assert entries(root)[0]["annotations"][LOCAL_BUILD] == "true"
    store.tag(sample.digest, "a")
    assert LOCAL_BUILD not in entries(root)[0]["annotations"]
    store.tag(sample.digest, "a", local_build=True)
    build(store, "a", make_sample("pulled"))
    assert [entry.local_build for entry in store.tags()] == [False]


def test_tagging_the_same_again_writes_nothing(store: Store, root: Path) -> None:
    sample = build(store, "a")
    before = (root / "index.json").stat()
    store.tag(sample.digest, "a")
    assert (root / "index.json").stat() == before


@pytest.mark.parametrize(
    "tag",
    [
        "v1",
        "ghcr.io/owner/name:v1",
        "localhost:5000/a/b@sha256:" + "a" * 64,
        "ünïcode",
        "with space",
        '"quotes" and <brackets> & \\',
        "x" * 1024,
    ],
)
def test_tags_that_are_taken(store: Store, tag: str) -> None:
    sample = build(store, tag)
    assert Store(store.root).resolve(tag) == sample.digest
    store.delete_build(tag)
    assert Store(store.root).list_tags() == []


@pytest.mark.parametrize(
    "tag",
    [
        "",
        " ",
        " a",
        "a ",
        "a\nb",
        "a\x00b",
        "\x1b[31m",
        "a\u202eb",
        "\udcff",
        "x" * 1025,
        "é" * 513,
        "sha256:" + "a" * 64,
    ],
)
def test_tags_that_are_refused(store: Store, tag: str) -> None:
    sample = make_sample("a")
    sample.put(store)
    with pytest.raises(InvalidTagError) as caught:
        store.tag(sample.digest, tag)
    assert str(caught.value).isprintable()
    assert store.list_tags() == []


def test_a_tag_that_is_no_text_is_refused(store: Store) -> None:
    with pytest.raises(InvalidTagError):
        store.tag(Digest.of(b""), None)  # type: ignore[arg-type]  # what callers without a type checker do


def test_nothing_is_tagged_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreNotFoundError):
        store.tag(Digest.of(b"nothing"), "a")


@pytest.mark.parametrize("lacking", ["layer", "config", "manifest"])
def test_nothing_is_tagged_that_is_not_whole(store: Store, root: Path, lacking: str) -> None:
    sample = make_sample("a", architectures=("amd64",))
    missing = {"layer": sample.layer, "config": sample.configs[0], "manifest": sample.manifests[0]}[lacking]
    for data in sample.blobs.values():
        if data != missing:
            store.put_blob(data)
    with pytest.raises(StoreNotFoundError, match=str(Digest.of(missing))):
        store.tag(sample.digest, "a")
    assert entries(root) == []


def test_a_manifest_that_refers_to_nothing_can_be_tagged(store: Store) -> None:
    digest = store.put_manifest(b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}')
    store.tag(digest, "a")
    assert store.resolve("a") == digest


def test_deleting_a_tag_keeps_the_build(store: Store, root: Path) -> None:
    sample = make_sample("a")
    sample.put(store)
    store.tag(sample.digest, "a", local_build=True)
    store.delete_tag("a")
    assert store.list_tags() == []
    assert store.resolve(sample.digest) == sample.digest
    (entry,) = entries(root)
    assert entry["digest"] == sample.digest
    assert entry["annotations"] == {LOCAL_BUILD: "true"}
    assert store.gc(grace=0).blobs == ()


def test_an_untagged_entry_is_used_again_by_the_next_tag(store: Store, root: Path) -> None:
    sample = build(store, "a")
    store.delete_tag("a")
    assert "annotations" not in entries(root)[0]
    store.tag(sample.digest, "b")
    assert [entry["annotations"] for entry in entries(root)] == [{REF_NAME: "b"}]


def test_deleting_one_of_two_tags_leaves_no_untagged_entry(store: Store, root: Path) -> None:
    sample = build(store, "a")
    store.tag(sample.digest, "b")
    store.delete_tag("a")
    assert [entry["annotations"] for entry in entries(root)] == [{REF_NAME: "b"}]


def test_an_untagged_build_is_deleted_by_its_digest(store: Store, root: Path) -> None:
    sample = build(store, "a")
    store.delete_tag("a")
    store.delete_build(sample.digest)
    assert entries(root) == []
    assert not store.has_blob(sample.digest)


def test_two_stores_in_one_process_see_each_other(root: Path) -> None:
    with Store(root) as one, Store(root) as two:
        assert one.list_tags() == []
        build(two, "a")
        assert one.list_tags() == ["a"]
        build(one, "b")
        assert two.list_tags() == ["a", "b"]


def test_the_head_of_the_index_is_the_layouts(store: Store, root: Path) -> None:
    store.put_blob(b"")
    assert read_index(root) == {"schemaVersion": 2, "mediaType": MEDIA_TYPE_IMAGE_INDEX, "manifests": []}
