"""Codex as the tests ask it: whether it takes a plugin, and what it has of it afterwards."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from client_programs import run_client


@frozen
class Codex:
    """One installation with its own home."""

    program: Path
    home: Path

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it with some arguments and variables."""
        (self.home / ".codex").mkdir(exist_ok=True)
        return run_client(self.program, *arguments, home=self.home, environment=environment, cwd=cwd)

    def add_marketplace(self, folder: Path, *plugins: Path, name: str = "made") -> None:
        """Write a marketplace of plugins that are below `folder`, and make it known."""
        entries = [
            {
                "name": plugin.name,
                "source": {"source": "local", "path": "./" + plugin.relative_to(folder).as_posix()},
                "policy": {"installation": "AVAILABLE", "authentication": "ON_INSTALL"},
                "category": "made",
            }
            for plugin in plugins
        ]
        (folder / ".agents" / "plugins").mkdir(parents=True)
        document = {"name": name, "plugins": entries}
        (folder / ".agents" / "plugins" / "marketplace.json").write_text(json.dumps(document))
        done = self.run("plugin", "marketplace", "add", folder)
        assert done.returncode == 0, done.stderr

    def add(self, plugin: str, marketplace: str = "made") -> str:
        """Install a plugin; return an empty string, or why it refused."""
        done = self.run("plugin", "add", f"{plugin}@{marketplace}")
        return "" if done.returncode == 0 else done.stderr

    def mcp_servers(self) -> list[dict[str, Any]]:
        """Return the MCP servers that it would start."""
        servers: list[dict[str, Any]] = json.loads(self.run("mcp", "list", "--json").stdout)
        return servers

    def plugins(self) -> dict[str, dict[str, Any]]:
        """Return the plugins that it has a copy of, by `NAME@MARKETPLACE`."""
        listed = json.loads(self.run("plugin", "list", "--json").stdout)["installed"]
        return {each["pluginId"]: each for each in listed}

    def obey(self, command: Sequence[str]) -> None:
        """Run a command that the user was told to run, word for word."""
        assert command[0] == "codex"
        done = self.run(*command[1:])
        assert done.returncode == 0, done.stderr

    def hooks(self) -> list[dict[str, Any]]:
        """Return the hooks that it would run, and whether they are trusted, by its protocol for editors."""
        requests: list[dict[str, Any]] = [
            {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "tests", "version": "1"}}},
            {"method": "initialized"},
            {"id": 2, "method": "hooks/list", "params": {"cwds": [str(self.home)]}},
        ]
        with subprocess.Popen(
            [self.program, "app-server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "HOME": str(self.home)},
            text=True,
        ) as server:
            assert server.stdin
            assert server.stdout
            server.stdin.write("".join(json.dumps(request) + "\n" for request in requests))
            server.stdin.flush()
            answers = map(json.loads, server.stdout)
            answer = next(each for each in answers if each.get("id") == 2)
            server.terminate()
        return [hook for folder in answer["result"]["data"] for hook in folder["hooks"]]
