"""The tables of what the clients said are what they say today."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from ask_claude_code import ask
from claude_code import ClaudeCode
from codex import Codex
from codex_cases import ask_codex, codex_cases
from made_cases import Case, all_cases

CASES: Final = all_cases()


def groups() -> Iterator[list[Case]]:
    """Yield the cases in portions that a client can be asked about within a test's time."""
    singles = [case for case in CASES if case.kind == "plugin"]
    yield [case for case in CASES if case.kind != "plugin"]
    yield from (singles[start : start + 70] for start in range(0, len(singles), 70))


@pytest.mark.parametrize("cases", list(groups()), ids=lambda cases: f"{len(cases)}-from-{cases[0].kind}")
def test_recorded_answers_are_those_of_claude_code(cases: list[Case], claude_code: ClaudeCode, tmp_path: Path) -> None:
    answers = ask(claude_code, [case.told for case in cases], tmp_path)
    changed = {
        case.name: said for case, (accepted, said) in zip(cases, answers, strict=True) if accepted != case.accepted
    }
    assert changed == {}


def test_recorded_answers_are_those_of_codex(codex: Codex, tmp_path: Path) -> None:
    cases = codex_cases()
    answers = ask_codex(codex, cases, tmp_path)
    changed = {
        case["case"]: said
        for case, (accepted, said) in zip(cases, answers, strict=True)
        if accepted != case["accepted"]
    }
    assert changed == {}
