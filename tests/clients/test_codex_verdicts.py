"""What we say that Codex accepts is what it said of every made case; test_recorded_answers.py asks it anew."""

from collections.abc import Mapping
from typing import Any, Final

from codex_cases import codex_cases, codex_files

from toolhive_plugins_content import Client, MemoryTree, Outcome, client_verdicts

CASES: Final = codex_cases()

DISAGREEMENTS: Final[Mapping[str, str]] = {
    "raw surrogate": "Codex refuses half of a surrogate pair in a field that it reads; it is U+FFFD once our JSON reader has read it",
}
"""Cases in which we are wrong, each with the reason."""


def outcome(case: dict[str, Any]) -> Outcome:
    (said,) = client_verdicts(MemoryTree(codex_files(case, "p1")), [Client.CODEX])
    return said.outcome


def test_our_verdict_is_the_recorded_one() -> None:
    wrong = {
        case["case"]
        for case in CASES
        for ours in [outcome(case)]
        if ours is not Outcome.NOT_CHECKED and (ours is Outcome.ACCEPTED) != case["accepted"]
    }
    assert wrong == set(DISAGREEMENTS)


def test_verdict_is_left_open_only_where_a_list_stands_for_an_object() -> None:
    left_open = [case["case"] for case in CASES if outcome(case) is Outcome.NOT_CHECKED]
    assert all(name.startswith(("interface [", "open author [", "raw array")) for name in left_open), left_open
