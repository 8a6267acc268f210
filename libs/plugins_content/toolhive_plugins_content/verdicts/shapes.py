"""A small language for the shapes that clients want JSON values to have, and what is wrong with a value that has not.

A shape says of a value what faults it has, each with the keys and indexes that lead to it. Numbers, strings and keys are
compared as JavaScript compares them: keys exactly, and the last of equal keys counts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from attrs import field, frozen

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue

Path = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""


class Fault(NamedTuple):
    """A value that does not have its shape."""

    path: Path
    problem: str


class Shape(Protocol):
    """What a value must look like."""

    def takes(self, value: JsonValue) -> bool:
        """Say whether `value` is of the right sort at all, so that its faults are worth telling."""
        ...

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """Yield what is wrong with `value`, which is at `path`."""
        ...


def kind(value: JsonValue) -> str:
    """Return what sort of value it is, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, JsonNumber):
        return "a number"
    return "a list" if isinstance(value, tuple) else "an object"


@frozen
class Anything:
    """No demands."""

    def takes(self, value: JsonValue) -> bool:  # noqa: ARG002
        """See Shape."""
        return True

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:  # noqa: ARG002
        """See Shape."""
        return iter(())


@frozen
class Text:
    """A string that passes some checks.

    Each check takes the string and returns what is wrong with it, or an empty string.
    """

    checks: tuple[Callable[[str], str], ...] = ()

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, str)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, str):
            yield Fault(path, f"must be a string, and is {kind(value)}")
            return
        for check in self.checks:
            if problem := check(value):
                yield Fault(path, problem)


def text(*checks: Callable[[str], str]) -> Text:
    """Return a shape of strings; see Text."""
    return Text(checks)


def not_empty(value: str) -> str:
    """A check: the string has at least one character."""
    return "" if value else "must not be empty"


def absolute_url(value: str) -> str:
    """A check: the string is an absolute URL."""
    from toolhive_plugins_content.verdicts.web_addresses import is_absolute_url  # lazily: few plugins have an address

    return "" if is_absolute_url(value) else "must be an absolute URL"


def matching(pattern: str, problem: str) -> Callable[[str], str]:
    """Return a check: the whole string matches a pattern."""
    compiled: Final = re.compile(pattern, re.ASCII | re.DOTALL)
    return lambda value: "" if compiled.fullmatch(value) else problem


@frozen
class Flag:
    """True or false."""

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, bool)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, bool):
            yield Fault(path, f"must be true or false, and is {kind(value)}")


@frozen
class Number:
    """A number, whole where `whole`, and not below a bound."""

    whole: bool = False
    above: float | None = None
    least: float | None = None

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, JsonNumber)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, JsonNumber):
            yield Fault(path, f"must be a number, and is {kind(value)}")
            return
        number = float(value.text)
        if self.whole and not number.is_integer():
            yield Fault(path, "must be a whole number")
        elif self.above is not None and number <= self.above:
            yield Fault(path, f"must be greater than {self.above:g}")
        elif self.least is not None and number < self.least:
            yield Fault(path, f"must be at least {self.least:g}")


@frozen
class Choice:
    """One of some strings."""

    options: tuple[str, ...]

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, str)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, str) or value not in self.options:
            found = shown(value) if isinstance(value, str) else kind(value)
            yield Fault(path, f"must be one of {', '.join(self.options)}, and is {found}")


@frozen
class ListOf:
    """A list whose elements all have one shape."""

    element: Shape

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, tuple)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, tuple):
            yield Fault(path, f"must be a list, and is {kind(value)}")
            return
        for index, element in enumerate(value):
            yield from self.element.faults(element, (*path, index))


@frozen
class ObjectWith:
    """An object, of which a function yields the faults: what it may hold depends on what it says, its `type` say."""

    judge: Callable[[JsonObject, Path], Iterator[Fault]]

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, JsonObject)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if isinstance(value, JsonObject):
            yield from self.judge(value, path)
        else:
            yield Fault(path, f"must be an object, and is {kind(value)}")


@frozen
class MapOf:
    """An object with any keys that pass `key`, whose values all have one shape."""

    value: Shape
    key: Text = Text()
    least: int = 0
    """Keys that it must have at least."""

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, JsonObject)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, JsonObject):
            yield Fault(path, f"must be an object, and is {kind(value)}")
            return
        if len(value) < self.least:
            yield Fault(path, "must not be empty")
        for key, element in value.items():
            yield from self.key.faults(key, (*path, key))
            yield from self.value.faults(element, (*path, key))


@frozen
class Fields:
    """An object with known keys.

    Args:
        required: keys that must be there.
        optional: keys that may be there; null is not the same as absent.
        closed: whether no other key may be there.
    """

    required: Mapping[str, Shape] = field(factory=dict)
    optional: Mapping[str, Shape] = field(factory=dict)
    closed: bool = False

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return isinstance(value, JsonObject)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape."""
        if not isinstance(value, JsonObject):
            yield Fault(path, f"must be an object, and is {kind(value)}")
            return
        for key in self.required:
            if key not in value:
                yield Fault(path, f"has no {key!r}")
        for key, element in value.items():
            shape = self.required.get(key) or self.optional.get(key)
            if shape is not None:
                yield from shape.faults(element, (*path, key))
            elif self.closed:
                yield Fault((*path, key), f"{shown(key)!r} is not a key that may be here")


@frozen
class AnyOf:
    """A value that has at least one of some shapes."""

    shapes: tuple[Shape, ...]
    what: str
    """What they come to: "a path, or a list of paths", say."""

    def takes(self, value: JsonValue) -> bool:
        """See Shape."""
        return any(shape.takes(value) for shape in self.shapes)

    def faults(self, value: JsonValue, path: Path = ()) -> Iterator[Fault]:
        """See Shape. The faults are those of the first shape for this sort of value."""
        candidates = [shape for shape in self.shapes if shape.takes(value)]
        faults = [list(shape.faults(value, path)) for shape in candidates]
        if not candidates:
            yield Fault(path, f"must be {self.what}, and is {kind(value)}")
        elif all(faults):
            yield from faults[0]


def any_of(what: str, *shapes: Shape) -> AnyOf:
    """Return a shape of values that have one of some shapes; see AnyOf."""
    return AnyOf(shapes, what)


def or_list(shape: Shape, what: str) -> AnyOf:
    """Return a shape of one value, or a list of such values."""
    return AnyOf((shape, ListOf(shape)), f"{what}, or a list of them")
