"""Decodes and encodes attrs classes as Go's encoding/json decodes and encodes structs.

A field's type says what it holds, and `as_json` in its `metadata` how it is written. Decoding ignores unknown fields and
refuses values of the wrong type. Keys match in any case, and each occurrence of a field is decoded, in order, into what is
already there: the last one wins, and objects merge.

This is not cattrs, which the other formats of this project use, because importing it would slow down every small build
(docs/performance.md).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from typing import Any, Final, NamedTuple, Self, get_args, get_origin

from attrs import fields

from toolhive_artifact._places import Place, described
from toolhive_artifact.digest import Digest
from toolhive_artifact.errors import InvalidDigestError
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_artifact.json_writer import Encodable, sorted_by_key
from toolhive_artifact.limits import MAX_FIELD_REPEATS
from toolhive_artifact.timestamps import is_rfc3339


class Kind(ABC):
    """How the values of one type are decoded and encoded.

    Args:
        zero: the value of an absent field. A field whose zero is None is required, unless it is nullable.
        nullable: whether `null` sets a field to `zero` (Go's pointers, maps and slices) or leaves it as it is (all else).
    """

    def __init__(self, zero: Any = None, *, nullable: bool = False) -> None:
        self.zero = zero
        self.nullable = nullable

    def optional(self) -> Self:
        """Return this kind for a field that is None if it is absent or null."""
        kind = copy(self)
        kind.zero, kind.nullable = None, True
        return kind

    @property
    def required(self) -> bool:
        """Whether a document must have a field of this kind."""
        return self.zero is None and not self.nullable

    def decode(self, value: JsonValue, previous: Any, place: Place) -> Any:
        """Decode `value` into a field that holds `previous`."""
        if value is None:
            return self.zero if self.nullable else previous
        return self._decode(value, previous, place)

    @abstractmethod
    def _decode(self, value: JsonValue, previous: Any, place: Place, /) -> Any: ...

    def encode(self, value: Any) -> Encodable:
        """Return the value in the terms of JSON."""
        encoded: Encodable = value
        return encoded


class Scalar(Kind):
    """A value other than an object or an array.

    Args:
        json_type: its type in JSON.
        form: what it must be, for errors.
        parse: returns the value; returns None or raises a ValueError or an InvalidDigestError if it is malformed.
        zero: as in Kind.
    """

    def __init__(self, json_type: type, form: str, parse: Callable[[Any], Any], zero: Any = None) -> None:
        super().__init__(zero)
        self._json_type = json_type
        self._form = form
        self._parse = parse

    def _decode(self, value: JsonValue, _previous: Any, place: Place, /) -> Any:
        try:
            parsed = self._parse(value) if isinstance(value, self._json_type) else None
        except (ValueError, InvalidDigestError):
            parsed = None
        if parsed is None:
            raise place.error(f"must be {self._form}, not {described(value)}")
        return parsed


class _Base64(Scalar):
    """Bytes in base64, with or without line breaks."""

    def encode(self, value: bytes) -> Encodable:
        import binascii  # lazily: few documents have such a field

        return binascii.b2a_base64(value, newline=False).decode("ascii")


def _from_base64(text: str) -> bytes:
    import binascii

    return binascii.a2b_base64(text.replace("\r", "").replace("\n", ""), strict_mode=True)


class _Array(Kind):
    """An array of at most `limit` elements of one kind."""

    def __init__(self, element: Kind, limit: int | None) -> None:
        super().__init__((), nullable=True)
        self._element = element
        self._limit = limit

    def _decode(self, value: JsonValue, previous: tuple[Any, ...], place: Place) -> tuple[Any, ...]:
        if not isinstance(value, tuple):
            raise place.error(f"must be an array, not {described(value)}")
        if self._limit is not None and len(value) > self._limit:
            raise place.error(f"has {len(value)} elements; the limit is {self._limit}", limit=True)
        elements = []
        for i, item in enumerate(value):
            held = previous[i] if i < len(previous) else self._element.zero
            elements.append(self._element.decode(item, held, place.at(i)))
            if elements[-1] is None:
                raise place.at(i).error("must not be null")
        return tuple(elements)

    def encode(self, value: tuple[Any, ...]) -> Encodable:
        return [self._element.encode(item) for item in value]


class _TextMap(Kind):
    """An object of strings."""

    def _decode(self, value: JsonValue, previous: Mapping[str, str] | None, place: Place) -> Mapping[str, str]:
        return {**(previous or {}), **{key: text or "" for key, text in _members(value, str, "a string", place)}}

    def encode(self, value: Mapping[str, str]) -> Encodable:
        return sorted_by_key(value)


class _KeySet(Kind):
    """An object of empty objects, used for its keys (Go's `map[string]struct{}`)."""

    def _decode(self, value: JsonValue, previous: tuple[str, ...], place: Place) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*previous, *dict(_members(value, JsonObject, "an object", place)))))

    def encode(self, value: tuple[str, ...]) -> Encodable:
        return sorted_by_key({key: {} for key in value})


