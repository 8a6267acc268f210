"""Front matter as Claude Code's validator reads it: a YAML 1.2 parser, and once more with doubtful values in quotes.

Only the top level is looked at, as events: nothing is built, so that anchors and merge keys cost nothing.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

from attrs import field, frozen

MAX_SIZE: Final = 16 * 1024
"""Characters of front matter that are parsed."""

MAX_SIZE_OF_ALL: Final = 128 * 1024
"""Characters of front matter that are parsed of one plugin: the parser takes up to 0.1 ms for each."""

MAX_DEPTH: Final = 32
"""Brackets that may be open at once: the parser's time grows with the square of them and worse."""

_JS_SPACE: Final = r"[\t\n\v\f\r \xa0\ufeff\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_BLOCK: Final = re.compile(rf"\ufeff?---{_JS_SPACE}*\n([\s\S]*?)---")
_PLAIN_LINE: Final = re.compile(r"([A-Za-z_-]+):[ \t]+([^\r\u2028\u2029]+)")
_CONTROL: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAB_BEFORE_VALUE: Final = re.compile(r"^([^\s:#][^:#\n]*:)\t+", re.MULTILINE)
_DOUBTFUL: Final = re.compile(r"[{}\[\]*&#!|>%@`]|: ")

_PLAIN: Final = r"""[A-Za-z](?:[^\x00-\x1f:#\x7f-\xa0\ufeff\u2028\u2029]|:(?=[^\s\x00-\x20:#])|(?<=\S)#)*"""
_QUOTED: Final = r'[^\\"\x00-\x1f\x7f]*'
_SIMPLE_LINE: Final = re.compile(rf'([A-Za-z][A-Za-z0-9_-]*):[ ]+(?:({_PLAIN})|"({_QUOTED})")[ ]*\r?')
"""A name with a value that means the same to every YAML parser, plain or in double quotes."""

_NULL: Final = re.compile("~|null|Null|NULL|")
_BOOLEAN: Final = re.compile("true|True|TRUE|false|False|FALSE")
_NUMBER: Final = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


@frozen
class Value:
    """One value at the top level."""

    kind: str
    """`string`, `number`, `boolean`, `null`, `list` or `object`."""
    text: str = ""
    """A scalar's text."""
    elements: tuple["Value", ...] = ()
    """A list's."""


@frozen
class ReadFrontMatter:
    """What there is between the lines of `---`."""

    problem: str = ""
    """Why it cannot be read; empty where it can."""
    values: dict[str, Value] = field(factory=dict)
    found: bool = True
    """Whether there is any at all."""
    parsed: int = 0
    """How many characters went through the parser."""


def read_strictly(text: str, limit: int = MAX_SIZE) -> ReadFrontMatter | None:
    """Read the front matter of a Markdown file; None where it is larger or deeper than this reads.

    Args:
        text: the file.
        limit: characters that may go through the parser, if fewer than MAX_SIZE.
    """
    block = _BLOCK.match(text)
    if block is None:
        return ReadFrontMatter(found=False)
    yaml = block[1]
    if len(yaml) <= MAX_SIZE and (simple := _read_simple(yaml)) is not None:
        return ReadFrontMatter(values=simple)
    if len(yaml) > min(limit, MAX_SIZE) or _depth(yaml) > MAX_DEPTH:
        return None
    parsed = len(yaml)
    root = _parse(yaml)
    if root is None:
        parsed *= 2
        root = _parse(_with_quotes(yaml))
    if root is None:
        return ReadFrontMatter(problem="is not YAML", parsed=parsed)
    if isinstance(root, Value) and root.kind != "null":
        return ReadFrontMatter(problem=f"must be names and values, and is a {root.kind}", parsed=parsed)
    return ReadFrontMatter(values=root if isinstance(root, dict) else {}, parsed=parsed)


def _read_simple(yaml: str) -> dict[str, Value] | None:
    """Read front matter of simple lines only, which most is, without the parser and the time that it takes to load."""
    values: dict[str, Value] = {}
    for line in yaml.split("\n"):
        if not line.strip(" \r"):
            continue
        found = _SIMPLE_LINE.fullmatch(line)
        if found is None:
            return None
        plain, quoted = found[2], found[3]
        values[found[1]] = Value("string", quoted) if plain is None else Value(_kind_of_plain(plain.rstrip(" ")), plain)
    return values


