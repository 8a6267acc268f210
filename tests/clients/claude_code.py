"""Claude Code as the tests ask it: what it says of a plugin, what it sees in one, and what a session runs."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from client_programs import run_client

_ENVIRONMENT: Final = {
    "ANTHROPIC_API_KEY": "sk-ant-made-up",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "0",
}
"""No network: the model is at a port that nothing listens on, and is asked once."""

_PATH_OF_ENTRY: Final = re.compile(r"plugins\[(\d+)\] plugin\.json → (.*)", re.DOTALL)


@frozen
class Finding:
    """One thing that `claude plugin validate` says."""

    path: str
    """The key in the manifest, or the place in a file."""
    message: str


@frozen
class Opinion:
    """What `claude plugin validate` thinks of one plugin."""

    accepted: bool
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    report: Mapping[str, Any] = field(factory=dict, repr=False)
    """The whole answer to `--json`."""


@frozen
class Details:
    """What `claude plugin details` sees in a plugin: the names in each group, a name as often as it is listed."""

    skills: tuple[str, ...]
    """Commands among them."""
    agents: tuple[str, ...]
    hooks: tuple[str, ...]
    """Events."""
    mcp_servers: tuple[str, ...]
    lsp_servers: tuple[str, ...]


@frozen
class ClaudeCode:
    """One installation with its own home."""

    program: Path
    home: Path

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it with some arguments; `environment` adds to what it always gets."""
        return run_client(
            self.program, *arguments, home=self.home, environment={**_ENVIRONMENT, **environment}, cwd=cwd
        )

    def validate(self, directory: Path) -> Opinion:
        """Ask what it thinks of a plugin."""
        done = self.run("plugin", "validate", directory, "--json")
        report = json.loads(done.stdout)
        parts = [report["manifest"], *report["contents"]]
        return Opinion(
            accepted=done.returncode == 0,
            errors=_findings(found for part in parts for found in part["errors"]),
            warnings=_findings(found for part in parts for found in part["warnings"]),
            report=report,
        )

    def validate_manifests(self, plugins: Sequence[Path], marketplace: Path) -> list[Opinion]:
        """Ask about the manifests of many plugins in one process, as the entries of a marketplace made for it.

        What the plugins' other files hold is not looked at.

        Args:
            plugins: folders below `marketplace`.
            marketplace: a folder; its `.claude-plugin/marketplace.json` is written.
        """
        entries = [
            {"name": f"entry-{number}", "source": "./" + plugin.relative_to(marketplace).as_posix()}
            for number, plugin in enumerate(plugins)
        ]
        document = {"name": "made", "description": "made", "owner": {"name": "made"}, "plugins": entries}
        (marketplace / ".claude-plugin").mkdir(exist_ok=True)
        (marketplace / ".claude-plugin" / "marketplace.json").write_text(json.dumps(document))
        manifest = json.loads(self.run("plugin", "validate", marketplace, "--json").stdout)["manifest"]
        errors, warnings = _by_entry(manifest["errors"]), _by_entry(manifest["warnings"])
        return [
            Opinion(number not in errors, tuple(errors.get(number, ())), tuple(warnings.get(number, ())))
            for number in range(len(plugins))
        ]

    def details(self, directory: Path, name: str) -> Details | None:
        """Ask what it sees in a plugin; None where it does not load it."""
        done = self.run("--plugin-dir", directory, "plugin", "details", name)
        if done.returncode:
            return None
        return Details(
            *(_listed(done.stdout, group) for group in ("Skills", "Agents", "Hooks", "MCP servers", "LSP servers"))
        )

    def session(self, directory: Path, prompt: str = "hi", *options: str, cwd: Path | None = None) -> str:
        """Run a session with a plugin until it ends for lack of a model, and return its log.

        The plugin's hooks and servers really run.
        """
        log = self.home / "debug.log"
        log.unlink(missing_ok=True)
        self.run("--plugin-dir", directory, "-p", prompt, "--max-turns", "1", "--debug-file", log, *options, cwd=cwd)
        return log.read_text(errors="replace") if log.exists() else ""

    def start(self, cwd: Path) -> str:
        """Run a session with the plugins that are installed until it ends for lack of a model, and return its log.

        Their hooks and servers really run.
        """
        log = self.home / "debug.log"
        log.unlink(missing_ok=True)
        self.run("-p", "hi", "--max-turns", "1", "--debug-file", log, cwd=cwd)
        return log.read_text(errors="replace") if log.exists() else ""

    def plugins(self, cwd: Path) -> dict[str, dict[str, Any]]:
        """Return what `claude plugin list` says of each plugin of other people's, by `NAME@MARKETPLACE`."""
        listed = json.loads(self.run("plugin", "list", "--json", cwd=cwd).stdout)
        return {each["id"]: each for each in listed if not each["id"].endswith("@builtin")}

    def trust(self, *projects: Path) -> None:
        """Say that the user has trusted some folders, as the client's dialog does."""
        state = self.home / ".claude.json"
        document = json.loads(state.read_text()) if state.exists() else {}
        for project in projects:
            document.setdefault("projects", {}).setdefault(str(project), {})["hasTrustDialogAccepted"] = True
        state.write_text(json.dumps(document))


def _findings(found: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(each["path"], each["message"]) for each in found)


def _by_entry(found: Iterable[Mapping[str, Any]]) -> dict[int, list[Finding]]:
    by_entry: dict[int, list[Finding]] = {}
    for each in found:
        place = _PATH_OF_ENTRY.fullmatch(each["path"])
        assert place, f"not about one of the plugins: {each}"
        by_entry.setdefault(int(place[1]), []).append(Finding(place[2], each["message"]))
    return by_entry


def _listed(page: str, group: str) -> tuple[str, ...]:
    line = re.search(rf"^  {group} \((\d+)\)(?:  (.*?))?(?:  \(.*\))?$", page, re.MULTILINE)
    assert line, f"no {group} in:\n{page}"
    names = tuple(line[2].split(", ")) if line[2] else ()
    assert len(names) == int(line[1]), line[0]
    return names
