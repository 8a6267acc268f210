"""Front matter is read as clients read it, in bounded time, and faults name their line."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_content import FrontMatterError, read_front_matter
from toolhive_plugins_content.front_matter import FrontMatterValue, Unread


def _fields(block: str) -> dict[str, FrontMatterValue]:
    return read_front_matter(f"---\n{block}\n---\nbody", where="x.md").fields


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("k: plain text", "plain text"),
        ("k: plain # comment", "plain"),
        ("k: a#b", "a#b"),
        ("k:", ""),
        ("k: # comment", ""),
        ("'k': v", "v"),
        ('"k" : v', "v"),
        ("k: yes", "yes"),
        ("k: 1.0", "1.0"),
        ("k: 'it''s'", "it's"),
        ('k: "a\\tb\\u00e9\\x41\\"" # c', 'a\tbéA"'),
        ('k: "two\n  lines"', "two lines"),
        ('k: "joined \\\n  lines"', "joined lines"),
        ("k: two\n  lines", "two lines"),
        ("k:\n  on the next line", "on the next line"),
        ("k: |\n  a\n    b\n\n  c", "a\n  b\n\nc"),
        ("k: >-\n  a\n  b\n\n  c", "a b\n\nc"),
        ("k: Use when: asked", "Use when: asked"),
        ("k: [a, 'b, c', \"d\"]", ("a", "b, c", "d")),
        ("k: []", ()),
        ("k: [a, b,]", ("a", "b")),
        ("k:\n  [\n    a,\n    b\n  ]", ("a", "b")),
        ("k: [Bash(git add:*), Read]", ("Bash(git add:*)", "Read")),
        ("k:\n  - a\n  - 'b'\n  # no\n  - \"c\" # d", ("a", "b", "c")),
        ("k:\n- a\n- b", ("a", "b")),
        ("k:\n  nested: x\n  other: y", Unread("nested: x\nother: y")),
        ("k:\n  - name: x", Unread("- name: x")),
        ("k: {a: b}", Unread("{a: b}")),
        ("k: [a, [b]]", Unread("[a, [b]]")),
        ("k: &anchor x", Unread("&anchor x")),
        ("k: *alias", Unread("*alias")),
        ("k: 1\nk: 2", "2"),
        ("# comment\n\nk: v", "v"),
        ("k: v\r", "v"),
    ],
)
def test_value_is_read(block: str, value: FrontMatterValue) -> None:
    assert _fields(block) == {"k": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\nk: v\n", 1),
        ("---\nk: v\nno colon\n---\n", 3),
        ("---\n  indented: first\n---\n", 2),
        ('---\nk: v\nl: "open\n---\n', 3),
        ("---\nk: [a\n---\n", 2),
        ('---\nk: "a" b\n---\n', 2),
        ("---\nk: [a] b\n---\n", 2),
        ("---\n- a\n- b\n---\n", 2),
        ("---\n" + "k: v\n" * 20_000 + "---\n", 1),
    ],
)
def test_fault_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FrontMatterError) as caught:
        read_front_matter(text, where="x.md")
    assert caught.value.line == line
    assert caught.value.where.startswith("x.md")


@pytest.mark.parametrize(
    "text", ["", "text", "----\nk: v\n---\n", " ---\nk: v\n---\n", "\n---\nk: v\n---\n", "--- x\n---\n"]
)
def test_file_without_front_matter_is_all_body(text: str) -> None:
    front = read_front_matter(text, where="x.md")
    assert (front.fields, front.body, front.body_line) == ({}, text, 1)


def test_body_and_lines_are_known() -> None:
    front = read_front_matter("\ufeff---\r\na: 1\r\nb: >\r\n  x\r\n---\r\nbody\n", where="x.md")
    assert front.fields == {"a": "1", "b": "x"}
    assert front.lines == {"a": 2, "b": 3}
    assert (front.body, front.body_line) == ("body\n", 6)


def test_lines_end_where_yaml_and_editors_end_them() -> None:
    """A lone CR ends a line for YAML, so that what follows it is seen; it is not counted. Other separators are text."""
    text = "---\ndescription: one\rhooks: two\r\nname: three\u2028four: five\x0bsix\x85: seven\nlast: 8\n---\n"
    found = read_front_matter(text, where="a.md")
    assert found.fields == {
        "description": "one",
        "hooks": "two",
        "name": "three\u2028four: five\x0bsix\x85: seven",
        "last": "8",
    }
    assert found.lines == {"description": 2, "hooks": 2, "name": 3, "last": 4}
    with pytest.raises(FrontMatterError) as refused:
        read_front_matter("---\n\r\r\ra: 1\n:\n---\n", where="a.md")
    assert refused.value.line == 3


def test_front_matter_may_end_the_file() -> None:
    assert read_front_matter("---\nk: v\n---", where="x.md").fields == {"k": "v"}


def test_what_a_strict_parser_refuses_is_known() -> None:
    assert read_front_matter("---\na: fine\nb: x: y\n---\n", where="x.md").loose == (3,)


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("ab:-# \n\t\"'[]{},|>&*!\\()\r\u2028"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FrontMatterError):
        read_front_matter(f"---\n{text}\n---\n", where="x.md")


@pytest.mark.parametrize("line", ["a{}b: c", "a{}", "a:\n  - b{}c", "'a'{}b"])
def test_spaces_in_a_name_take_no_longer_than_they_are(line: str) -> None:
    """In a file at its limit, each of these once took seconds, and a plugin may have a thousand files."""
    text = "---\n" + line.format(" " * 60_000) + "\n---\n"
    began = time.thread_time()
    with contextlib.suppress(FrontMatterError):
        read_front_matter(text, where="x.md")
    assert time.thread_time() - began < 1  # measured: at most 0.02


def test_a_name_may_be_empty() -> None:
    assert _fields('"": a\nb: c') == {"": "a", "b": "c"}


@pytest.mark.parametrize("piece", ['k: "\\"', "k: [", "k: '", "- ", "k: v\n", "k: [a,", "  ", '"a\\', "k:\n  - ", "#"])
def test_hostile_repetition_is_read_in_bounded_time(piece: str) -> None:
    text = f"---\nk: {piece}" + piece * (60_000 // len(piece)) + "\n---\n"
    with contextlib.suppress(FrontMatterError):
        read_front_matter(text, where="x.md")
