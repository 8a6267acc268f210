"""One entry of a user's JSON file is changed, and every other byte stays."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolhive_plugins_clients import ClientFileError
from toolhive_plugins_clients.json_edits import append, cut, cut_element, put
from toolhive_plugins_clients.json_text import MAX_DEPTH, MAX_SIZE, JsonText, parse_json_text


def parsed(text: str | bytes) -> JsonText:
    return parse_json_text(text.encode() if isinstance(text, str) else text, where="settings.json")


def after_put(text: str, path: list[str], value: Any) -> str:
    return put(parsed(text), path, value, where="settings.json").text


def after_cut(text: str, path: list[str]) -> str:
    return cut(parsed(text), path, where="settings.json").text


IN_PLACE = [
    ('{"a": 1}', '{"a": 1, "x": true}'),
    ('{"a":1,"b":2}', '{"a":1,"b":2, "x": true}'),
    ('{ "a": 1, "b": 2 }', '{ "a": 1, "b": 2, "x": true }'),
    ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "x": true\n}\n'),
    ('{\r\n\t"a": 1\r\n}\r\n', '{\r\n\t"a": 1,\r\n\t"x": true\r\n}\r\n'),
    ('{\n  "a": 1, // one\n  // two\n}', '{\n  "a": 1, // one\n  // two\n  "x": true,\n}'),
    ('{\n  "a": 1 // one\n  /* two */\n}', '{\n  "a": 1, // one\n  /* two */\n  "x": true\n}'),
    ('{\n    "a": [1,\n 2]\n}', '{\n    "a": [1,\n 2],\n    "x": true\n}'),
    ('{ "a": 1 // one\n}', '{ "a": 1, // one\n  "x": true\n}'),
    ('// head\n{"a": "}"} // tail', '// head\n{"a": "}",\n  "x": true} // tail'),
]


@pytest.mark.parametrize(("before", "after"), IN_PLACE[:-1])
def test_an_entry_comes_in_the_form_of_the_others_and_goes_without_a_trace(before: str, after: str) -> None:
    assert after_put(before, ["x"], True) == after
    assert after_cut(after, ["x"]) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '{\n  "x": true\n}\n'),
        ("{}", '{"x": true}'),
        ("{}\n", '{\n  "x": true\n}\n'),
        ("{\n}\n", '{\n  "x": true\n}\n'),
        ("// only this", '// only this\n{\n  "x": true\n}\n'),
        ("{ // nothing yet\n}\n", '{ // nothing yet\n  "x": true\n}\n'),
    ],
)
def test_the_first_entry(before: str, after: str) -> None:
    assert after_put(before, ["x"], True) == after


def test_objects_on_the_way_are_made() -> None:
    assert after_put('{\n  "a": 1\n}', ["b", "c"], {"d": []}) == (
        '{\n  "a": 1,\n  "b": {\n    "c": {\n      "d": []\n    }\n  }\n}'
    )


def test_a_value_that_is_as_wanted_changes_nothing() -> None:
    text = '{"x" :\ttrue , }'
    assert after_put(text, ["x"], True) == text


def test_a_value_is_replaced_where_it_is() -> None:
    assert after_put('{"x": /* was */ false, "y": 1}', ["x"], True) == '{"x": /* was */ true, "y": 1}'
    assert after_put('{"x": 1}', ["x"], True) == '{"x": true}'


def test_of_equal_names_the_last_is_changed_and_all_are_removed() -> None:
    assert after_put('{"x": 1, "x": 2}', ["x"], 3) == '{"x": 1, "x": 3}'
    assert after_cut('{"x": 1, "a": 0, "x": 2}', ["x"]) == '{"a": 0}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"x": 1, "a": 2}', '{"a": 2}'),
        ('{\n  "x": 1,\n  "a": 2\n}', '{\n  "a": 2\n}'),
        ('{\n  "a": 2,\n  "x": 1, // why\n  "b": 3\n}', '{\n  "a": 2, // why\n  "b": 3\n}'),
        ('{\n  "x": 1\n}', "{}"),
        ('{\n  // mine\n  "x": 1\n}', "{\n  // mine\n}"),
        ('{"x": 1 /* why */, "a": 2}', '{ /* why */ "a": 2}'),
        ('{"a": 1}', '{"a": 1}'),
        ('{"x": 1,}', "{}"),
    ],
)
def test_removing(before: str, after: str) -> None:
    assert after_cut(before, ["x"]) == after


def test_elements_of_an_array() -> None:
    text = '{\n  "l": [\n    1\n  ]\n}'
    longer = append(parsed(text), ["l"], {"n": 2}, where="f")
    assert longer.text == '{\n  "l": [\n    1,\n    {\n      "n": 2\n    }\n  ]\n}'
    assert cut_element(longer, ["l"], 1, where="f").text == text


def test_a_byte_order_mark_stays() -> None:
    document = put(parsed(b'\xef\xbb\xbf{"a": 1}'), ["x"], True, where="f")
    assert document.encode() == b'\xef\xbb\xbf{"a": 1, "x": true}'


@pytest.mark.parametrize("text", ['{"a": 5}', '{"a": [1]}', '{"a": null}', '{"a": "b"}'])
def test_something_else_in_the_way_is_never_replaced(text: str) -> None:
    with pytest.raises(ClientFileError, match="a is not an object"):
        after_put(text, ["a", "b"], 1)


@pytest.mark.parametrize(
    "data",
    [
        b"[1]", b"nul", b"{", b'{"a"}', b'{"a":}', b"{'a': 1}", b'{"a": 1 "b": 2}', b"{,}", b'{"a": 01}', b'{"a": "\n"}', b"{} {}",
        b'{"a": "\\x"}', b"\xff\xfe{\x00}\x00", b'{"a": "\xff"}', b"/* open", b'{"a": 1}}', b"{]", b'{"a": .5}', b'"x"', b"\x00",
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), b" " * (MAX_SIZE + 1), b"[" * 1_000_000,
        b'{"a": 1' + b"0" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_refuses_what_is_not_an_object_in_json(data: bytes) -> None:
    with pytest.raises(ClientFileError, match=r"settings\.json"):
        parsed(data)


@pytest.mark.parametrize(
    ("data", "odd"),
    [
        (b'{"a": 1}', []),
        (b"{/**/}", ["comments"]),
        (b'{"a": [1,],}', ["trailing commas"]),
        (b'{"a": 1, "a": 2}', ["a name twice"]),
        (b"\xef\xbb\xbf{}", ["a byte order mark"]),
    ],
)
def test_says_what_strict_readers_do_not_take(data: bytes, odd: list[str]) -> None:
    assert parsed(data).oddities == odd


_json: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcx"), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def _texts(draw: Any) -> str:
    """A document as people write them: any white space, comments and trailing commas."""

    def gap() -> str:
        return str(draw(st.sampled_from(["", " ", "\n", "\n  ", "\r\n\t", " /* c */ ", " // d\n", "\n\n"])))

    def write(value: Any) -> str:
        if isinstance(value, dict):
            parts = [f"{gap()}{json.dumps(key)}{gap()}:{gap()}{write(part)}{gap()}" for key, part in value.items()]
        elif isinstance(value, list):
            parts = [f"{gap()}{write(part)}{gap()}" for part in value]
        else:
            return json.dumps(value)
        trailing = f",{gap()}" if parts and draw(st.booleans()) else ""
        body = ",".join(parts) + trailing or gap()
        return f"{{{body}}}" if isinstance(value, dict) else f"[{body}]"

    members = draw(st.dictionaries(st.sampled_from("abcx"), _json, max_size=4))
    return gap() + write(members) + gap()


@given(_texts(), _json)
def test_an_edit_changes_what_it_says_and_nothing_else(text: str, value: Any) -> None:
    before: Any = parsed(text).plain()
    added = put(parsed(text), ["x"], value, where="f")
    assert added.plain() == {**before, "x": value}
    removed = cut(added, ["x"], where="f")
    assert removed.plain() == {key: each for key, each in before.items() if key != "x"}


@given(_texts(), _json)
def test_what_is_put_in_and_taken_out_leaves_the_text_as_it_was(text: str, value: Any) -> None:
    document = parsed(text)
    if not document.root or not document.root.items or document.root.find("x"):
        return
    assert cut(put(document, ["x"], value, where="f"), ["x"], where="f").text == text


@given(_texts())
def test_comments_survive_every_removal(text: str) -> None:
    document = parsed(text)
    kept = cut(document, ["a"], where="f")
    inside = document.root.find("a") if document.root else None
    outside = [
        text[start:end]
        for start, end in document.comments
        if inside is None
        or not any(item.start <= start < item.value.end for item in document.root.items if item.key == "a")  # type: ignore[union-attr]
    ]
    assert [kept.text[start:end] for start, end in kept.comments] == outside
