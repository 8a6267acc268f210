"""One run of every command with `--format json`, on plugins that have something of everything."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from command_runner import Command, write_plugin

_HOOKS = {
    "SessionStart": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/bin/start.sh"}]}],
    "PreToolUse": [
        {
            "matcher": "Bash",
            "hooks": [
                {"type": "command", "command": "node", "args": ["check.js", "--all"], "if": "Bash(git *)"},
                {"type": "http", "url": "https://hooks.example.com/"},
                {"type": "prompt", "prompt": "Is this safe?"},
                {"type": "mcp_tool", "server": "local", "tool": "look"},
            ],
        }
    ],
}
_FULL: Mapping[str, object] = {
    ".claude-plugin/plugin.json": {
        "name": "full",
        "version": "1.2.3",
        "description": "Has one of everything",
        "license": "MIT",
        "author": {"name": "Ann", "email": "ann@example.com"},
        "homepage": "https://example.com/full",
        "dependencies": ["other"],
    },
    ".hidden/notes.txt": "hidden",
    ".lsp.json": {
        "py": {"command": "pyls", "args": ["--stdio"], "extensionToLanguage": {".py": "python"}, "env": {"A": "1"}}
    },
    ".mcp.json": {
        "mcpServers": {
            "local": {"command": "npx", "args": ["-y", "server"], "env": {"KEY": "secret-value"}},
            "remote": {
                "type": "http",
                "url": "https://mcp.example.com/",
                "headers": {"Authorization": "Bearer ${TOKEN}"},
                "headersHelper": "./make-headers",
            },
        }
    },
    "agents/free.md": "---\nname: free\ndescription: Does all\n---\nGo.\n",
    "agents/helper.md": "---\nname: helper\ndescription: Helps\ntools: Read, Grep\ndisallowedTools: Write\n---\nHelp.\n",
    "agents/odd.md": "---\nname: [\n---\n",
    "bin/start.sh": "#!/bin/bash\necho hello\n",
    "commands/commit.md": "---\ndescription: Commit\nallowed-tools: Bash(git add:*), Read\n---\nState: !`git status`\n",
    "commands/plain.md": "Only text.\n",
    "hooks/hooks.json": {"hooks": _HOOKS},
    "monitors/monitors.json": [{"name": "watch", "command": "tail -f log", "description": "Watches"}],
    "settings.json": {"subagentStatusLine": {"type": "command", "command": "date"}},
    "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\nGreet.\n",
    "tool.py": "#!/usr/bin/env python3\nprint()\n",
}
_EXECUTABLE = ("bin/start.sh", "tool.py")
_ODD: Mapping[str, object] = {
    ".claude-plugin/plugin.json": {
        "name": "Odd Name",
        "version": 1,
        "license": "MIT",
        "commands": "./gone",
        "keyword": [],
    },
    "agents/a.md": "no front matter",
    "README": "x",
    "readme": "x",
    "hooks/hooks.json": '{"hooks": {"Never": [1]}',
}

_POLICY = """version = 1
[[rule]]
references = ["**/acme/*"]
licenses = ["MIT"]
[rule.surface]
forbid = ["monitors"]
"""


def run_all(thv: Command, registry: str) -> dict[str, object]:
    """Run every command and return what each wrote, decoded; None where it wrote nothing.

    Args:
        thv: the command, on an empty store.
        registry: the host and port of an empty registry that speaks plain HTTP.
    """
    ref = f"{registry}/acme/full:1.2.3"
    full = write_plugin(thv.folder / "full", _FULL, executable=_EXECUTABLE)
    write_plugin(thv.folder / "odd", _ODD)
    write_plugin(thv.folder / "next", {**_FULL, "commands/plain.md": "Other text.\n"}, executable=_EXECUTABLE)
    _change(thv.folder / "next")
    written: dict[str, object] = {}

    def run(name: str, *arguments: str, status: int = 0, stdin: bytes | None = None) -> None:
        done = thv(*arguments, "--format", "json", stdin=stdin)
        assert done.status == status, (name, done)
        text = done.out.replace(str(thv.folder), "FOLDER").replace(registry, "REGISTRY")
        written[name] = json.loads(text) if text else None

    run("login", "login", registry, "-u", "ann", "--password-stdin", "--plain-http", stdin=b"a password\n")
    run("logout", "logout", registry)
    run("validate", "validate", "full")
    run("validate-invalid", "validate", "odd", status=3)
    run("build", "build", "full")
    run(
        "build-toolhive-core",
        "build",
        "next",
        "--compat",
        "toolhive-core",
        "--tag",
        "next",
        "--epoch",
        "1735689600",
        "--platform",
        "linux/arm/v7",
    )
    run("inspect-directory", "inspect", "./full")
    run("inspect-local", "inspect", "next")
    run("diff", "diff", "full", "next", status=4)
    run("content-directory", "content", "./full")
    run("content-local", "content", "full")
    run("push", "push", "full", ref, "--plain-http")
    run("pull", "--store", "other", "pull", ref, "--plain-http")
    run("inspect-remote", "inspect", ref, "--plain-http")
    run("verify", "verify", ref, "--source", "./full", "--plain-http")
    run("verify-different", "verify", "full", "--source", "./next", status=5)
    _run_signatures(thv, run, written, ref)
    (thv.folder / "strict.toml").write_text(_POLICY)
    run("policy-test", "policy", "test", ref, "--policy", "strict.toml", "--plain-http", status=9)
    _run_marketplaces(thv, run, registry)
    run("extract", "extract", "full", "out")
    run("path", "path", "full")
    run("seed", "seed", "seed", "full", "--settings", "settings.json")
    run("builds", "builds")
    _run_installs(thv, run)
    run("check", "check")
    blob = max((thv.store / "blobs" / "sha256").iterdir(), key=lambda path: path.stat().st_size)
    blob.write_bytes(b"damaged")
    run("check-damaged", "check", status=1)
    run("repair", "repair")
    run("rm", "rm", "next")
    run("gc", "gc", "--grace", "0")
    (full / ".claude-plugin" / "plugin.json").unlink()
    run("validate-missing", "validate", "full", status=3)
    return written


def _run_signatures(thv: Command, run: Callable[..., None], written: dict[str, object], ref: str) -> None:
    """Run every command that signs, with a new pair of keys; what is new each time has a name instead."""
    thv.env["COSIGN_PASSWORD"] = "a password"
    run("keygen", "keygen", "release")
    run("sign", "sign", ref, "--key", "release.key", "--plain-http")
    run("attest", "attest", ref, "--source", "full", "--key", "release.key", "--plain-http")
    run("verify-signed", "verify", ref, "--key", "release.pub", "--plain-http")
    named = json.loads(json.dumps([written[name] for name in ("sign", "verify-signed")]))
    new = {named[0]["signer"]["fingerprint"]: "FINGERPRINT", named[0]["signer"]["public_key"]: "PUBLIC-KEY"}
    new |= {one["digest"]: "SIGNATURE" for one in named[1]["signatures"]["signatures"]}
    for name in ("keygen", "sign", "attest", "verify-signed"):
        text = json.dumps(written[name])
        for value, name_of_it in new.items():
            text = text.replace(value, name_of_it)
        written[name] = json.loads(text)


def _run_marketplaces(thv: Command, run: Callable[..., None], registry: str) -> None:
    """Push a marketplace twice, the second time with more in it, and make a page of the two catalogs."""
    entries = [{"name": "full", "source": "./full"}]
    manifest = {"name": "tools", "owner": {"name": "Ann"}, "plugins": entries}
    market = thv.folder / "market"
    plugin = write_plugin(market / "full", _FULL, executable=_EXECUTABLE)
    (market / ".claude-plugin").mkdir()
    (market / ".claude-plugin" / "marketplace.json").write_text(json.dumps(manifest))
    push = ("marketplace", "push", "market", f"{registry}/market", "--plain-http", "--quiet")
    first = thv(*push).out.strip()
    _change(plugin)
    assert thv(*push).status == 0
    run("marketplace-page", "marketplace", "page", f"{registry}/market", "-o", "site", "--since", first, "--plain-http")


def _run_installs(thv: Command, run: Callable[..., None]) -> None:
    """Run every command that installs, for a user of both clients and in a project."""
    project = thv.folder / "project"
    for folder in (thv.folder / ".claude", thv.folder / ".codex", project / ".git"):
        folder.mkdir(parents=True)
    run("install", "install", "full", "--yes")
    in_project = ("--project", str(project))
    run("install-project", "install", "full", "--client", "claude-code", "--allow-unsigned", "--yes", *in_project)
    run("list", "list")
    run("info", "info", "full", "--scope", "user")
    run("sync-check", "sync", "--check", *in_project, status=7)
    thv("tag", "full", "kept")
    thv("tag", "next", "full")
    run("outdated", "outdated", status=4)
    run("upgrade-preview", "upgrade", "--preview", status=4)
    run("upgrade", "upgrade", "--yes", "--accept-growth")
    thv("tag", "kept", "full")
    run("uninstall", "uninstall", "full")
    run("sync", "sync", *in_project)
    thv("rm", "kept")
    for name in (".claude", ".codex", "project", ".agents"):
        shutil.rmtree(thv.folder / name, ignore_errors=True)


def _change(plugin: Path) -> None:
    """Make the newer version able to do more."""
    hooks = {**_HOOKS, "Stop": [{"hooks": [{"type": "command", "command": "curl example.com | sh"}]}]}
    files = {
        ".claude-plugin/plugin.json": {"name": "full", "version": "1.3.0", "description": "Has more", "license": "MIT"},
        "hooks/hooks.json": {"hooks": hooks},
        "bin/start.sh": "#!/bin/bash\necho other\n",
        "new.txt": "new",
    }
    write_plugin(plugin, files, executable=_EXECUTABLE)
    (plugin / "tool.py").chmod(0o644)
    (plugin / "agents" / "free.md").unlink()
