"""Front matter as Claude Code's validator judges it: what is between two `---`, read leniently, with each value's kind."""

import itertools
import re
from typing import Final

from attrs import field, frozen

from toolhive_artifact.json_values import JsonNumber, JsonObject, JsonValue
from toolhive_plugins_content.front_matter import with_quotes, without_control
from toolhive_plugins_content.yaml_values import UnreadYamlError, read_yaml, simple_mapping

MAX_SIZE: Final = 16 * 1024
"""Characters of front matter that are parsed."""

MAX_SIZE_OF_ALL: Final = 128 * 1024
"""Characters of front matter that are parsed of one plugin: the parser takes up to 0.1 ms for each."""

MAX_DEPTH: Final = 32
"""Brackets that may be open at once: the parser's time grows with the square of them and worse."""

_JS_SPACE: Final = r"[\t\n\v\f\r \xa0\ufeff\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_BLOCK: Final = re.compile(rf"\ufeff?---{_JS_SPACE}*\n([\s\S]*?)---")


@frozen
class ReadFrontMatter:
    """What there is between the lines of `---`."""

    problem: str = ""
    """Why it cannot be read; empty where it can."""
    values: JsonObject = field(factory=lambda: JsonObject(()))
    found: bool = True
    """Whether there is any at all."""
    parsed: int = 0
    """How many characters went through the parser."""


def read_strictly(text: str, limit: int = MAX_SIZE) -> ReadFrontMatter | None:
    """Read the front matter of a Markdown file; None where it is larger or deeper than this reads.

    Args:
        text: the file.
        limit: characters that may go through the parser, if fewer than MAX_SIZE.
    """
    block = _BLOCK.match(text)
    if block is None:
        return ReadFrontMatter(found=False)
    yaml = block[1]
    if len(yaml) <= MAX_SIZE and (simple := simple_mapping(yaml)) is not None:
        return ReadFrontMatter(values=simple)
    if len(yaml) > min(limit, MAX_SIZE) or _depth(yaml) > MAX_DEPTH:
        return None
    parsed = 0
    for attempt in (yaml, with_quotes(yaml)):
        parsed += len(yaml)
        try:
            value, _ = read_yaml(without_control(attempt))
        except UnreadYamlError as error:
            if error.malformed:
                continue
            return None
        if value is None or isinstance(value, JsonObject):
            return ReadFrontMatter(values=value or JsonObject(()), parsed=parsed)
        return ReadFrontMatter(problem=f"must be names and values, and is a {kind_of(value)}", parsed=parsed)
    return ReadFrontMatter(problem="is not YAML", parsed=parsed)


def kind_of(value: JsonValue) -> str:
    """Return `string`, `number`, `boolean`, `null`, `list` or `object`."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case JsonNumber():
            return "number"
        case str():
            return "string"
        case tuple():
            return "list"
        case _:
            return "object"


def _depth(yaml: str) -> int:
    """Return how many brackets are open at once at most, whether in quotes or not."""
    steps = (1 if char in "[{" else -1 for char in re.sub(r"[^\[{\]}]+", "", yaml))
    return max(itertools.accumulate(steps), default=0)
