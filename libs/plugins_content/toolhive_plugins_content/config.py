"""Reads JSON configurations as clients do: what they cannot use is skipped and reported.

A value of the wrong type is kept as the text of its JSON rather than dropped, because an inspection must not show less than there is.
"""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from toolhive_artifact import JsonNumber, JsonObject, JsonValue
from toolhive_artifact.errors import InvalidDocumentError
from toolhive_artifact.json_writer import encode_json
from toolhive_plugins_content.components import Source
from toolhive_plugins_content.errors import UnreadableFileError
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree

MAX_CONFIG_SIZE: Final = 1024 * 1024
"""The largest configuration that is read, in bytes."""


@frozen
class Config:
    """A part of a configuration, and where in it that part is."""

    value: JsonValue
    source: Source
    """The file that contains it."""

    root: JsonValue
    """The whole document, for positions."""

    findings: Findings
    """Takes what is wrong; shared by all parts."""

    at: tuple[str | int, ...] = ()
    """The keys and indexes that lead to it."""

    def wrong(self, problem: str) -> None:
        """Report a problem with this part."""
        line = column = 0
        if isinstance(self.root, JsonObject) and self.at and not self.findings.is_full(self.source.path):
            line, column = self.root.position(*self.at)
        self.findings.error(Rule.COMPONENT, problem, self.source.path, (line, column))

    def part(self, value: JsonValue, step: str | int) -> "Config":
        """Return the part that one more key or index leads to."""
        return Config(value, self.source, self.root, self.findings, (*self.at, step))

    def get(self, key: str) -> "Config | None":
        """Return the value of `key`; None if it is missing or null."""
        value = self.value.get(key) if isinstance(self.value, JsonObject) else None
        return None if value is None else self.part(value, key)

    def members(self) -> Iterator[tuple[str, "Config"]]:
        """Yield the keys and values of an object."""
        if not isinstance(self.value, JsonObject):
            self.wrong("must be an object")
            return
        for key, value in self.value.items():
            yield key, self.part(value, key)

    def objects(self) -> Iterator["Config"]:
        """Yield the objects of an array."""
        if not isinstance(self.value, tuple):
            self.wrong("must be an array")
            return
        for index, value in enumerate(self.value):
            item = self.part(value, index)
            if isinstance(value, JsonObject):
                yield item
            else:
                item.wrong("must be an object")

    def text(self, key: str) -> str:
        """Return the string under `key`; "" if it is missing."""
        part = self.get(key)
        if part is None:
            return ""
        if not isinstance(part.value, str):
            part.wrong("must be a string")
        return as_text(part.value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the strings of the array under `key`."""
        part = self.get(key)
        if part is None:
            return ()
        if not isinstance(part.value, tuple):
            part.wrong("must be an array of strings")
            return (as_text(part.value),)
        return tuple(as_text(item) for item in part.value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return the keys of the object under `key`, without the values, which may be secrets."""
        part = self.get(key)
        return () if part is None else tuple(name for name, _ in part.members())


def as_text(value: JsonValue) -> str:
    """Return a string unchanged, and anything else as its JSON."""
    return value if isinstance(value, str) else encode_json(value).decode("utf-8")


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


def load_config(tree: FileTree, source: Source, findings: Findings) -> Config | None:
    """Read and parse a file; return None, and report why, if it cannot be parsed.

    Raises:
        ToolhiveError: it cannot be read, or changed since the tree was made.
    """
    try:
        value = tree.json(source.path, MAX_CONFIG_SIZE)
    except UnreadableFileError as error:
        findings.error(Rule.COMPONENT, error.problem, source.path)
        return None
    except InvalidDocumentError as error:
        findings.error(Rule.COMPONENT, error.problem, source.path, (error.line, error.column))
        return None
    return Config(value, source, value, findings)
