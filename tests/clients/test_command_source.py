"""A marketplace whose plugins are in a registry: Claude Code runs `thv-plugin path` and takes what it prints."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from command_runner import Command
from plugin_folders import MANIFEST, write, write_files
from real_registry import RealRegistry, running_registry

SKILL = "---\nname: greet\ndescription: Greets\n---\nHello.\n"
HOOKS = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "true"}]}]}}


@define
class Market:
    """A publisher with a registry, and a user with Claude Code and a marketplace that names `thv-plugin path`."""

    client: ClaudeCode
    registry: RealRegistry
    publisher: Command
    program: Path = field(init=False)
    folder: Path = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.folder = self.client.home / "market"
        paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
        script = (
            f'#!/bin/sh\necho "$@" >> {self.client.home}/calls\n'
            f'PYTHONPATH={paths} exec {sys.executable} -m toolhive_plugins_cli "$@"\n'
        )
        self.program = write(self.client.home, "bin/thv-plugin", script, 0o755)

    def publish(self, tag: str, version: str, files: dict[str, object] | None = None) -> str:
        """Push a plugin, and return its digest."""
        shutil.rmtree(self.publisher.folder / "demo", ignore_errors=True)
        content = {MANIFEST: {"name": "demo", "version": version}, "skills/greet/SKILL.md": SKILL, **(files or {})}
        write_files(self.publisher.folder / "demo", content)
        assert self.publisher("build", "demo").status == 0
        done = self.publisher("push", "demo", f"{self.repository}:{tag}", "--plain-http", "--quiet")
        assert done.status == 0, done.err
        return done.out.strip()

    @property
    def repository(self) -> str:
        return f"{self.registry.host}/acme/demo"

    def names(self, target: str) -> None:
        """Have the marketplace name a target."""
        source = {
            "source": "command",
            "command": f"{self.program} path --plain-http {target}",
            "timeout": 60,
            "mode": "copy",
        }
        document = {"name": "oci", "owner": {"name": "made"}, "plugins": [{"name": "demo", "source": source}]}
        write(self.folder, ".claude-plugin/marketplace.json", document)

    def installed(self) -> dict[str, Any]:
        """Return what the client lists of the plugin."""
        listed = json.loads(self.client.run("plugin", "list", "--json").stdout)
        found: dict[str, Any] = next(each for each in listed if each["id"] == "demo@oci")
        return found

    def session(self) -> str:
        """Run a session in which command sources are run again, and return its log."""
        log = self.client.home / "session.log"
        log.unlink(missing_ok=True)
        # A few attempts at the model give the client the time; an empty variable counts as unset.
        self.client.run(
            *("-p", "hi", "--max-turns", "1", "--debug-file", log),
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="",
            CLAUDE_CODE_MAX_RETRIES="4",
        )
        return log.read_text(errors="replace")


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    program = required_client("claude-code")
    with running_registry(tmp_path / "registry") as registry, scratch_home() as home:
        yield Market(ClaudeCode(program, home), registry, Command(tmp_path))


def test_a_plugin_pinned_by_digest_installs_and_is_shown(market: Market) -> None:
    digest = market.publish("1", "1.0.0")
    market.names(f"{market.repository}@{digest}")
    assert market.client.run("plugin", "marketplace", "add", market.folder).returncode == 0
    refused = market.client.run("plugin", "install", "demo@oci")
    assert refused.returncode != 0
    assert digest in refused.stdout, "the digest is what the user is asked to accept"
    done = market.client.run("plugin", "install", "demo@oci", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    found = market.installed()
    assert found["enabled"]
    assert found["version"].startswith("1.0.0-")
    copy = Path(found["installPath"])
    assert (copy / "skills/greet/SKILL.md").read_text() == SKILL
    assert stat.S_IMODE(copy.stat().st_mode) & 0o200, "the client writes into its own copy"
    assert "greet" in market.client.run("plugin", "details", "demo@oci").stdout
    assert f"{market.repository}@{digest}" in (market.client.home / "calls").read_text()


def test_another_digest_has_to_be_accepted_again(market: Market) -> None:
    market.names(f"{market.repository}@{market.publish('1', '1.0.0')}")
    market.client.run("plugin", "marketplace", "add", market.folder)
    market.client.run("plugin", "install", "demo@oci", "--yes")
    market.names(f"{market.repository}@{market.publish('1', '2.0.0')}")
    market.client.run("plugin", "marketplace", "update", "oci")
    assert market.client.run("plugin", "update", "demo@oci").returncode != 0
    assert market.installed()["version"].startswith("1.0.0-")
    assert market.client.run("plugin", "update", "demo@oci", "--yes").returncode == 0
    assert market.installed()["version"].startswith("2.0.0-")


def test_a_tags_new_version_arrives_in_the_next_session_unless_it_can_do_more(market: Market) -> None:
    market.publish("stable", "1.0.0")
    market.names(f"{market.repository}:stable")
    market.client.run("plugin", "marketplace", "add", market.folder)
    assert market.client.run("plugin", "install", "demo@oci", "--yes").returncode == 0
    market.publish("stable", "1.1.0")
    log = market.session()
    assert market.installed()["version"].startswith("1.1.0-"), log[-3000:]
    market.publish("stable", "2.0.0", {"hooks/hooks.json": HOOKS})
    log = market.session()
    assert "can do more" in log
    found = market.installed()
    assert found["enabled"]
    assert found["version"].startswith("1.1.0-")
