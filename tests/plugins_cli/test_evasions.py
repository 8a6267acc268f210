"""Plugins that try to run something unseen: each is shown by `inspect`, and a version that can do more is never called the same.

`evasions.jsonl` holds one try a line. `inspect` has `files` and what its output `must_show` (after `!`: must not), white space aside;
`diff` has `old`, `new`, and whether it must end with status 4. A few are controls, in which nothing that runs has changed.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from command_runner import Command
from plugin_folders import write_files

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "evasions.jsonl").read_text("utf-8").splitlines()
]
GREEN = "runs nothing by itself"


def named(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES if case["kind"] == kind]


@pytest.mark.parametrize("case", named("inspect"))
def test_inspect_shows_it(thv: Command, case: dict[str, Any]) -> None:
    write_files(thv.folder / "demo", case["files"])
    done = thv("inspect", "./demo")
    assert done.status == 0, done.err
    shown = "".join(done.out.split())
    for expected in case["must_show"]:
        if expected.startswith("!"):
            assert expected[1:] not in shown
        else:
            assert "".join(expected.split()) in shown
    assert GREEN not in done.out


@pytest.mark.parametrize("case", named("diff"))
def test_diff_judges_it(thv: Command, case: dict[str, Any]) -> None:
    write_files(thv.folder / "old" / "demo", case["old"])
    write_files(thv.folder / "new" / "demo", case["new"])
    done = thv("diff", "./old/demo", "./new/demo")
    assert done.status == (4 if case["grew"] else 0), done.out + done.err


def test_both_kinds_are_there() -> None:
    assert {case["kind"] for case in CASES} == {"inspect", "diff"}
    assert len(CASES) == 36


def test_growth_alone_can_be_asked_for(thv: Command) -> None:
    write_files(thv.folder / "old" / "demo", {".claude-plugin/plugin.json": {"name": "demo"}, "a.js": "1"})
    write_files(thv.folder / "new" / "demo", {".claude-plugin/plugin.json": {"name": "demo"}, "a.js": "2"})
    assert thv("diff", "./old/demo", "./new/demo").status == 4
    assert "The same, with other code" in thv("diff", "./old/demo", "./new/demo").out
    assert thv("diff", "--fail-on", "growth", "./old/demo", "./new/demo").status == 0


def test_more_than_anybody_could_look_through_ends_with_status_3(thv: Command) -> None:
    handlers = [{"type": "command", "command": "x"}] * 30_000
    files = {
        ".claude-plugin/plugin.json": {"name": "demo"},
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": handlers}]}},
    }
    write_files(thv.folder / "demo", files)
    for arguments in (("inspect", "./demo"), ("diff", "./demo", "./demo")):
        done = thv(*arguments)
        assert done.status == 3
        assert "components" in done.err
