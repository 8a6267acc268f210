"""Reads JSON as Go's encoding/json does.

The grammar is that of RFC 8259, with Go's leniency inside strings: bytes that are not UTF-8, and escaped surrogates without
their other half, become U+FFFD. The scanner is iterative, so depth never causes a RecursionError. It keeps what a `dict`
would lose: duplicate keys, the text of numbers, and the position of each key and value.
"""

import re

from toolhive_artifact._json_scanner import Scanner
from toolhive_artifact.errors import DocumentLimitError
from toolhive_artifact.json_values import JsonValue
from toolhive_artifact.limits import MAX_JSON_DEPTH, MAX_MANIFEST_SIZE


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
        max_size: the maximum size in bytes.
        max_depth: the maximum nesting of arrays and objects.
        unique_keys: refuse an object with a duplicate key.

    Raises:
        DocumentLimitError: it is larger than `max_size` or deeper than `max_depth`.
        InvalidDocumentError: it is not JSON; `line` and `column` say where.
    """
    if len(data) > max_size:
        raise DocumentLimitError(f"is {len(data)} bytes; the limit is {max_size}", where=where)
    return Scanner(_decode(data), where, max_depth, unique_keys).document()


def _decode(data: bytes) -> str:
    """Decode UTF-8; each invalid byte becomes one U+FFFD, as in Go."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return re.sub("[\udc80-\udcff]", "\ufffd", bytes(data).decode("utf-8", "surrogateescape"))
