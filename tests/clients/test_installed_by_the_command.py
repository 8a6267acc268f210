"""A whole session of a user with both clients: what `thv-plugin` installs from a registry they load and run, and nothing is left of it."""

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from canary_plugin import Canary, make_canary
from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from codex import Codex
from command_runner import Command, Ended
from plan_executor import snapshot
from plugin_folders import MANIFEST
from real_registry import running_registry

from toolhive_plugins_cli import exit_codes


@frozen
class User:
    """Somebody with both clients in one home, and a publisher's registry."""

    thv: Command
    claude_code: ClaudeCode
    codex: Codex
    canary: Canary
    ref: str

    def publish(self, version: str, **manifest: object) -> None:
        """Build the canary with another version, and push it."""
        path = self.canary.plugin / MANIFEST
        document = json.loads(path.read_text())
        path.write_text(json.dumps({**document, "version": version, **manifest}))
        assert self.thv("--store", "publisher", "build", str(self.canary.plugin)).status == 0
        assert self.thv("--store", "publisher", "push", "canary", self.ref, "--plain-http").status == 0

    def run(self, *arguments: str) -> Any:
        """Run the command, do what it says is owed, and return its result."""
        done = self.thv(*arguments, "--format", "json")
        assert done.status == exit_codes.OK, done
        result = json.loads(done.out)
        for each in result if isinstance(result, list) else [result]:
            for step in each["owed"]:
                if step["command"]:
                    self.codex.obey(shlex.split(step["command"]))
        return result

    def sang(self) -> set[str]:
        """Return what ran in a new session of Claude Code."""
        for path in self.canary.nest.iterdir():
            path.unlink()
        self.claude_code.start(self.claude_code.home)
        return self.canary.sang

    def health(self) -> dict[str, list[str]]:
        """Return what `list` says of each client."""
        (plugin,) = json.loads(self.thv("list", "--format", "json").out)
        return {each["client"]: [trouble["status"] for trouble in each["troubles"]] for each in plugin["clients"]}


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    claude, codex = required_client("claude-code"), required_client("codex")
    with scratch_home() as home, running_registry(tmp_path / "registry") as registry:
        (home / ".codex").mkdir()
        (home / ".claude").mkdir()
        (home / ".claude" / "settings.json").write_text('{\n  "cleanupPeriodDays": 30\n}\n')
        canary = make_canary(tmp_path, "http://127.0.0.1:9")
        yield User(
            Command(home), ClaudeCode(claude, home), Codex(codex, home), canary, f"{registry.host}/acme/canary:latest"
        )


def touched(home: Path) -> tuple[object, ...]:
    """What an installation could have changed."""
    found = [
        snapshot(folder) if folder.exists() else None for folder in (home / ".agents", home / ".claude" / "skills")
    ]
    return (*found, (home / ".claude" / "settings.json").read_bytes())


def test_from_a_registry_into_both_clients_up_to_an_upgrade_that_is_stopped(user: User) -> None:
    home = user.claude_code.home
    before = touched(home)
    user.publish("1.0.0")

    user.run("install", user.ref, "--yes", "--plain-http")
    (listed,) = user.claude_code.plugins(home).values()
    assert listed["enabled"]
    assert {"hook-SessionStart", "mcp"} <= user.sang()
    assert "canary@toolhive" in user.codex.plugins()
    assert user.codex.mcp_servers()
    assert user.health()["claude-code"] == []
    assert set(user.health()["codex"]) <= {"untrusted"}  # its hooks: only the user can say that

    hooks = {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}
    user.publish("2.0.0", hooks=hooks)
    stopped: Ended = user.thv("upgrade", "--yes", "--plain-http")
    assert stopped.status == exit_codes.SURFACE_GREW
    assert "The newer version can do more" in stopped.err
    assert user.codex.plugins()["canary@toolhive"]["version"] == "1.0.0"
    assert user.health()["claude-code"] == []

    user.run("upgrade", "--yes", "--accept-growth", "--plain-http")
    assert json.loads((home / ".claude/skills/canary" / MANIFEST).read_text())["version"] == "2.0.0"
    assert "hook-SessionStart" in user.sang()
    assert user.codex.plugins()["canary@toolhive"]["version"] == "2.0.0"
    assert set(user.health()["codex"]) <= {"untrusted"}

    user.run("uninstall", "canary")
    assert user.claude_code.plugins(home) == {}
    assert user.sang() == set()
    assert user.codex.plugins() == {}
    assert user.codex.mcp_servers() == []
    assert touched(home) == before


def test_a_project_is_loaded_from_a_clone_on_another_path(user: User) -> None:
    home = user.claude_code.home
    user.publish("1.0.0")
    for name in ("first", "second"):
        (home / "work" / name / ".git").mkdir(parents=True)
    first, second = home / "work" / "first", home / "work" / "second"
    clients = ("--client", "claude-code", "--plain-http", "--yes")
    user.run("install", user.ref, *clients, "--allow-unsigned", "--project", str(first))
    shutil.copy(first / "toolhive.lock.yaml", second)
    shutil.rmtree(first)
    user.claude_code.trust(second)
    done = user.thv("sync", *clients, "--project", str(second))
    assert done.status == exit_codes.OK, done
    for path in user.canary.nest.iterdir():
        path.unlink()
    user.claude_code.start(second)
    assert {"hook-SessionStart", "mcp"} <= user.canary.sang
    assert user.thv("sync", "--check", "--project", str(second)).status == exit_codes.OK
    assert user.thv("uninstall", "canary", "--project", str(second)).status == exit_codes.OK
    assert not (second / ".claude").exists()
