"""Front matter is read as Claude Code reads it, in bounded time, and faults name their line."""

import time
from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolhive_artifact import JsonObject
from toolhive_artifact.json_values import JsonNumber, JsonValue
from toolhive_plugins_content import (
    MemoryTree,
    discover_components,
    markdown_files,
    parse_plugin_manifest,
    read_front_matter,
)
from toolhive_plugins_content.front_matter import NONE, FrontMatterReading
from toolhive_plugins_content.yaml_values import YamlDoubt, _Builder, _events, read_yaml, simple_mapping

_MANIFEST: Final = parse_plugin_manifest(b'{"name":"x"}')


def _read(block: str) -> FrontMatterReading:
    (found,) = read_front_matter(f"---\n{block}\n---\nbody")
    return found


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("k: plain text", "plain text"),
        ("k: plain # comment", "plain"),
        ("k: a#b", "a#b"),
        ("k:", None),
        ("k: # comment", None),
        ("'k': v", "v"),
        ('"k" : v', "v"),
        ("k: yes", "yes"),
        ("k: true", True),
        ("k: 1.0", JsonNumber("1.0")),
        ("k: 'it''s'", "it's"),
        ('k: "a\\tb\\u00e9\\x41\\"" # c', 'a\tbéA"'),
        ('k: "two\n  lines"', "two lines"),
        ("k: two\n  lines", "two lines"),
        ("k: |\n  a\n    b\n\n  c", "a\n  b\n\nc\n"),
        ("k: >-\n  a\n  b\n\n  c", "a b\nc"),
        ("k: [a, 'b, c', \"d\"]", ("a", "b, c", "d")),
        ("k: []", ()),
        ("k: [Bash(git add:*), Read]", ("Bash(git add:*)", "Read")),
        ("k:\n  - a\n  - 'b'\n  # no\n  - \"c\" # d", ("a", "b", "c")),
        ("k:\n- a\n- b", ("a", "b")),
        ("# comment\n\nk: v", "v"),
        ("k: v\r", "v"),
    ],
)
def test_value_is_read_as_yaml(block: str, value: JsonValue) -> None:
    found = _read(block)
    assert dict(found.values) == {"k": value}
    assert not found.problem


@pytest.mark.parametrize(
    ("block", "value", "line"),
    [
        ("k: Use when: asked", "Use when: asked", 2),
        ("k: [", "[", 2),
        ("k: @me", "@me", 2),
        ("k:\tv: w", "v: w", 2),
        ("a: b\nk: bell\x07: x", "bell : x", 0),
        ("k: *nope", "*nope", 2),
    ],
)
def test_what_yaml_refuses_is_read_as_the_client_does_and_said(block: str, value: str, line: int) -> None:
    found = _read(block)
    assert found.values.get("k") == value
    assert found.problem.startswith("front matter is not YAML")
    assert not found.unread
    if line:
        assert found.line == line


@pytest.mark.parametrize(
    "block", ["k: &anchor x", "k: !tag x", "k: 1\nk: 2", "k: x\n? [a]\n: b", "a: {<<: x}", "k: " + "[" * 70 + "]" * 70]
)
def test_what_readers_take_differently_is_not_guessed(block: str) -> None:
    found = _read(block)
    assert (found.unread, found.malformed, len(found.values)) == (True, False, 0)
    assert found.problem


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\nk: v\n", 1),
        ("---\nk: v\nno colon\n---\n", 3),
        ('---\nk: v\nl: "open\nx\n---\n', 4),
        ("---\n\n\n- a\n- b\n---\n", 4),
        ("---\nword\n---\n", 2),
    ],
)
def test_fault_names_its_line(text: str, line: int) -> None:
    (found,) = read_front_matter(text)
    assert found.malformed
    assert found.line == line


@pytest.mark.parametrize("text", ["", "text", "----\nk: v\n---\n", "--- x\n---\n"])
def test_file_without_front_matter_has_none(text: str) -> None:
    assert read_front_matter(text) == (NONE,)


