"""An entry of index.json means what Go's encoding/json, and so oras-go, reads in it."""

import json

import pytest
from store_samples import LOCAL_BUILD, REF_NAME

from toolhive_artifact import Digest
from toolhive_plugins_store.index_entry import IndexEntry

A, B = Digest.of(b"a"), Digest.of(b"b")


def annotations(**values: object) -> str:
    return json.dumps({{"tag": REF_NAME, "local": LOCAL_BUILD}.get(key, key): value for key, value in values.items()})


@pytest.mark.parametrize(
    ("text", "digest", "tag", "local_build"),
    [
        (f'{{"digest":"{A}"}}', A, "", False),
        (f'{{"DIGEST":"{A}","Annotations":{annotations(tag="v1", local="true")}}}', A, "v1", True),
        (f'{{"digest":"{A}","annotation\\u017f":{annotations(tag="v1")}}}', A, "v1", False),
        (f'{{"digest":"{A}","\\u0061nnotations":{annotations(tag="v1")}}}', A, "v1", False),
        (f'{{"digest":"{A}","annotation\ufb06":{annotations(tag="v1")}}}', A, "", False),
        (f'{{"digest":"{A}","Digest":"{B}"}}', B, "", False),
        (f'{{"digest":"{A}","Digest":"{B}","digest":"{A}"}}', A, "", False),
        (f'{{"Digest":"{B}","digest":"{A}","DIGEST":null}}', A, "", False),
        (f'{{"digest":"{A}","digest":"short"}}', None, "", False),
        (f'{{"annotations":{annotations(tag="v1")},"Annotations":{annotations(local="true")}}}', None, "v1", True),
        (f'{{"annotations":{annotations(tag="v1")},"annotations":{annotations(tag="v2")}}}', None, "v2", False),
        (f'{{"annotations":{annotations(tag="v1")},"annotations":null}}', None, "", False),
        (f'{{"annotations":{annotations(tag=None)}}}', None, "", False),
        (f'{{"annotations":{{"{REF_NAME.upper()}":"v1"}}}}', None, "", False),
        (f'{{"annotations":{annotations(local="True")}}}', None, "", False),
        ("5", None, "", False),
        ("[]", None, "", False),
        ("{}", None, "", False),
    ],
)
def test_the_fields_are_those_that_go_reads(text: str, digest: Digest | None, tag: str, local_build: bool) -> None:
    entry = IndexEntry.parse(text.encode())
    assert (entry.digest, entry.tag, entry.local_build) == (digest, tag, local_build)
    assert entry.raw == text.encode()
    retagged = entry.with_tag("new", local_build=not local_build)
    assert IndexEntry.parse(retagged.raw) == retagged
    assert (retagged.tag, retagged.local_build) == ("new", not local_build)
    if entry.raw.startswith(b"{"):
        assert retagged.digest == digest


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('{"size":5}', 5),
        ('{"Size":5}', 5),
        ('{"\\u017fize":5}', 5),
        ('{"size":5,"SIZE":6}', 6),
        ('{"size":5,"SIZE":null}', 5),
        ('{"size":"5"}', None),
        ('{"size":true}', None),
        ('{"size":5.0}', None),
        ("{}", None),
        ("5", None),
    ],
)
def test_the_size_is_the_one_that_go_reads(text: str, size: int | None) -> None:
    entry = IndexEntry.parse(text.encode())
    assert entry.size == size
    right = entry.with_size(7)
    assert right.size == 7
    assert (right.digest, right.tag) == (entry.digest, entry.tag)


def test_a_right_size_leaves_the_rest_as_it_is() -> None:
    raw = b'{"mediaType":"m","size":1,"x":1e400,"annotations":{"a":"<>"}}'
    assert json.loads(IndexEntry.parse(raw).with_size(2).raw) == json.loads(raw) | {"size": 2}
    assert b"1e400" in IndexEntry.parse(raw).with_size(2).raw


@pytest.mark.parametrize("name", ["annotations", "Annotations", "ANNOTATIONS", "annotation\u017f"])
def test_a_tag_is_removed_under_whatever_name_its_annotations_have(name: str) -> None:
    raw = f'{{"digest":"{A}","{name}":{{"{REF_NAME}":"old","kept":"x"}}}}'.encode()
    before = IndexEntry.parse(raw)
    assert before.tag == "old"
    for tag in ("", "new"):
        after = before.with_tag(tag, local_build=False)
        assert IndexEntry.parse(after.raw).tag == tag
        assert b'"kept":"x"' in after.raw


def test_an_entry_with_deep_unknown_fields_can_be_tagged() -> None:
    raw = f'{{"digest":"{A}","x":{"[" * 3000}{"]" * 3000}}}'.encode()
    after = IndexEntry(raw=raw, digest=A, tag="", local_build=False).with_tag("v1", local_build=False)
    assert b"[" * 3000 in after.raw


def test_an_entry_in_python_code_is_the_one_in_the_file() -> None:
    raw = b'{"mediaType":"m","digest":"%s","size":5,"artifactType":"t"}' % A.encode()
    assert IndexEntry.parse(raw).field("artifactType") == "t"
    assert IndexEntry.parse(raw).field("platform") is None
