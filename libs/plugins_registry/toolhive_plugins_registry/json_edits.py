"""Changes one member of a JSON document of others and leaves every other byte as it is."""

import json
import re
from typing import Final

from attrs import frozen

_SPACE: Final = re.compile(r"[ \t\r\n]*+")
_DECODER: Final = json.JSONDecoder(strict=False)


@frozen
class _Member:
    """Where a member of an object is in the text."""

    name: str
    start: int
    """Of its name."""

    value: int
    """Of its value."""

    end: int


@frozen
class _Object:
    """Where an object is in the text."""

    start: int
    end: int
    members: tuple[_Member, ...]

    def find(self, name: str) -> _Member | None:
        return next((member for member in reversed(self.members) if member.name == name), None)


def names_in(text: str, field: str) -> tuple[str, ...]:
    """Return the names of the members of the object in `field` of the document; none if there is no such object."""
    holder = _scan(text, _skip(text, 0)).find(field)
    if holder is None or text[holder.value] != "{":
        return ()
    return tuple(member.name for member in _scan(text, holder.value).members)


def put(text: str, field: str, name: str, value: object) -> str:
    """Return the document with `value` as the member `name` of the object in `field`; both are added if they are missing.

    Args:
        text: a valid JSON object; `field` in it is an object, null or missing.
        field, name: the names of the members.
        value: what JSON can have.
    """
    root = _scan(text, _skip(text, 0))
    holder = root.find(field)
    if holder is None or text[holder.value] != "{":
        return _put(text, root, field, {name: value}, "\t")
    return _put(text, _scan(text, holder.value), name, value, "\t\t")


def remove(text: str, field: str, name: str) -> str:
    """Return the document without the members `name` of the object in `field`."""
    while name in names_in(text, field):
        holder = _scan(text, _skip(text, 0)).find(field)
        assert holder is not None  # noqa: S101 - for the type checker: it has names
        text = _remove(text, _scan(text, holder.value), name)
    return text


def _put(text: str, target: _Object, name: str, value: object, indent: str) -> str:
    written = json.dumps(value, indent="\t").replace("\n", f"\n{indent}")
    member = target.find(name)
    if member is not None:
        return text[: member.value] + written + text[member.end :]
    if not target.members:
        new = f"{{\n{indent}{json.dumps(name)}: {written}\n{indent[:-1]}}}"
        return text[: target.start] + new + text[target.end :]
    last = target.members[-1]
    before = target.members[-2].end if len(target.members) > 1 else target.start
    gap = text[before : last.start].lstrip(" \t\r\n").removeprefix(",").removeprefix("{")
    return f"{text[: last.end]},{gap}{json.dumps(name)}: {written}{text[last.end :]}"


def _remove(text: str, target: _Object, name: str) -> str:
    at = next(number for number, member in enumerate(target.members) if member.name == name)
    member = target.members[at]
    if at > 0:
        return text[: target.members[at - 1].end] + text[member.end :]
    if len(target.members) > 1:
        return text[: member.start] + text[target.members[1].start :]
    return text[: target.start] + "{}" + text[target.end :]


def _scan(text: str, start: int) -> _Object:
    """Return where the object that begins at `start`, and each of its members, is."""
    members: list[_Member] = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, end = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, end) + 1)
        _, end = _DECODER.raw_decode(text, value)
        members.append(_Member(name, at, value, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return _Object(start, at + 1, tuple(members))


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
