"""Reads JSON as Go's encoding/json does.

The grammar is that of RFC 8259, with Go's leniency inside strings: bytes that are not UTF-8, and escaped surrogates without
their other half, become U+FFFD. The scanner is iterative, so depth never causes a RecursionError. It keeps what a `dict`
would lose: duplicate keys, the text of numbers, and the position of each key and value.
"""

import re

from toolhive_artifact.errors import DocumentLimitError, InvalidDocumentError, shown
from toolhive_artifact.json_values import STRING, JsonNumber, JsonObject, JsonValue, position_at
from toolhive_artifact.limits import MAX_JSON_DEPTH, MAX_MANIFEST_SIZE

_SPACE = r"[ \t\n\r]*+"
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_value_at = re.compile(rf"{_SPACE}(?:{STRING}|([\[{{])|({_NUMBER})|(true|false|null))").match
_key_at = re.compile(rf"{_SPACE}{STRING}{_SPACE}:").match
_close_at = re.compile(rf"{_SPACE}([\]}}])").match
_next_at = re.compile(rf"{_SPACE}([,\]}}])").match
_space_at = re.compile(_SPACE).match
_STRING_GROUP, _OPEN_GROUP, _NUMBER_GROUP = 1, 2, 3
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse_json(
    data: bytes,
    *,
    where: str,
    max_size: int = MAX_MANIFEST_SIZE,
    max_depth: int = MAX_JSON_DEPTH,
    unique_keys: bool = False,
) -> JsonValue:
    """Parse one JSON document.

    Args:
        data: the document, in UTF-8.
        where: what to call the document in errors: a path, a digest.
        max_size: the maximum size in bytes.
        max_depth: the maximum nesting of arrays and objects.
        unique_keys: refuse an object with a duplicate key.

    Raises:
        DocumentLimitError: it is larger than `max_size` or deeper than `max_depth`.
        InvalidDocumentError: it is not JSON; `line` and `column` say where.
    """
    if len(data) > max_size:
        raise DocumentLimitError(f"is {len(data)} bytes; the limit is {max_size}", where=where)
    return _Scanner(_decode(data), where, max_depth, unique_keys).document()


