"""Front matter of commands, agents, skills and output styles, as each client finds and reads it.

Claude Code takes what is between a first line of `---`, followed by any white space, and the next `---` anywhere; others want
the closing fence on a line of its own. Where the two disagree, both readings count. Where YAML refuses the text, Claude Code takes
each line `name: value` for what it looks like; so do we, and say that it is not YAML.
"""

import re
from contextlib import suppress
from typing import Final

from attrs import frozen

from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.surface.yaml_values import UnreadYamlError, parse_yaml

_opening = re.compile("[\\s\ufeff]*+---([\\s\ufeff]*+)").match
_own_line = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE).search
_simple_line = re.compile(r"([A-Za-z_-]+):[ \t]+(\S.*?)\s*").fullmatch
_special = re.compile(r"[{}\[\]*&#!|>%@`]|: ").search


@frozen
class FrontMatterReading:
    """One way to read a file's front matter."""

    values: JsonObject
    """What it says; empty where there is none."""

    text: str = ""
    """It, as written."""

    problem: str = ""
    """Why it is not what YAML says, or could not be read; empty where all is well."""

    line: int = 0
    """The line in the file that the problem is about; 0 where none can be named."""

    unread: bool = False
    """Whether a client may find in it what is not in `values`."""


NONE: Final = FrontMatterReading(JsonObject(()))


def read_front_matter(text: str) -> tuple[FrontMatterReading, ...]:
    """Return the ways to read the front matter of a file: one where all clients agree, `NONE` where there is none."""
    opening = _opening(text)
    if opening is None or "\n" not in opening[1]:
        return (NONE,)
    start = text.rindex("\n", 0, opening.end()) + 1
    ends = {end for end in (text.find("---", start), _end_on_own_line(text, opening.start(1))) if end >= 0}
    if not ends:
        return (FrontMatterReading(JsonObject(()), text, "front matter begins and does not end", 1, unread=True),)
    found = tuple(_reading(text[start:end]) for end in sorted(ends))
    # Behind blank lines, only some clients look for it.
    return found if opening[0].startswith(("---", "\ufeff---")) or found == (NONE,) else (NONE, *found)


def _end_on_own_line(text: str, after: int) -> int:
    """Return where the line begins that closes front matter for those who want it on a line of its own; -1 where none does."""
    closing = _own_line(text, text.index("\n", after) + 1)
    return -1 if closing is None else closing.start()


def _reading(raw: str) -> FrontMatterReading:
    try:
        value = parse_yaml(raw)
    except UnreadYamlError as error:
        return _lenient(raw, error)
    if isinstance(value, JsonObject):
        return FrontMatterReading(value, raw)
    if value is None:
        return FrontMatterReading(JsonObject(()), raw)
    return FrontMatterReading(JsonObject(()), raw, "front matter is not a mapping", 2, unread=True)


def _lenient(raw: str, refusal: UnreadYamlError) -> FrontMatterReading:
    """Read what YAML refuses as Claude Code does: values on one line with special characters are taken for quoted."""
    line = refusal.line + 1 if refusal.line else 0
    value: JsonValue = None
    if refusal.malformed:
        with suppress(UnreadYamlError):
            value = parse_yaml("\n".join(map(_quoted, raw.split("\n"))))
    if isinstance(value, JsonObject):
        return FrontMatterReading(value, raw, f"front matter {refusal.problem}", line)
    return FrontMatterReading(JsonObject(()), raw, f"front matter {refusal.problem}", line, unread=True)


def _quoted(line: str) -> str:
    match = _simple_line(line)
    if match is None or match[2][0] in "\"'" or not _special(match[2]):
        return line
    escaped = match[2].replace("\\", "\\\\").replace('"', '\\"')
    return f'{match[1]}: "{escaped}"'
