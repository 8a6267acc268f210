"""What we say that Claude Code accepts is what it said of every made case; test_recorded_answers.py asks it anew."""

from collections.abc import Mapping
from typing import Final

import pytest
from made_cases import Case, all_cases

from toolhive_plugins_content import MANIFEST_PATH, Client, ClientVerdict, MemoryTree, Outcome, client_verdicts

CASES: Final = all_cases()

DISAGREEMENTS: Final[Mapping[str, str]] = {}
"""Cases in which we are wrong, each with the reason."""


def verdict(case: Case) -> ClientVerdict:
    (said,) = client_verdicts(MemoryTree(case.files), [Client.CLAUDE_CODE])
    return said


@pytest.mark.parametrize("kind", ["manifest", "prompt", "server", "plugin"])
def test_our_verdict_is_the_recorded_one(kind: str) -> None:
    """A verdict that is left open agrees with either answer; a test below says where it is."""
    wrong = {
        case.name
        for case in CASES
        if case.kind == kind
        for outcome in [verdict(case).outcome]
        if outcome is not Outcome.NOT_CHECKED and (outcome is Outcome.ACCEPTED) != case.accepted
    }
    assert wrong == {case.name for case in CASES if case.kind == kind and case.name in DISAGREEMENTS}


def test_verdict_is_left_open_on_modules_and_on_what_is_long_or_deep() -> None:
    left_open = [case.name for case in CASES if verdict(case).outcome is Outcome.NOT_CHECKED]
    long_or_deep = {"yaml: long", "yaml: deep", "yaml: very deep", "manifest:deep"}
    assert {name for name in left_open if not name.startswith("mod")} == long_or_deep


def test_every_refusal_says_what_is_wrong_and_where() -> None:
    for case in CASES:
        for reason in verdict(case).reasons:
            assert reason.message, case.name
            assert reason.rule.startswith("claude-code-"), case.name
            assert reason.path == "." or reason.path in case.files, case.name


def test_judging_front_matter_is_bounded() -> None:
    """Of 300 files that take the parser long, the first few are judged and the others said to be too much."""
    text = "---\nlist: [" + "a," * 7000 + "]\n---\n"
    files = {f"commands/{number:03}.md": text.encode() for number in range(300)}
    tree = MemoryTree({MANIFEST_PATH: b'{"name": "p"}', **files})
    (said,) = client_verdicts(tree, [Client.CLAUDE_CODE])
    assert said.outcome is Outcome.NOT_CHECKED
    assert {reason.path for reason in said.reasons} == set(list(files)[9:])


def test_judging_servers_is_bounded() -> None:
    servers = ",".join(f'"{number}":{{}}' for number in range(80_000))
    tree = MemoryTree({MANIFEST_PATH: b'{"name": "p"}', ".mcp.json": f"{{{servers}}}".encode()})
    (said,) = client_verdicts(tree, [Client.CLAUDE_CODE])
    assert said.outcome is Outcome.REFUSED
    assert len(said.reasons) == 100
