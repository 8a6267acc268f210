"""Reads JSON from outside as the reference's decoder (Go's encoding/json) reads it.

The grammar is RFC 8259, strictly, with Go's leniency inside strings: bytes that are not UTF-8 and
escaped surrogates without their other half become U+FFFD. The scanner is iterative, so that depth
costs memory and never a RecursionError, and it keeps what a plain `dict` would lose: duplicate keys, the
literal text of numbers, and where in the text each key and value stands.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, final

from attrs import frozen

from toolhive_artifact.errors import DocumentLimitError, InvalidDocumentError, shown
from toolhive_artifact.limits import MAX_JSON_DEPTH, MAX_MANIFEST_SIZE


@final
@frozen
class JsonNumber:
    """A number, as it was written."""

    text: str

    @property
    def int64(self) -> int | None:
        """The value where it is written as an integer and fits 64 signed bits, else None (`1.0` and `1e3` are not)."""
        if len(self.text) > _INT64_DIGITS or not self.text.lstrip("-").isdigit():
            return None
        value = int(self.text)
        return value if -(2**63) <= value < 2**63 else None


class Position(NamedTuple):
    """A place in a document's text."""

    line: int
    """From 1."""

    column: int
    """In characters, from 1."""


@final
class JsonObject(Mapping[str, "JsonValue"]):
    """An object: a mapping in which the last of equal keys wins, which still knows all that was written."""

    __slots__ = ("_by_key", "_offsets", "_text", "pairs")

    def __init__(
        self, pairs: "tuple[tuple[str, JsonValue], ...]", text: str = "", offsets: tuple[int, ...] = ()
    ) -> None:
        self.pairs = pairs
        """Every key and value, in the order written, duplicates included."""
        self._by_key = dict(pairs)
        self._text = text
        self._offsets = offsets  # of the first key, its value, the second key, its value, ...

    def __getitem__(self, key: str) -> "JsonValue":
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def __repr__(self) -> str:
        return f"<JsonObject of {len(self)} keys>"

    @property
    def duplicates(self) -> tuple[str, ...]:
        """The keys that were written more than once, each named once, in order."""
        if len(self._by_key) == len(self.pairs):
            return ()
        counts = Counter(key for key, _ in self.pairs)
        return tuple(key for key, count in counts.items() if count > 1)

    def fields(self, name: str) -> "tuple[tuple[str, JsonValue], ...]":
        """Return the pairs whose keys Go's decoder would match to a struct field called `name`, in order.

        Args:
            name: the field's JSON name, in ASCII; case does not matter.
        """
        return tuple(self.pairs[index] for index in self.field_indexes(name))

    def field_indexes(self, name: str) -> tuple[int, ...]:
        """Return where in `pairs` the pairs stand that `fields` returns."""
        folded = fold_key(name)
        return tuple(i for i, (key, _) in enumerate(self.pairs) if key == name or fold_key(key) == folded)

    def field(self, name: str, default: "JsonValue" = None) -> "JsonValue":
        """Return the last value that Go's decoder would match to a struct field called `name`, else `default`."""
        found = self.fields(name)
        return found[-1][1] if found else default

    def key_position(self, key: str) -> Position:
        """Say where the last key written as `key` stands; KeyError where there is none."""
        return self._position_at(self._offsets[2 * self._last_index(key)])

    def position(self, *path: "str | int") -> Position:
        """Say where the value stands that `path`, keys and array indexes from this object on, leads to.

        Raises:
            KeyError, IndexError, TypeError: the path leads nowhere.
        """
        value: JsonValue = self
        steps: list[Step] = []
        for step in path:
            if isinstance(value, JsonObject) and isinstance(step, str):
                index = value._last_index(step)
                steps.append((value, index))
                value = value.pairs[index][1]
            elif isinstance(value, tuple) and isinstance(step, int):
                steps.append(step)
                value = value[step]
            else:
                raise TypeError(f"{step!r} leads nowhere in {type(value).__name__}")
        return locate(steps) or Position(1, 1)

    def _last_index(self, key: str) -> int:
        for index in range(len(self.pairs) - 1, -1, -1):
            if self.pairs[index][0] == key:
                return index
        raise KeyError(key)

    def _position_at(self, offset: int) -> Position:
        return _position(self._text, offset)


