"""Plugins made to find out what Codex accepts, and what it said of each (`codex_cases.jsonl`)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from codex import Codex
from made_cases import HERE, write_plugin

CODEX_CASES_FILE: Final = HERE / "codex_cases.jsonl"

_OTHER_NAME: Final = "does not match marketplace plugin name"
"""What it says of a name that is a plugin's name, but not the one in the marketplace."""


def codex_cases() -> list[dict[str, Any]]:
    """Return the cases: `files`, in which `@` stands for the plugin's name, and whether they are `accepted`."""
    return [json.loads(line) for line in CODEX_CASES_FILE.read_text(encoding="utf-8").splitlines()]


def codex_files(case: dict[str, Any], name: str) -> dict[str, bytes]:
    """Return the files of a case, for a plugin of some name."""
    return {
        path: content.replace('"@"', json.dumps(name)).encode("utf-8", "surrogateescape")
        for path, content in case["files"].items()
    }


def ask_codex(client: Codex, cases: Sequence[dict[str, Any]], folder: Path) -> list[tuple[bool, str]]:
    """Install each case; return whether Codex took it, and what it said if not."""
    names = [f"p{number}" for number in range(len(cases))]
    plugins = [
        write_plugin(folder / name, {"README.md": b"", **codex_files(case, name)})
        for name, case in zip(names, cases, strict=True)
    ]
    client.add_marketplace(folder, *plugins)
    answers: list[tuple[bool, str]] = []
    for name in names:
        said = client.add(name).strip()
        answers.append((not said or _OTHER_NAME in said, said.rpartition("\n")[2].strip().replace(f"{folder}/", "")))
    return answers
