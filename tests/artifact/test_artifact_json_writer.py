"""The JSON writer gives the bytes of Go's encoder."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import Encodable, JsonNumber, encode_json, parse_json, sorted_by_key


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-12, "-12"),
        ("", '""'),
        ([], "[]"),
        ({}, "{}"),
        ([1, "a", None, [True], {"k": [2]}], '[1,"a",null,[true],{"k":[2]}]'),
        (("x", JsonNumber("1.50e3")), '["x",1.50e3]'),
        ({"b": 1, "a": 2}, '{"b":1,"a":2}'),
        ('"\\', '"\\"\\\\"'),
        ("/", '"/"'),
        ("\b\f\n\r\t", '"\\b\\f\\n\\r\\t"'),
        ("\x00\x01\x1f\x7f", '"\\u0000\\u0001\\u001f\x7f"'),
        ("<a>&b", '"\\u003ca\\u003e\\u0026b"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ("é日😀\ufffd\ufeff", '"é日😀\ufffd\ufeff"'),
        ({"<&>": 1}, '{"\\u003c\\u0026\\u003e":1}'),
        ("caf\udce9", '"caf\ufffd"'),
        ("\udcff\udcfe", '"\ufffd\ufffd"'),
        ("\ud800", '"\ufffd"'),
    ],
)
def test_value_is_written_as_go_writes_it(value: Encodable, text: str) -> None:
    assert encode_json(value) == text.encode("utf-8")


def test_maps_are_sorted_by_the_bytes_of_their_keys() -> None:
    mapping: dict[str, Encodable] = {"\U0001f600": 1, "\uffee": 2, "b": 3, "B": 4, "": 5, "é": 6, "a-": 7, "a": 8}
    assert list(sorted_by_key(mapping)) == ["", "B", "a", "a-", "b", "é", "\uffee", "\U0001f600"]
    assert list(sorted_by_key({"\udcff": 1, "\uffee": 2})) == ["\uffee", "\udcff"]


def test_duplicate_keys_of_a_document_are_kept() -> None:
    text = b'{"a":1,"b":[{"c":null,"c":2.0}],"a":"x"}'
    assert encode_json(parse_json(text, where="")) == text


def test_encoding_does_not_recurse() -> None:
    text = b'[{"a":' * 5_000 + b"0" + b"}]" * 5_000
    assert encode_json(parse_json(text, where="")) == text


@pytest.mark.parametrize("value", [1.5, b"x", object(), [b"x"], {"a": {1}}])
def test_value_that_json_cannot_express_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be encoded as JSON"):
        encode_json(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
@settings(max_examples=200, deadline=None)
def test_what_is_written_reads_back_as_it_was(value: Any) -> None:
    text = encode_json(value)
    assert json.loads(text) == value
    assert encode_json(parse_json(text, where="")) == text
