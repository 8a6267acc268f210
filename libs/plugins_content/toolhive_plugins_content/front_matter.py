"""Reads the front matter of a Markdown file: the YAML between two lines of `---` at its beginning.

This deliberately does not use a YAML library. Plugins use a small part of YAML, which clients read leniently: a description with a
colon in it loads, though a strict parser refuses it. Top-level names with scalars and with lists of scalars are read, in any of YAML's
styles, and every scalar stays text. Any other value, such as a nested mapping, is returned as written, in `Unread`. The reader makes one
pass over at most 64 KiB, expands nothing and does not recurse.
"""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from attrs import frozen

from toolhive_artifact.errors import InvalidDocumentError

MAX_FRONT_MATTER_SIZE: Final = 64 * 1024
"""The longest front matter, in characters."""


@frozen
class Unread:
    """A value that is neither a scalar nor a list of scalars."""

    text: str
    """The value as it was written."""


FrontMatterValue: TypeAlias = str | tuple[str, ...] | Unread


class FrontMatterError(InvalidDocumentError):
    """Front matter that does not end, or does not consist of names and values."""


@frozen
class FrontMatter:
    """The front matter of a Markdown file, and the text after it."""

    fields: dict[str, FrontMatterValue]
    """The top-level names and their values; empty if there is no front matter."""

    lines: dict[str, int]
    """The line of each name in the file, from 1."""

    body: str
    """The text after the front matter."""

    body_line: int
    """The line that the text begins on, from 1."""

    loose: tuple[int, ...] = ()
    """Lines that clients read but a strict YAML parser refuses: plain values that contain ": "."""


def read_front_matter(text: str, *, where: str) -> FrontMatter:
    """Split a Markdown file into its front matter and its text.

    Args:
        text: the file.
        where: the file's name in errors.

    Raises:
        FrontMatterError: the front matter does not end, or cannot be read; `line` says where.
    """
    opening = _opening(text)
    if opening is None:
        return FrontMatter({}, {}, text, 1)
    closing = _closing(text, opening.end() - 1, opening.end() + MAX_FRONT_MATTER_SIZE)
    if closing is None:
        remedy = "Close it with a line of three dashes"
        raise FrontMatterError("the front matter does not end", where=where, remedy=remedy, line=1, column=1)
    reader = _Reader(where)
    for number, line in _lines(text[opening.end() : closing.start()]):
        reader.take(number, line)
    reader.finish()
    return FrontMatter(
        reader.fields, reader.lines, text[closing.end() :], text.count("\n", 0, closing.end()) + 1, tuple(reader.loose)
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines and their numbers in the file. A lone CR ends one too (YAML 1.2, section 5.4), and is not counted."""
    for number, line in enumerate(text.split("\n"), start=2):
        for part in line.removesuffix("\r").split("\r"):
            yield number, part


_opening = re.compile("\ufeff?---[ \\t]*\r?\n").match
_closing = re.compile(r"\n---[ \t]*(?:\r?\n|\Z)").search
_name = re.compile(r"""(?:"([^"\\]*)"|'([^']*)'|([^\s"'\[\]{}#&*!|>%@`,:-][^:#]*+))[ \t]*+:(?=[ \t]|$)""").match
_block_header = re.compile(r"([|>])[-+0-9]*[ \t]*(?:#.*)?").fullmatch
_comment = re.compile(r"(?:^|\s)#.*").sub
_double_quoted = re.compile(r'"((?:[^"\\]++|\\.)*+)"\s*(?:#.*)?', re.DOTALL).fullmatch
_single_quoted = re.compile(r"'((?:[^']++|'')*+)'\s*(?:#.*)?", re.DOTALL).fullmatch
_flow_item = re.compile(
    r"""\s*+(?:("(?:[^"\\]++|\\.)*+"|'(?:[^']++|'')*+')\s*+|([^\s"'\[\]{},#&*!][^\[\]{},]*+))?([,\]])""", re.DOTALL
).match
_escape = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL).sub
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


