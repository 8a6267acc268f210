"""What ToolHive refuses that Claude Code takes; our verdict is what its own validator said of every made case."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from toolhive_cases import FOLDER, all_answers
from toolhive_plugins_content import Client, MemoryTree, Outcome, client_verdicts

DISAGREEMENTS: Final[Mapping[str, str]] = {
    """raw '\\xa0{"name":"pp"}\\xa0'""": "ToolHive trims spaces beyond those of JSON around the manifest; no other client does",
}
"""Cases in which we are wrong, each with the reason."""

NOT_CHECKED: Final = {"skill anchor", "skill dup"}
"""YAML of skills that readers take differently."""


def test_our_verdict_is_the_recorded_one() -> None:
    wrong: set[str] = set()
    left_open: set[str] = set()
    answers = all_answers()
    for name, files, accepted in answers:
        (verdict,) = client_verdicts(MemoryTree(files), [Client.TOOLHIVE], folder=FOLDER)
        if verdict.outcome is Outcome.NOT_CHECKED:
            left_open.add(name)
        elif (verdict.outcome is Outcome.ACCEPTED) != accepted:
            wrong.add(name)
    assert (wrong, left_open) == (set(DISAGREEMENTS), NOT_CHECKED)
    assert len(answers) > 1300


def rules(manifest: dict[str, Any], *, folder: str = "", files: int = 0, layer_size: int | None = None) -> set[str]:
    """Return the rules by which ToolHive refuses a plugin."""
    extra = {f"f{number}": b"" for number in range(files)}
    tree = MemoryTree({".claude-plugin/plugin.json": json.dumps({"name": "my-plugin", **manifest}).encode(), **extra})
    (verdict,) = client_verdicts(tree, [Client.TOOLHIVE], folder=folder, layer_size=layer_size)
    assert (verdict.outcome is Outcome.REFUSED) == bool(verdict.reasons)
    return {reason.rule for reason in verdict.reasons}


@pytest.mark.parametrize("field", ["commands", "agents", "skills", "hooks"])
def test_component_paths_must_be_lists(field: str) -> None:
    assert rules({field: ["./x.md"]}) == ({"toolhive-skill"} if field == "skills" else set())
    assert rules({field: None}) == set()
    assert rules({field: "./x.md"}) == {"toolhive-manifest"}
    assert rules({field: {}}) == {"toolhive-manifest"}
    assert rules({field: ["x.md"]}) == {"toolhive-manifest"}
    assert rules({field: ["./a/../x.md"]}) == {"toolhive-manifest"}


def test_keys_match_in_any_case() -> None:
    assert rules({"Commands": "./x.md"}) == {"toolhive-manifest"}


@pytest.mark.parametrize("field", ["mcpServers", "lspServers", "outputStyles"])
def test_other_components_may_be_anything(field: str) -> None:
    assert rules({field: 5}) == set()


@pytest.mark.parametrize(
    ("manifest", "refused"),
    [
        ({"keywords": "a b"}, True),
        ({"keywords": ["a"]}, False),
        ({"author": "ann"}, True),
        ({"author": {"name": "ann"}}, False),
        ({"homepage": 5}, True),
        ({"description": None}, False),
    ],
)
def test_metadata_is_judged_by_type(manifest: dict[str, Any], refused: bool) -> None:
    assert rules(manifest) == ({"toolhive-manifest"} if refused else set())


@pytest.mark.parametrize("name", ["A", "a", "a--b", "-a", "a-", "a_b", "a" * 65])
def test_name_must_be_lower_case_words(name: str) -> None:
    assert rules({"name": name}) == {"toolhive-name"}


def test_name_must_be_the_folders() -> None:
    assert rules({}, folder="my-plugin") == set()
    assert rules({}, folder="other") == {"toolhive-name"}


def test_at_most_a_thousand_files_with_the_manifest_are_installed() -> None:
    assert rules({}, files=999) == set()
    assert rules({}, files=1000) == {"toolhive-files"}


def test_at_most_fifty_mebibytes_of_layer_are_installed() -> None:
    assert rules({}, layer_size=50 * 1024 * 1024) == set()
    assert rules({}, layer_size=50 * 1024 * 1024 + 1) == {"toolhive-layer"}
