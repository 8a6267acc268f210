"""Our verdict for Copilot CLI, and what the real one says when it loads the same plugins."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from other_clients import Copilot

from toolhive_plugins import Client, MemoryTree, Outcome, client_verdicts

SCHEMA: Final = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
CLAUDE: Final = ".claude-plugin/plugin.json"
PLUGINS: Final[Mapping[str, Mapping[str, Any]]] = {
    "sound": {"plugin.json": {"$schema": SCHEMA, "name": "sound"}},
    "name": {"plugin.json": {"$schema": SCHEMA, "name": "Bad Name"}},
    "hyphens": {"plugin.json": {"$schema": SCHEMA, "name": "a--b"}},
    "nameless": {"plugin.json": {"$schema": SCHEMA}},
    "later": {"plugin.json": {"$schema": SCHEMA.replace("1.0.0", "9.0.0"), "name": "later"}, CLAUDE: {"name": "later"}},
    "version": {"plugin.json": {"$schema": SCHEMA, "name": "version", "version": 5}},
    "author": {"plugin.json": {"$schema": SCHEMA, "name": "author", "author": "ann"}},
    "phone": {"plugin.json": {"$schema": SCHEMA, "name": "phone", "author": {"phone": "1"}}},
    "keywords": {"plugin.json": {"$schema": SCHEMA, "name": "keywords", "keywords": [1]}},
    "unknown": {"plugin.json": {"$schema": SCHEMA, "name": "unknown", "hooks": {}}},
    "extensions": {"plugin.json": {"$schema": SCHEMA, "name": "extensions", "extensions": 5}},
    "claude": {CLAUDE: {"name": "claude", "author": "ann"}},
    "none": {"README.md": "none"},
    "lsp": {CLAUDE: {"name": "lsp"}, ".lsp.json": {"go": {"command": "gopls", "extensionToLanguage": {".go": "go"}}}},
}


def test_rejects_what_the_real_one_rejects(copilot: Copilot, tmp_path: Path) -> None:
    for name, files in PLUGINS.items():
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(json.dumps(content))
    copilot.add_marketplace(tmp_path, *PLUGINS)
    settings = copilot.home / ".copilot" / "settings.json"
    document = json.loads(settings.read_text())
    document["enabledPlugins"] = {f"{name}@made": True for name in PLUGINS}
    settings.write_text(json.dumps(document))
    done = copilot.run("lsp", "list")
    said = [line for line in (done.stdout + done.stderr).splitlines() if "(plugin rejected)" in line]
    theirs = {name for name in PLUGINS for line in said if f"/{name}/plugin.json" in line}
    ours = {name for name, files in PLUGINS.items() if verdict(files) is Outcome.REFUSED}
    assert ours == theirs
    assert {"name", "later", "version"} <= ours
    assert "lspServers must be an object" in done.stdout + done.stderr


def test_the_real_one_loads_no_servers_of_claude_code_beside_the_open_format(copilot: Copilot, tmp_path: Path) -> None:
    servers = {"mcpServers": {"one": {"command": "node"}}}
    for name, path in (("declared", CLAUDE), ("separate", ".mcp.json"), ("without", ".mcp.json")):
        (tmp_path / name / ".claude-plugin").mkdir(parents=True)
        (tmp_path / name / path).write_text(json.dumps({"name": name, **servers} if path == CLAUDE else servers))
        if name != "without":
            (tmp_path / name / "plugin.json").write_text(json.dumps({"$schema": SCHEMA, "name": name}))
    copilot.add_marketplace(tmp_path, "declared", "separate", "without")
    for name in ("declared", "separate"):
        copilot.run("plugin", "install", f"{name}@made")
    assert "No MCP servers" in copilot.run("mcp", "list").stdout
    copilot.run("plugin", "install", "without@made")
    assert "one (local)" in copilot.run("mcp", "list").stdout


def verdict(files: Mapping[str, Any]) -> Outcome:
    tree = MemoryTree({path: json.dumps(content).encode() for path, content in files.items()})
    return client_verdicts(tree, (Client.COPILOT,))[0].outcome


def test_says_what_is_not_loaded() -> None:
    open_manifest = json.dumps({"$schema": SCHEMA, "name": "demo"}).encode()
    declares = json.dumps({"name": "demo", "mcpServers": {"one": {"command": "node"}}}).encode()
    files = {"plugin.json": open_manifest, CLAUDE: declares, ".mcp.json": b"{}", ".lsp.json": b'{"go": {}}'}
    (found,) = client_verdicts(MemoryTree(files), (Client.COPILOT,))
    assert found.outcome is Outcome.ACCEPTED
    told = [(reason.rule.value, reason.path) for reason in found.reasons]
    assert told == [("copilot-manifest", ".mcp.json"), ("copilot-manifest", CLAUDE), ("copilot-lsp", ".lsp.json")]
