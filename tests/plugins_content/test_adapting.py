"""Manifests that are made from another format's: what they say, and what is refused or listed since it cannot be said."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from open_plugins import MANIFEST, MCP_SCHEMA, SCHEMA, SKILL

from toolhive_plugins_content import (
    Adapted,
    AdaptError,
    Client,
    Findings,
    Outcome,
    PluginFormat,
    adapt,
    client_verdicts,
    open_plugin_directory,
)

FULL = {
    **MANIFEST,
    "version": "1.2.0",
    "description": "Says hello.",
    "author": {"name": "Ann", "email": "ann@example.com"},
    "homepage": "https://example.com/demo",
    "repository": "https://github.com/example/demo",
    "license": "MIT",
    "keywords": ["hello"],
    "extensions": {"com.example.client": {"x": 1}},
}
SERVERS = {
    "local": {
        "type": "stdio",
        "command": "./bin/server",
        "args": ["--data", "${PLUGIN_DATA}/x", "$HOME"],
        "env": {"CONFIG": "${PLUGIN_ROOT}/config.json"},
    },
    "bare": {"type": "stdio", "command": "node", "cwd": "${PLUGIN_ROOT}"},
    "far": {"type": "streamable-http", "url": "https://example.com/mcp", "headers": {"X-A": "b"}},
    "old": {"type": "sse", "url": "https://example.com/sse"},
}


def adapted(folder: Path, files: Mapping[str, Any], *formats: PluginFormat) -> tuple[Adapted, dict[str, Any]]:
    """Return what came of it, and the documents that were made, by path."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content if isinstance(content, str) else json.dumps(content))
    with open_plugin_directory(str(folder), findings=Findings(), needs_manifest=False) as plugin:
        found = adapt(plugin, formats)
        made = {path: json.loads(found.plugin.read(path, 1 << 20)) for path in found.made}
        for each in formats:
            if each is PluginFormat.GEMINI:
                continue
            (verdict,) = client_verdicts(found.plugin, (Client(each.value),))
            assert verdict.outcome is not Outcome.REFUSED, verdict.reasons
        return found, made


def mcp(servers: Mapping[str, Any]) -> dict[str, Any]:
    return {"$schema": MCP_SCHEMA, "mcpServers": servers}


def test_claude_code_gets_what_the_open_format_says(tmp_path: Path) -> None:
    files = {"plugin.json": FULL, "mcp.json": mcp(SERVERS), "skills/hello/SKILL.md": SKILL}
    found, made = adapted(tmp_path, files, PluginFormat.CLAUDE_CODE)
    assert found.formats == (PluginFormat.CLAUDE_CODE,)
    assert found.plugin.manifest.name == "demo"
    document = made[".claude-plugin/plugin.json"]
    servers = document.pop("mcpServers")
    assert document == {key: value for key, value in FULL.items() if key not in ("$schema", "extensions")}
    given = {"PLUGIN_ROOT": "${CLAUDE_PLUGIN_ROOT}", "PLUGIN_DATA": "${CLAUDE_PLUGIN_DATA}"}
    assert servers == {
        "local": {
            "type": "stdio",
            "command": "${CLAUDE_PLUGIN_ROOT}/bin/server",
            "args": ["--data", "${CLAUDE_PLUGIN_DATA}/x", "$HOME"],
            "env": {"CONFIG": "${CLAUDE_PLUGIN_ROOT}/config.json", **given},
        },
        "bare": {"type": "stdio", "command": "node", "env": given},
        "far": {"type": "http", "url": "https://example.com/mcp", "headers": {"X-A": "b"}},
        "old": {"type": "sse", "url": "https://example.com/sse"},
    }


