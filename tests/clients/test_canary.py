"""What really runs in a session of Claude Code is what `inspect` lists; what runs unasked, it says to run when a session begins."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from canary_plugin import EVENTS, Canary, make_canary
from claude_code import ClaudeCode
from command_runner import Command
from fake_model import fake_model

ASKED: Final = frozenset(f"hook-{event}" for event in EVENTS if event not in ("SessionStart", "Setup"))
"""Hooks that run because a person, or the model, did something."""

NEVER: Final = frozenset(
    {
        "agent-body", "api-key-helper", "hook-NoSuchEvent", "hook-matcher-compact", "inline-monitor", "manifest-status-line",
        "monitor", "output-style-body", "package-script", "settings-hook", "skill-front-matter-hook", "status-line",
        "subagent-status-line",
    }
)  # fmt: skip
"""What does not run in a session without a terminal, by what Claude Code says or by what was seen (docs/clients.md)."""


def tool(name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": arguments}


SESSIONS: Final[dict[str, tuple[str, Sequence[dict[str, Any]], tuple[str, ...], set[str]]]] = {
    "a question": ("hi", (), (), {"mcp", "inline-mcp", "headers-helper", "hook-SessionStart", "inline-hook", "declared-hook"}),
    "a skill that is asked for": ("/canary:sing", (), (), {"skill-inline", "skill-fence", "hook-UserPromptExpansion"}),
    "a command": ("/canary:sing-too", (), (), {"command"}),
    "a command in a folder": ("/canary:deep:sing-low", (), (), {"command-nested"}),
    "a skill that the model takes": (
        "hi", [tool("Skill", skill="canary:quiet")], ("--allowedTools", "Skill", "Bash"), {"skill-never-asked"},
    ),
    "a program and a file": (
        "hi",
        [tool("Bash", command="canary-tool"), tool("Read", file_path="FOLDER/a.txt"),
         tool("Edit", file_path="FOLDER/a.txt", old_string="x", new_string="y")],
        ("--allowedTools", "Bash", "Read", "Edit"),
        {"bin", "lsp", "hook-PreToolUse", "hook-PostToolUse", "hook-Stop"},
    ),
    "a helper": (
        "hi",
        [tool("Agent", subagent_type="canary:singer", description="d", prompt="p")],
        ("--allowedTools", "Agent"),
        {"hook-SubagentStart", "hook-SubagentStop"},
    ),
    "preparation": ("hi", (), ("--init",), {"hook-Setup"}),
}  # fmt: skip
"""For each session: the prompt, what the model does, options, and what must have run at least."""


def surface(command: Command, plugin: Path) -> dict[str, Any]:
    """Return what `inspect` says that the plugin can run, load or change."""
    done = command("inspect", str(plugin), "--format", "json")
    assert done.status == 0, done.err
    found: dict[str, Any] = json.loads(done.out)["surface"]
    return found


def shown(canary: Canary, parts: Sequence[dict[str, Any]], programs: Sequence[dict[str, Any]] = ()) -> set[str]:
    """Return the ways of running something that these parts and programs show."""
    text = json.dumps([[part["what"], [fact["value"] for fact in part["facts"]]] for part in parts])
    ways = set(re.findall(re.escape(f"{canary.nest}/") + r"([A-Za-z-]+)", text))
    return ways | {"bin" for program in programs if program["path"] == "bin/canary-tool" and program["on_path"]}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    (tmp_path / "command").mkdir()
    return Command(tmp_path / "command")


@pytest.mark.parametrize("name", SESSIONS)
def test_all_that_ran_is_in_the_list(claude_code: ClaudeCode, command: Command, tmp_path: Path, name: str) -> None:
    prompt, turns, options, expected = SESSIONS[name]
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    placed = [json.loads(json.dumps(turn).replace("FOLDER", str(folder))) for turn in turns]
    with fake_model(placed) as model:
        canary = make_canary(folder, model.url)
        done = claude_code.run(
            "--plugin-dir", canary.plugin, "-p", prompt, "--max-turns", "9", *options, cwd=folder, ANTHROPIC_BASE_URL=model.url
        )  # fmt: skip
        reached = list(model.paths)
    sang = canary.sang
    assert expected <= sang, done.stderr
    assert not sang & NEVER
    listed = surface(command, canary.plugin)
    assert sang - shown(canary, listed["parts"], listed["programs"]) == set()
    assert (sang & STARTED) - shown(canary, [part for part in listed["parts"] if part["starts"]]) == set()
    assert "/http-hook" in reached
    assert any(part["kind"] == "hook" and "/http-hook" in str(part["what"]) for part in listed["parts"])


STARTED: Final = frozenset(
    {
        "declared-hook", "headers-helper", "hook-SessionStart", "hook-args", "hook-async", "hook-matcher-startup", "hook-once",
        "inline-hook", "inline-mcp", "mcp",
    }
)  # fmt: skip
"""What runs in every session before anybody asked for anything."""


def test_what_ran_unasked_is_all_that_the_first_session_ran(claude_code: ClaudeCode, tmp_path: Path) -> None:
    """Nothing else may run by itself without a test knowing: with a dead model, a session runs these and the hooks of a prompt."""
    canary = make_canary(tmp_path, "http://127.0.0.1:9")
    claude_code.session(canary.plugin, cwd=tmp_path)
    assert canary.sang - ASKED == STARTED
