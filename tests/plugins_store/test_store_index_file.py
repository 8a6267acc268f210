"""index.json is edited, not rewritten: what we do not understand stays as it was, byte for byte."""

import contextlib
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import (
    LOCAL_BUILD,
    REF_NAME,
    OrasGoStore,
    build,
    encode,
    entries,
    make_sample,
    read_index,
    tags_on_disk,
)

from toolhive_artifact import Descriptor, Digest, fold_key
from toolhive_plugins_store import CorruptStoreError, Store
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import Edit, IndexFile, parse_index_file

WHERE = "index.json"


def entry(tag: str, text: str = "", *, local_build: bool = False) -> IndexEntry:
    return IndexEntry.of(Descriptor("m", Digest.of((tag + text).encode()), 5), tag, local_build=local_build)


def text_of(file: IndexFile) -> bytes:
    return file.head + b",".join(entry.raw for entry in file.entries.values()) + file.tail


@st.composite
def files_and_edits(draw: st.DrawFn) -> tuple[IndexFile, dict[int, IndexEntry | None], list[IndexEntry]]:
    count = draw(st.integers(0, 6))
    file = parse_index_file(
        text_of(IndexFile(b'{"manifests":[', (entry(f"t{n}", "x" * n) for n in range(count)), b"]}")), WHERE
    )
    changed: dict[int, IndexEntry | None] = (
        {
            key: draw(st.sampled_from([None, entry(f"t{key}", "new"), entry(f"longer-{key}", "new")]))
            for key in draw(st.sets(st.integers(0, count - 1)))
        }
        if count
        else {}
    )
    return file, changed, [entry(f"added{n}") for n in range(draw(st.integers(0, 3)))]


@settings(max_examples=200, deadline=None)
@given(files_and_edits(), st.data())
def test_an_edit_knows_its_text_from_any_byte_on(
    case: tuple[IndexFile, dict[int, IndexEntry | None], list[IndexEntry]], data: st.DataObject
) -> None:
    file, changed, added = case
    before = text_of(file)
    edit = Edit(file, changed, added)
    after = edit.text_from(0)
    offset = data.draw(st.integers(0, edit.offset))
    assert edit.text_from(offset) == after[offset:]
    assert edit.size == len(after)
    assert after[: edit.offset] == before[: edit.offset]
    file.apply(edit)
    assert text_of(file) == after
    assert file.size == len(after)
    again = parse_index_file(after, WHERE)
    assert again.canonical
    assert list(again.entries.values()) == list(file.entries.values())
    assert {tag: again.entries[key] for tag, key in again.by_tag.items()} == {
        tag: file.entries[key] for tag, key in file.by_tag.items()
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    st.lists(JSON, max_size=4),
    st.none() | st.integers(0, 3),
    st.booleans(),
)
def test_any_index_is_read_and_keeps_all_that_is_in_it(
    around: dict[str, object], items: list[object], indent: int | None, last: bool
) -> None:
    around = {key: value for key, value in around.items() if fold_key(key) != "manifests"}
    document = around | {"manifests": items} if last else {"manifests": items} | around
    file = parse_index_file(json.dumps(document, indent=indent, ensure_ascii=bool(indent)).encode(), WHERE)
    edit = Edit(file, {}, [entry("new")])
    after = json.loads(edit.text_from(0))
    assert after == document | {"manifests": [*items, json.loads(entry("new").raw)]}


