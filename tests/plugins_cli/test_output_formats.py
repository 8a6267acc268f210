"""Results as JSON and YAML."""

import json
from typing import NamedTuple

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from toolhive_plugins_cli.output_formats import plain, to_json, to_yaml
from toolhive_plugins_service import Compat, Digest, Platform

HOSTILE = [
    *(".5", "1e3", "12e03", "0x1", "0o7", "0b1", "+1", "1_000", "190:20:30", ".inf", "-.INF", ".nan"),
    *("yes", "No", "on", "OFF", "y", "true", "False", "null", "~", "", "=", "<<", "-"),
    *("2024-01-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43"),
    *(
        " before",
        "after ",
        "\t",
        "\n",
        "a\nb",
        "a\n\n b\n",
        "\r\n",
        "a\x85b",
        "\u2028x",
        "x\u2029",
        "\x9b31m",
        "\x1b[2J",
    ),
    *("\x00", "\x7f", "\ufeff", "\u202e", "\u200b", "\ud800", "\udfff\ud83d", "\ud83d\ude00", "\U000e0068", "\uffff"),
    *("a: b", "- a", "#", "x #y", "key:", "? x", "'", '"', "\\", "@x", "%x", "!t", "&a", "*a", "|", ">", "{", "[", "`"),
    *("--- x", "---", "...", "[]", "{}", "é", "日本"),
]
"""Scalars that some reader of YAML, or some terminal, takes for something else."""

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(HOSTILE)
VALUES = st.recursive(
    SCALARS,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(HOSTILE), children, max_size=3)
    ),
    max_leaves=12,
)


def read_yaml(text: str, version: tuple[int, int] | None = None) -> object:
    """Read a document with the library's own reader, as YAML 1.2 unless another version is named."""
    reader = YAML(typ="safe", pure=True)
    if version is not None:
        reader.version = version
    return reader.load(text)


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_yaml_says_what_json_says(value: object) -> None:
    expected = json.loads(to_json(value))
    assert read_yaml(to_yaml(value)) == expected
    assert read_yaml(to_yaml(value), (1, 1)) == expected


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("version", [(1, 1), (1, 2)])
def test_text_is_read_back_as_text(text: str, version: tuple[int, int]) -> None:
    result = {"key": text, "list": [text, [text]], text: text}
    expected = json.loads(to_json(result))
    assert isinstance(expected["key"], str)
    assert read_yaml(to_yaml(result), version) == expected


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_both_are_printable_line_by_line(value: object) -> None:
    for text in (to_json(value), to_yaml(value)):
        assert text.endswith("\n")
        assert all(line.isprintable() for line in text.split("\n"))


def test_yaml_is_laid_out_in_blocks_and_in_the_order_of_the_fields() -> None:
    result = {"tag": "demo", "places": [{"line": 1, "at": []}], "found": None, "ok": True, "description": "word " * 40}
    assert to_yaml(result) == (
        f"tag: demo\nplaces:\n  - line: 1\n    at: []\nfound: null\nok: true\ndescription: '{'word ' * 40}'\n"
    )


class _Named(NamedTuple):
    tag: str
    places: tuple[tuple[int, int], ...]


def test_a_named_tuple_is_an_object_and_a_plain_one_a_list() -> None:
    assert json.loads(to_json([_Named("a", ((1, 2),))])) == [{"tag": "a", "places": [[1, 2]]}]


def test_typed_results_come_out_field_by_field() -> None:
    @frozen
    class Result:
        digest: Digest
        compat: Compat
        platforms: tuple[Platform, ...]
        counts: dict[str, int]
        text: str
        absent: tuple[str, ...] | None
        named: tuple[_Named, ...]

    result = Result(
        Digest.of(b""),
        Compat.NONE,
        (Platform("linux", "arm", "v7"),),
        {"hooks": 1},
        "caf\udce9 \ud83d\ude00",
        None,
        (_Named("a", ()),),
    )
    assert plain(result) == {
        "digest": str(Digest.of(b"")),
        "compat": "none",
        "platforms": ["linux/arm/v7"],
        "counts": {"hooks": 1},
        "text": "caf\ufffd \U0001f600",
        "absent": None,
        "named": [{"tag": "a", "places": []}],
    }


def test_what_results_never_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json(object())
