"""The values of a JSON document, with what a `dict` would lose: duplicate keys, the text of numbers, and positions."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, final

from attrs import frozen

STRING = r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"'
"""The pattern of a string, with its raw content in a group. Possessive, so that hostile text causes no backtracking."""


@final
@frozen
class JsonNumber:
    """A number, as it is written."""

    text: str

    @property
    def int64(self) -> int | None:
        """The value of an integer that fits 64 signed bits; None for any other number (`1.0` and `1e3` too)."""
        if len(self.text) > _INT64_DIGITS or not self.text.lstrip("-").isdigit():
            return None
        value = int(self.text)
        return value if -(2**63) <= value < 2**63 else None


class Position(NamedTuple):
    """A position in a document's text."""

    line: int
    """The line number, from 1."""

    column: int
    """The column in characters, from 1."""


@final
class JsonObject(Mapping[str, "JsonValue"]):
    """An object: a mapping in which the last of equal keys wins, and which keeps all pairs as they are written."""

    __slots__ = ("_by_key", "_elements", "_indexes", "_offsets", "_text", "pairs")

    def __init__(
        self, pairs: "tuple[tuple[str, JsonValue], ...]", text: str = "", offsets: tuple[int, ...] = ()
    ) -> None:
        self.pairs = pairs
        """All keys and values in order, duplicates included."""
        self._by_key = dict(pairs)
        self._text = text
        self._offsets = offsets  # of the first key, its value, the second key, its value, ...
        # Computed when the first position is asked for.
        self._indexes: dict[str, int] | None = None
        self._elements: dict[int, list[int]] | None = None

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
        """The keys that appear more than once, in order."""
        if len(self._by_key) == len(self.pairs):
            return ()
        counts = Counter(key for key, _ in self.pairs)
        return tuple(key for key, count in counts.items() if count > 1)

    def fields(self, name: str) -> "tuple[tuple[str, JsonValue], ...]":
        """Return the pairs whose keys Go's decoder matches to a struct field called `name`, in order.

        Args:
            name: the field's JSON name, in ASCII and any case.
        """
        return tuple(self.pairs[index] for index in self.field_indexes(name))

    def field_indexes(self, name: str) -> tuple[int, ...]:
        """Return the indexes in `pairs` of what `fields` returns."""
        folded = fold_key(name)
        return tuple(i for i, (key, _) in enumerate(self.pairs) if key == name or fold_key(key) == folded)

    def field(self, name: str, default: "JsonValue" = None) -> "JsonValue":
        """Return the last value that Go's decoder matches to a struct field called `name`, or `default`."""
        found = self.fields(name)
        return found[-1][1] if found else default

    def key_position(self, key: str) -> Position:
        """Return the position of the last key that equals `key`.

        Raises:
            KeyError: there is none.
        """
        return self._position_at(self._offsets[2 * self._last_index(key)])

    def position(self, *path: "str | int") -> Position:
        """Return the position of a value.

        Args:
            path: keys and array indexes, from this object to the value.

        Raises:
            KeyError, IndexError, TypeError: there is no such value.
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
                raise TypeError(f"{type(value).__name__} has no element {step!r}")
        return locate(steps) or Position(1, 1)

    def _last_index(self, key: str) -> int:
        if self._indexes is None:
            self._indexes = {key: index for index, (key, _) in enumerate(self.pairs)}
        return self._indexes[key]

    def _element_offset(self, array: int, index: int) -> int:
        """Return the offset of an element of the array that begins at offset `array` in the text."""
        known = self._elements = {} if self._elements is None else self._elements
        if array not in known:
            known[array] = _element_offsets(self._text, array)
        return known[array][index]

    def _position_at(self, offset: int) -> Position:
        return position_at(self._text, offset)


Step: TypeAlias = tuple[JsonObject, int] | int
"""A step to a value: an object and the index of a pair in it, or the index of an element in an array."""


def locate(path: Sequence[Step]) -> Position | None:
    """Return the position of the value that `path` leads to; None if it does not begin in an object, which has the text."""
    owner: JsonObject | None = None
    offset = 0
    for step in path:
        if not isinstance(step, int):
            owner, index = step
            offset = owner._offsets[2 * index + 1]
        elif owner is not None and owner._text:
            offset = owner._element_offset(offset, step)
    return owner._position_at(offset) if owner is not None and owner._text else None


JsonArray: TypeAlias = "tuple[JsonValue, ...]"
JsonValue: TypeAlias = "bool | str | JsonNumber | JsonArray | JsonObject | None"

_INT64_DIGITS = 20
_FOLDS = str.maketrans({"\u017f": "s", "\u212a": "k"} | {chr(c): chr(c).lower() for c in range(ord("A"), ord("Z") + 1)})


def fold_key(key: str) -> str:
    """Fold a key so that it equals a folded ASCII name if and only if Go's decoder matches the two.

    Go folds ASCII case, and the two other letters whose simple fold is ASCII: U+017F (s) and U+212A (k).
    """
    return key.lower() if key.isascii() else key.translate(_FOLDS)


def position_at(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


_tokens = re.compile(rf"{STRING}|[\[\]{{}},]|[^\[\]{{}},\" \t\n\r]++")


def _element_offsets(text: str, offset: int) -> list[int]:
    """Return the offsets of the elements of the (valid) array that begins at `offset`."""
    depth = 0
    offsets: list[int] = []
    is_next = False  # Whether what comes next, unless the array ends, is an element.
    for match in _tokens.finditer(text, offset):
        lexeme = match[0]
        if lexeme in ("]", "}"):
            depth -= 1
            if not depth:
                break
            continue
        if is_next and lexeme != ",":
            offsets.append(match.start())
            is_next = False
        if lexeme in ("[", "{"):
            depth += 1
            is_next = is_next or (depth == 1)
        elif lexeme == "," and depth == 1:
            is_next = True
    return offsets
