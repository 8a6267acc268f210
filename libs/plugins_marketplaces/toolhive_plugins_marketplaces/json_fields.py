"""Reads the fields of JSON objects that strangers wrote, each with its type and its bounds."""

from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from toolhive_plugins import JsonNumber, JsonObject, JsonValue, ToolhiveError, shown

MAX_TEXT: Final = 4096
"""The longest text of one field, in characters."""

MAX_LISTED: Final = 1_000
"""The most elements of one list, unless its reader says otherwise."""


@frozen
class Fields:
    """The fields of one object. Keys match exactly, as they do in JavaScript; of equal ones the last counts; null is nothing."""

    value: JsonObject
    where: str
    """Names the object in errors."""

    fault: Callable[[str, str], ToolhiveError]
    """Makes an error from a problem and where it is."""

    def text(self, name: str, *, limit: int = MAX_TEXT) -> str:
        """Return a text, "" where there is none."""
        found = self.value.get(name)
        if found is None:
            return ""
        return self._checked(found, name, limit)

    def required(self, name: str, *, limit: int = MAX_TEXT) -> str:
        """Return a text that must be there."""
        found = self.text(name, limit=limit)
        if not found:
            raise self.fault(f"there is no {name}", self.where)
        return found

    def flag(self, name: str, default: bool) -> bool:
        """Return a truth value."""
        found = self.value.get(name)
        if found is None:
            return default
        if not isinstance(found, bool):
            raise self.fault(f"{name} must be true or false", self.where)
        return found

    def number(self, name: str) -> int:
        """Return a whole number that is not negative, 0 where there is none."""
        found = self.value.get(name)
        value = found.int64 if isinstance(found, JsonNumber) else None
        if found is not None and (value is None or value < 0):
            raise self.fault(f"{name} must be a whole number", self.where)
        return value or 0

    def texts(self, name: str, *, limit: int = MAX_LISTED) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(self._checked(item, name, MAX_TEXT) for item in self._list(name, limit))

    def object(self, name: str) -> "Fields | None":
        """Return an object; None where there is none."""
        found = self.value.get(name)
        if found is None:
            return None
        if not isinstance(found, JsonObject):
            raise self.fault(f"{name} must be an object", self.where)
        return Fields(found, f"{self.where}, {name}", self.fault)

    def objects(self, name: str, *, limit: int = MAX_LISTED) -> Iterator["Fields"]:
        """Yield the objects of a list."""
        for number, item in enumerate(self._list(name, limit), 1):
            if not isinstance(item, JsonObject):
                raise self.fault(f"{name} must be a list of objects", self.where)
            yield Fields(item, f"{name} {number}", self.fault)

    def text_map(self, name: str, *, limit: int = MAX_LISTED) -> dict[str, str]:
        """Return an object of texts; a member that is null is left out."""
        members = self._members(name, limit)
        return {key: self._checked(item, name, MAX_TEXT) for key, item in members if item is not None}

    def count_map(self, name: str, *, limit: int = MAX_LISTED) -> dict[str, int]:
        """Return an object of whole numbers that are not negative."""
        found = self.object(name)
        return {} if found is None else {key: found.number(key) for key, _ in self._members(name, limit)}

    def _members(self, name: str, limit: int) -> Iterator[tuple[str, JsonValue]]:
        found = self.object(name)
        if found is None:
            return
        if len(found.value) > limit:
            raise self.fault(f"{name} has {len(found.value)} members, and {limit} is the limit", self.where)
        for key in found.value:
            yield self._checked(key, name, MAX_TEXT), found.value[key]

    def _list(self, name: str, limit: int) -> tuple[JsonValue, ...]:
        found = self.value.get(name)
        if found is None:
            return ()
        if not isinstance(found, tuple):
            raise self.fault(f"{name} must be a list", self.where)
        if len(found) > limit:
            raise self.fault(f"{name} has {len(found)} elements, and {limit} is the limit", self.where)
        return found

    def _checked(self, found: JsonValue, name: str, limit: int) -> str:
        if not isinstance(found, str):
            raise self.fault(f"{shown(name)} must be text", self.where)
        if len(found) > limit:
            raise self.fault(f"{shown(name)} has {len(found)} characters, and {limit} is the limit", self.where)
        return found
