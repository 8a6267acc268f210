"""Reads JSON from outside as the reference's decoder (Go's encoding/json) reads it.

The grammar is RFC 8259, strictly, with Go's leniency inside strings: bytes that are not UTF-8 and
escaped surrogates without their other half become U+FFFD. The scanner is iterative, so that depth
costs memory and never a RecursionError, and it keeps what a plain `dict` would lose: duplicate keys, the
literal text of numbers, and where in the text each key and value stands.
"""

import re

from toolhive_artifact._json_scanner import Scanner
from toolhive_artifact.errors import DocumentLimitError
from toolhive_artifact.json_values import JsonArray, JsonNumber, JsonObject, JsonValue, Position, fold_key
from toolhive_artifact.limits import MAX_JSON_DEPTH, MAX_MANIFEST_SIZE

__all__ = ["JsonArray", "JsonNumber", "JsonObject", "JsonValue", "Position", "fold_key", "parse_json"]


def parse_json(
    data: bytes,
    *,
    where: str,
    max_size: int = MAX_MANIFEST_SIZE,
    max_depth: int = MAX_JSON_DEPTH,
    unique_keys: bool = False,
) -> JsonValue:
    """Parse one JSON document.

    Args:
        data: the document, in UTF-8.
        where: what to call the document in errors: a path, a digest.
        max_size: bytes it may have.
        max_depth: arrays and objects that may be nested in one another.
        unique_keys: refuse an object that has a key twice.

    Raises:
        DocumentLimitError: it is larger than `max_size` or deeper than `max_depth`.
        InvalidDocumentError: it is not JSON; `line` and `column` say where.
    """
    if len(data) > max_size:
        raise DocumentLimitError(f"is {len(data)} bytes, and {max_size} is the limit", where=where)
    return Scanner(_decode(data), where, max_depth, unique_keys).document()


def _decode(data: bytes) -> str:
    """Decode UTF-8; each byte that does not belong to a character becomes one U+FFFD, as in Go."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return re.sub("[\udc80-\udcff]", "\ufffd", bytes(data).decode("utf-8", "surrogateescape"))
