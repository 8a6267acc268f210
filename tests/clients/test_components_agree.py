"""What Claude Code counts in a plugin, and whether it accepts it, is what we say: of the example, of made plugins, of marketplaces.

To look at real plugins, name a folder with `TOOLHIVE_TEST_MARKETPLACES`: every plugin below it is asked about.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from canary_plugin import make_canary
from claude_code import ClaudeCode
from made_cases import BASE, write_plugin

from toolhive_plugins import (
    Client,
    Findings,
    Outcome,
    client_verdicts,
    component_inventory,
    discover_components,
    open_plugin_directory,
)

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "release-notes"
_NAMED: Final = os.environ.get("TOOLHIVE_TEST_MARKETPLACES")
REAL: Final = (
    sorted(found.parents[1] for found in Path(_NAMED).rglob(".claude-plugin/plugin.json"))
    if _NAMED
    else [pytest.param(None, marks=pytest.mark.skip(reason="TOOLHIVE_TEST_MARKETPLACES names no folder"), id="none")]
)
COUNTED: Final = ("commands", "skills", "agents", "mcpServers", "lspServers")

_PROMPT: Final = "---\nname: n\ndescription: d\n---\n"
_HOOKS: Final = {
    "Stop": [{"matcher": "m", "hooks": [{"type": "command", "command": "x"}, {"type": "prompt", "prompt": "y"}]}]
}
_SERVERS: Final = {"a": {"command": "x"}, "b": {"type": "http", "url": "https://x.y"}}
_FILES: Final[dict[str, Any]] = {
    "commands/a.md": _PROMPT, "commands/deep/b.md": _PROMPT, "more/c.md": _PROMPT, "more/deep/d.md": _PROMPT,
    "agents/a.md": _PROMPT, "agents/deep/b.md": _PROMPT, "other/c.md": _PROMPT,
    "skills/a/SKILL.md": _PROMPT, "skills/not-one/README.md": "x", "abilities/b/SKILL.md": _PROMPT,
    "hooks/hooks.json": {"hooks": _HOOKS}, "more/hooks.json": {"hooks": {"Start": [], "SessionStart": _HOOKS["Stop"]}},
    ".mcp.json": {"mcpServers": _SERVERS}, "more/mcp.json": {"c": {"command": "z"}},
    ".lsp.json": {"l": {"command": "x", "extensionToLanguage": {".x": "x"}}},
}  # fmt: skip
"""A plugin with something in every default place, and something elsewhere."""

DECLARATIONS: Final[dict[str, dict[str, Any]]] = {
    "nothing": {},
    "commands as a file": {"commands": "./more/c.md"},
    "commands as a folder": {"commands": "./more"},
    "commands as a list": {"commands": ["./commands", "./more/c.md"]},
    "commands as an object": {"commands": {"a": {"source": "./more/c.md"}, "b": {"content": "hi"}}},
    "commands as nothing": {"commands": []},
    "agents": {"agents": ["./other/c.md"]},
    "skills as a folder": {"skills": "./abilities"},
    "skills as a skill": {"skills": ["./abilities/b"]},
    "hooks as a file": {"hooks": "./more/hooks.json"},
    "hooks as an object": {"hooks": {"PreToolUse": _HOOKS["Stop"]}},
    "hooks as a list": {"hooks": ["./more/hooks.json", {"PreToolUse": _HOOKS["Stop"]}]},
    "servers as a file": {"mcpServers": "./more/mcp.json"},
    "servers as an object": {"mcpServers": {"d": {"command": "z"}}},
    "language servers": {"lspServers": {"m": {"command": "x", "extensionToLanguage": {".y": "y"}}}},
}


def ours(plugin: Path) -> tuple[dict[str, int], set[tuple[str, str, str]]]:
    """Return how many components of each kind there are, and every hook handler as event, matcher and what runs."""
    with open_plugin_directory(str(plugin), findings=Findings()) as tree:
        inventory: Mapping[str, int] = component_inventory(tree, tree.manifest).inventory or {}
        hooks = discover_components(tree, tree.manifest).hooks
    return (
        {kind: inventory.get(kind, 0) for kind in COUNTED},
        {
            (hook.event, hook.matcher, hook.command or hook.url or hook.prompt)
            for hook in hooks
            if hook.event != "NoSuchEvent"
        },
    )


def theirs(provided: Mapping[str, Any]) -> tuple[dict[str, int], set[tuple[str, str, str]]]:
    """Return the same of the client's answer, which shows handlers once that differ in other things only."""
    hooks = {
        (hook["event"], hook.get("matcher", ""), next(hook[key] for key in ("command", "url", "prompt") if key in hook))
        for hook in provided["hooks"]
    }
    return {kind: len(provided[kind]) for kind in COUNTED}, hooks


@pytest.mark.parametrize("name", DECLARATIONS)
def test_made_plugins(claude_code: ClaudeCode, tmp_path: Path, name: str) -> None:
    documents = {**_FILES, ".claude-plugin/plugin.json": {**BASE, **DECLARATIONS[name]}}
    files = {path: (item if isinstance(item, str) else json.dumps(item)).encode() for path, item in documents.items()}
    plugin = write_plugin(tmp_path / "p", files)
    opinion = claude_code.validate(plugin)
    assert opinion.accepted, opinion.errors
    assert ours(plugin) == theirs(opinion.report["provides"])


def test_example(claude_code: ClaudeCode) -> None:
    assert ours(EXAMPLE) == theirs(claude_code.validate(EXAMPLE).report["provides"])


def test_canary(claude_code: ClaudeCode, tmp_path: Path) -> None:
    plugin = make_canary(tmp_path, "http://127.0.0.1:9").plugin
    assert ours(plugin) == theirs(claude_code.validate(plugin).report["provides"])


@pytest.mark.parametrize("plugin", REAL, ids=lambda plugin: plugin.name if plugin else None)
def test_real_plugins(claude_code: ClaudeCode, plugin: Path) -> None:
    opinion = claude_code.validate(plugin)
    with open_plugin_directory(str(plugin), findings=Findings()) as tree:
        (verdict,) = client_verdicts(tree, [Client.CLAUDE_CODE])
        name = tree.manifest.name
    assert (verdict.outcome is not Outcome.REFUSED) == opinion.accepted, (opinion.errors, verdict.reasons)
    if opinion.report["provides"] is None:
        return
    assert ours(plugin) == theirs(opinion.report["provides"])
    details = claude_code.details(plugin, name)
    assert details is not None
    provided = opinion.report["provides"]
    assert len(details.skills) == len(provided["skills"]) + len(provided["commands"])
    assert Counter(details.mcp_servers) == Counter(server["name"] for server in provided["mcpServers"])
