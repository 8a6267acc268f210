"""Reads the JSON of strangers: payloads, statements, bundles. Bounded, without duplicate keys, each value of its type."""

import base64
import binascii
from typing import Final

from attrs import frozen

from toolhive_plugins import JsonObject, JsonValue, ToolhiveError, parse_json, shown
from toolhive_plugins_signatures.errors import InvalidSignatureError

MAX_DOCUMENT: Final = 1024 * 1024
"""Bytes of one payload, statement or bundle."""

MAX_DEPTH: Final = 100
"""Nesting of arrays and objects in one."""


@frozen
class Fields:
    """The fields of one object; keys match exactly."""

    value: JsonObject
    where: str

    def has(self, name: str) -> bool:
        """Tell whether there is a field of that name that is not null."""
        return self.value.get(name) is not None

    def text(self, name: str) -> str:
        """Return a text that must be there.

        Raises:
            InvalidSignatureError: it is missing or not text.
        """
        found = self.value.get(name)
        if not isinstance(found, str):
            raise InvalidSignatureError(f"{self.where}: {name} is missing, or not text")
        return found

    def data(self, name: str) -> bytes:
        """Return what a text encodes in base64."""
        return decode_base64(self.text(name), f"{self.where}: {name}")

    def object(self, name: str) -> "Fields":
        """Return an object that must be there."""
        found = self.value.get(name)
        if not isinstance(found, JsonObject):
            raise InvalidSignatureError(f"{self.where}: {name} is missing, or not an object")
        return Fields(found, f"{self.where}, {name}")

    def objects(self, name: str, *, limit: int) -> "tuple[Fields, ...]":
        """Return the objects of a list that must be there."""
        found = self.value.get(name)
        if not isinstance(found, tuple):
            raise InvalidSignatureError(f"{self.where}: {name} is missing, or not a list")
        if len(found) > limit:
            raise InvalidSignatureError(f"{self.where}: {name} has {len(found)} elements, and {limit} is the limit")
        return tuple(self._element(item, name) for item in found)

    def _element(self, item: JsonValue, name: str) -> "Fields":
        if not isinstance(item, JsonObject):
            raise InvalidSignatureError(f"{self.where}: {name} holds something other than objects")
        return Fields(item, f"{self.where}, {name}")


def parse_fields(data: bytes, where: str) -> Fields:
    """Parse a document that must be one object.

    Raises:
        InvalidSignatureError: it is too large or too deep, has a key twice, or is not a JSON object.
    """
    try:
        value = parse_json(data, where=where, max_size=MAX_DOCUMENT, max_depth=MAX_DEPTH, unique_keys=True)
    except ToolhiveError as error:
        raise InvalidSignatureError(f"{where}: {error.problem}") from None
    if not isinstance(value, JsonObject):
        raise InvalidSignatureError(f"{where}: is not a JSON object")
    return Fields(value, where)


def decode_base64(text: str, what: str) -> bytes:
    """Return what a text encodes, in standard base64.

    Raises:
        InvalidSignatureError: it is something else.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSignatureError(f"{what} is not base64: {shown(text[:40])}") from None