Step: TypeAlias = tuple[JsonObject, int] | int
"""A step to a value: into an object, to its pair of that index, or into an array, to its element of that index."""


def locate(path: Sequence[Step]) -> Position | None:
    """Say where the value stands that `path` leads to; None where it does not begin in an object, which has the text."""
    text = ""
    offset = 0
    for step in path:
        if not isinstance(step, int):
            owner, index = step
            text, offset = owner._text, owner._offsets[2 * index + 1]
        elif text:
            offset = _element_offset(text, offset, step)
    return _position(text, offset) if text else None


JsonArray: TypeAlias = "tuple[JsonValue, ...]"
JsonValue: TypeAlias = "bool | str | JsonNumber | JsonArray | JsonObject | None"

_INT64_DIGITS = 20
_FOLDS = str.maketrans({"\u017f": "s", "\u212a": "k"} | {chr(c): chr(c).lower() for c in range(ord("A"), ord("Z") + 1)})


def fold_key(key: str) -> str:
    """Fold a key so that it compares equal to an ASCII name exactly where Go's decoder holds the two to be one field.

    That is ASCII case, and the two other letters whose simple fold is ASCII: U+017F (s) and U+212A (k).
    """
    return key.lower() if key.isascii() else key.translate(_FOLDS)


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
        max_size: bytes it may have.
        max_depth: arrays and objects that may be nested in one another.
        unique_keys: refuse an object that has a key twice.

    Raises:
        DocumentLimitError: it is larger than `max_size` or deeper than `max_depth`.
        InvalidDocumentError: it is not JSON; `line` and `column` say where.
    """
    if len(data) > max_size:
        raise DocumentLimitError(f"is {len(data)} bytes, and {max_size} is the limit", where=where)
    return _Scanner(_decode(data), where, max_depth, unique_keys).document()


def _decode(data: bytes) -> str:
    """Decode UTF-8; each byte that does not belong to a character becomes one U+FFFD, as in Go."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return re.sub("[\udc80-\udcff]", "\ufffd", bytes(data).decode("utf-8", "surrogateescape"))