def _decode(data: bytes) -> str:
    """Decode UTF-8; each invalid byte becomes one U+FFFD, as in Go."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return re.sub("[\udc80-\udcff]", "\ufffd", bytes(data).decode("utf-8", "surrogateescape"))


class _Scanner:
    """Scans one document."""

    def __init__(self, text: str, where: str, max_depth: int, unique_keys: bool) -> None:
        self._text = text
        self._where = where
        self._max_depth = max_depth
        self._unique_keys = unique_keys

    def document(self) -> JsonValue:
        value, pos = self._value()
        end = _skip_space(self._text, pos)
        if end < len(self._text):
            raise self._error("unexpected text after the document", end, "Keep one JSON value in the file")
        return value

    def _value(self) -> tuple[JsonValue, int]:
        """Return the value that begins the text, and the offset of its end."""
        text = self._text
        pos = 0
        # The container being filled, and those around it. `keys` is None in an array.
        stack: list[tuple[list[JsonValue], list[str] | None, list[int]]] = []
        items: list[JsonValue] = []
        keys: list[str] | None = None
        offsets: list[int] = []
        value: JsonValue
        while True:
            match = _value_at(text, pos)
            if match is None:
                raise self._bad_value(pos)
            pos = match.end()
            group = match.lastindex
            if group == _OPEN_GROUP:
                if keys is not None:
                    offsets.append(match.start(_OPEN_GROUP))
                stack.append((items, keys, offsets))
                if len(stack) > self._max_depth:
                    raise self._too_deep(match.start(_OPEN_GROUP))
                is_object = text[pos - 1] == "{"
                items, keys, offsets = [], [] if is_object else None, []
                match = _close_at(text, pos)
                if match is None:
                    if is_object:
                        pos = self._key(pos, [], offsets, keys)
                    continue
                pos = self._check_close(match, is_object)
                value = JsonObject((), text) if is_object else ()
                items, keys, offsets = stack.pop()
            else:
                token = match[group or 0]
                if keys is not None:
                    offsets.append(match.start(group or 0) - (group == _STRING_GROUP))
                if group == _STRING_GROUP:
                    value = _unescape(token) if "\\" in token else token
                elif group == _NUMBER_GROUP:
                    value = JsonNumber(token)
                else:
                    value = _LITERALS[token]
            # The value is complete: add it to its container, and close all containers that end here.
            while True:
                if not stack:
                    return value, pos
                items.append(value)
                match = _next_at(text, pos)
                if match is None:
                    raise self._bad_separator(pos, keys is not None)
                if match[1] == ",":
                    pos = match.end()
                    if keys is not None:
                        pos = self._key(pos, items, offsets, keys)
                    break
                pos = self._check_close(match, keys is not None)
                value = (
                    tuple(items)
                    if keys is None
                    else JsonObject(tuple(zip(keys, items, strict=True)), text, tuple(offsets))
                )
                if self._unique_keys and isinstance(value, JsonObject) and len(value) < len(value.pairs):
                    raise self._duplicate(value)
                items, keys, offsets = stack.pop()

    def _key(self, pos: int, items: list[JsonValue], offsets: list[int], keys: list[str] | None) -> int:
        """Read `"key":` and return the offset of its end."""
        match = _key_at(self._text, pos)
        if match is None or keys is None:
            raise self._bad_key(pos, first=not items)
        token = match[1]
        keys.append(_unescape(token) if "\\" in token else token)
        offsets.append(match.start(1) - 1)
        return match.end()

    def _check_close(self, match: re.Match[str], is_object: bool) -> int:
        if (match[1] == "}") is not is_object:
            kind, mark = ("object", "}") if is_object else ("array", "]")
            raise self._error(f"an {kind} must end with {mark}, not {match[1]}", match.start(1))
        return match.end()

    def _bad_value(self, pos: int) -> InvalidDocumentError:
        pos = _skip_space(self._text, pos)
        if self._text.startswith('"', pos):
            return self._bad_string(pos)
        if pos == 0 and self._text.startswith("\ufeff"):
            return self._error("unexpected byte order mark", pos, "Save the file as UTF-8 without a byte order mark")
        if self._text.startswith(("]", "}"), pos) and self._text[:pos].rstrip(" \t\n\r").endswith(","):
            return self._error("trailing comma", pos, "Remove the comma")
        return self._error(f"expected a value, found {self._found(pos)}", pos, self._remedy(pos))

    def _bad_key(self, pos: int, *, first: bool) -> InvalidDocumentError:
        pos = _skip_space(self._text, pos)
        if self._text.startswith('"', pos):
            match = _value_at(self._text, pos)
            if match is None:
                return self._bad_string(pos)
            pos = _skip_space(self._text, match.end())
            return self._error(f"expected a colon after the key, found {self._found(pos)}", pos)
        if self._text.startswith("}", pos) and not first:
            return self._error("trailing comma", pos, "Remove the comma")
        return self._error(f"expected a key in double quotes, found {self._found(pos)}", pos, self._remedy(pos))

    def _bad_separator(self, pos: int, in_object: bool) -> InvalidDocumentError:
        pos = _skip_space(self._text, pos)
        wanted = "a comma or }" if in_object else "a comma or ]"
        return self._error(f"expected {wanted}, found {self._found(pos)}", pos, self._remedy(pos))

    def _bad_string(self, pos: int) -> InvalidDocumentError:
        match = _string_part_at(self._text, pos + 1)
        end = match.end() if match else pos + 1
        if end >= len(self._text):
            return self._error("unterminated string", pos, "Close it with a double quote")
        if self._text[end] == "\\":
            escape = shown(self._text[end : end + 6 if self._text.startswith("\\u", end) else end + 2])
            return self._error(f"invalid escape {escape} in a string", end, "Write \\\\ for a backslash")
        return self._error(
            f"control character U+{ord(self._text[end]):04X} in a string", end, "Escape it, for example as \\n"
        )

    def _too_deep(self, pos: int) -> InvalidDocumentError:
        line, column = position_at(self._text, pos)
        problem = f"arrays and objects are nested more than {self._max_depth} levels deep"
        return DocumentLimitError(problem, where=self._where, line=line, column=column)

    def _duplicate(self, owner: JsonObject) -> InvalidDocumentError:
        key = owner.duplicates[0]
        line, column = owner.key_position(key)
        problem = f"duplicate key {shown(key)!r}"
        return InvalidDocumentError(problem, where=self._where, remedy="Remove one of them", line=line, column=column)

    def _found(self, pos: int) -> str:
        match = _word_at(self._text, pos)
        if match is not None:
            return f"'{match[0][:20]}'"
        return f"'{shown(self._text[pos])}'" if pos < len(self._text) else "the end of the text"

    def _remedy(self, pos: int) -> str:
        if self._text.startswith(("//", "/*", "#"), pos):
            return "JSON has no comments; remove it"
        if self._text.startswith("'", pos):
            return "JSON strings take double quotes"
        return ""

    def _error(self, problem: str, pos: int, remedy: str = "") -> InvalidDocumentError:
        line, column = position_at(self._text, pos)
        return InvalidDocumentError(problem, where=self._where, remedy=remedy, line=line, column=column)


_string_part_at = re.compile(STRING[1:-1]).match
_word_at = re.compile(r"[A-Za-z0-9_+\-.]{1,20}").match
_escapes = re.compile(
    r"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|([^u]))", re.IGNORECASE | re.ASCII
)
_SHORT_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _unescape(token: str) -> str:
    """Resolve the escapes of a valid string."""
    return _escapes.sub(_unescape_one, token)


def _unescape_one(match: re.Match[str]) -> str:
    high, low, unit, short = match.groups()
    if short is not None:
        return _SHORT_ESCAPES[short]
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))
    char = chr(int(unit, 16))
    return "\ufffd" if "\ud800" <= char <= "\udfff" else char


def _skip_space(text: str, pos: int) -> int:
    match = _space_at(text, pos)
    return match.end() if match else pos