@pytest.mark.parametrize("text", [" ---\nk: v\n---\n", "\n---\nk: v\n---\n"])
def test_behind_blank_lines_claude_code_finds_none(text: str) -> None:
    first, second = read_front_matter(text)
    assert first == NONE
    assert second.values.get("k") == "v"


def test_lines_are_those_of_the_file() -> None:
    (found,) = read_front_matter("\ufeff---\r\n\r\na: 1\r\n'b': >\r\n  x\r\n---\r\nbody\n")
    assert dict(found.values) == {"a": JsonNumber("1"), "b": "x\n"}
    assert (found.line_of("a"), found.line_of("b"), found.line_of("gone"), found.last_line) == (3, 4, 1, 6)


def test_two_ends_give_two_readings_and_a_warning() -> None:
    text = "---\nname: a\ndescription: b --- c\n---\n"
    first, second = read_front_matter(text)
    assert (first.values.get("description"), second.values.get("description")) == ("b", "b --- c")
    (problem,) = discover_components(MemoryTree({"commands/a.md": text.encode()}), _MANIFEST).problems
    assert (problem.rule, problem.line) == ("yaml", 3)


_marks = st.sampled_from("ab:-# \n\t\"'[]{},|>&*!\\()\r\u2028\x07é7.~")


@settings(max_examples=500, deadline=None)
@given(st.text(_marks, max_size=60))
@example("k: \u2028\u2028: [")
def test_any_text_is_read_and_lines_are_in_the_file(text: str) -> None:
    whole = f"---\n{text}\n---\n"
    for found in read_front_matter(whole):
        assert 0 <= found.line <= whole.count("\n") + 1
        assert bool(found.line) <= bool(found.problem)
        assert found.malformed <= found.unread <= bool(found.problem)
        assert found.first_line <= found.last_line <= whole.count("\n") + 1


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b-c", "D"]), st.text(_marks, max_size=12)), max_size=3))
def test_simple_lines_are_what_the_parser_reads(pairs: Iterable[tuple[str, str]]) -> None:
    text = "\n".join(f"{name}: x{value}" for name, value in pairs)
    simple = simple_mapping(text)
    if simple is not None:
        builder = _Builder(_events(text))
        document = builder.document()
        assert isinstance(document, JsonObject)
        assert (document.pairs, builder.doubt) == (simple.pairs, None)


def test_an_alias_is_its_anchors_value_and_nothing_grows() -> None:
    lines = ["a0: &a0 x", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 200))]
    value, doubt = read_yaml("\n".join(lines))
    assert isinstance(value, JsonObject)
    assert len(value) == 200
    assert doubt == YamlDoubt("uses anchors, which readers expand differently", 1)


def test_only_so_much_is_parsed_of_one_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser takes up to 0.05 ms for a character, and a plugin may have a thousand files."""
    monkeypatch.setattr(markdown_files, "MAX_PARSED", 4 * 14_100)
    text = b"---\nlist: [" + b"a," * 7000 + b"]\n---\n"
    tree = MemoryTree({f"commands/{number:03}.md": text for number in range(300)})
    began = time.thread_time()
    found = discover_components(tree, _MANIFEST)
    assert time.thread_time() - began < 20  # measured: 1
    assert {problem.path for problem in found.problems} == set(tree.paths[4:])


@pytest.mark.parametrize("line", ["a{}b: c", "a{}", "a:\n  - b{}c", "'a'{}b", "a: b{}\x07", "a: b:{}\x07"])
def test_spaces_take_no_longer_than_they_are(line: str) -> None:
    text = "---\n" + line.format(" " * 60_000) + "\n---\n"
    began = time.thread_time()
    read_front_matter(text)
    assert time.thread_time() - began < 5  # measured: at most 0.2


@pytest.mark.parametrize("piece", ['k: "\\"', "k: [", "k: '", "- ", "k: v\n", "k: [a,", "  ", '"a\\', "k:\n  - ", "#"])
def test_hostile_repetition_is_read_in_bounded_time(piece: str) -> None:
    began = time.thread_time()
    read_front_matter(f"---\nk: {piece}" + piece * (16_000 // len(piece)) + "\n---\n")
    assert time.thread_time() - began < 30