def _members(value: JsonValue, kind: type, form: str, place: Place) -> tuple[tuple[str, Any], ...]:
    """Return the members of an object whose values all have one type, or are null."""
    if not isinstance(value, JsonObject):
        raise place.error(f"must be an object, not {described(value)}")
    for index, (_, item) in enumerate(value.pairs):
        if item is not None and not isinstance(item, kind):
            raise place.at((value, index)).error(f"must be {form}, not {described(item)}")
    return value.pairs


class JsonField(NamedTuple):
    """How an attrs field is written in JSON."""

    name: str
    keep_empty: bool
    order: int
    limit: int | None
    kind: Kind | None


def as_json(
    name: str, *, keep_empty: bool = False, order: int = 0, limit: int | None = None, kind: Kind | None = None
) -> dict[str, JsonField]:
    """Return the `metadata` of an attrs field that is read from and written to JSON.

    Args:
        name: the JSON field's name, in ASCII.
        keep_empty: write it even if it is empty (Go: no `omitempty`).
        order: sorts the fields when writing; those with the same order are in the order of the class.
        limit: the maximum number of elements of an array.
        kind: how to decode the field, if its type does not say.
    """
    return {"json": JsonField(name, keep_empty, order, limit, kind)}


class _Field(NamedTuple):
    attribute: str
    json: JsonField
    kind: Kind


class _Struct(Kind):
    """An object that becomes an attrs class, whose fields all have `as_json`."""

    def __init__(self, model: Any) -> None:
        found = [(field.name, field.metadata["json"], field.type) for field in fields(model)]
        table = [_Field(name, json, json.kind or _kind_of(of, json.limit)) for name, json, of in found]
        lacks_nothing = not any(field.kind.required for field in table)
        super().__init__(model(**{field.attribute: field.kind.zero for field in table}) if lacks_nothing else None)
        self._model = model
        self._fields = sorted(table, key=lambda field: field.json.order)

    def _decode(self, value: JsonValue, previous: Any, place: Place) -> Any:
        if not isinstance(value, JsonObject):
            raise place.error(f"must be an object, not {described(value)}")
        return self._model(**{field.attribute: self._merged(field, value, previous, place) for field in self._fields})

    def _merged(self, field: _Field, owner: JsonObject, previous: Any, place: Place) -> Any:
        """Decode all occurrences of a field, each into the result of those before it."""
        held = field.kind.zero if previous is None else getattr(previous, field.attribute)
        found = owner.field_indexes(field.json.name)
        if len(found) > 1 and place.strict:
            raise place.at((owner, found[1])).error("appears twice", "Remove one of them")
        if len(found) > MAX_FIELD_REPEATS:
            problem = f"appears {len(found)} times; the limit is {MAX_FIELD_REPEATS}"
            raise place.at((owner, found[MAX_FIELD_REPEATS])).error(problem, "Remove all but one", limit=True)
        for index in found:
            held = field.kind.decode(owner.pairs[index][1], held, place.at((owner, index)))
        if held is None and field.kind.required:
            raise place.error(f"has no field {field.json.name!r}")
        return held

    def encode(self, value: Any) -> Encodable:
        held = ((field, getattr(value, field.attribute)) for field in self._fields)
        return {field.json.name: field.kind.encode(item) for field, item in held if item or field.json.keep_empty}


def _size(number: JsonNumber) -> int | None:
    return number.int64 if number.int64 is not None and number.int64 >= 0 else None


KEY_SET: Final = _KeySet((), nullable=True)
SIZE: Final = Scalar(JsonNumber, "a size in bytes", _size, 0)
TIME: Final = Scalar(str, "an RFC 3339 time", lambda text: text if is_rfc3339(text) else None).optional()

_KINDS: Final[dict[Any, Kind]] = {
    str: Scalar(str, "a string", str, ""),
    bool: Scalar(bool, "true or false", bool, False),
    int: Scalar(JsonNumber, "a 64-bit integer", lambda number: number.int64, 0),
    bytes: _Base64(str, "base64", _from_base64),
    Digest: Scalar(str, "sha256: followed by 64 lowercase hexadecimal digits", Digest),
    Mapping[str, str]: _TextMap(),
}


def struct_of(model: Any) -> Kind:
    """Return how to decode and encode an attrs class, all of whose fields have `as_json`."""
    return _kind_of(model)


@cache
def _kind_of(hint: Any, limit: int | None = None) -> Kind:
    """Return how to decode and encode a field of this type."""
    if hint in _KINDS:
        return _KINDS[hint]
    arguments = get_args(hint)
    if type(None) in arguments:
        return _kind_of(arguments[0]).optional()
    if get_origin(hint) is tuple:
        return _Array(_kind_of(arguments[0]), limit)
    return _Struct(hint)
