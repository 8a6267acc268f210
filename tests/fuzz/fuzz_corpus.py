"""The kept inputs of each target: one JSON object a line, and a note where the input was a finding.

The bytes stand under `b64`, or under `z` if they are shorter compressed (zlib's format).
"""

import base64
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import frozen

FOLDER: Final = Path(__file__).parent / "corpus"


@frozen
class Kept:
    """A kept input."""

    data: bytes
    note: str = ""
    """What it showed, if it was a finding."""


def load(target: str) -> list[Kept]:
    """Return the kept inputs of a target."""
    path = FOLDER / f"{target}.jsonl"
    return [_from_line(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def save(target: str, inputs: Iterable[Kept]) -> int:
    """Keep these inputs and no others, each once: findings first, then by size. Return how many there are."""
    unique = {kept.data: kept for kept in sorted(inputs, key=lambda kept: bool(kept.note))}
    rows = sorted(unique.values(), key=lambda kept: (not kept.note, len(kept.data), kept.data))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{target}.jsonl").write_text("".join(_to_line(kept) + "\n" for kept in rows), "ascii")
    return len(rows)


def _from_line(line: str) -> Kept:
    row = json.loads(line)
    data = zlib.decompress(base64.b64decode(row["z"])) if "z" in row else base64.b64decode(row["b64"])
    return Kept(data, row.get("note", ""))


def _to_line(kept: Kept) -> str:
    compressed = zlib.compress(kept.data, 9)
    form, data = ("z", compressed) if len(compressed) < len(kept.data) else ("b64", kept.data)
    row = {form: base64.b64encode(data).decode("ascii")}
    return json.dumps(row | ({"note": kept.note} if kept.note else {}))
