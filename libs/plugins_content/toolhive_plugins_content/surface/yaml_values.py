"""YAML as the values that JSON has, bounded; what two readers could take in two ways is refused rather than guessed.

The parser is ruamel.yaml's (YAML 1.2), asked for events one at a time, so that nothing is built that a limit then refuses. Plain
scalars are resolved by the core schema (YAML 1.2.2, section 10.3.2). Anchors, aliases, merge keys, tags, keys that are
collections or are there twice are not read: libraries disagree about them, and an author who wants to be understood needs none.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from toolhive_artifact.errors import ToolhiveError
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.surface.values import MAX_DEPTH

MAX_YAML_SIZE: Final = 256 * 1024
"""Size in characters of a document that is read."""

MAX_EVENTS: Final = 20_000
"""Scalars, and starts and ends of collections, of a document that is read."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_number = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII
).fullmatch


_WORDS: Final = r"""[A-Za-z0-9](?:[A-Za-z0-9,.;()/*_+=<>'"&$-]| (?=[^ #])|:(?=[^ ]))*"""
_ITEM: Final = "[A-Za-z0-9][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*"
_simple_line = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9_-]*):"
    rf"""(?: +(?:(?P<words>{_WORDS})|\[(?P<items>{_ITEM}(?:, *{_ITEM})*)\]|"(?P<quoted>[ !#-\[\]-~]*)"))? *""",
    re.ASCII,
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


def parse_yaml(text: str) -> JsonValue:
    """Read one YAML document.

    Raises:
        UnreadYamlError: see there.
    """
    if len(text) > MAX_YAML_SIZE:
        raise UnreadYamlError(f"is {len(text)} characters long, and {MAX_YAML_SIZE} is the limit")
    simple = _simple_mapping(text)
    return simple if simple is not None else _Builder(_events(text)).document()


def _simple_mapping(text: str) -> JsonObject | None:
    """Read lines of `name: words`, `name: "words"` and `name: [words, words]`, which is what most front matter consists of.

    The parser is not loaded for them: it would be most of what an inspection loads.

    None for anything that is more than letters, digits and a few marks that mean nothing in a plain scalar (YAML 1.2.2, section
    7.3.3), and for a name that is there twice.
    """
    pairs: list[tuple[str, JsonValue]] = []
    for line in text.splitlines():
        match = _simple_line(line)
        if match is None:
            return None
        words, items, quoted = match["words"], match["items"], match["quoted"]
        value = quoted if quoted is not None else _resolved(words or "")
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
        raise UnreadYamlError(f"is not YAML that can be read: {type(error).__name__}") from None


class _Builder:
    """Builds a document's value from its events."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._count = 0

    def document(self) -> JsonValue:
        value: JsonValue = None
        documents = 0
        while (event := self._next()) is not None:
            match type(event).__name__:
                case "DocumentStartEvent":
                    documents += 1
                    if documents > 1:
                        raise UnreadYamlError("holds several documents", line=_line(event))
                    value = self._value(self._next(), 0)
        return value

    def _next(self) -> Any:
        event = next(self._events, None)
        self._count += 1
        if self._count > MAX_EVENTS:
            raise UnreadYamlError(f"holds more than {MAX_EVENTS} values")
        return event

    def _value(self, event: Any, depth: int) -> JsonValue:
        if depth > MAX_DEPTH:
            raise UnreadYamlError(f"is nested more than {MAX_DEPTH} deep", line=_line(event))
        kind = type(event).__name__
        if kind == "AliasEvent" or getattr(event, "anchor", None) is not None:
            raise UnreadYamlError("uses anchors, which readers expand differently", line=_line(event))
        tag = getattr(event, "tag", None) or getattr(event, "ctag", None)
        if tag is not None and str(tag) not in ("None", ""):
            raise UnreadYamlError("uses tags, which readers take differently", line=_line(event))
        if kind == "ScalarEvent":
            return _resolved(event.value) if event.style in (None, "") else str(event.value)
        if kind == "SequenceStartEvent":
            return tuple(self._items(depth))
        if kind == "MappingStartEvent":
            return self._mapping(depth)
        raise UnreadYamlError("is not YAML that can be read", line=_line(event))

    def _items(self, depth: int) -> Iterator[JsonValue]:
        while type(event := self._next()).__name__ != "SequenceEndEvent":
            yield self._value(event, depth + 1)

    def _mapping(self, depth: int) -> JsonObject:
        pairs: list[tuple[str, JsonValue]] = []
        seen: set[str] = set()
        while type(event := self._next()).__name__ != "MappingEndEvent":
            if type(event).__name__ not in ("ScalarEvent", "AliasEvent"):
                raise UnreadYamlError("has a key that is a collection", line=_line(event))
            self._value(event, depth + 1)  # refuses anchors and tags
            key = str(event.value)
            if key == "<<":
                raise UnreadYamlError("uses a merge key, which readers take differently", line=_line(event))
            if key in seen:
                raise UnreadYamlError("has a key twice", line=_line(event))
            seen.add(key)
            pairs.append((key, self._value(self._next(), depth + 1)))
        return JsonObject(tuple(pairs))


def _resolved(text: str) -> JsonValue:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    return JsonNumber(text) if _number(text) else text


def _line(event: Any) -> int:
    mark = getattr(event, "start_mark", None)
    return mark.line + 1 if mark is not None else 0
