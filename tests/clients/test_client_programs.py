"""The clients are the pinned ones, and the way to ask them works."""

import json
import shutil
from pathlib import Path

import pytest
from claude_code import ClaudeCode, Details
from codex import Codex
from npm_clients import CLIENTS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "release-notes"


@pytest.mark.parametrize("name", CLIENTS)
def test_lock_file_pins_the_client_and_every_hash_and_no_address(name: str) -> None:
    text = (ROOT / "3rdparty" / "npm" / name / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert packages.pop("")["dependencies"] == {CLIENTS[name].package: CLIENTS[name].version}
    assert packages[f"node_modules/{CLIENTS[name].package}"]["version"] == CLIENTS[name].version
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "://" not in text


def test_claude_code_is_the_pinned_one(claude_code: ClaudeCode) -> None:
    assert claude_code.run("--version").stdout.split()[0] == CLIENTS["claude-code"].version


def test_codex_is_the_pinned_one(codex: Codex) -> None:
    assert codex.run("--version").stdout.split()[-1] == CLIENTS["codex"].version


def test_claude_code_sees_the_parts_of_the_example(claude_code: ClaudeCode) -> None:
    assert claude_code.details(EXAMPLE, "release-notes") == Details(
        skills=("release-check", "release-notes", "release-notes"),
        agents=("release-editor",),
        hooks=("PreToolUse",),
        mcp_servers=("git",),
        lsp_servers=("markdown",),
    )


def test_claude_code_says_the_same_of_one_plugin_and_of_many(claude_code: ClaudeCode, tmp_path: Path) -> None:
    for name, author in (("good", {"name": "ann"}), ("bad", "ann")):
        (tmp_path / name / ".claude-plugin").mkdir(parents=True)
        manifest = {"name": name, "version": "1.0.0", "description": "d", "author": author}
        (tmp_path / name / ".claude-plugin" / "plugin.json").write_text(json.dumps(manifest))
    plugins = [tmp_path / "good", tmp_path / "bad"]
    together = claude_code.validate_manifests(plugins, tmp_path)
    alone = [claude_code.validate(plugin) for plugin in plugins]
    assert [opinion.accepted for opinion in together] == [True, False]
    assert [(said.accepted, said.errors, said.warnings) for said in together] == [
        (said.accepted, said.errors, said.warnings) for said in alone
    ]


def test_codex_installs_the_example(codex: Codex, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "release-notes")
    codex.add_marketplace(tmp_path, tmp_path / "release-notes")
    assert codex.add("release-notes") == ""
    assert [server["name"] for server in codex.mcp_servers()] == ["git"]
