"""Where everything is in a JSON text of somebody else's, so that one entry can be changed and every other byte kept.

Takes what editors of settings take: RFC 8259, with comments, trailing commas and a byte order mark (JSONC). Says where a text goes beyond
RFC 8259, since clients differ in what they take. One iterative pass, bounded in size and depth.
"""

import codecs
import json
import re
from typing import Final, TypeAlias

from attrs import Factory, define, field

from toolhive_plugins import shown
from toolhive_plugins_clients.errors import ClientFileError, Hint

MAX_SIZE: Final = 4 * 1024 * 1024
"""In bytes."""

MAX_DEPTH: Final = 100

Plain: TypeAlias = "bool | str | int | float | list[Plain] | dict[str, Plain] | None"
"""What a text means: of equal keys the last, as JavaScript reads it."""

_token = re.compile(
    r"(?P<space>[ \t\r\n]++)|(?P<comment>//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)"
    r'|(?P<string>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    r"|(?P<number>-?(?:0|[1-9][0-9]{0,400}+)(?:\.[0-9]{1,400}+)?(?:[eE][+-]?[0-9]{1,400}+)?(?![0-9.eE+-]))"
    r"|(?P<word>(?:true|false|null)(?![A-Za-z0-9_]))|(?P<mark>[\[\]{}:,])"
).match
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


@define(eq=False)
class Node:
    """A value and where it is."""

    start: int
    end: int = 0
    """Just after it."""
    kind: str = "scalar"
    """`object`, `array` or `scalar`."""
    scalar: bool | str | int | float | None = None
    items: "list[Item]" = Factory(list)

    def find(self, key: str) -> "Item | None":
        """Return the member of an object that holds: the last of that name."""
        return next((item for item in reversed(self.items) if item.key == key), None)


@define(eq=False)
class Item:
    """A member of an object, or an element of an array."""

    key: str
    """The member's name; empty for an element."""
    start: int
    """Of the name, or of the element."""
    value: Node
    comma: int = -1
    """Just after the comma that follows it; -1 where none does."""


@define(eq=False)
class JsonText:
    """A parsed text."""

    text: str
    """Without the byte order mark."""
    root: Node | None
    """None where there is nothing but white space."""
    bom: bool = False
    oddities: list[str] = field(factory=list)
    """What is in it that RFC 8259 does not have: `comments`, `trailing commas`, `a byte order mark`, `a name twice`."""
    comments: list[tuple[int, int]] = field(factory=list)
    """Where each begins and ends, in order."""

    def encode(self) -> bytes:
        """Return the bytes."""
        return (codecs.BOM_UTF8 if self.bom else b"") + self.text.encode("utf-8")

    def plain(self) -> Plain:
        """Return what it means; an empty object where there is nothing."""
        return {} if self.root is None else plain(self.root)


def plain(node: Node) -> Plain:
    """Return what a node means. Depth is bounded by the parser."""
    if node.kind == "object":
        return {item.key: plain(item.value) for item in node.items}
    if node.kind == "array":
        return [plain(item.value) for item in node.items]
    return node.scalar


def parse_json_text(data: bytes, *, where: str) -> JsonText:
    """Parse a text, whose root is an object if there is one.

    Args:
        data: in UTF-8; empty, or white space, is a text without a root.
        where: the file, for errors.

    Raises:
        ClientFileError: it is too large or too deep, not UTF-8, not JSON, or no object.
    """
    if len(data) > MAX_SIZE:
        raise _refused(f"is {len(data)} bytes, and {MAX_SIZE} is the limit", where)
    bom = data.startswith(codecs.BOM_UTF8)
    try:
        text = bytes(data).decode("utf-8-sig" if bom else "utf-8")
    except UnicodeDecodeError as error:
        raise _refused("is not UTF-8", where) from error
    parsed = _Parser(text, where).parse()
    parsed.bom = bom
    if bom:
        parsed.oddities.append("a byte order mark")
    if parsed.root is not None and parsed.root.kind != "object":
        raise _refused("is not a JSON object", where)
    return parsed


