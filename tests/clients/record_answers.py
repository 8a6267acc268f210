"""Asks the clients about every made case anew and writes what they say to the tables; run it after a version changed."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ask_claude_code import ask
from claude_code import ClaudeCode
from client_programs import scratch_home
from codex import Codex
from codex_cases import CODEX_CASES_FILE, ask_codex, codex_cases
from made_cases import CASES_FILE, FIELDS, FIELDS_FILE, VALUES, field_cases, told_cases
from npm_clients import install

_MAX_SAID = 200


def main() -> None:
    """Write the tables."""
    record_codex()
    record_claude_code()


def record_codex() -> None:
    """Write what Codex says."""
    cases = codex_cases()
    with scratch_home() as home, tempfile.TemporaryDirectory() as folder:
        answers = ask_codex(Codex(install("codex"), home), cases, Path(folder))
    CODEX_CASES_FILE.write_text(_lines(cases, answers), encoding="utf-8")


def record_claude_code() -> None:
    """Write what Claude Code says."""
    told, fields = told_cases(), field_cases()
    with scratch_home() as home, tempfile.TemporaryDirectory() as folder:
        answers = ask(ClaudeCode(install("claude-code"), home), [*told, *fields], Path(folder))
    CASES_FILE.write_text(_lines(told, answers), encoding="utf-8")
    bits = "".join("1" if accepted else "0" for accepted, _ in answers[len(told) :])
    rows = {field: bits[index * len(VALUES) :][: len(VALUES)] for index, field in enumerate(FIELDS)}
    FIELDS_FILE.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _lines(cases: Iterable[dict[str, Any]], answers: Iterable[tuple[bool, str]]) -> str:
    lines: list[str] = []
    for case, (accepted, said) in zip(cases, answers, strict=False):
        kept = {key: value for key, value in case.items() if key not in ("accepted", "said")}
        lines.append(json.dumps({**kept, "accepted": accepted, **({} if accepted else {"said": said[:_MAX_SAID]})}))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
