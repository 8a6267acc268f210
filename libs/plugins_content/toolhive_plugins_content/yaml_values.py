"""YAML as the values that JSON has, bounded, and what in it two readers could take in two ways.

The parser is ruamel.yaml's (YAML 1.2), asked for events one at a time, so that nothing is built that a limit then refuses. Plain
scalars are resolved by the core schema (YAML 1.2.2, section 10.3.2). Anchors, aliases, merge keys, tags, several documents, keys
that are collections or are there twice are doubtful: libraries disagree about them, and an author who wants to be understood
needs none. `parse_yaml` refuses them; `read_yaml` reads them as Claude Code's parser does, and says what is doubtful.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from toolhive_artifact.errors import ToolhiveError
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue

MAX_YAML_SIZE: Final = 256 * 1024
"""Size in characters of a document that is read."""

_MAX_KEPT: Final = 4096

MAX_EVENTS: Final = 20_000
"""Scalars, and starts and ends of collections, of a document that is read."""

MAX_YAML_DEPTH: Final = 64
"""Nesting of a document that is read."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_number = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    re.ASCII,
).fullmatch


_WORDS: Final = (
    r"[A-Za-z0-9](?:[^\x00-\x1f:#\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|:(?=[^ \r\n#])|(?<=[^ ])#)*+"
)
_ITEM: Final = "[A-Za-z0-9][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*"
_simple_line = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9_-]*):"
    rf"""(?: +(?:(?P<words>{_WORDS})|\[(?P<items>{_ITEM}(?:, *{_ITEM})*)\]|"(?P<quoted>[ !#-\[\]-~]*)"))? *\r?"""
).fullmatch


class UnreadYamlError(ToolhiveError):
    """A document is malformed, too large, or could be read in two ways.

    Args:
        problem, where, remedy, hint: as for ToolhiveError.
        line: the line of the document, from 1; 0 where none can be named.
        malformed: it is not YAML at all, rather than YAML that is not read.
    """

    def __init__(
        self,
        problem: str,
        *,
        where: str = "",
        remedy: str = "",
        hint: str = "",
        line: int = 0,
        malformed: bool = False,
    ) -> None:
        super().__init__(problem, where=where, remedy=remedy, hint=hint)
        self.line = line
        self.malformed = malformed


class YamlDoubt(NamedTuple):
    """What readers of a document take differently."""

    problem: str
    line: int
    """The line of the document, from 1; 0 where none can be named."""


def parse_yaml(text: str) -> JsonValue:
    """Read one YAML document that all readers take in the same way.

    Raises:
        UnreadYamlError: see there.
    """
    value, doubt = read_yaml(text)
    if doubt is not None:
        raise UnreadYamlError(doubt.problem, line=doubt.line)
    return value


def read_yaml(text: str) -> tuple[JsonValue, YamlDoubt | None]:
    """Read a YAML document; return its value, the values of several as a list, and what `parse_yaml` refuses it for.

    Raises:
        UnreadYamlError: it is malformed or too large.
    """
    if len(text) > MAX_YAML_SIZE:
        raise UnreadYamlError(f"is {len(text)} characters long, and {MAX_YAML_SIZE} is the limit")
    simple = simple_mapping(text)
    if simple is not None:
        return simple, None
    return _parsed_again(text) if len(text) <= _MAX_KEPT else _parsed(text)


def _parsed(text: str) -> tuple[JsonValue, YamlDoubt | None]:
    builder = _Builder(_events(text))
    return builder.document(), builder.doubt


_parsed_again: Final = lru_cache(256)(_parsed)
"""Short documents are kept: each is read for the inventory, for the surface and for a client's verdict, and the parser is slow."""