# Possessive quantifiers: a megabyte of hostile text must not become a megabyte of backtracking states.
_SPACE = r"[ \t\n\r]*+"
_STRING = r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_value_at = re.compile(rf"{_SPACE}(?:{_STRING}|([\[{{])|({_NUMBER})|(true|false|null))").match
_key_at = re.compile(rf"{_SPACE}{_STRING}{_SPACE}:").match
_close_at = re.compile(rf"{_SPACE}([\]}}])").match
_next_at = re.compile(rf"{_SPACE}([,\]}}])").match
_space_at = re.compile(_SPACE).match
_STRING_GROUP, _OPEN_GROUP, _NUMBER_GROUP = 1, 2, 3
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _Scanner:
    """One pass over one document."""

    def __init__(self, text: str, where: str, max_depth: int, unique_keys: bool) -> None:
        self._text = text
        self._where = where
        self._max_depth = max_depth
        self._unique_keys = unique_keys

    def document(self) -> JsonValue:
        value, pos = self._value()
        end = _skip_space(self._text, pos)
        if end < len(self._text):
            raise self._refusal("there is more text after the document", end, "Keep one JSON value in the file")
        return value

    def _value(self) -> tuple[JsonValue, int]:
        """Return the value at the beginning of the text, and the offset of its end."""
        text = self._text
        pos = 0
        # The container being filled, and those around it. For an array `keys` is None.
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
            # A value is complete: hand it to its container, and close as many of those as end here.
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
        """Read `"key":` and return the offset after it."""
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
            raise self._refusal(f"an {kind} must end with {mark}, not {match[1]}", match.start(1))
        return match.end()

    def _bad_value(self, pos: int) -> InvalidDocumentError:
        pos = _skip_space(self._text, pos)
        if self._text.startswith('"', pos):
            return self._bad_string(pos)
        if pos == 0 and self._text.startswith("\ufeff"):
            return self._refusal("it begins with a byte order mark", pos, "Save the file as UTF-8 without one")
        if self._text.startswith(("]", "}"), pos) and self._text[:pos].rstrip(" \t\n\r").endswith(","):
            return self._refusal("there is a comma before the closing bracket", pos, "Remove the comma")
        return self._refusal(f"expected a value, found {self._found(pos)}", pos, self._remedy(pos))

    def _bad_key(self, pos: int, *, first: bool) -> InvalidDocumentError:
        pos = _skip_space(self._text, pos)
        if self._text.startswith('"', pos):
            match = _value_at(self._text, pos)
            if match is None:
                return self._bad_string(pos)
            pos = _skip_space(self._text, match.end())
            return self._refusal(f"expected a colon after the key, found {self._found(pos)}", pos)
        if self._text.startswith("}", pos) and not first:
            return self._refusal("there is a comma before the closing bracket", pos, "Remove the comma")
        return self._refusal(f"expected a key in double quotes, found {self._found(pos)}", pos, self._remedy(pos))

    def _bad_separator(self, pos: int, in_object: bool) -> InvalidDocumentError:
        pos = _skip_space(self._text, pos)
        wanted = "a comma or }" if in_object else "a comma or ]"
        return self._refusal(f"expected {wanted}, found {self._found(pos)}", pos, self._remedy(pos))

    def _bad_string(self, pos: int) -> InvalidDocumentError:
        match = _string_part_at(self._text, pos + 1)
        end = match.end() if match else pos + 1
        if end >= len(self._text):
            return self._refusal("a string does not end", pos, "Close it with a double quote")
        if self._text[end] == "\\":
            escape = shown(self._text[end : end + 6 if self._text.startswith("\\u", end) else end + 2])
            return self._refusal(f"{escape} is no escape of JSON's", end, "Write \\\\ for a backslash")
        return self._refusal(
            f"a string holds the control character U+{ord(self._text[end]):04X}", end, "Write it as an escape, \\n say"
        )

    def _too_deep(self, pos: int) -> InvalidDocumentError:
        line, column = _position(self._text, pos)
        problem = f"arrays and objects are nested more than {self._max_depth} deep"
        return DocumentLimitError(problem, where=self._where, line=line, column=column)

    def _duplicate(self, owner: JsonObject) -> InvalidDocumentError:
        key = owner.duplicates[0]
        line, column = owner.key_position(key)
        problem = f"the key {shown(key)!r} is there twice"
        return InvalidDocumentError(problem, where=self._where, remedy="Keep one of them", line=line, column=column)

    def _found(self, pos: int) -> str:
        match = _word_at(self._text, pos)
        if match is not None:
            return f"'{match[0][:20]}'"
        return f"'{shown(self._text[pos])}'" if pos < len(self._text) else "the end of the text"

    def _remedy(self, pos: int) -> str:
        if self._text.startswith(("//", "/*", "#"), pos):
            return "JSON has no comments: remove it"
        if self._text.startswith("'", pos):
            return "JSON has double quotes only"
        return ""

    def _refusal(self, problem: str, pos: int, remedy: str = "") -> InvalidDocumentError:
        line, column = _position(self._text, pos)
        return InvalidDocumentError(problem, where=self._where, remedy=remedy, line=line, column=column)


_string_part_at = re.compile(_STRING[1:-1]).match
_word_at = re.compile(r"[A-Za-z0-9_+\-.]{1,20}").match
_escapes = re.compile(
    r"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|([^u]))", re.IGNORECASE | re.ASCII
)
_SHORT_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _unescape(token: str) -> str:
    """Resolve the escapes of a string that the grammar has let through."""
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


def _position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


_tokens = re.compile(rf"{_STRING}|[\[\]{{}},]|[^\[\]{{}},\" \t\n\r]++")


def _element_offset(text: str, offset: int, index: int) -> int:
    """Return the offset of an element of the (valid) array that begins at `offset`."""
    depth = 0
    remaining = index
    for match in _tokens.finditer(text, offset):
        lexeme = match[0]
        if depth == 1 and remaining == 0 and lexeme != ",":
            return match.start()
        if lexeme in ("[", "{"):
            depth += 1
        elif lexeme in ("]", "}"):
            depth -= 1
        elif lexeme == "," and depth == 1:
            remaining -= 1
    raise IndexError(index)
