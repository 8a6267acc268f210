"""The content digest of a plugin: vectors over names, order and empty files, and what it does not depend on."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolhive_plugins import Digest, MemoryTree
from toolhive_plugins_installs import ContentDigestError, content_digest, digest_of_files

VECTORS = [
    ({}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ({"a": b""}, "7edab98a73dfc6a669ef6e8dd5fce91abb73c1501c12603fc75f7617118de235"),
    ({"a/b": b"1", "a-b": b"2", "a": b"3"}, "cd2ff665bdd83d15d0eb83489c0c39467d5c0821d73f8dbd2ba0facde3767b7e"),
    (
        {"é": b"x", "e\u0301": b"y", "z": b"", "\U0001f600": b"q"},
        "fe1fa68ecfe43f25924974e241e09844d16e41375560a5e85bd31dee267d1ef9",
    ),
]
names = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\0"), min_size=1, max_size=12)


@pytest.mark.parametrize(("files", "expected"), VECTORS)
def test_vectors(files: dict[str, bytes], expected: str) -> None:
    assert content_digest(MemoryTree(files)).encoded == expected


@given(st.dictionaries(names, st.binary(max_size=20), max_size=6))
def test_is_the_digest_of_records_in_the_order_of_the_paths_bytes(files: dict[str, bytes]) -> None:
    records = b"".join(
        path + b"\0" + hashlib.sha256(files[path.decode()]).digest() + b"\n"
        for path in sorted(name.encode() for name in files)
    )
    assert content_digest(MemoryTree(files)) == Digest.of(records)
    reverse = dict(sorted(((name, Digest.of(data)) for name, data in files.items()), reverse=True))
    assert digest_of_files(reverse) == Digest.of(records)


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "\x1b[2J", "x\x7f", "x\x85", "sub/\t", "\udcff"])
def test_a_name_that_could_be_taken_for_another_record_is_refused(name: str) -> None:
    with pytest.raises(ContentDigestError):
        digest_of_files({name: Digest.of(b"")})
