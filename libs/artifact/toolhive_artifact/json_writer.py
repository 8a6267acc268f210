"""Writes JSON with the bytes that Go's encoding/json writes.

There is no white space; `<`, `>`, `&`, U+2028 and U+2029 are escaped; a byte that is not UTF-8 (here a surrogate, by
`surrogateescape`) becomes U+FFFD, which Go before 1.27 escaped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring as _quote
from typing import TypeAlias

from toolhive_artifact.json_values import JsonNumber, JsonObject

Encodable: TypeAlias = "bool | int | str | JsonNumber | Mapping[str, Encodable] | Sequence[Encodable] | None"
"""A value that can be encoded. Keys keep their order; `sorted_by_key` gives that of Go's maps."""

# What Go escapes and other encoders do not. None of it occurs outside strings, so one pass over the whole text does.
_go_escapes = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def encode_json(value: "Encodable") -> bytes:
    """Encode `value` as Go's json.Marshal does; a JsonObject keeps its duplicate keys.

    Raises:
        TypeError: something in `value` cannot be encoded as JSON.
    """
    parts: list[str] = []
    # The containers being written: the bracket that closes each, and its remaining items.
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
                raise TypeError(f"{type(item).__name__} cannot be encoded as JSON")
        else:
            parts.append(closing)
            stack.pop()
    return _go_escapes.sub(_escape, "".join(parts)).encode("utf-8")


def sorted_by_key(mapping: "Mapping[str, Encodable]") -> "dict[str, Encodable]":
    """Return a mapping sorted as Go sorts a map: by the bytes of its keys."""
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
