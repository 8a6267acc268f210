"""Codex as the tests ask it: whether it takes a plugin, and what it has of it afterwards."""

import json
import subprocess
from pathlib import Path
from typing import Any

from attrs import frozen
from client_programs import run_client


@frozen
class Codex:
    """One installation with its own home."""

    program: Path
    home: Path

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run it with some arguments."""
        (self.home / ".codex").mkdir(exist_ok=True)
        return run_client(self.program, *arguments, home=self.home, environment={}, cwd=cwd)

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