@pytest.mark.parametrize(
    "text", ['{"manifests":null}', "{}", '{"schemaVersion":2}', '{ "manifests" : [ ] }', '{"Manifests":[]}']
)
def test_an_index_without_entries_takes_one(text: str) -> None:
    file = parse_index_file(text.encode(), WHERE)
    after = json.loads(Edit(file, {}, [entry("new")]).text_from(0))
    assert next(value for key, value in after.items() if key.lower() == "manifests") == [json.loads(entry("new").raw)]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"manifests":[}',
        b'{"manifests":[]',
        b'{"manifests":[]}x',
        b'{"manifests":{}}',
        b'{"manifests":[{]}',
        b'{"manifests":[1,]}',
        b'{"manifests":[],}',
        b'{"a":NaN}',
        b"\xef\xbb\xbf{}",
        b"{\x00}",
        b"\x00" * 100,
        b'{"manifests":[' + b"[" * 100_000,
        b'{"a":' + b"1" * 5000 + b"}",
    ],
)
def test_what_is_no_index_is_named(text: bytes) -> None:
    with pytest.raises(CorruptStoreError, match=r"^index\.json: not an OCI index: .*Check the store"):
        parse_index_file(text, WHERE)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:manifests0 \\u', max_size=40).map(str.encode))
def test_junk_is_an_index_or_an_error_of_ours(text: bytes) -> None:
    with contextlib.suppress(CorruptStoreError):
        parse_index_file(text, WHERE)


@pytest.mark.parametrize(
    "item",
    [
        "1",
        "null",
        "{}",
        '{"digest":5}',
        '{"digest":"sha256:short"}',
        '{"digest":"sha512:' + "a" * 128 + '"}',
        '{"annotations":[]}',
        '{"annotations":{"org.opencontainers.image.ref.name":5}}',
    ],
)
def test_an_entry_that_cannot_be_read_is_kept(root: Path, item: str) -> None:
    with Store(root) as store:
        build(store, "a")
        text = (root / "index.json").read_text()
        (root / "index.json").write_text(text.replace('"manifests":[', f'"manifests":[{item},'))
        assert store.list_tags() == ["a"]
        build(store, "b")
        assert json.loads(item) in entries(root)
        assert store.list_tags() == ["a", "b"]


def test_a_lone_surrogate_in_a_tag_is_replaced_as_go_does() -> None:
    text = '{"annotations":{"REF":"a\\ud800b\\ud83d\\ude00"}}'.replace("REF", REF_NAME)
    assert IndexEntry.parse(text.encode()).tag == "a\ufffdb\U0001f600"


def test_the_last_of_two_equal_tags_counts_and_the_next_change_settles_it(root: Path) -> None:
    with Store(root) as store:
        one, two = build(store, "a", make_sample("one")), build(store, "b", make_sample("two"))
        text = (root / "index.json").read_text().replace('"b"', '"a"')
        (root / "index.json").write_text(text)
        (root / ".toolhive" / "journal").unlink()
        assert store.resolve("a") == two.digest
        store.tag(one.digest, "a")
        assert store.resolve("a") == one.digest
        assert [item["digest"] for item in entries(root)] == [one.digest]


def test_unknown_fields_outlive_changes(root: Path) -> None:
    with Store(root) as store:
        sample = build(store, "a")
        document = read_index(root)
        document["x-top"] = {"kept": [1, 2.50, "ü"]}
        document["manifests"][0] |= {"x-field": 1e400, "urls": ["https://example.com"], "platform": {"os": "linux"}}
        document["manifests"][0]["annotations"]["x-annotation"] = "kept <&>"
        text = json.dumps(document, indent=1).replace("Infinity", "1e400").replace("2.5", "2.50")
        (root / "index.json").write_text(text)
        build(store, "b")
        store.tag(sample.digest, "a", local_build=True)
        store.delete_tag("a")
        after = (root / "index.json").read_text()
        assert "2.50" in after
        assert "1e400" in after
        (entry,) = [item for item in entries(root) if item["digest"] == sample.digest]
        assert entry["annotations"] == {"x-annotation": "kept <&>", LOCAL_BUILD: "true"}
        assert entry["urls"] == ["https://example.com"]
        assert read_index(root)["x-top"] == {"kept": [1, 2.5, "ü"]}


def test_a_changed_tag_keeps_the_order_of_fields() -> None:
    raw = b'{"mediaType":"m","digest":"sha256:%s","size":5,"artifactType":"t"}' % (b"a" * 64)
    assert IndexEntry.parse(raw).with_tag("v1", local_build=True).raw == raw.replace(
        b',"artifactType"',
        b',"annotations":{"dev.stacklok.toolhive.local-build":"true","org.opencontainers.image.ref.name":"v1"},"artifactType"',
    )