class _Parser:
    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._at = 0
        self._oddities: dict[str, None] = {}
        self._comments: list[tuple[int, int]] = []

    def parse(self) -> JsonText:
        root = None
        if self._peek() is not None:
            root = self._document()
            if self._peek() is not None:
                raise self._bad("there is more after the end")
        return JsonText(self._text, root, oddities=list(self._oddities), comments=self._comments)

    def _document(self) -> Node:
        stack: list[Node] = []
        while True:
            node = self._value()
            if node.kind != "scalar":
                stack.append(node)
                if len(stack) > MAX_DEPTH:
                    raise self._bad(f"is nested more than {MAX_DEPTH} levels deep")
                if not self._closes(node):
                    self._begin_item(node)
                    continue
                stack.pop()
            while stack:
                owner = stack[-1]
                owner.items[-1].value = node
                if self._take(","):
                    owner.items[-1].comma = self._at
                    if not self._closes(owner):
                        self._begin_item(owner)
                        break
                    self._oddities["trailing commas"] = None
                elif not self._closes(owner):
                    raise self._bad("a comma or a closing bracket is missing")
                node = stack.pop()
            else:
                return node

    def _begin_item(self, owner: Node) -> None:
        """Read a member's name; what follows is its value."""
        key = ""
        start = self._at
        if owner.kind == "object":
            match = self._next()
            if match is None or match.lastgroup != "string":
                raise self._bad("a name in double quotes is missing", start)
            key = _string(match[0])
            if not self._take(":"):
                raise self._bad("a colon is missing")
        owner.items.append(Item(key, start, Node(start)))

    def _closes(self, owner: Node) -> bool:
        """Take the end of a container, if it is next. The place of the next token is known afterwards."""
        self._peek()
        if not self._take("}" if owner.kind == "object" else "]"):
            return False
        owner.end = self._at
        names = [item.key for item in owner.items]
        if owner.kind == "object" and len(set(names)) < len(names):
            self._oddities["a name twice"] = None
        return True

    def _value(self) -> Node:
        self._peek()
        start = self._at
        match = self._next()
        kind = match.lastgroup if match else None
        text = match[0] if match else ""
        if kind == "string":
            return Node(start, self._at, scalar=_string(text))
        if kind == "number":
            return Node(start, self._at, scalar=float(text) if set(text) & set(".eE") else int(text))
        if kind == "word":
            return Node(start, self._at, scalar=_WORDS[text])
        if text in ("{", "["):
            return Node(start, kind="object" if text == "{" else "array")
        raise self._bad("a value is missing", start)

    def _take(self, mark: str) -> bool:
        match = self._peek()
        if match is None or match[0] != mark:
            return False
        self._at = match.end()
        return True

    def _next(self) -> re.Match[str] | None:
        match = self._peek()
        if match is not None:
            self._at = match.end()
        return match

    def _peek(self) -> re.Match[str] | None:
        """Pass over white space and comments, and return the next token without taking it; None at the end."""
        while self._at < len(self._text):
            match = _token(self._text, self._at)
            if match is None:
                raise self._bad("is not JSON")
            if match.lastgroup not in ("space", "comment"):
                return match
            if match.lastgroup == "comment":
                self._oddities["comments"] = None
                if not self._comments or self._comments[-1][0] < match.start():
                    self._comments.append(match.span())
            self._at = match.end()
        return None

    def _bad(self, problem: str, at: int | None = None) -> ClientFileError:
        at = self._at if at is None else at
        line = self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        return _refused(problem, f"{self._where}, line {line}, column {column}")


def _string(token: str) -> str:
    text: str = json.loads(token)
    # Half a surrogate pair has no UTF-8; Go and Rust read U+FFFD.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refused(problem: str, where: str) -> ClientFileError:
    remedy = "Correct the file, or move it away"
    return ClientFileError(problem, where=shown(where), remedy=remedy, hint=Hint.CORRECT_FILE)