def _depth(yaml: str) -> int:
    """Return how many brackets are open at once at most, whether in quotes or not."""
    steps = (1 if char in "[{" else -1 for char in re.sub(r"[^\[{\]}]+", "", yaml))
    return max(itertools.accumulate(steps), default=0)


def _with_quotes(yaml: str) -> str:
    """Put each value that YAML may stumble over in quotes, as the client does before it gives up."""
    return "\n".join(_quoted(line) for line in yaml.split("\n"))


def _quoted(line: str) -> str:
    found = _PLAIN_LINE.fullmatch(line)
    if not found:
        return line
    name, value = found[1], found[2].strip()
    is_quoted = value[:1] in ('"', "'") and value[-1:] == value[:1]
    if is_quoted or not _DOUBTFUL.search(value):
        return line
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}: "{escaped}"'


def _parse(yaml: str) -> dict[str, Value] | Value | None:
    """Return the names and values at the top, or what else the document is; None where it is not YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    # The client's parser takes control characters, and tabs before a value.
    yaml = _TAB_BEFORE_VALUE.sub(r"\1 ", _CONTROL.sub(" ", yaml))
    try:
        events = iter(YAML(typ="safe", pure=True).parse(yaml))
        return _document(_Events(events))
    except (YAMLError, ValueError, RecursionError):
        return None


class _Events:
    """The parser's events, and the values that its anchors name."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self.anchors: dict[str, Value] = {}

    def next(self) -> tuple[str, Any]:
        """Return the next event's kind and the event."""
        event = next(self._events)
        kind = type(event).__name__.removesuffix("Event")
        anchor = getattr(event, "anchor", None)
        if kind == "Alias" and anchor not in self.anchors:
            raise ValueError(f"nothing is named {anchor}")
        if anchor and kind != "Alias":
            self.anchors[anchor] = Value("object")
        return kind, event

    def documents_after(self) -> int:
        """Read to the end and return how many more documents there are."""
        more = 0
        while (kind := self.next()[0]) != "StreamEnd":
            more += kind == "DocumentStart"
        return more


def _document(events: _Events) -> dict[str, Value] | Value:
    kind, event = events.next()
    while kind in ("StreamStart", "DocumentStart"):
        kind, event = events.next()
    if kind == "StreamEnd":
        return Value("null")
    if kind != "MappingStart":
        root = _value(events, kind, event)
        return Value("list") if events.documents_after() else root
    names: dict[str, Value] = {}
    while (begin := events.next())[0] != "MappingEnd":
        name = _value(events, *begin)
        names[name.text] = _value(events, *events.next())
    return Value("list") if events.documents_after() else names


def _value(events: _Events, kind: str, event: Any) -> Value:
    """Read one value, which begins with `event`; of a list, the elements that are scalars."""
    if kind == "Alias":
        return events.anchors[event.anchor]
    if kind == "Scalar":
        made = Value(_scalar_kind(event), event.value)
    elif kind == "SequenceStart":
        made = Value("list", elements=tuple(_elements(events)))
    else:
        _skip(events)
        made = Value("object")
    if event.anchor:
        events.anchors[event.anchor] = made
    return made


def _elements(events: _Events) -> Iterator[Value]:
    while (begin := events.next())[0] != "SequenceEnd":
        kind, event = begin
        if kind in ("Scalar", "Alias"):
            yield _value(events, kind, event)
        else:
            _skip(events)
            yield Value("object")


def _skip(events: _Events) -> None:
    """Read to the end of a collection that has begun."""
    depth = 1
    while depth:
        kind, _ = events.next()
        depth += kind.endswith("Start")
        depth -= kind in ("MappingEnd", "SequenceEnd")


def _scalar_kind(event: Any) -> str:
    if event.style or (event.tag and "str" in str(event.tag)):
        return "string"
    return _kind_of_plain(event.value)


def _kind_of_plain(text: str) -> str:
    """Return the kind of a scalar without quotes, by YAML 1.2's core schema."""
    if _NULL.fullmatch(text):
        return "null"
    if _BOOLEAN.fullmatch(text):
        return "boolean"
    return "number" if _NUMBER.fullmatch(text) else "string"