def test_a_store_that_oras_go_wrote_is_read(root: Path) -> None:
    go = OrasGoStore(root)
    sample, other = make_sample("a"), make_sample("b")
    go.tag(sample.put(go), "ghcr.io/owner/a:v1")
    other.put(go)
    with Store(root) as store:
        assert store.list_tags() == ["ghcr.io/owner/a:v1"]
        assert store.resolve("ghcr.io/owner/a:v1") == sample.digest
        assert store.check() == ()
        assert store.gc(grace=0).blobs == ()
        for digest, data in sample.blobs.items() | other.blobs.items():
            assert store.get_blob(digest) == data


def test_entries_of_oras_go_stay_when_we_tag(root: Path) -> None:
    go = OrasGoStore(root)
    go.tag(make_sample("a").put(go), "a")
    before = entries(root)
    with Store(root) as store:
        sample = build(store, "b")
    assert entries(root)[: len(before)] == before
    again = OrasGoStore(root)
    again.tag(make_sample("c").put(again), "c")
    with Store(root) as store:
        assert store.list_tags() == ["a", "b", "c"]
        assert store.resolve("b") == sample.digest
        assert store.check() == ()


def test_the_mark_of_a_local_build_outlives_oras_go(root: Path) -> None:
    with Store(root) as store:
        sample = make_sample("a")
        sample.put(store)
        store.tag(sample.digest, "a", local_build=True)
        OrasGoStore(root).put_manifest(encode({"schemaVersion": 2, "mediaType": "m"}))
        assert [entry.local_build for entry in store.tags()] == [True]


def test_a_torn_read_is_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """oras-go truncates index.json and then writes it; who reads in between waits for the rest."""
    with Store(root) as store:
        build(store, "a")
        index = root / "index.json"
        whole = index.read_bytes()
        index.write_bytes(whole[:50])
        waited: list[float] = []

        def finish(seconds: float) -> None:
            waited.append(seconds)
            index.write_bytes(whole)

        monkeypatch.setattr("toolhive_plugins_store.index_reader.time.sleep", finish)
        assert Store(root).list_tags() == ["a"]
        assert len(waited) == 1


def test_a_sound_index_is_read_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a file changes its access time, which says nothing about its content."""
    with Store(root) as store:
        build(store, "a")
    os.utime(root / "index.json", ns=(0, time.time_ns()))
    monkeypatch.setattr("toolhive_plugins_store.index_reader.time.sleep", lambda _: pytest.fail("it waited"))
    assert Store(root).list_tags() == ["a"]


def test_a_torn_index_is_damage_once_nobody_can_be_writing_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(root) as store:
        build(store, "a")
    index = root / "index.json"
    index.write_bytes(index.read_bytes()[:50])
    slept: list[float] = []

    def grow_old(seconds: float) -> None:
        slept.append(seconds)
        os.utime(index, (0, time.time() - len(slept)))

    monkeypatch.setattr("toolhive_plugins_store.index_reader.time.sleep", grow_old)
    with pytest.raises(CorruptStoreError):
        Store(root).list_tags()
    assert 1 < len(slept) < 10


def test_a_tag_that_oras_go_writes_at_the_last_moment_is_kept(root: Path) -> None:
    """A program that takes no lock may write after we read. We look once more right before the rename."""
    from toolhive_plugins_store import _fs

    with Store(root) as store:
        build(store, "a")
        sample = make_sample("b")
        sample.put(store)
        go = OrasGoStore(root)
        go_sample = make_sample("theirs")

        def between(operation: str, path: str) -> None:
            if operation == "fsync" and path.endswith("index.new"):
                _fs.watcher = None
                go.tag(go_sample.put(go), "theirs")

        _fs.watcher = between
        store.tag(sample.digest, "b")
        assert store.list_tags() == ["a", "b", "theirs"]
        assert store.check() == ()
    assert set(tags_on_disk(root)) == {"a", "b", "theirs"}
