"""The JSON reader takes what Go's decoder takes, refuses what it refuses, and says where."""

import contextlib
import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import (
    DocumentLimitError,
    InvalidDocumentError,
    JsonNumber,
    JsonObject,
    JsonValue,
    SizeLimitError,
    ToolhiveError,
    fold_key,
    parse_json,
)

MIB = 1024 * 1024


def parse(text: str | bytes) -> JsonValue:
    return parse_json(text.encode() if isinstance(text, str) else text, where="doc")


def plain(value: JsonValue) -> Any:
    """The value as the standard library would give it, numbers as text."""
    if isinstance(value, JsonObject):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.text if isinstance(value, JsonNumber) else value


class TestAcceptance:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("null", None),
            ("true", True),
            ("false", False),
            ('""', ""),
            (" \t\r\n[ ] \n", ()),
            ("[1,\n2]", (JsonNumber("1"), JsonNumber("2"))),
            ('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9"', '"\\/\b\f\n\r\téé'),
            ('"\\ud83d\\ude00"', "😀"),
            ('"\x7f\u2028"', "\x7f\u2028"),
            ('"\\u0000"', "\0"),
        ],
    )
    def test_document_of_the_grammar_is_read(self, text: str, value: JsonValue) -> None:
        assert parse(text) == value

    @pytest.mark.parametrize("text", ["0", "-0", "10", "1.0", "-1.5e+10", "1E5", "1e-5", "9" * 1000])
    def test_number_keeps_its_text(self, text: str) -> None:
        assert parse(text) == JsonNumber(text)

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b'"\xff"', "\ufffd"),
            (b'"a\xe2\x82b"', "a\ufffd\ufffdb"),
            (b'"\xed\xa0\x80"', "\ufffd" * 3),
            (b'"\xc0\xaf"', "\ufffd" * 2),
            (b'"\xf4\x90\x80\x80"', "\ufffd" * 4),
        ],
    )
    def test_each_byte_that_is_not_utf8_becomes_a_replacement_character(self, data: bytes, text: str) -> None:
        assert parse(data) == text

    @pytest.mark.parametrize(
        ("escaped", "text"),
        [
            ("\\ud800", "\ufffd"),
            ("\\udc00", "\ufffd"),
            ("\\ud800x", "\ufffdx"),
            ("\\ud800\\u0041", "\ufffdA"),
            ("\\ud800\\ud83d\\ude00", "\ufffd😀"),
            ("\\udc00\\ud800", "\ufffd\ufffd"),
            ("\\uD83D\\uDE00", "😀"),
        ],
    )
    def test_surrogate_without_its_other_half_becomes_a_replacement_character(self, escaped: str, text: str) -> None:
        assert parse(f'"{escaped}"') == text

    @given(
        st.recursive(
            st.none() | st.booleans() | st.text() | st.integers(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    @settings(max_examples=200, deadline=None)
    def test_reads_what_the_standard_library_writes(self, value: Any) -> None:
        for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
            assert plain(parse(text)) == json.loads(text, parse_int=str)

    @given(st.text(alphabet='[]{}:,"\\u0dn1-.e tfrals\x00\n'))
    @settings(max_examples=500, deadline=None)
    def test_agrees_with_the_standard_library_on_what_is_json(self, text: str) -> None:
        try:
            json.loads(text)
            accepted = True
        except ValueError:
            accepted = False
        with contextlib.nullcontext() if accepted else pytest.raises(InvalidDocumentError):
            parse(text)

    @given(st.binary(max_size=200))
    @settings(max_examples=300, deadline=None)
    def test_any_bytes_give_a_value_or_our_error(self, data: bytes) -> None:
        for document in (data, b'{"' + data + b'":1}', b"[" + data + b"]"):
            with contextlib.suppress(InvalidDocumentError):
                parse(document)


class TestRefusal:
    @pytest.mark.parametrize(
        ("text", "line", "column", "problem"),
        [
            ("", 1, 1, "the end of the text"),
            (" \n ", 2, 2, "the end of the text"),
            ("\ufeff{}", 1, 1, "byte order mark"),
            ("{} x", 1, 4, "unexpected text after the document"),
            ("[1,]", 1, 4, "trailing comma"),
            ('{"a":1,\n}', 2, 1, "trailing comma"),
            ("[,1]", 1, 2, "expected a value, found ','"),
            ("{,}", 1, 2, "expected a key"),
            ("{a:1}", 1, 2, "expected a key in double quotes, found 'a'"),
            ('{"a" 1}', 1, 6, "expected a colon"),
            ('{"a":}', 1, 6, "expected a value"),
            ('{"a":1 "b":2}', 1, 8, "expected a comma or }"),
            ("[1 2]", 1, 4, "expected a comma or ]"),
            ("[1", 1, 3, "the end of the text"),
            ("[}", 1, 2, "must end with ]"),
            ('{"a":1]', 1, 7, "must end with }"),
            ("NaN", 1, 1, "found 'NaN'"),
            ("-Infinity", 1, 1, "found '-Infinity'"),
            ("01", 1, 2, "unexpected text"),
            ("+1", 1, 1, "found '+1'"),
            (".5", 1, 1, "found '.5'"),
            ("1.", 1, 2, "unexpected text"),
            ("1e", 1, 2, "unexpected text"),
            ("-", 1, 1, "found '-'"),
            ("tru", 1, 1, "found 'tru'"),
            ("truex", 1, 5, "unexpected text"),
            ("// x\n{}", 1, 1, "no comments"),
            ("{'a':1}", 1, 2, "take double quotes"),
            ('"abc', 1, 1, "unterminated string"),
            ('"a\nb"', 1, 3, "U+000A"),
            ('"a\tb"', 1, 3, "U+0009"),
            ('"\\x"', 1, 2, "invalid escape"),
            ('"\\u12g4"', 1, 2, "invalid escape"),
            ('"\\u12', 1, 2, "invalid escape"),
            ('"\\', 1, 2, "invalid escape"),
            ("\v1", 1, 1, "expected a value"),
            ("\u00a01", 1, 1, "expected a value"),
            ('{"é😀":\n  "ü" x}', 2, 7, "found 'x'"),
        ],
    )
    def test_error_says_what_is_wrong_and_where(self, text: str, line: int, column: int, problem: str) -> None:
        with pytest.raises(InvalidDocumentError) as caught:
            parse(text)
        assert (caught.value.line, caught.value.column) == (line, column)
        assert problem in str(caught.value)
        assert str(caught.value).startswith(f"doc, line {line}, column {column}: ")

    def test_bytes_that_are_not_utf8_are_refused_outside_strings(self) -> None:
        with pytest.raises(InvalidDocumentError):
            parse(b"[\xff]")

    def test_message_never_carries_much_of_the_document(self) -> None:
        for document in ("x" * MIB, '"\\u' + "z" * MIB, "{" + "y" * MIB):
            with pytest.raises(InvalidDocumentError) as caught:
                parse_json(document.encode(), where="doc", max_size=2 * MIB)
            assert len(str(caught.value)) < 200

    def test_duplicate_key_is_refused_where_asked(self) -> None:
        with pytest.raises(InvalidDocumentError, match="line 2, column 2: duplicate key 'a'"):
            parse_json(b'[{"a":1,\n "\\u0061":2}]', where="", unique_keys=True)


class TestBounds:
    def test_depth_of_10000_is_read(self) -> None:
        value = parse("[" * 10_000 + "]" * 10_000)
        depth = 0
        while value:
            assert isinstance(value, tuple)
            value, depth = value[0], depth + 1
        assert depth == 9_999

    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
    def test_depth_of_10001_is_refused(self, opening: str, closing: str) -> None:
        times = 10_000 // len(closing)
        parse(opening * times + "1" + closing * times)
        with pytest.raises(DocumentLimitError, match="nested more than 10000 levels deep"):
            parse("[" + opening * times + "1" + closing * times + "]")

    def test_depth_beyond_any_recursion_limit_is_our_error(self) -> None:
        for opening in ("[", '{"a":'):
            with pytest.raises(DocumentLimitError):
                parse(opening * 150_000)

    def test_size_is_bounded(self) -> None:
        assert parse_json(b"1" * MIB, where="") == JsonNumber("1" * MIB)
        with pytest.raises(SizeLimitError, match="the limit is 1048576"):
            parse_json(b"1" * (MIB + 1), where="")

    @pytest.mark.parametrize(
        "document",
        [
            b"[" + b"[]," * (MIB // 3 - 2) + b"[]]",
            b"[" + b"{}," * (MIB // 3 - 2) + b"{}]",
            b"[" + b"0," * (MIB // 2 - 2) + b"0]",
            b"{" + b'"":0,' * (MIB // 5 - 2) + b'"":0}',
            b'"' + b"\\n" * (MIB // 2 - 1) + b'"',
            b'"' + b"\\ud800" * (MIB // 6 - 1) + b'"',
            b'"' + b"\xff" * (MIB - 2) + b'"',
            b'"' + b"\\n" * (MIB // 2 - 1),
            b" " * MIB,
            b"\n" * (MIB - 1) + b"x",
            b"-" * MIB,
            b'{"a":' * 9_999 + b"1" + b"}" * 9_999,
        ],
        ids=lambda document: repr(document[:6]),
    )
    def test_a_hostile_megabyte_takes_bounded_time(self, document: bytes) -> None:
        began = time.process_time()
        with contextlib.suppress(ToolhiveError):
            parse(document)
        assert time.process_time() - began < 10  # measured: at most 0.5; what this guards against takes minutes

    @pytest.mark.parametrize("document", [b"[" + b"{}," * 100_000 + b"{}]", b'"' + b"\\n" * 500_000 + b'"'])
    def test_memory_is_a_small_multiple_of_the_text(self, document: bytes) -> None:
        tracemalloc.start()
        parse(document)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 100 * len(document)


class TestObject:
    def test_last_of_equal_keys_wins_and_all_are_kept(self) -> None:
        value = parse('{"a":1,"b":2,"a":null}')
        assert isinstance(value, JsonObject)
        assert value["a"] is None
        assert len(value) == 2
        assert value.duplicates == ("a",)
        assert [key for key, _ in value.pairs] == ["a", "b", "a"]

    def test_no_duplicates_is_an_empty_tuple(self) -> None:
        value = parse('{"a":1,"A":2}')
        assert isinstance(value, JsonObject)
        assert value.duplicates == ()

    def test_field_is_found_as_go_finds_it(self) -> None:
        value = parse('{"name":"a","NAME":"b","na\u006de":"c","\u017fize":"d","\u212aey":"e"}')
        assert isinstance(value, JsonObject)
        assert value.field("name") == "c"
        assert [item for _, item in value.fields("name")] == ["a", "b", "c"]
        assert value.field("size") == "d"
        assert value.field("key") == "e"
        assert value.field("other") is None
        assert value.field("other", "default") == "default"

    @pytest.mark.parametrize("key", ["nam\u00e9", "\u0130d", "\u0131d", "\uff4eame", "name\0", "name "])
    def test_other_letters_fold_to_no_field(self, key: str) -> None:
        assert fold_key(key) not in {"name", "id"}

    def test_positions_are_those_of_the_text(self) -> None:
        value = parse('{"a":\n [1, {"b":\n  [true,"x,]", {"c":[[], 0 ,"z"]}]}],\n"a2":3}')
        assert isinstance(value, JsonObject)
        assert value.key_position("a") == (1, 2)
        assert value.key_position("a2") == (4, 1)
        assert value.position() == (1, 1)
        assert value.position("a") == (2, 2)
        assert value.position("a", 0) == (2, 3)
        assert value.position("a", 1, "b") == (3, 3)
        assert value.position("a", 1, "b", 1) == (3, 9)
        assert value.position("a", 1, "b", 2, "c", 2) == (3, 29)
        assert value.position("a2") == (4, 6)

    def test_position_of_a_key_written_twice_is_its_last(self) -> None:
        value = parse('{"a":1,\n"a":2}')
        assert isinstance(value, JsonObject)
        assert value.position("a") == (2, 5)

    def test_position_of_a_missing_value_is_a_lookup_error(self) -> None:
        value = parse('{"a":[1]}')
        assert isinstance(value, JsonObject)
        with pytest.raises(KeyError):
            value.position("b")
        with pytest.raises(IndexError):
            value.position("a", 1)
        with pytest.raises(TypeError):
            value.position("a", "x")

    def test_repr_is_short_however_deep_the_object(self) -> None:
        assert repr(parse('{"a":' * 9_000 + "1" + "}" * 9_000)) == "<JsonObject of 1 keys>"


class TestNumber:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("0", 0), ("-0", 0), ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63))],
    )
    def test_integer_of_64_bits_has_its_value(self, text: str, value: int) -> None:
        assert JsonNumber(text).int64 == value

    @pytest.mark.parametrize(
        "text", ["1.0", "1e3", "9223372036854775808", "-9223372036854775809", "1" * 5000, "-" + "1" * 5000]
    )
    def test_any_other_number_has_none(self, text: str) -> None:
        assert JsonNumber(text).int64 is None
