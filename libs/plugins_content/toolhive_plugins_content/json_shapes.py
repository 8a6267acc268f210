"""The types of JSON values, in words, and the objects in a document."""

from collections.abc import Iterator

from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue


def kind(value: JsonValue) -> str:
    """Name the type of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, JsonNumber):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, tuple) else "an object"


def objects_in(value: JsonValue) -> Iterator[JsonObject]:
    """Yield all objects in a document, without recursion: a hostile document may be 10,000 levels deep."""
    pending: list[JsonValue] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, JsonObject):
            yield item
            pending += [child for _, child in item.pairs]
        elif isinstance(item, tuple):
            pending += item