def test_gemini_gets_it_too_and_several_at_once(tmp_path: Path) -> None:
    servers = {
        "local": {"type": "stdio", "command": "./bin/server", "args": ["${PLUGIN_ROOT}/x"]},
        "far": SERVERS["far"],
        "old": SERVERS["old"],
    }
    files = {"plugin.json": FULL, "mcp.json": mcp(servers)}
    found, made = adapted(tmp_path, files, PluginFormat.GEMINI, PluginFormat.CLAUDE_CODE)
    assert found.made == (".claude-plugin/plugin.json", "gemini-extension.json")
    assert made["gemini-extension.json"] == {
        "name": "demo",
        "version": "1.2.0",
        "description": "Says hello.",
        "mcpServers": {
            "local": {
                "command": "${extensionPath}/bin/server",
                "args": ["${extensionPath}/x"],
                "env": {"PLUGIN_ROOT": "${extensionPath}"},
                "cwd": "${extensionPath}",
            },
            "far": {"httpUrl": "https://example.com/mcp", "headers": {"X-A": "b"}},
            "old": {"url": "https://example.com/sse"},
        },
    }


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    files = {"plugin.json": FULL, "mcp.json": mcp(SERVERS)}
    assert (
        adapted(tmp_path / "a", files, PluginFormat.CLAUDE_CODE)[1]
        == adapted(tmp_path / "b", dict(reversed(files.items())), PluginFormat.CLAUDE_CODE)[1]
    )


def test_an_author_without_a_name_is_named_by_what_there_is(tmp_path: Path) -> None:
    files = {"plugin.json": {**MANIFEST, "author": {"email": "ann@example.com"}}}
    _, made = adapted(tmp_path, files, PluginFormat.CLAUDE_CODE)
    assert made[".claude-plugin/plugin.json"]["author"] == {"email": "ann@example.com", "name": "ann@example.com"}


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    files = {"plugin.json": FULL, ".claude-plugin/plugin.json": {"name": "demo", "hooks": {}}}
    found, made = adapted(tmp_path, files, PluginFormat.CLAUDE_CODE, PluginFormat.AGENT_PLUGINS)
    assert (found.formats, made) == ((), {})


