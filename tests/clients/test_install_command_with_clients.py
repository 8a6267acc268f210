"""The whole way of a user: from a registry by `thv-plugin` into the real Claude Code and Codex, to another version, and out again."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from codex import Codex
from command_runner import Command, Ended
from plan_executor import snapshot
from plugin_folders import MANIFEST, write_files
from real_registry import RealRegistry, running_registry


@define
class User:
    """Somebody with both clients, the command, and a registry."""

    home: Path
    claude: ClaudeCode
    codex: Codex
    command: Command
    registry: RealRegistry

    @property
    def repository(self) -> str:
        return f"{self.registry.host}/acme/demo"

    @property
    def ran(self) -> set[str]:
        """What the servers of the plugin left behind in a session of Claude Code, which is begun for it."""
        nest = self.home / "nest"
        shutil.rmtree(nest, ignore_errors=True)
        nest.mkdir()
        self.claude.start(self.home / "work")
        return {path.name for path in nest.iterdir()}

    def publish(self, version: str, hook: str = "") -> None:
        folder = self.home / "source" / "demo"
        shutil.rmtree(folder, ignore_errors=True)
        server = {"command": "sh", "args": ["-c", f"touch {self.home}/nest/{version}; exec cat"]}
        files: dict[str, object] = {
            MANIFEST: {"name": "demo", "version": version, "description": "d"},
            ".mcp.json": {"mcpServers": {"main": server}},
            "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\nHello.\n",
        }
        if hook:
            files["hooks/hooks.json"] = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": hook}]}]}}
        write_files(folder, files)
        self.run("build", "source/demo")
        self.run("push", "demo", f"{self.repository}:latest", "--plain-http")

    def run(self, *arguments: str, status: int = 0) -> Ended:
        done = self.command(*arguments)
        assert done.status == status, (arguments, done.out, done.err)
        return done

    def obey(self, said: str) -> list[str]:
        """Run each command of Codex's that the user was told to run, as a shell would read it."""
        lines = [line.strip() for line in said.splitlines() if line.strip().startswith("codex plugin")]
        for line in lines:
            self.codex.obey(shlex.split(line))
        return lines

    def troubles(self, *arguments: str) -> dict[str, list[str]]:
        """Return what `list` says of each client."""
        listed: list[dict[str, Any]] = json.loads(self.run("list", "--format", "json", *arguments).out)
        return {
            client["client"]: [trouble["status"] for trouble in client["troubles"]]
            for plugin in listed
            for client in plugin["clients"]
        }


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    programs = required_client("claude-code"), required_client("codex")
    with scratch_home() as home, running_registry(tmp_path) as registry:
        (home / "work").mkdir()
        (home / ".claude").mkdir()
        (home / ".codex").mkdir()
        yield User(home, ClaudeCode(programs[0], home), Codex(programs[1], home), Command(home), registry)


def test_install_upgrade_and_uninstall_for_the_user(user: User) -> None:
    user.publish("1.0.0")
    settings = user.home / ".claude" / "settings.json"
    settings.write_text('{"cleanupPeriodDays": 30}')
    before = snapshot(user.home / ".claude"), snapshot(user.home / ".codex")

    installed = user.run("install", f"{user.repository}:latest", "--plain-http", "--yes")
    assert user.ran == {"1.0.0"}
    assert "demo@skills-dir" in user.claude.plugins(user.home)
    assert user.troubles() == {"claude-code": [], "codex": ["owed"]}
    assert user.obey(installed.out + installed.err) == ["codex plugin add demo@toolhive"]
    assert list(user.codex.plugins()) == ["demo@toolhive"]
    assert user.troubles() == {"claude-code": [], "codex": []}

    user.publish("2.0.0", hook="true")
    stopped = user.run("upgrade", "--plain-http", "--yes", status=4)
    assert "hook" in stopped.out + stopped.err
    assert user.ran == {"1.0.0"}

    upgraded = user.run("upgrade", "--plain-http", "--yes", "--accept-growth")
    assert user.ran == {"2.0.0"}
    assert "stale" in user.troubles()["codex"]
    assert user.obey(upgraded.out + upgraded.err) == ["codex plugin add demo@toolhive"]
    assert user.troubles() == {"claude-code": [], "codex": ["untrusted"]}

    gone = user.run("uninstall", "demo")
    assert user.ran == set()
    assert user.claude.plugins(user.home) == {}
    assert [server["name"] for server in user.codex.mcp_servers()] == ["main"], "its own copy runs on"
    assert user.obey(gone.out + gone.err) == ["codex plugin remove demo@toolhive"]
    assert user.codex.plugins() == {}
    assert not (user.home / ".agents").exists()
    assert settings.read_text() == '{"cleanupPeriodDays": 30}'
    assert set(before[0]) <= set(snapshot(user.home / ".claude"))


def test_a_colleague_syncs_a_clone_at_another_path(user: User) -> None:
    user.publish("1.0.0")
    project = user.home / "work" / "ours"
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    options = ("--project", str(project), "--plain-http")
    user.run("install", f"{user.repository}:latest", *options, "--method", "marketplace", "--client", "claude-code",
             "--yes", "--allow-unsigned")  # fmt: skip
    shared = b"".join(path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git/" not in str(path))
    assert str(project).encode() not in shared
    clone = user.home / "clone"
    shutil.copytree(project, clone)
    shutil.rmtree(project)
    user.run("sync", "--project", str(clone), "--check", "--plain-http", status=7)
    user.run("sync", "--project", str(clone), "--plain-http", "--adopt", "--yes", "--client", "claude-code")
    user.run("sync", "--project", str(clone), "--plain-http", "--check")
    user.claude.trust(clone)
    nest = user.home / "nest"
    nest.mkdir()
    user.claude.start(clone)
    user.claude.start(clone)
    assert {path.name for path in nest.iterdir()} == {"1.0.0"}
