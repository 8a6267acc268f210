"""Reads the JSON of registries, token services, credential helpers and Docker into attrs classes, by one cattrs converter.

A class says what a format holds; an attribute whose JSON name differs has it in its metadata, under `JSON_NAME`. Names match as Go's
decoder matches them, unknown ones are ignored, and null is the same as absent. cattrs is loaded with this module, so callers
import it where they first need it.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, get_origin

import attrs
from cattrs import BaseConverter, Converter
from cattrs.cols import homogenous_tuple_structure_factory, mapping_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from toolhive_artifact import InvalidDocumentError, JsonNumber, JsonObject, JsonValue, Position, parse_json

JSON_NAME: Final = "json"
"""The metadata key of an attribute's name in JSON."""

T = TypeVar("T")
Structure = Callable[[Any, Any], Any]


def read_json(data: bytes, kind: type[T], *, where: str, max_size: int) -> T:
    """Parse a JSON document into an instance of the attrs class `kind`.

    Args:
        data: the document, in UTF-8.
        kind: the class.
        where: what to call the document in errors.
        max_size: its limit in bytes.

    Raises:
        InvalidDocumentError: it is not JSON.
        DocumentLimitError: it is too large or too deeply nested.
        InvalidFieldError: a value is of another type than the class says. The error quotes no value and no key of the document,
            and carries no other error: what is read here may be a secret.
    """
    return from_json(parse_json(data, where=where, max_size=max_size), kind, where=where)


def from_json(value: JsonValue, kind: type[T], *, where: str) -> T:
    """Return an instance of `kind` made of a parsed JSON value.

    Raises:
        InvalidFieldError: as `read_json`.
    """
    try:
        return _converter.structure(value, kind)
    except (BaseValidationError, _WrongTypeError) as error:
        path, problem = _first_failure(error)
    # Outside the handler, so that the new error has no context: cattrs quotes the value that it refused.
    position = _position(value, path)
    raise InvalidFieldError(
        f"{_shown(path) or 'the document'} {problem}", where=where, line=position.line, column=position.column
    )


class InvalidFieldError(InvalidDocumentError):
    """A value in a JSON document is of the wrong type."""


class _WrongTypeError(Exception):
    """A value is of the wrong type; the message says which is right, and nothing of the value."""


def json_name(attribute: "attrs.Attribute[Any]") -> str:
    """Return what an attribute is called in JSON."""
    name: str = attribute.metadata.get(JSON_NAME, attribute.name)
    return name


def _string(value: JsonValue, _: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _WrongTypeError("is not a string")
    return value


def _integer(value: JsonValue, _: object) -> int:
    number = value.int64 if isinstance(value, JsonNumber) else None
    if number is None:
        raise _WrongTypeError("is not an integer")
    return number


def _attrs_class(kind: type[Any], converter: BaseConverter) -> Structure:
    """Return what reads an object as the class `kind`."""
    attributes: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    renamed: Any = {attribute.name: override(rename=json_name(attribute)) for attribute in attributes}
    from_mapping: Structure = make_dict_structure_fn(kind, converter, _cattrs_use_linecache=False, **renamed)
    names = [json_name(attribute) for attribute in attributes]

    def structure(value: JsonValue, _: object) -> Any:
        if value is None:
            return kind()
        if not isinstance(value, JsonObject):
            raise _WrongTypeError("is not an object")
        return from_mapping({name: found for name in names if (found := value.field(name)) is not None}, kind)

    return structure


def _array(kind: Any, converter: BaseConverter) -> Structure:
    """Return what reads an array as a tuple."""
    read: Structure = homogenous_tuple_structure_factory(kind, converter)

    def structure(value: JsonValue, _: object) -> Any:
        if value is not None and not isinstance(value, tuple):
            raise _WrongTypeError("is not an array")
        return read(value or (), kind)

    return structure


def _mapping(kind: Any, converter: BaseConverter) -> Structure:
    """Return what reads an object as a dict, whatever its keys."""
    read: Structure = mapping_structure_factory(kind, converter)
    return lambda value, _: read(_json_object(value, _), kind)


def _json_object(value: JsonValue, _: object) -> JsonObject:
    if value is None:
        return JsonObject(())
    if not isinstance(value, JsonObject):
        raise _WrongTypeError("is not an object")
    return value


def _is(origin: type[Any]) -> Callable[[Any], bool]:
    """Return what recognises `origin[...]`."""
    return lambda kind: bool(get_origin(kind) == origin)


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(str, _string)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(JsonObject, _json_object)
    converter.register_structure_hook_factory(attrs.has, _attrs_class)
    converter.register_structure_hook_factory(_is(dict), _mapping)
    converter.register_structure_hook_factory(_is(tuple), _array)
    return converter


@attrs.frozen(repr=False)
class _Key:
    """A key of a mapping: not a name of the format, so it may be anything, a secret too."""

    text: str


_Path: TypeAlias = "list[str | int | _Key]"


def _first_failure(error: BaseException) -> "tuple[_Path, str]":
    """Return the path to the first value that was refused, in JSON names, and what is wrong with it."""
    path: _Path = []
    while isinstance(error, ClassValidationError | IterableValidationError):
        noted = error.group_exceptions()[0]
        if not noted:
            break
        kind = error.cl
        error, note = noted[0]
        if isinstance(note, AttributeValidationNote):
            path.append(json_name(getattr(attrs.fields(kind), note.name)))
        else:
            path.append(_Key(note.index) if isinstance(note.index, str) else note.index)
    return path, str(error) if isinstance(error, _WrongTypeError) else "is malformed"


def _shown(path: _Path) -> str:
    """Return a path as people write one, `[*]` for each key that is not a name of the format."""
    steps = (f".{step}" if isinstance(step, str) else f"[{'*' if isinstance(step, _Key) else step}]" for step in path)
    return "".join(steps).lstrip(".")


def _position(value: JsonValue, path: _Path) -> Position:
    """Return where the value at `path` is; the beginning of the document for its root."""
    written: list[str | int] = []
    inner = value
    for step in path:
        if isinstance(inner, JsonObject) and not isinstance(step, int):
            key, inner = (step.text, inner[step.text]) if isinstance(step, _Key) else inner.fields(step)[-1]
            written.append(key)
        elif isinstance(inner, tuple) and isinstance(step, int):
            written.append(step)
            inner = inner[step]
    return value.position(*written) if isinstance(value, JsonObject) else Position(1, 1)


_converter: Final = _make_converter()
