"""Front matter of commands, agents, skills and output styles, as each client finds and reads it.

Claude Code takes what is between a first line of `---`, followed by any white space, and the next `---` anywhere; others want
the closing fence on a line of its own. Where the two disagree, both readings count. Where YAML refuses the text, Claude Code takes
each line `name: value` for what it looks like; so do we, and say that it is not YAML.
"""

import re
from contextlib import suppress
from typing import Final

from attrs import evolve, frozen

from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.yaml_values import MAX_YAML_SIZE, UnreadYamlError, parse_yaml, simple_mapping

_SPACE: Final = r"[\s\ufeff]"  # what JavaScript takes for white space, and a little more
_opening = re.compile(rf"{_SPACE}*+---({_SPACE}*+)").match
_own_line = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE).search
_simple_line = re.compile(r"([A-Za-z_-]+):[ \t]+([^\r\u2028\u2029]+)").fullmatch
_special = re.compile(r"[{}\[\]*&#!|>%@`]|: ").search
_control = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]").sub
_tab_before_value = re.compile(r"^([^\s:#][^:#\n]*:)\t+", re.MULTILINE).sub


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

    malformed: bool = False
    """Whether no client finds anything in it."""

    first_line: int = 2
    """The line in the file that its text begins on."""

    parsed: int = 0
    """How many of its characters went through the YAML parser, which is slow."""

    @property
    def last_line(self) -> int:
        """The line in the file that it ends in."""
        return self.first_line + self.text.count("\n")

    def line_of(self, name: str) -> int:
        """Return the line in the file of a name at the top level; 1 where it cannot be told."""
        found = re.search(rf"""^(["']?){re.escape(name)}\1[ \t]*:""", self.text, re.MULTILINE)
        return 1 if found is None else self.first_line + self.text.count("\n", 0, found.start())


NONE: Final = FrontMatterReading(JsonObject(()))


def read_front_matter(text: str, limit: int = MAX_YAML_SIZE) -> tuple[FrontMatterReading, ...]:
    """Return the ways to read the front matter of a file: one where all clients agree, `NONE` where there is none.

    The first is Claude Code's.

    Args:
        text: the file.
        limit: characters that may go through the YAML parser for each; what is longer, and not simple, is unread.
    """
    opening = _opening(text)
    if opening is None or "\n" not in opening[1]:
        return (NONE,)
    start = text.rindex("\n", 0, opening.end()) + 1
    ends = {end for end in (text.find("---", start), _end_on_own_line(text, opening.start(1))) if end >= 0}
    if not ends:
        problem = "front matter begins and does not end"
        return (FrontMatterReading(JsonObject(()), text, problem, 1, unread=True, malformed=True),)
    first_line = text.count("\n", 0, start) + 1
    found = tuple(_reading(text[start:end], first_line, limit) for end in sorted(ends))
    # Behind blank lines, only some clients look for it.
    return found if opening[0].startswith(("---", "\ufeff---")) or found == (NONE,) else (NONE, *found)


def without_control(yaml: str) -> str:
    """Replace control characters, and tabs before values, by spaces, as Claude Code does before it parses."""
    return _tab_before_value(r"\1 ", _control(" ", yaml))


def with_quotes(yaml: str) -> str:
    """Put each value that YAML may stumble over in quotes, as Claude Code does before it gives up."""
    return "\n".join(map(_quoted, yaml.split("\n")))


def _end_on_own_line(text: str, after: int) -> int:
    """Return where the line begins that closes front matter for those who want it on a line of its own; -1 where none does."""
    closing = _own_line(text, text.index("\n", after) + 1)
    return -1 if closing is None else closing.start()


def _reading(raw: str, first_line: int, limit: int) -> FrontMatterReading:
    if (simple := simple_mapping(raw)) is not None or not raw.strip():
        return FrontMatterReading(simple or JsonObject(()), raw, first_line=first_line)
    unread = FrontMatterReading(JsonObject(()), raw, unread=True, first_line=first_line)
    if len(raw) > limit:
        problem = f"front matter that is not simple is read up to {limit} characters, and has {len(raw)}"
        return evolve(unread, problem=problem)
    unread = evolve(unread, parsed=len(raw))
    try:
        value = parse_yaml(raw)
    except UnreadYamlError as error:
        return _lenient(unread, error)
    if value is None or isinstance(value, JsonObject):
        return evolve(unread, values=value or JsonObject(()), unread=False)
    return evolve(unread, problem="front matter is not a mapping", line=first_line, malformed=True)


def _lenient(unread: FrontMatterReading, refusal: UnreadYamlError) -> FrontMatterReading:
    """Read what YAML refuses as Claude Code does: values on one line with special characters are taken for quoted."""
    raw, first_line = unread.text, unread.first_line
    # The parser has more kinds of line ends, and may refuse the text only at its end.
    line = first_line + min(refusal.line - 1, raw.rstrip().count("\n")) if refusal.line else 0
    refused = evolve(unread, problem=f"front matter {refusal.problem}", line=line, malformed=refusal.malformed)
    for lenient in (raw, with_quotes(raw)) if refusal.malformed else ():
        with suppress(UnreadYamlError):
            value = parse_yaml(without_control(lenient))
            if isinstance(value, JsonObject):
                return evolve(refused, values=value, unread=False, malformed=False)
    return refused


def _quoted(line: str) -> str:
    match = _simple_line(line)
    if match is None:
        return line
    name, value = match[1], match[2].strip()
    is_quoted = value[:1] in ('"', "'") and value[-1:] == value[:1]
    if is_quoted or not _special(value):
        return line
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}: "{escaped}"'
