"""A plugin that leaves a file for each way in which a client ran something of it."""

import json
import shlex
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from made_cases import write_plugin

NAME: Final = "canary"

EVENTS: Final = (
    "SessionStart", "Setup", "UserPromptSubmit", "UserPromptExpansion", "PreToolUse", "PermissionRequest", "PermissionDenied",
    "PostToolUse", "PostToolUseFailure", "PostToolBatch", "Notification", "MessageDisplay", "SubagentStart", "SubagentStop",
    "TaskCreated", "TaskCompleted", "Stop", "StopFailure", "TeammateIdle", "InstructionsLoaded", "ConfigChange", "CwdChanged",
    "DirectoryAdded", "FileChanged", "WorktreeCreate", "WorktreeRemove", "PreCompact", "PostCompact", "Elicitation",
    "ElicitationResult", "SessionEnd",
)  # fmt: skip


@frozen
class Canary:
    """The plugin, and the folder that its files come to."""

    plugin: Path
    nest: Path

    @property
    def sang(self) -> set[str]:
        """What ran so far."""
        return {path.name for path in self.nest.iterdir()}


def make_canary(folder: Path, url: str) -> Canary:
    """Write the plugin below a folder.

    Args:
        folder: an empty folder.
        url: where the HTTP hooks and servers are.
    """
    nest = folder / "nest"
    nest.mkdir(parents=True)

    def sing(way: str) -> str:
        return f"touch {shlex.quote(str(nest))}/{way}"

    def server(way: str) -> dict[str, Any]:
        return {"command": "sh", "args": ["-c", f"{sing(way)}; exec cat"]}

    def hook(way: str, **more: Any) -> dict[str, Any]:
        return {"hooks": [{"type": "command", "command": sing(way), **more}]}

    def language_server(way: str, suffix: str) -> dict[str, Any]:
        """One that ends at once, and is not waited for."""
        patience = {"startupTimeout": 500, "restartOnCrash": False, "maxRestarts": 0}
        return {"command": "sh", "args": ["-c", sing(way)], "extensionToLanguage": {suffix: "text"}, **patience}

    manifest = {
        "name": NAME,
        "version": "1.0.0",
        "description": "Sings",
        "author": {"name": "Ann"},
        "hooks": ["./more/hooks.json", {"SessionStart": [hook("inline-hook")]}],
        "mcpServers": {"inline": server("inline-mcp")},
        "lspServers": {"inline": language_server("inline-lsp", ".md")},
        "experimental": {"monitors": [{"name": "inline", "command": sing("inline-monitor"), "description": "Sings"}]},
        "settings": {"statusLine": {"type": "command", "command": sing("manifest-status-line")}},
    }
    hooks: dict[str, Any] = {event: [hook(f"hook-{event}")] for event in EVENTS}
    hooks["SessionStart"] += [
        hook("hook-async", **{"async": True}),
        {"hooks": [{"type": "command", "command": "touch", "args": [f"{nest}/hook-args"]}]},
        hook("hook-once", once=True),
        {"matcher": "startup", **hook("hook-matcher-startup")},
        {"matcher": "compact", **hook("hook-matcher-compact")},
    ]
    hooks["UserPromptSubmit"].append({"hooks": [{"type": "http", "url": f"{url}/http-hook"}]})
    hooks["NoSuchEvent"] = [hook("hook-NoSuchEvent")]
    front = "---\nname: {0}\ndescription: Sings\nallowed-tools: Bash(touch:*)\n{1}---\n"
    skill_hooks = json.dumps({"hooks": {"PreToolUse": [hook("skill-front-matter-hook")]}})[1:-1].replace(
        '"hooks"', "hooks", 1
    )
    documents: dict[str, Any] = {
        ".claude-plugin/plugin.json": manifest,
        "hooks/hooks.json": {"hooks": hooks},
        "more/hooks.json": {"hooks": {"SessionStart": [hook("declared-hook")]}},
        ".mcp.json": {
            "mcpServers": {
                "file": server("mcp"),
                "helped": {
                    "type": "http",
                    "url": f"{url}/mcp",
                    "headersHelper": sing("headers-helper") + "; echo '{}'",
                },
            }
        },
        ".lsp.json": {"file": language_server("lsp", ".txt")},
        "monitors/monitors.json": [{"name": "file", "command": sing("monitor"), "description": "Sings"}],
        "settings.json": {
            "agent": "canary:singer",
            "statusLine": {"type": "command", "command": sing("status-line")},
            "subagentStatusLine": {"type": "command", "command": sing("subagent-status-line")},
            "apiKeyHelper": sing("api-key-helper"),
            "hooks": {"SessionStart": [hook("settings-hook")]},
        },
    }
    texts = {
        "skills/sing/SKILL.md": front.format("sing", f"{skill_hooks}\n")
        + f"One: !`{sing('skill-inline')}`\n```!\n{sing('skill-fence')}\n```\n",
        "skills/quiet/SKILL.md": front.format("quiet", "") + f"!`{sing('skill-never-asked')}`\n",
        "commands/sing-too.md": front.format("sing-too", "") + f"!`{sing('command')}`\n",
        "commands/deep/sing-low.md": front.format("sing-low", "") + f"!`{sing('command-nested')}`\n",
        "agents/singer.md": f"---\nname: singer\ndescription: Sings\n---\nYou sing. !`{sing('agent-body')}`\n",
        "output-styles/loud.md": "---\nname: loud\ndescription: Loud\nforce-for-plugin: true\n---\nBe loud.\n"
        f"!`{sing('output-style-body')}`\n",
        "bin/canary-tool": f"#!/bin/sh\n{sing('bin')}\n",
        "workflows/choir.js": "export const meta = { name: 'choir', description: 'Sings', phases: [] }\n"
        f"require('fs').writeFileSync({json.dumps(str(nest / 'workflow'))}, '')\n",
        "package.json": json.dumps({"name": NAME, "version": "1.0.0", "scripts": {"install": sing("package-script")}}),
        "package-lock.json": json.dumps(
            {
                "name": NAME,
                "version": "1.0.0",
                "lockfileVersion": 3,
                "packages": {"": {"name": NAME, "version": "1.0.0"}},
            }
        ),
    }
    contents = {path: json.dumps(document).encode() for path, document in documents.items()}
    plugin = write_plugin(folder / NAME, contents | {path: text.encode() for path, text in texts.items()})
    (plugin / "bin" / "canary-tool").chmod(0o755)
    return Canary(plugin, nest)
