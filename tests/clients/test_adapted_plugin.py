"""A plugin of the Agent Plugins format alone, built with `--adapt`, in the real clients: its skill and its server load in each."""

import json
from pathlib import Path

import pytest
from claude_code import ClaudeCode
from codex import Codex
from npm_clients import CLIENTS
from other_clients import Copilot, Gemini

from toolhive_plugins import Store
from toolhive_plugins_service import BuildRequest, ExtractRequest, Service

SCHEMAS = "https://agent-plugins.org/schemas/1.0.0/"
MANIFEST = {
    "$schema": f"{SCHEMAS}plugin.schema.json",
    "name": "demo",
    "version": "1.2.0",
    "author": {"email": "a@example.com"},
}
SERVER = {
    "type": "stdio",
    "command": "./bin/server",
    "args": ["--root", "${PLUGIN_ROOT}"],
    "env": {"GREETING": "hello"},
}
PROGRAM = """#!/bin/sh
echo "$PWD|$PLUGIN_ROOT|$GREETING|$*" > "$HOME/server-ran"
cat > /dev/null
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The files of the artifact, as they are installed."""
    source = tmp_path / "source"
    (source / "skills" / "hello").mkdir(parents=True)
    (source / "skills" / "hello" / "SKILL.md").write_text(
        "---\nname: hello\ndescription: Says hello.\n---\n\nSay hello.\n"
    )
    (source / "plugin.json").write_text(json.dumps(MANIFEST))
    document = {"$schema": f"{SCHEMAS}mcp.schema.json", "mcpServers": {"marker": SERVER}}
    (source / "mcp.json").write_text(json.dumps(document))
    (source / "bin").mkdir()
    (source / "bin" / "server").write_text(PROGRAM)
    (source / "bin" / "server").chmod(0o755)
    with Store(tmp_path / "store") as store:
        service = Service(store)
        service.build(BuildRequest(str(source), adapt=("claude-code", "gemini")))
        service.extract(ExtractRequest("demo", str(tmp_path / "market" / "demo")))
    return tmp_path / "market" / "demo"


def ran(home: Path) -> list[str]:
    """Return where the server ran, the root and the variable that it was given, and its arguments."""
    return (home / "server-ran").read_text().strip().split("|")


def test_claude_code_loads_the_skill_and_runs_the_server(claude_code: ClaudeCode, plugin: Path) -> None:
    assert claude_code.validate(plugin).accepted
    details = claude_code.details(plugin, "demo")
    assert details is not None
    assert (details.skills, details.mcp_servers) == (("hello",), ("marker",))
    claude_code.session(plugin)
    root = str(plugin)
    # It starts servers where the session is, whatever their `cwd`: so that is not promised.
    assert ran(claude_code.home) == [str(claude_code.home), root, "hello", f"--root {root}"]


def test_codex_takes_the_open_format_as_it_is(codex: Codex, plugin: Path) -> None:
    codex.add_marketplace(plugin.parent, plugin)
    assert codex.add("demo") == ""
    assert [server["name"] for server in codex.mcp_servers()] == ["marker"]
    assert codex.plugins()["demo@made"]["version"] == "1.2.0"


def test_copilot_takes_the_open_format_as_it_is(copilot: Copilot, plugin: Path) -> None:
    assert CLIENTS["copilot"].version in copilot.run("--version").stdout
    copilot.add_marketplace(plugin.parent, "demo")
    done = copilot.run("plugin", "install", "demo@made")
    assert "Installed 1 skill" in done.stdout, done.stderr
    assert copilot.plugins()["demo@made"]["version"] == "1.2.0"
    assert "marker" in copilot.run("mcp", "list").stdout
    assert "hello - Says hello." in copilot.run("skill", "list").stdout


def test_gemini_takes_the_manifest_that_is_made(gemini: Gemini, plugin: Path) -> None:
    said = gemini.said("extensions", "validate", plugin)
    assert "successfully validated" in said
    gemini.said("extensions", "install", plugin, "--consent")
    listed = gemini.said("extensions", "list")
    for what in ("demo (1.2.0)", "marker", "hello: Says hello."):
        assert what in listed, listed
    gemini.said("mcp", "list")
    root = str(gemini.home / ".gemini" / "extensions" / "demo")
    assert ran(gemini.home) == [root, root, "hello", f"--root {root}"]


def test_gemini_refuses_the_open_format_as_it_is(gemini: Gemini, plugin: Path) -> None:
    (plugin / "gemini-extension.json").unlink()
    assert "not found" in gemini.said("extensions", "validate", plugin)
