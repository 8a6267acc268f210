"""JSON and YAML values as the surface needs them: every reading of a key, canonical bytes, and all that a value says.

A document can be read in two ways: JavaScript matches keys exactly and takes the last of equal ones, Go's decoder folds their
case. Whoever judges a document for all its readers looks at every pair that any of them could take.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final, TypeAlias

from attrs import frozen

from toolhive_artifact.digest import Digest
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue, fold_key
from toolhive_artifact.json_writer import encode_json

Pointer: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a value in its document."""

MAX_DEPTH: Final = 64
"""Nesting of documents that are read; what is deeper is unread."""


_MAX_DIGITS: Final = 40


@frozen
class Fact:
    """One value of a part, and what it is called there: `env.NODE_OPTIONS`."""

    label: str
    value: str


def readings(value: JsonObject, name: str) -> tuple[JsonValue, ...]:
    """Return every value that some client would read as `name`: exact or folded, the first of equal keys too; nulls left out."""
    folded = fold_key(name)
    return tuple(item for key, item in value.pairs if item is not None and fold_key(key) == folded)


def first_text(value: JsonObject, name: str) -> str:
    """Return the last text read as `name`, the exact key before folded ones; "" where there is none."""
    exact = value.get(name)
    if isinstance(exact, str):
        return exact
    found = [item for item in readings(value, name) if isinstance(item, str)]
    return found[-1] if found else ""


def ambiguous_keys(value: JsonObject, names: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that readers take differently: written twice, or equal to one of `names` in all but case."""
    by_fold: dict[str, list[str]] = {}
    for key, _ in value.pairs:
        by_fold.setdefault(fold_key(key), []).append(key)
    known = {fold_key(name): name for name in names}
    return tuple(
        key
        for folded, keys in by_fold.items()
        for key in dict.fromkeys(keys)
        if len(keys) > 1 or (folded in known and key != known[folded])
    )


def canonical(value: JsonValue) -> bytes:
    """Return bytes that are equal for documents that say the same: keys sorted, duplicates kept, white space gone."""
    return encode_json(_sorted(value))


def _sorted(value: JsonValue) -> JsonValue:
    # Recursion is safe here: what is nested more than MAX_DEPTH deep is never parsed.
    if isinstance(value, JsonObject):
        pairs = sorted(((key, _sorted(item)) for key, item in value.pairs), key=lambda pair: pair[0])
        return JsonObject(tuple(pairs))
    if isinstance(value, tuple):
        return tuple(_sorted(item) for item in value)
    return _plain_number(value) if isinstance(value, JsonNumber) else value


def _plain_number(number: JsonNumber) -> JsonNumber:
    """Return a number in the one form that all ways to write it have: `1.0` and `1e0` are 1."""
    if number.text.isdigit() and not number.text.startswith("0"):
        return number
    from decimal import Decimal

    if len(number.text) > _MAX_DIGITS:
        return number
    try:
        return JsonNumber(format(Decimal(number.text).normalize(), "f"))
    except ArithmeticError:
        return number


def digest_of(value: JsonValue) -> Digest:
    """Return the digest of a value's canonical form."""
    return Digest(f"sha256:{sha256(canonical(value)).hexdigest()}")


def facts_of(value: JsonValue, label: str = "") -> Iterator[Fact]:
    """Yield all that a value says, one scalar a fact; each array element is one of its own, so that no argument runs into the next."""
    if isinstance(value, JsonObject):
        if not value.pairs and label:
            yield Fact(label, "{}")
        for key, item in value.pairs:
            yield from facts_of(item, f"{label}.{key}" if label else key)
    elif isinstance(value, tuple):
        if not value:
            yield Fact(label, "[]")
        for index, item in enumerate(value):
            yield from facts_of(item, f"{label}[{index}]")
    else:
        yield Fact(label, scalar_text(value))


def scalar_text(value: JsonValue) -> str:
    """Return a string as it is, and any other value as its JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, JsonNumber):
        return value.text
    return encode_json(value).decode("utf-8")


def words(text: str) -> frozenset[str]:
    """Return the words of a text: how long lists of names are written here."""
    return frozenset(text.split())
