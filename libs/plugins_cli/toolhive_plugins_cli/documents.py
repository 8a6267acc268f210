"""Results as JSON and YAML: the typed result, field by field, under its fields' own names.

YAML is written by the few lines here and not by a library: every string that is not a plain word is double-quoted as
JSON does it, which YAML 1.2 reads the same, so there is nothing of YAML's grammar to get wrong.
"""

import enum
import json
import re
from collections.abc import Mapping
from typing import TypeAlias

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e]+")
_WORD = re.compile(r"[A-Za-z_./][A-Za-z0-9_./@+-]*", re.ASCII)
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "_", "."})


def to_json(result: object) -> str:
    """Return a result as indented JSON that ends in a line break; what does not print is escaped."""
    text = json.dumps(plain(result), ensure_ascii=False, indent=2) + "\n"
    return text if text.replace("\n", "").isprintable() else _UNPRINTABLE.sub(_json_escape, text)


def to_yaml(result: object) -> str:
    """Return a result as a YAML document that ends in a line break."""
    lines = _block(plain(result), 0)
    return "\n".join(lines) + "\n"


def plain(value: object) -> Plain:
    """Return a result as JSON's own types.

    What is no character, a byte in a file name that is not UTF-8 say, becomes U+FFFD, since neither format can carry it.

    Raises:
        TypeError: a type that results never hold.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, str):
        return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):  # a NamedTuple
        return plain(value._asdict())
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(item) for item in value]
    # Here alone: a list of builds is written without attrs, which takes 24 ms to import.
    import attrs

    from toolhive_plugins_service import Platform

    cls: type = type(value)
    if not attrs.has(cls):
        raise TypeError(f"{cls.__name__} has no plain form")
    if isinstance(value, Platform):  # linux/amd64, as everywhere else
        return str(value)
    return {field.name: plain(getattr(value, field.name)) for field in attrs.fields(cls)}


def _block(value: Plain, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, dict) and value:
        lines: list[str] = []
        for key, item in value.items():
            lines += _entry(f"{pad}{_scalar(key)}:", item, depth)
        return lines
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            if isinstance(item, dict | list) and item:
                nested = _block(item, depth + 1)
                lines += [f"{pad}- {nested[0].lstrip(' ')}", *nested[1:]]
            else:
                lines.append(f"{pad}- {_scalar(item)}")
        return lines
    return [pad + _scalar(value)]


def _entry(head: str, item: Plain, depth: int) -> list[str]:
    if isinstance(item, dict | list) and item:
        return [head, *_block(item, depth + 1)]
    return [f"{head} {_scalar(item)}"]


def _scalar(value: Plain) -> str:
    if isinstance(value, str):
        if _WORD.fullmatch(value) and value.lower() not in _RESERVED:
            return value
        return _quoted(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return json.dumps(value)


def _json_escape(match: re.Match[str]) -> str:
    """Return JSON's own escape for a run of characters, in surrogate pairs where it takes them (RFC 8259, 7)."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in match[0])


def _quoted(text: str) -> str:
    """Return text as a double-quoted scalar (YAML 1.2.2, 7.3.1): JSON's, with what YAML does not print escaped as well."""
    body = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in body)