class _Reader:
    """Reads line by line and collects the lines of each top-level name."""

    def __init__(self, where: str) -> None:
        self.fields: dict[str, FrontMatterValue] = {}
        self.lines: dict[str, int] = {}
        self.loose: list[int] = []
        self._where = where
        self._name: str | None = None
        self._first = ""
        self._rest: list[str] = []

    def take(self, number: int, line: str) -> None:
        if not line.strip() or line[0] in " \t-#":
            if line.startswith("#"):
                return
            if line.strip() and self._name is None:
                raise self._refusal("expected a name and a colon", number)
            self._rest.append(line)
            return
        match = _name(line)
        if match is None:
            raise self._refusal("expected a name and a colon", number)
        self.finish()
        self._name = match[3].rstrip() if match[3] else match[1] or match[2] or ""
        self._first = line[match.end() :].strip()
        self.lines[self._name] = number

    def finish(self) -> None:
        """Read the value of the current name, whose lines have all been collected."""
        if self._name is None:
            return
        number = self.lines[self._name]
        value = self._value(self._first, self._rest, number)
        self.fields[self._name] = value
        self._rest = []

    def _value(self, first: str, rest: list[str], number: int) -> FrontMatterValue:
        if header := _block_header(first):
            return _block(header[1], rest)
        written = "\n".join([first, *rest]).strip("\n")
        if not first or first.startswith("#"):
            rest = [line for line in rest if line.strip() and not line.lstrip().startswith("#")]
            if rest and rest[0].lstrip().startswith("- "):
                return self._sequence(rest, written, number)
            if rest and _name(rest[0].lstrip()):
                return Unread(_dedent(written))
            first, rest = (rest[0].strip(), rest[1:]) if rest else ("", [])
        if first.startswith("["):
            return self._flow("\n".join([first, *rest]), number)
        if first[:1] in ('"', "'"):
            return self._quoted("\n".join([first, *rest]), number)
        if first[:1] and first[0] in "{&*!%@`|>":
            return Unread(written)
        return self._plain([first, *rest], number)

    def _plain(self, lines: list[str], number: int) -> str:
        lines = [line.strip() for line in lines if not line.lstrip().startswith("#")]
        if any(": " in line or line.endswith(":") for line in lines):
            self.loose.append(number)
        return " ".join(filter(None, (_comment("", line).strip() for line in lines)))

    def _sequence(self, lines: list[str], written: str, number: int) -> FrontMatterValue:
        items: list[str] = []
        for line in lines:
            text = line.strip()
            if not text.startswith("- "):
                return Unread(_dedent(written))
            item = text[2:].strip()
            if item[:1] in ('"', "'"):
                items.append(self._quoted(item, number))
            elif (item[:1] and item[0] in "[{&*!|>") or _name(item):
                return Unread(_dedent(written))
            else:
                items.append(_comment("", item).strip())
        return tuple(items)

    def _flow(self, written: str, number: int) -> FrontMatterValue:
        items: list[str] = []
        at = 1
        while True:
            match = _flow_item(written, at)
            if match is None:
                if any(mark in written for mark in "{&*!") or "[" in written[1:]:
                    return Unread(written)
                raise self._refusal(f"the list of {self._name!r} is malformed or does not end", number)
            at = match.end()
            if match[1] is not None:
                items.append(self._quoted(match[1], number))
            elif match[2] is not None:
                items.append(" ".join(match[2].split()))
            if match[3] == "]":
                break
        rest = written[at:].strip()
        if rest and not rest.startswith("#"):
            raise self._refusal(f"there is more text after the list of {self._name!r}", number)
        return tuple(items)

    def _quoted(self, written: str, number: int) -> str:
        folded = "\n".join(line.strip() for line in written.split("\n"))
        match = _double_quoted(folded) if written[0] == '"' else _single_quoted(folded)
        if match is None:
            raise self._refusal(f"a quoted value of {self._name!r} does not end where its line does", number)
        if written[0] == "'":
            return match[1].replace("''", "'").replace("\n", " ")
        return _escape(_unescaped, match[1].replace("\\\n", "").replace("\n", " "))

    def _refusal(self, problem: str, number: int) -> FrontMatterError:
        return FrontMatterError(problem, where=self._where, line=number, column=1)


def _block(style: str, lines: list[str]) -> str:
    """Read a block scalar: `|` keeps its line ends, `>` folds them into spaces."""
    text = _dedent("\n".join(lines)).strip("\n")
    return re.sub(r"(?<=\S)\n(?=\S)", " ", text) if style == ">" else text


def _unescaped(match: re.Match[str]) -> str:
    if match[3] is not None:
        return _ESCAPES.get(match[3], match[3])
    return chr(int(match[1] or match[2], 16))


def _dedent(text: str) -> str:
    from textwrap import dedent  # lazily: few files have a block of text

    return dedent(text)
