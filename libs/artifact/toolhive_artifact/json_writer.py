"""Writes JSON with the bytes that the reference's encoder (Go's encoding/json) gives.

No spaces; `<`, `>`, `&`, U+2028 and U+2029 escaped; a byte of a path that is not UTF-8 (a surrogate by
`surrogateescape` here) written as U+FFFD, which Go before 1.27 escaped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring as _quote
from typing import TypeAlias

from toolhive_artifact.json_values import JsonNumber, JsonObject

Encodable: TypeAlias = "bool | int | str | JsonNumber | Mapping[str, Encodable] | Sequence[Encodable] | None"
"""What can be encoded. An object's keys keep their order: see `sorted_by_key` for those that Go sorts."""

# Beyond what every encoder escapes. Outside of strings JSON has none of these, so the whole text is gone through at once.
_go_escapes = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def encode_json(value: "Encodable") -> bytes:
    """Encode `value` as Go's json.Marshal would; a JsonObject keeps its duplicate keys.

    Raises:
        TypeError: there is something in `value` that JSON has no form for.
    """
    parts: list[str] = []
    # Containers being written: what closes each, and the rest of its items.
    stack: list[tuple[str, Iterator[tuple[str, Encodable]]]] = [("", iter((("", value),)))]
    while stack:
        closing, rest = stack[-1]
        for lead, item in rest:
            parts.append(lead)
            if isinstance(item, str):
                parts.append(_quote(item))
            elif item is None or isinstance(item, bool):
                parts.append("null" if item is None else "true" if item else "false")
            elif isinstance(item, int):
                parts.append(str(int(item)))
            elif isinstance(item, JsonNumber):
                parts.append(item.text)
            elif isinstance(item, Mapping):
                parts.append("{")
                stack.append(("}", _members(item)))
                break
            elif isinstance(item, Sequence) and not isinstance(item, bytes | bytearray | memoryview):
                parts.append("[")
                stack.append(("]", _elements(item)))
                break
            else:
                raise TypeError(f"JSON has no form for {type(item).__name__}")
        else:
            parts.append(closing)
            stack.pop()
    return _go_escapes.sub(_escape, "".join(parts)).encode("utf-8")


def sorted_by_key(mapping: "Mapping[str, Encodable]") -> "dict[str, Encodable]":
    """Return the mapping in the order in which Go writes a map: by the bytes of the keys."""
    return {key: mapping[key] for key in sorted(mapping, key=_key_bytes)}


def _members(mapping: "Mapping[str, Encodable]") -> "Iterator[tuple[str, Encodable]]":
    pairs = mapping.pairs if isinstance(mapping, JsonObject) else mapping.items()
    comma = ""
    for key, item in pairs:
        yield f"{comma}{_quote(key)}:", item
        comma = ","


def _elements(sequence: "Sequence[Encodable]") -> "Iterator[tuple[str, Encodable]]":
    comma = ""
    for item in sequence:
        yield comma, item
        comma = ","


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return "\ufffd" if char >= "\ud800" else f"\\u{ord(char):04x}"


def _key_bytes(key: str) -> bytes:
    try:
        return key.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return key.encode("utf-8", "replace")