def simple_mapping(text: str) -> JsonObject | None:
    """Read lines of `name: words`, `name: "words"` and `name: [words, words]`, which is what most front matter consists of.

    The parser is not loaded for them: it would be most of what an inspection loads.

    None for anything that is more than one plain scalar (YAML 1.2.2, section 7.3.3), and for a name that is there twice.
    """
    pairs: list[tuple[str, JsonValue]] = []
    for line in text.split("\n"):
        match = _simple_line(line)
        if match is None:
            if line.strip(" \r"):
                return None
            continue
        words, items, quoted = match["words"], match["items"], match["quoted"]
        value = quoted if quoted is not None else _resolved((words or "").rstrip(" "))
        pairs.append((match["name"], tuple(map(_resolved, re.split(", *", items))) if items else value))
    return JsonObject(tuple(pairs)) if pairs and len(dict(pairs)) == len(pairs) else None


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "has a character that YAML does not allow"
        line = mark.line + 1 if mark is not None else 0
        raise UnreadYamlError(f"is not YAML: {problem}", line=line, malformed=True) from None
    except (ValueError, IndexError, AttributeError, RecursionError) as error:
        raise UnreadYamlError(f"is not YAML that can be read: {type(error).__name__}", malformed=True) from None


class _Builder:
    """Builds a document's value from its events.

    The value of an alias is that of its anchor, not a copy. Nothing is ever expanded by it, as long as no value is walked through that
    came with a doubt.
    """

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._count = 0
        self._anchors: dict[str, JsonValue] = {}
        self.doubt: YamlDoubt | None = None
        """The first thing that readers take differently."""

    def document(self) -> JsonValue:
        values: list[JsonValue] = []
        while (event := self._next()) is not None:
            if type(event).__name__ == "DocumentStartEvent":
                if values:
                    self._doubt("holds several documents", event)
                values.append(self._value(self._next(), 0))
        return tuple(values) if len(values) > 1 else next(iter(values), None)

    def _next(self) -> Any:
        event = next(self._events, None)
        self._count += 1
        if self._count > MAX_EVENTS:
            raise UnreadYamlError(f"holds more than {MAX_EVENTS} values")
        return event

    def _doubt(self, problem: str, event: Any) -> None:
        self.doubt = self.doubt or YamlDoubt(problem, _line(event))

    def _value(self, event: Any, depth: int) -> JsonValue:
        if depth > MAX_YAML_DEPTH:
            raise UnreadYamlError(f"is nested more than {MAX_YAML_DEPTH} deep", line=_line(event))
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._doubt("uses anchors, which readers expand differently", event)
        if type(event).__name__ == "AliasEvent":
            if anchor not in self._anchors:
                raise UnreadYamlError("is not YAML: an alias has no anchor", line=_line(event), malformed=True)
            return self._anchors[anchor]
        if anchor is not None:
            self._anchors[anchor] = JsonObject(())  # until it is known, for an alias within
        value = self._content(event, depth)
        if anchor is not None:
            self._anchors[anchor] = value
        return value

    def _content(self, event: Any, depth: int) -> JsonValue:
        tag = str(getattr(event, "tag", None) or getattr(event, "ctag", None) or "")
        if tag not in ("None", ""):
            self._doubt("uses tags, which readers take differently", event)
        match type(event).__name__:
            case "ScalarEvent":
                is_text = event.style not in (None, "") or "str" in tag
                return str(event.value) if is_text else _resolved(event.value)
            case "SequenceStartEvent":
                return tuple(self._items(depth))
            case "MappingStartEvent":
                return self._mapping(depth)
            case _:
                raise UnreadYamlError("is not YAML that can be read", line=_line(event))

    def _items(self, depth: int) -> Iterator[JsonValue]:
        while type(event := self._next()).__name__ != "SequenceEndEvent":
            yield self._value(event, depth + 1)

    def _mapping(self, depth: int) -> JsonObject:
        pairs: dict[str, JsonValue] = {}
        while type(event := self._next()).__name__ != "MappingEndEvent":
            value = self._value(event, depth + 1)
            key = str(getattr(event, "value", value if isinstance(value, str) else ""))
            if isinstance(value, JsonObject | tuple):
                self._doubt("has a key that is a collection", event)
            if key == "<<":
                self._doubt("uses a merge key, which readers take differently", event)
            if key in pairs:
                self._doubt("has a key twice", event)
            pairs[key] = self._value(self._next(), depth + 1)
        return JsonObject(tuple(pairs.items()))


def _resolved(text: str) -> JsonValue:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return JsonNumber(text) if _number(text) else text


def _line(event: Any) -> int:
    mark = getattr(event, "start_mark", None)
    return mark.line + 1 if mark is not None else 0
