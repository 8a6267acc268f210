"""The values of a JSON document, with what a plain `dict` would lose.

That is duplicate keys, the literal text of numbers, and where in the text each key and value stands.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, final

from attrs import frozen

STRING = r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"'
"""The pattern of a string, its raw content in a group. Possessive: hostile text must not become backtracking states."""


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

    __slots__ = ("_by_key", "_elements", "_indexes", "_offsets", "_text", "pairs")

    def __init__(
        self, pairs: "tuple[tuple[str, JsonValue], ...]", text: str = "", offsets: tuple[int, ...] = ()
    ) -> None:
        self.pairs = pairs
        """Every key and value, in the order written, duplicates included."""
        self._by_key = dict(pairs)
        self._text = text
        self._offsets = offsets  # of the first key, its value, the second key, its value, ...
        # What positions need, found when the first is asked for, so that many cost little more than one.
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
        if self._indexes is None:
            self._indexes = {key: index for index, (key, _) in enumerate(self.pairs)}
        return self._indexes[key]

    def _element_offset(self, array: int, index: int) -> int:
        """Return the offset of an element of the array that begins at the offset `array`, within one of the values."""
        known = self._elements = {} if self._elements is None else self._elements
        if array not in known:
            known[array] = _element_offsets(self._text, array)
        return known[array][index]

    def _position_at(self, offset: int) -> Position:
        return position_at(self._text, offset)


Step: TypeAlias = tuple[JsonObject, int] | int
"""A step to a value: into an object, to its pair of that index, or into an array, to its element of that index."""


def locate(path: Sequence[Step]) -> Position | None:
    """Say where the value stands that `path` leads to; None where it does not begin in an object, which has the text."""
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
    """Fold a key so that it compares equal to an ASCII name exactly where Go's decoder holds the two to be one field.

    That is ASCII case, and the two other letters whose simple fold is ASCII: U+017F (s) and U+212A (k).
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
