"""YAML in block style, with the lines that everything is on, so that a part can be changed and all else stays as it is.

The parser is ruamel.yaml's, asked for events one at a time, and bounded. Anchors, aliases, tags and keys that are there twice are refused:
two programs may read them differently.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_installs.errors import LockFileError

MAX_SIZE: Final = 1024 * 1024
"""Size in bytes of a document that is read."""

MAX_EVENTS: Final = 60_000
"""Scalars, and starts and ends of collections, of a document that is read."""

MAX_DEPTH: Final = 16
"""How deep collections may be in one another."""

_LINE_BREAKS: Final = frozenset("\x85\u2028\u2029")
"""What some YAML parsers take for line breaks, and others do not."""


@frozen
class Span:
    """Lines of a document, from 0: the first, and the one after the last."""

    start: int
    end: int


@frozen
class Scalar:
    """A value that is not a collection, as its text."""

    text: str
    plain: bool
    """Whether it was written without quotes, and so may be a number, a boolean or null."""

    span: Span


@frozen
class Sequence:
    """A list."""

    items: "tuple[Node, ...]"
    flow: bool
    span: Span


@frozen
class Mapping:
    """Names and values."""

    pairs: "tuple[tuple[str, Node], ...]"
    lines: tuple[int, ...]
    """The line of each name."""

    flow: bool
    span: Span
    values: "dict[str, Node]" = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "values", dict(self.pairs))

    def block(self, at: int) -> Span:
        """Return the lines of the name and value at a position, up to the next name."""
        return Span(self.lines[at], self.lines[at + 1] if at + 1 < len(self.lines) else self.span.end)


Node: TypeAlias = Scalar | Sequence | Mapping


def _is_lone_return(text: str, at: int) -> bool:
    return text[at] == "\r" and text[at + 1 : at + 2] != "\n"


def parse_block_yaml(data: bytes, *, where: str) -> Mapping:
    """Read a document whose top is a mapping; an empty one is an empty mapping.

    Raises:
        LockFileError: it is too large, malformed, or could be read in two ways.
    """
    if len(data) > MAX_SIZE:
        raise LockFileError(f"is larger than {MAX_SIZE} bytes", where=where)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise LockFileError("is not UTF-8", where=where) from None
    if text.startswith("\ufeff"):
        raise LockFileError(
            "begins with a byte order mark", where=f"{where}, line 1", remedy="Save the file as UTF-8 without one"
        )
    if _LINE_BREAKS.intersection(text) or "\r" in text.replace("\r\n", ""):
        odd = next(at for at, each in enumerate(text) if each in _LINE_BREAKS or _is_lone_return(text, at))
        raise LockFileError(
            f"has {text[odd]!a}, which some programs read as the end of a line",
            where=f"{where}, line {text.count(chr(10), 0, odd) + 1}",
            remedy="End lines with a line feed",
        )
    return _Builder(text, where).document()


class _Builder:
    """Builds a document from its events."""

    def __init__(self, text: str, where: str) -> None:
        self._where = where
        self._events = self._bounded(text)

    def document(self) -> Mapping:
        """Return the document's top."""
        top: Node | None = None
        for event in self._events:
            kind = type(event).__name__
            if kind in ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent"):
                continue
            if top is not None:
                raise self._error("has more than one document", event)
            top = self._node(event, 0)
        if top is None or (isinstance(top, Scalar) and top.plain and top.text in ("", "~", "null")):
            return Mapping((), (), flow=False, span=Span(0, 0))
        if not isinstance(top, Mapping):
            raise LockFileError("is not a mapping of names to values", where=self._where)
        return top

    def _bounded(self, text: str) -> Iterator[Any]:
        from ruamel.yaml import YAML  # lazily: it is more than all else of this library
        from ruamel.yaml.error import YAMLError

        try:
            for count, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
                if count >= MAX_EVENTS:
                    raise LockFileError("has more in it than is read", where=self._where)
                yield event
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"{self._where}, line {mark.line + 1}" if mark is not None else self._where
            problem = shown(getattr(error, "problem", None) or "a character that YAML does not allow")
            raise LockFileError(f"is not YAML: {problem}", where=place) from None
        except (ValueError, IndexError, AttributeError, RecursionError) as error:
            raise LockFileError(f"is not YAML that can be read: {type(error).__name__}", where=self._where) from None

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(f"is more than {MAX_DEPTH} levels deep", event)
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor is not None or getattr(event, "tag", None) is not None:
            raise self._error("has an anchor, an alias or a tag, which is not read", event)
        start = event.start_mark.line
        if kind == "ScalarEvent":
            return Scalar(event.value, event.style is None, Span(start, _line_after(event)))
        flow = bool(event.flow_style)
        return (
            self._mapping(start, depth, flow=flow)
            if kind == "MappingStartEvent"
            else self._sequence(start, depth, flow=flow)
        )

    def _sequence(self, start: int, depth: int, *, flow: bool) -> Sequence:
        items: list[Node] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            items.append(self._node(event, depth + 1))
        end = _line_after(event) if flow or not items else items[-1].span.end
        return Sequence(tuple(items), flow, Span(start, end))

    def _mapping(self, start: int, depth: int, *, flow: bool) -> Mapping:
        pairs: list[tuple[str, Node]] = []
        lines: list[int] = []
        names: set[str] = set()
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            name = self._node(event, depth + 1)
            if not isinstance(name, Scalar):
                raise self._error("has a name that is a collection", event)
            if name.text in names or name.text == "<<":
                raise self._error(f"has {shown(name.text)!r} twice, or merges mappings", event)
            names.add(name.text)
            lines.append(event.start_mark.line)
            pairs.append((name.text, self._node(next(self._events), depth + 1)))
        end = _line_after(event) if flow or not pairs else max(pairs[-1][1].span.end, lines[-1] + 1)
        return Mapping(tuple(pairs), tuple(lines), flow, Span(start, end))

    def _error(self, problem: str, event: Any) -> LockFileError:
        return LockFileError(problem, where=f"{self._where}, line {event.start_mark.line + 1}")


def _line_after(event: Any) -> int:
    """Return the line after the last one that an event is on."""
    mark = event.end_mark
    line: int = mark.line
    return line + 1 if mark.column else line
