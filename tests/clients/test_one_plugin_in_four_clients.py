"""A plugin of the Agent Plugins format alone: built with `--adapt`, pushed, installed into four real clients, and out again."""

import json
from pathlib import Path

from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from codex import Codex
from command_runner import Command, Ended
from other_clients import Copilot, Gemini
from plan_executor import snapshot
from plugin_folders import write_files
from real_registry import running_registry

SCHEMAS = "https://agent-plugins.org/schemas/1.0.0/"
PROGRAM = '#!/bin/sh\necho "$*" >> "$HOME/server-ran"\ncat > /dev/null\n'
FILES: dict[str, object] = {
    "plugin.json": {"$schema": f"{SCHEMAS}plugin.schema.json", "name": "demo", "version": "1.2.0", "description": "d"},
    "mcp.json": {
        "$schema": f"{SCHEMAS}mcp.schema.json",
        "mcpServers": {"marker": {"type": "stdio", "command": "./bin/server", "args": ["${PLUGIN_ROOT}"]}},
    },
    "skills/hello/SKILL.md": "---\nname: hello\ndescription: Says hello.\n---\nSay hello.\n",
    "bin/server": PROGRAM,
}


def ran(home: Path) -> str:
    """Return what the server was called with since this was asked last."""
    file = home / "server-ran"
    said = file.read_text().strip() if file.exists() else ""
    file.unlink(missing_ok=True)
    return said


def test_its_skill_and_its_server_are_loaded_in_each(tmp_path: Path) -> None:
    programs = [required_client(name) for name in ("claude-code", "codex", "copilot", "gemini")]
    with scratch_home() as home, running_registry(tmp_path) as registry:
        claude, codex = ClaudeCode(programs[0], home), Codex(programs[1], home)
        copilot, gemini = Copilot(programs[2], home), Gemini(programs[3], home)
        command = Command(home)

        def run(*arguments: str) -> Ended:
            done = command(*arguments)
            assert done.status == 0, (arguments, done.out, done.err)
            return done

        write_files(home / "source" / "demo", FILES)
        (home / "source" / "demo" / "bin" / "server").chmod(0o755)
        for folder in (".claude", ".codex", ".copilot", ".gemini/extensions"):
            (home / folder).mkdir(parents=True)
        for folder in (".claude", ".copilot"):
            (home / folder / "settings.json").write_text('{\n  "theme": "dark"\n}\n')
        before = {name: snapshot(home / name) for name in (".claude", ".codex", ".copilot", ".gemini")}

        run("build", "source/demo", "--adapt", "claude-code", "--adapt", "gemini")
        target = f"{registry.host}/acme/demo:1.2.0"
        run("push", "demo", target, "--plain-http")
        run("install", target, "--plain-http", "--yes")

        claude.start(home)
        assert ran(home) == str(home / ".claude" / "skills" / "demo")
        assert "demo@skills-dir" in claude.plugins(home)
        codex.obey(("codex", "plugin", "add", "demo@toolhive"))
        assert [server["name"] for server in codex.mcp_servers()] == ["marker"]
        assert codex.plugins()["demo@toolhive"]["version"] == "1.2.0"
        assert copilot.plugins()["demo@toolhive-plugins"]["version"] == "1.2.0"
        assert "marker (local)" in copilot.run("mcp", "list").stdout
        assert "hello - Says hello." in copilot.run("skill", "list").stdout
        listed = gemini.said("extensions", "list")
        assert all(what in listed for what in ("demo (1.2.0)", "marker", "hello: Says hello.")), listed
        gemini.said("mcp", "list")
        assert ran(home) == str(home / ".gemini" / "extensions" / "demo")

        (told,) = json.loads(run("list", "--format", "json").out)
        assert {each["client"]: each["troubles"] for each in told["clients"]} == {
            "claude-code": [],
            "codex": [],
            "copilot": [],
            "gemini": [],
        }

        run("uninstall", "demo")
        codex.obey(("codex", "plugin", "remove", "demo@toolhive"))
        assert claude.plugins(home) == {}
        assert codex.plugins() == {}
        assert copilot.plugins() == {}
        assert "No extensions installed" in gemini.said("extensions", "list")
        for name, was in before.items():
            now = snapshot(home / name)
            assert {path: now[path] for path in was} == was
