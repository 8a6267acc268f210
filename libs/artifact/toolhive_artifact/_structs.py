"""Struct decoding with the semantics of Go's encoding/json, and the encoding that goes with it.

A table says, for each of our classes, which JSON field holds what. Decoding matches keys as Go does (case
folded), decodes every occurrence of a field in order into what is there already (so the last one wins, objects
merge, and `null` leaves plain values alone), ignores unknown fields, and refuses a value of another type.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from toolhive_artifact.errors import DocumentLimitError, InvalidDocumentError, shown
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue, Step, locate
from toolhive_artifact.json_writer import Encodable, sorted_by_key
from toolhive_artifact.limits import MAX_FIELD_REPEATS

T = TypeVar("T")
_Path = tuple[Step, ...]


@frozen
class Reading:
    """What decoding needs to know of the document besides the value at hand."""

    where: str
    """What to call it in errors."""

    strict: bool
    """Refuse a field that is there twice."""

    def fail(self, path: _Path, problem: str, remedy: str = "", *, limit: bool = False) -> InvalidDocumentError:
        """Return the error about the value at `path`."""
        line, column = locate(path) or (0, 0)
        kind = DocumentLimitError if limit else InvalidDocumentError
        return kind(f"{_field_name(path)} {problem}", where=self.where, remedy=remedy, line=line, column=column)


def _field_name(path: _Path) -> str:
    """Name a field in an error: `layers[0].digest`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step[0].pairs[step[1]][0]
            text += f"[{key!r}]" if "." in key else f".{key}"
    return shown(text.removeprefix(".")) or "the document"


def json_type(value: JsonValue) -> str:
    """Name the JSON type of a value in an error."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case JsonNumber():
            return f"the number {value.text[:20]}"
        case JsonObject():
            return "an object"
        case _:
            return "an array"


class Kind(ABC, Generic[T]):
    """How one kind of value is decoded and encoded."""

    @abstractmethod
    def zero(self) -> T:
        """Return what a field holds where the document says nothing of it."""

    @abstractmethod
    def decode(self, value: JsonValue, previous: T, path: _Path, reading: Reading, /) -> T:
        """Decode `value` into a field that holds `previous`."""

    @abstractmethod
    def encode(self, value: T) -> Encodable:
        """Return the value in JSON's terms."""


class Text(Kind[str]):
    """A string."""

    def zero(self) -> str:
        return ""

    def decode(self, value: JsonValue, previous: str, path: _Path, reading: Reading, /) -> str:
        if value is None:
            return previous
        if not isinstance(value, str):
            raise reading.fail(path, f"must be a string, and is {json_type(value)}")
        return value

    def encode(self, value: str) -> Encodable:
        return value


class ParsedText(Kind[T | None]):
    """A string that is parsed into a value of its own; None where it is absent or null.

    Args:
        parse: gives the value, or None where the text is not of the form.
        form: what the text must be, in words.
    """

    def __init__(self, parse: Callable[[str], T | None], form: str) -> None:
        self._parse = parse
        self._form = form

    def zero(self) -> T | None:
        return None

    def decode(self, value: JsonValue, _previous: T | None, path: _Path, reading: Reading, /) -> T | None:
        if value is None:
            return None
        parsed = self._parse(value) if isinstance(value, str) else None
        if parsed is None:
            found = "something else" if isinstance(value, str) else json_type(value)
            raise reading.fail(path, f"must be {self._form}, and is {found}")
        return parsed

    def encode(self, value: T | None) -> Encodable:
        return cast("Encodable", value)


class Int64(Kind[int]):
    """An integer of 64 bits."""

    def __init__(self, minimum: int = -(2**63)) -> None:
        self._minimum = minimum

    def zero(self) -> int:
        return 0

    def decode(self, value: JsonValue, previous: int, path: _Path, reading: Reading, /) -> int:
        if value is None:
            return previous
        number = value.int64 if isinstance(value, JsonNumber) else None
        if number is None:
            raise reading.fail(path, f"must be an integer of 64 bits, and is {json_type(value)}")
        if number < self._minimum:
            raise reading.fail(path, f"must be at least {self._minimum}, and is {number}")
        return number

    def encode(self, value: int) -> Encodable:
        return value


class Bool(Kind[bool]):
    """A boolean."""

    def zero(self) -> bool:
        return False

    def decode(self, value: JsonValue, previous: bool, path: _Path, reading: Reading, /) -> bool:
        if value is None:
            return previous
        if not isinstance(value, bool):
            raise reading.fail(path, f"must be true or false, and is {json_type(value)}")
        return value

    def encode(self, value: bool) -> Encodable:
        return value


