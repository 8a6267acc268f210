"""Copilot CLI and Gemini CLI as the tests ask them: what they have of a plugin once it is installed."""

import json
import subprocess
from pathlib import Path
from typing import Any

from attrs import frozen
from client_programs import run_client


@frozen
class Copilot:
    """One installation with its own home."""

    program: Path
    home: Path

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run it with some arguments, without network and account."""
        return run_client(self.program, *arguments, home=self.home, environment={})

    def add_marketplace(self, folder: Path, *plugins: str) -> None:
        """Write a marketplace of plugins that are in folders of their names, and make it known."""
        entries = [{"name": name, "source": f"./{name}"} for name in plugins]
        document = {"name": "made", "owner": {"name": "tests"}, "plugins": entries}
        (folder / ".claude-plugin").mkdir(parents=True, exist_ok=True)
        (folder / ".claude-plugin" / "marketplace.json").write_text(json.dumps(document))
        done = self.run("plugin", "marketplace", "add", folder)
        assert done.returncode == 0, done.stderr

    def plugins(self) -> dict[str, dict[str, Any]]:
        """Return what it says of each plugin of a marketplace, by `NAME@MARKETPLACE`."""
        listed = json.loads(self.run("plugin", "list", "--json").stdout)
        return {f"{each['name']}@{each['marketplace']}": each for each in listed if each["marketplace"]}


@frozen
class Gemini:
    """One installation with its own home; the program is a script for Node.js."""

    program: Path
    home: Path

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run it with some arguments, without network and account."""
        node = Path("/usr/bin/env")
        environment = {"GEMINI_CLI_TRUST_WORKSPACE": "true", "NO_COLOR": "1"}
        return run_client(node, "node", self.program, *arguments, home=self.home, environment=environment)

    def said(self, *arguments: str | Path) -> str:
        """Run it, and return what it prints on either stream."""
        done = self.run(*arguments)
        return done.stdout + done.stderr
