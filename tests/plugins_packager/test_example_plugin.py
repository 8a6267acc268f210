"""The example has one of everything that a plugin can ship, packages without a warning, and its hook does what it says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toolhive_plugins_content import discover_components, open_plugin_directory, read_surface, surface_document
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store

_EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "release-notes"
_HOOK = _EXAMPLE / "hooks" / "check-changelog"


def test_example_packages_without_a_warning_and_leaves_nothing_out(tmp_path: Path) -> None:
    result = Packager(Store(tmp_path / "store")).package(_EXAMPLE)
    assert (result.warnings, result.left_out) == ((), ())
    assert result.config.components == {
        "commands": 2,
        "agents": 1,
        "skills": 1,
        "hooks": 1,
        "mcpServers": 1,
        "lspServers": 1,
    }


def test_example_is_read_without_a_problem() -> None:
    with open_plugin_directory(str(_EXAMPLE)) as directory:
        components = discover_components(directory, directory.manifest)
        surface = surface_document(read_surface(directory))
        executable = [file.path for file in directory.files.values() if file.mode & 0o100]
    assert components.problems == ()
    assert executable == ["hooks/check-changelog"]
    assert [command.name for command in components.commands] == ["release-check", "release-notes"]
    assert all(command.description for command in components.commands)
    assert [agent.tools for agent in surface.agents] == [("Read", "Grep", "Glob")]
    assert all(command.allowed_tools for command in surface.commands)


def _run_hook(command: str, folder: Path) -> str:
    event = {"tool_name": "Bash", "tool_input": {"command": command}, "cwd": str(folder)}
    done = subprocess.run(
        [sys.executable, _HOOK], input=json.dumps(event), capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize(
    "command",
    ["git tag v1.2.0", "git tag -a -m 'v1.1.0' v1.2.0", "cd x && git -C y tag 1.2.0; ls", "git push\ngit tag v1.1"],
)
def test_hook_asks_before_a_version_is_tagged_that_the_changelog_does_not_know(command: str, tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## [1.1.0] - 2026-01-01\n\n- Not 1.2.0 yet\n")
    decision = json.loads(_run_hook(command, tmp_path))["hookSpecificOutput"]
    assert decision["permissionDecision"] == "ask"


@pytest.mark.parametrize(
    "command",
    ["git tag v1.1.0", "git tag --list 'v9*'", "git tag -d v1.2.0", "echo git; echo tag v1.2.0", "git tag '", "ls", ""],
)
def test_hook_is_silent_otherwise(command: str, tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## v1.1.0\n")
    assert _run_hook(command, tmp_path) == ""


def test_hook_is_silent_where_there_is_no_changelog(tmp_path: Path) -> None:
    assert _run_hook("git tag v1.2.0", tmp_path) == ""


@pytest.mark.parametrize("event", ["", "x", "[]", "{}", '{"tool_input": {"command": 5}}', '{"tool_input": null}'])
def test_hook_lets_pass_what_it_does_not_understand(event: str) -> None:
    done = subprocess.run([sys.executable, _HOOK], input=event, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")
