"""Plugins made to find out what ToolHive accepts, and what its own validator said of each.

`toolhive_fields.json` has a row for each field, as `claude_code_fields.json` does; `toolhive_cases.jsonl` has everything finer, a case
a line. ToolHive is too large to be built in a test, so the answers were recorded by hand: see `record_toolhive_answers.py`.
"""

import json
from typing import Any, Final

from made_cases import BASE, BASE_FILES, FIELDS, HERE, VALUES, field_cases

from toolhive_plugins_content import MANIFEST_PATH

TOOLHIVE_CASES_FILE: Final = HERE / "toolhive_cases.jsonl"
TOOLHIVE_FIELDS_FILE: Final = HERE / "toolhive_fields.json"

FOLDER: Final = "pp"
"""The name of the folder that each plugin is in."""


def told_cases() -> list[dict[str, Any]]:
    """Return the lines of the table."""
    return [json.loads(line) for line in TOOLHIVE_CASES_FILE.read_text(encoding="utf-8").splitlines()]


def field_files() -> list[tuple[str, dict[str, bytes]]]:
    """Return the name and the files of a case for every field with every value."""
    found: list[tuple[str, dict[str, bytes]]] = []
    for case in field_cases():
        manifest = json.dumps({**BASE, "name": FOLDER, **case["manifest"]})
        found.append((case["case"], encoded({**BASE_FILES, MANIFEST_PATH: manifest})))
    return found


def all_answers() -> list[tuple[str, dict[str, bytes], bool]]:
    """Return each case's name, its files, and whether ToolHive accepted it."""
    rows = json.loads(TOOLHIVE_FIELDS_FILE.read_text(encoding="utf-8"))
    bits = "".join(rows[field] for field in FIELDS)
    assert len(bits) == len(FIELDS) * len(VALUES)
    fields = [(name, files, bit == "1") for (name, files), bit in zip(field_files(), bits, strict=True)]
    return [*fields, *((case["case"], encoded(case["files"]), case["accepted"]) for case in told_cases())]


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    """Return files as bytes."""
    return {path: content.encode("utf-8", "surrogateescape") for path, content in files.items()}