class Array(Kind[tuple[T, ...]]):
    """An array of one kind of element, at most `limit` of them."""

    def __init__(self, element: Kind[T], limit: int | None = None) -> None:
        self._element = element
        self._limit = limit

    def zero(self) -> tuple[T, ...]:
        return ()

    def decode(self, value: JsonValue, previous: tuple[T, ...], path: _Path, reading: Reading, /) -> tuple[T, ...]:
        if value is None:
            return ()
        if not isinstance(value, tuple):
            raise reading.fail(path, f"must be an array, and is {json_type(value)}")
        if self._limit is not None and len(value) > self._limit:
            raise reading.fail(path, f"has {len(value)} elements, and {self._limit} is the limit", limit=True)
        elements = []
        for i, item in enumerate(value):
            held = previous[i] if i < len(previous) else self._element.zero()
            element = self._element.decode(item, held, (*path, i), reading)
            if element is None:
                raise reading.fail((*path, i), "must not be null")
            elements.append(element)
        return tuple(elements)

    def encode(self, value: tuple[T, ...]) -> Encodable:
        return [self._element.encode(item) for item in value]


class TextMap(Kind[Mapping[str, str] | None]):
    """An object with string values, in any number; None where it is absent or null."""

    def zero(self) -> Mapping[str, str] | None:
        return None

    def decode(
        self, value: JsonValue, previous: Mapping[str, str] | None, path: _Path, reading: Reading, /
    ) -> Mapping[str, str] | None:
        if value is None:
            return None
        if not isinstance(value, JsonObject):
            raise reading.fail(path, f"must be an object, and is {json_type(value)}")
        merged = dict(previous or {})
        for index, (key, item) in enumerate(value.pairs):
            if item is not None and not isinstance(item, str):
                raise reading.fail((*path, (value, index)), f"must be a string, and is {json_type(item)}")
            merged[key] = item or ""
        return merged

    def encode(self, value: Mapping[str, str] | None) -> Encodable:
        return None if value is None else sorted_by_key(value)


class KeySet(Kind[tuple[str, ...]]):
    """An object whose keys alone matter (Go's `map[string]struct{}`)."""

    def zero(self) -> tuple[str, ...]:
        return ()

    def decode(self, value: JsonValue, previous: tuple[str, ...], path: _Path, reading: Reading, /) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, JsonObject):
            raise reading.fail(path, f"must be an object, and is {json_type(value)}")
        for index, (_, item) in enumerate(value.pairs):
            if item is not None and not isinstance(item, JsonObject):
                raise reading.fail((*path, (value, index)), f"must be an object, and is {json_type(item)}")
        return tuple(dict.fromkeys((*previous, *value)))

    def encode(self, value: tuple[str, ...]) -> Encodable:
        return sorted_by_key({key: {} for key in value})


@frozen
class FieldSpec:
    """One line of a struct's table."""

    attribute: str
    """The name in our class."""

    name: str
    """The name in JSON."""

    kind: Kind[Any]
    """What it holds."""

    required: bool = False
    """Refuse a document without it (the reference does not; we cannot use one)."""

    keep_empty: bool = False
    """Write it even where it is empty (in Go: no `omitempty`)."""


class Struct(Kind[T | None]):
    """An object that becomes one of our classes.

    Args:
        make: the class; called with every field's attribute.
        fields: its table, in the order of the encoding.
        zero: what stands for an absent object; None where there is no such value.
        nullable: `null` takes back what an earlier field of the same name said (in Go: a pointer).
    """

    def __init__(
        self, make: Callable[..., T], *fields: FieldSpec, zero: T | None = None, nullable: bool = False
    ) -> None:
        self._make = make
        self._fields = fields
        self._zero = zero
        self._nullable = nullable

    def zero(self) -> T | None:
        return self._zero

    def decode(self, value: JsonValue, previous: T | None, path: _Path, reading: Reading, /) -> T | None:
        if value is None:
            return None if self._nullable else previous
        if not isinstance(value, JsonObject):
            raise reading.fail(path, f"must be an object, and is {json_type(value)}")
        held = {field.attribute: self._field(field, value, previous, path, reading) for field in self._fields}
        return self._make(**held)

    def _field(self, field: FieldSpec, owner: JsonObject, previous: T | None, path: _Path, reading: Reading) -> Any:
        held = field.kind.zero() if previous is None else getattr(previous, field.attribute)
        found = owner.field_indexes(field.name)
        if len(found) > 1 and reading.strict:
            raise reading.fail((*path, (owner, found[1])), "is there twice", "Keep one of them")
        if len(found) > MAX_FIELD_REPEATS:
            problem = f"is there {len(found)} times, and {MAX_FIELD_REPEATS} is the limit"
            raise reading.fail((*path, (owner, found[MAX_FIELD_REPEATS])), problem, "Keep one of them", limit=True)
        for index in found:
            held = field.kind.decode(owner.pairs[index][1], held, (*path, (owner, index)), reading)
        if field.required and held is None:
            raise reading.fail(path, f"lacks {field.name!r}")
        return held

    def encode(self, value: T | None) -> Encodable:
        encoded: dict[str, Encodable] = {}
        for field in self._fields:
            held = getattr(value, field.attribute)
            if held or field.keep_empty:
                encoded[field.name] = field.kind.encode(held)
        return encoded
