"""Homes, projects and plugins to plan with."""

import json
from pathlib import Path
from typing import Any

from toolhive_plugins import Client, Components, Hook, Source
from toolhive_plugins_clients import ADAPTERS, ClientAdapter, Homes, Method, Placement, PluginFacts, Scope

CLAUDE = ADAPTERS[Client.CLAUDE_CODE]
CODEX = ADAPTERS[Client.CODEX]
COPILOT = ADAPTERS[Client.COPILOT]
GEMINI = ADAPTERS[Client.GEMINI]

SOURCE = Source("hooks/hooks.json", declared=False)
HOOK = Hook(event="SessionStart", type="command", command="./greet.sh", source=SOURCE)
FACTS = PluginFacts(name="demo", version="1.0.0")
WITH_HOOKS = PluginFacts(name="demo", version="1.0.0", components=Components(hooks=(HOOK,)))


def make_homes(tmp_path: Path) -> Homes:
    """Return a user who has three of the clients, on a machine without managed settings."""
    home = tmp_path / "home"
    for folder in (home / ".claude", home / ".codex", home / ".copilot", tmp_path / "system"):
        folder.mkdir(parents=True, exist_ok=True)
    return Homes(home, {}, tmp_path / "system")


def make_project(tmp_path: Path, name: str = "proj") -> Path:
    """Return a project."""
    project = tmp_path / name
    (project / ".git").mkdir(parents=True)
    return project


def make_plugin(tmp_path: Path, name: str = "demo", version: str = "1.0.0") -> Path:
    """Return a plugin's folder."""
    plugin = tmp_path / "plugins" / f"{name}-{version}"
    write(plugin / ".claude-plugin" / "plugin.json", json.dumps({"name": name, "version": version}))
    write(plugin / "skills" / "s" / "SKILL.md", "---\nname: s\ndescription: d\n---\n")
    return plugin


def place(homes: Homes, method: Method, project: Path | None = None, name: str = "demo") -> Placement:
    """Return a placement in a project, or for the user."""
    scope = Scope.USER if project is None else Scope.PROJECT
    return Placement(name=name, scope=scope, method=method, homes=homes, project=project)


def write(path: Path, text: str | bytes) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(path: Path) -> Any:
    """Return a file's JSON."""
    return json.loads(path.read_text(encoding="utf-8-sig"))


def statuses(adapter: ClientAdapter, placement: Placement, plugin: PluginFacts | None = None) -> list[str]:
    """Return what health says, in short."""
    return [ailment.status.value for ailment in adapter.health(placement, plugin).ailments]
