"""Puts entries into a JSON text of somebody else's and takes them out again; every other byte stays as it is.

Comments, the order and form of all other entries, line ends, indentation and a byte order mark are kept. Putting an entry in and taking it
out gives the text that was there, wherever the container had other entries.
"""

import json
from collections.abc import Sequence

from toolhive_plugins import shown
from toolhive_plugins_clients.errors import ClientFileError, Hint
from toolhive_plugins_clients.json_text import Item, JsonText, Node, Plain, parse_json_text, plain

Path = Sequence[str | int]
"""Names of members and indexes of elements, from the root."""


def find(document: JsonText, path: Path) -> Node | None:
    """Return the value at a path; None where there is none, or where something on the way is not an object."""
    node = document.root
    for key in path:
        item = _step(node, key) if node is not None else None
        if item is None:
            return None
        node = item.value
    return node


def _step(node: Node, key: str | int) -> Item | None:
    if isinstance(key, str):
        return node.find(key) if node.kind == "object" else None
    return node.items[key] if node.kind == "array" and 0 <= key < len(node.items) else None


def put(document: JsonText, path: Path, value: Plain, *, where: str) -> JsonText:
    """Return the text with a value at a path; objects on the way are made.

    Raises:
        ClientFileError: something on the way is not an object.
    """
    if document.root is None:
        return _made(document, _nested(path, value), where)
    node = document.root
    for depth, key in enumerate(path):
        item = _step(node, key)
        if item is not None:
            node = item.value
        elif node.kind == "object" and isinstance(key, str):
            return _insert(document, node, _nested(path[depth + 1 :], value), key, where)
        else:
            raise _wrong_shape(path[:depth], "an object" if isinstance(key, str) else "an array", where)
    if plain(node) == value and type(plain(node)) is type(value):
        return document
    written = _written(document, node, value)
    return _spliced(document, [(node.start, node.end, written)], where)


def append(document: JsonText, path: Path, value: Plain, *, where: str) -> JsonText:
    """Return the text with one more element in the array at a path, which is made if it is missing.

    Raises:
        ClientFileError: it is not an array, or something on the way is not an object.
    """
    node = find(document, path)
    if node is None:
        return put(document, path, [value], where=where)
    if node.kind != "array":
        raise _wrong_shape(path, "an array", where)
    return _insert(document, node, value, None, where)


def cut(document: JsonText, path: Path, *, where: str) -> JsonText:
    """Return the text without the member at a path, however often its object has it."""
    while (owner := find(document, path[:-1])) is not None and owner.kind == "object":
        item = _step(owner, path[-1])
        if item is None:
            break
        document = _remove(document, owner, item, where)
    return document


def cut_element(document: JsonText, path: Path, index: int, *, where: str) -> JsonText:
    """Return the text without one element of the array at a path."""
    owner = find(document, path)
    if owner is None or owner.kind != "array" or not 0 <= index < len(owner.items):
        return document
    return _remove(document, owner, owner.items[index], where)


def _nested(path: Path, value: Plain) -> Plain:
    for key in reversed(path):
        value = {str(key): value}
    return value


def _made(document: JsonText, value: Plain, where: str) -> JsonText:
    """Return the text with a first value, after the comments that may be all that there is."""
    made = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    kept = document.text.strip()
    return _spliced(document, [(0, len(document.text), f"{kept}\n{made}" if kept else made)], where)


def _insert(document: JsonText, owner: Node, value: Plain, key: str | None, where: str) -> JsonText:
    """Add an item at the end of a container, in the form of those that are there."""
    text = document.text
    close = owner.end - 1
    inner = _end_of_content(document, owner)
    name = "" if key is None else json.dumps(key, ensure_ascii=False) + ": "
    newline = _newline(text)
    closing = _line_indent(text, close)
    if not owner.items:
        if inner == owner.start + 1 and "\n" not in text:
            return _spliced(document, [(inner, close, f"{name}{json.dumps(value, ensure_ascii=False)}")], where)
        outer = _line_indent(text, owner.start)
        indent = outer + _unit(document)
        new = f"{newline}{indent}{name}{_dumps(value, indent, document)}{newline}{outer}"
        return _spliced(document, [(inner, close, new)], where)
    last = owner.items[-1]
    aligned = _item_indent(document, owner, last)
    if aligned is None and "\n" not in text[last.value.end : close]:
        written, gap = json.dumps(value, ensure_ascii=False), _gap(document, owner, last) or " "
    else:
        indent = closing + _unit(document) if aligned is None else aligned
        written, gap = _dumps(value, indent, document), newline + indent
    if last.comma >= 0:  # a trailing comma: the new item has one too
        return _spliced(document, [(inner, inner, f"{gap}{name}{written},")], where)
    return _spliced(document, [(last.value.end, last.value.end, ","), (inner, inner, f"{gap}{name}{written}")], where)


