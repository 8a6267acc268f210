"""A tag is set and taken away in whatever manner another program wrote the entry."""

import json

import pytest
from store_samples import REF_NAME

from toolhive_artifact import Digest
from toolhive_plugins_store.index_file import Entry, make_entry, retagged


@pytest.mark.parametrize("name", ["annotations", "Annotations", "ANNOTATIONS"])
def test_a_tag_is_taken_away_in_whatever_case_its_annotations_are_written(name: str) -> None:
    raw = f'{{"digest":"{Digest.of(b"")}","{name}":{{"{REF_NAME}":"old","kept":"x"}}}}'.encode()
    before = make_entry(raw, json.loads(raw))
    assert before.tag == "old"
    for tag in ("", "new"):
        after = retagged(before, tag, local_build=False)
        assert make_entry(after.raw, json.loads(after.raw)).tag == tag
        assert b'"kept":"x"' in after.raw


def test_an_entry_with_deep_unknown_fields_can_be_tagged() -> None:
    raw = f'{{"digest":"{Digest.of(b"")}","x":{"[" * 3000}{"]" * 3000}}}'.encode()
    after = retagged(Entry(raw=raw, digest=Digest.of(b""), tag="", local_build=False), "v1", local_build=False)
    assert b"[" * 3000 in after.raw