@pytest.mark.parametrize(
    ("manifest", "servers", "told"),
    [
        ({**MANIFEST, "name": "acme.tools"}, {}, "'acme.tools' has a period"),
        ({**MANIFEST, "homepage": "nowhere"}, {}, "'nowhere' is no absolute URL"),
        ({**MANIFEST, "version": 1}, {}, "'version' must be a string"),
        ({**MANIFEST, "$schema": SCHEMA.replace("1.0.0", "9.0.0")}, {}, "not version 1.0.0"),
        (MANIFEST, {"one": {"type": "stdio", "command": "node", "args": ["${HOME}"]}}, "'one' has '${HOME}'"),
        (MANIFEST, {"one": {"type": "sse", "url": "https://example.com/${X}"}}, "'one' has"),
        (MANIFEST, {"one": {"type": "stdio", "command": "node", "cwd": "./x"}}, "'one' has a working directory"),
        (MANIFEST, {"one": {"type": "stdio", "command": "sh -c x"}}, "'one': 'command' must be one executable"),
        (MANIFEST, {"one": {"type": "http", "url": "https://example.com/"}}, "'one': 'type' must be one of"),
    ],
)
def test_what_claude_code_cannot_be_told_is_refused_by_name(
    tmp_path: Path, manifest: Mapping[str, Any], servers: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(AdaptError) as refused:
        adapted(tmp_path, {"plugin.json": manifest, "mcp.json": mcp(servers)}, PluginFormat.CLAUDE_CODE)
    assert told in refused.value.problem


@pytest.mark.parametrize(
    ("manifest", "servers", "told"),
    [
        (MANIFEST, {}, "there is no version"),
        ({**FULL, "name": "acme.tools"}, {}, "'acme.tools' has more than letters"),
        (FULL, {"one": {"type": "stdio", "command": "node", "args": ["$HOME"]}}, "'one' has '$HOME'"),
        (
            FULL,
            {"one": {"type": "stdio", "command": "node", "cwd": "${PLUGIN_DATA}"}},
            "'one' uses the plugin's data directory",
        ),
    ],
)
def test_what_gemini_cannot_be_told_is_refused_by_name(
    tmp_path: Path, manifest: Mapping[str, Any], servers: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(AdaptError) as refused:
        adapted(tmp_path, {"plugin.json": manifest, "mcp.json": mcp(servers)}, PluginFormat.GEMINI)
    assert told in refused.value.problem


def test_mcp_json_with_a_fault_is_not_dropped(tmp_path: Path) -> None:
    with pytest.raises(AdaptError, match=r"mcp\.json"):
        adapted(tmp_path, {"plugin.json": MANIFEST, "mcp.json": {"mcpServers": {}}}, PluginFormat.CLAUDE_CODE)


def test_claude_code_s_own_servers_are_left_alone(tmp_path: Path) -> None:
    files = {"plugin.json": MANIFEST, "mcp.json": mcp(SERVERS), ".mcp.json": {"mcpServers": {}}}
    found, made = adapted(tmp_path, files, PluginFormat.CLAUDE_CODE)
    assert "mcpServers" not in made[".claude-plugin/plugin.json"]
    assert found.left_behind == ("servers of mcp.json: there is an .mcp.json, which Claude Code reads",)


def test_without_any_manifest_there_is_nothing_to_make_one_from(tmp_path: Path) -> None:
    with pytest.raises(AdaptError, match="no manifest"):
        adapted(tmp_path, {"README.md": "x"}, PluginFormat.CLAUDE_CODE)


# The other way

CLAUDE = {key: value for key, value in FULL.items() if key not in ("$schema", "extensions")}


def test_the_open_format_gets_skills_and_servers(tmp_path: Path) -> None:
    own = {
        "mcpServers": {
            "local": {"command": "${CLAUDE_PLUGIN_ROOT}/bin/x", "args": ["${CLAUDE_PLUGIN_DATA}"], "env": {"A": "b"}},
            "far": {"type": "http", "url": "https://example.com/mcp"},
        }
    }
    files = {
        ".claude-plugin/plugin.json": {**CLAUDE, "mcpServers": {"inline": {"command": "node"}}},
        ".mcp.json": own,
        "skills/hello/SKILL.md": SKILL,
        "bin/x": "",
    }
    found, made = adapted(tmp_path, files, PluginFormat.AGENT_PLUGINS)
    assert found.made == ("mcp.json", "plugin.json")
    assert made["plugin.json"] == {"$schema": SCHEMA, **CLAUDE}
    assert made["mcp.json"] == mcp(
        {
            "local": {"type": "stdio", "command": "./bin/x", "args": ["${PLUGIN_DATA}"], "env": {"A": "b"}},
            "far": {"type": "streamable-http", "url": "https://example.com/mcp"},
            "inline": {"type": "stdio", "command": "node"},
        }
    )


def test_what_the_open_format_has_no_words_for_is_listed(tmp_path: Path) -> None:
    servers = {
        "config": {"command": "node", "args": ["${user_config.key}"]},
        "shell": {"command": "npx -y x"},
        "plain": {"type": "http", "url": "http://example.com/"},
        "socket": {"type": "ws", "url": "wss://example.com/"},
        "slow": {"command": "node", "timeout": 5},
    }
    files = {
        ".claude-plugin/plugin.json": {
            **CLAUDE,
            "mcpServers": servers,
            "userConfig": {"key": {}},
            "skills": ["./more"],
        },
        "commands/a.md": "Do.",
        "agents/b.md": "---\nname: b\ndescription: d\n---\n",
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}},
        ".lsp.json": {"go": {"command": "gopls", "extensionToLanguage": {".go": "go"}}},
        "bin/tool": "",
    }
    found, made = adapted(tmp_path, files, PluginFormat.AGENT_PLUGINS)
    assert found.made == ("plugin.json",)
    told = "\n".join(found.left_behind)
    for what in (
        "1 command",
        "1 agent",
        "1 hook",
        "1 LSP server",
        "user configuration",
        "programs in bin/",
        "'./more'",
        *servers,
    ):
        assert what in told, what
    assert "mcp.json" not in made


@pytest.mark.parametrize("author", ["Ann", {"name": "Ann", "phone": "1"}])
def test_authors_become_what_the_open_format_takes(tmp_path: Path, author: object) -> None:
    files = {
        ".claude-plugin/plugin.json": {"name": "demo", "author": author, "repository": {"url": "https://example.com"}}
    }
    _, made = adapted(tmp_path, files, PluginFormat.AGENT_PLUGINS)
    assert made["plugin.json"]["author"] == {"name": "Ann"}
    assert made["plugin.json"]["repository"] == "https://example.com"
