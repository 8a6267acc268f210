"""Results as JSON and YAML."""

import json
import re
from typing import NamedTuple

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_cli.documents import plain, to_json, to_yaml
from toolhive_plugins_service import Compat, Digest, Platform

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["yes", "null", "~", "- x", "a: b"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=12,
)


def read_yaml(text: str) -> object:
    """Read the YAML that the command writes: block collections, plain words and JSON's scalars, and nothing else of YAML."""
    lines = [(len(line) - len(line.lstrip(" ")), line.lstrip(" ")) for line in text.split("\n")[:-1]]
    value, rest = _read(lines, 0)
    assert not rest
    return value


def _read(lines: list[tuple[int, str]], indent: int) -> tuple[object, list[tuple[int, str]]]:
    depth, first = lines[0]
    assert depth == indent
    if first.startswith("- "):
        items = []
        while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
            item, lines = _read([(indent + 2, lines[0][1][2:]), *lines[1:]], indent + 2)
            items.append(item)
        return items, lines
    key = re.match(r'("(?:[^"\\]|\\.)*"|[^"\s{\[][^:]*):(?: |$)', first)
    if key is None:
        return _scalar(first), lines[1:]
    pairs = {}
    while lines and lines[0][0] == indent and (key := re.match(r'("(?:[^"\\]|\\.)*"|[^"\s:]+):( .*)?$', lines[0][1])):
        name = _scalar(key[1])
        if key[2] is None:
            pairs[name], lines = _read(lines[1:], indent + 2)
        else:
            pairs[name], lines = _scalar(key[2][1:]), lines[1:]
    return pairs, lines


def _scalar(text: str) -> object:
    if re.fullmatch(r"[A-Za-z_./][A-Za-z0-9_./@+-]*", text) and text not in ("null", "true", "false"):
        return text
    return json.loads(re.sub(r"\\U([0-9a-f]{8})", lambda match: json.dumps(chr(int(match[1], 16)))[1:-1], text))


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_yaml_says_what_json_says(value: object) -> None:
    assert read_yaml(to_yaml(value)) == json.loads(to_json(value))


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_both_are_printable_line_by_line(value: object) -> None:
    for text in (to_json(value), to_yaml(value)):
        assert text.endswith("\n")
        assert all(line.isprintable() for line in text.split("\n"))


class _Named(NamedTuple):
    tag: str
    places: tuple[tuple[int, int], ...]


def test_a_named_tuple_is_an_object_and_a_plain_one_a_list() -> None:
    assert plain([_Named("a", ((1, 2),))]) == [{"tag": "a", "places": [[1, 2]]}]


@pytest.mark.parametrize(
    "text", ["yes", "No", "null", "~", "1", "1.5", "0x1", "a: b", "- a", "#", "", "'", "@x", "1e3", ".inf"]
)
def test_yaml_quotes_what_a_reader_might_take_for_something_else(text: str) -> None:
    assert to_yaml({"key": text}) == f"key: {json.dumps(text)}\n"


def test_typed_results_come_out_field_by_field() -> None:
    @frozen
    class Result:
        digest: Digest
        compat: Compat
        platforms: tuple[Platform, ...]
        counts: dict[str, int]
        text: str

    result = Result(
        Digest.of(b""), Compat.NONE, (Platform("linux", "arm", "v7"),), {"hooks": 1}, "caf\udce9 \ud83d\ude00"
    )
    assert plain(result) == {
        "digest": str(Digest.of(b"")),
        "compat": "none",
        "platforms": ["linux/arm/v7"],
        "counts": {"hooks": 1},
        "text": "caf\ufffd \U0001f600",
    }


def test_what_results_never_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        plain(object())