def _remove(document: JsonText, owner: Node, item: Item, where: str) -> JsonText:
    """Take an item out, with its comma and the white space before it. Comments stay."""
    text = document.text
    before, end = _end_of_previous(document, owner, item), item.value.end
    if item.comma >= 0 and not text[end : item.comma - 1].strip():
        end = item.comma - 1
    rest = text[end : item.comma - 1] + text[item.comma :] if item.comma >= 0 else text[end:]
    if _in_line_comment(document, before) and rest.lstrip(" \t")[:1] not in ("\r", "\n"):
        before = text.index("\n", before) + 1
    at = owner.items.index(item)
    if item.comma >= 0:
        following = owner.items[at + 1] if at + 1 < len(owner.items) else None
        around = text[item.value.end : item.comma - 1] + text[item.comma : following.start] if following else "x"
        if before == item.start and following is not None and not around.strip(" \t"):
            return _spliced(document, [(item.start, following.start, "")], where)
        return _spliced(document, [(before, end, ""), (item.comma - 1, item.comma, "")], where)
    if len(owner.items) == 1:
        end = owner.end - 1
        whole = not text[owner.start + 1 : item.start].strip() and not text[item.value.end : end].strip()
        return _spliced(document, [(owner.start + 1, end, "") if whole else (before, item.value.end, "")], where)
    comma = owner.items[at - 1].comma
    return _spliced(document, [(comma - 1, comma, ""), (before, item.value.end, "")], where)


def _spliced(document: JsonText, splices: list[tuple[int, int, str]], where: str) -> JsonText:
    text = document.text
    for start, end, new in reversed(splices):
        text = text[:start] + new + text[end:]
    changed = JsonText(text, None, document.bom)
    return parse_json_text(changed.encode(), where=where)


def _end_of_content(document: JsonText, owner: Node) -> int:
    """Return where the last item, comma or comment of a container ends."""
    ends = [owner.start + 1]
    if owner.items:
        last = owner.items[-1]
        ends.append(max(last.value.end, last.comma))
    ends.extend(end for start, end in document.comments if owner.start < start < owner.end)
    return max(ends)


def _end_of_previous(document: JsonText, owner: Node, item: Item) -> int:
    """Return where what comes before an item ends: a bracket, a comma or a comment."""
    at = owner.items.index(item)
    ends = [owner.items[at - 1].comma if at else owner.start + 1]
    ends.extend(end for start, end in document.comments if owner.start < start and end <= item.start)
    return max(ends)


def _in_line_comment(document: JsonText, at: int) -> bool:
    """Tell whether a comment that takes the rest of its line ends here."""
    return any(end == at and document.text.startswith("//", start) for start, end in document.comments)


def _gap(document: JsonText, owner: Node, item: Item) -> str:
    """Return the white space before an item, where another one comes before it."""
    if len(owner.items) < 2:
        return ""
    return document.text[_end_of_previous(document, owner, item) : item.start]


def _item_indent(document: JsonText, owner: Node, item: Item) -> str | None:
    """Return the indentation of an item that begins a line; None for one that does not."""
    before = document.text[owner.start + 1 : item.start]
    line = before.rpartition("\n")[2]
    return line if "\n" in before and not line.strip(" \t") else None


def _line_indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(document: JsonText) -> str:
    """Return the indentation of the root's members, or two spaces."""
    root = document.root
    if root is not None and root.items:
        return _item_indent(document, root, root.items[0]) or "  "
    return "  "


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _written(document: JsonText, node: Node, value: Plain) -> str:
    if "\n" not in document.text:
        return json.dumps(value, ensure_ascii=False)
    return _dumps(value, _line_indent(document.text, node.start), document)


def _dumps(value: Plain, indent: str, document: JsonText) -> str:
    lines = json.dumps(value, indent=_unit(document), ensure_ascii=False).split("\n")
    return (_newline(document.text) + indent).join(lines)


def _wrong_shape(path: Path, wanted: str, where: str) -> ClientFileError:
    name = ".".join(map(str, path)) or "the document"
    remedy = "Correct the file, or move it away"
    return ClientFileError(f"{shown(name)} is not {wanted}", where=shown(where), remedy=remedy, hint=Hint.CORRECT_FILE)
