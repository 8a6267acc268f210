"""What the adapters plan, once it is written: the real Copilot CLI and Gemini CLI load it, and health is what they say."""

import json
from pathlib import Path

import pytest
from other_clients import Copilot, Gemini
from plan_executor import Executor, snapshot

from toolhive_plugins import Client, open_plugin_directory
from toolhive_plugins_clients import ADAPTERS, Homes, Placement, PluginFacts, plugin_facts

COPILOT = ADAPTERS[Client.COPILOT]
GEMINI = ADAPTERS[Client.GEMINI]


def write(folder: Path, version: str, server: str = "first") -> None:
    servers = {server: {"command": "sh", "args": ["-c", f'echo {server} > "$HOME/server-ran"; exec cat']}}
    documents = {
        ".claude-plugin/plugin.json": {"name": "demo", "version": version, "description": "d"},
        ".mcp.json": {"mcpServers": servers},
        "gemini-extension.json": {"name": "demo", "version": version, "mcpServers": servers},
    }
    for path, document in documents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(document))
    (folder / "skills" / "hello").mkdir(parents=True, exist_ok=True)
    (folder / "skills" / "hello" / "SKILL.md").write_text("---\nname: hello\ndescription: Says hello.\n---\nHello.\n")


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    write(folder, "1.0.0")
    return folder


def facts(folder: Path) -> PluginFacts:
    with open_plugin_directory(str(folder)) as tree:
        return plugin_facts(tree)


def placed(client: Client, home: Path) -> Placement:
    homes = Homes(home, {}, home / "no-system")
    return Placement(name="demo", method=ADAPTERS[client].methods[0], homes=homes)


def statuses(client: Client, home: Path) -> list[str]:
    return [each.status.value for each in ADAPTERS[client].health(placed(client, home)).ailments]


def test_copilot_from_installed_to_gone(copilot: Copilot, plugin: Path) -> None:
    settings = copilot.home / ".copilot" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('// mine\n{"theme": "dark",}\n')
    before, placement, executor = snapshot(settings.parent), placed(Client.COPILOT, copilot.home), Executor()

    executor.install(COPILOT.plan_install(placement, facts(plugin)), plugin)
    listed = copilot.plugins()["demo@toolhive-plugins"]
    assert (listed["version"], listed["enabled"], listed["source"]) == ("1.0.0", True, "live")
    assert "first (local)" in copilot.run("mcp", "list").stdout
    assert "hello - Says hello." in copilot.run("skill", "list").stdout
    assert COPILOT.owed(placement) == ()
    assert statuses(Client.COPILOT, copilot.home) == []

    write(plugin, "2.0.0", server="second")
    executor.install(COPILOT.plan_install(placement, facts(plugin)), plugin)
    assert copilot.plugins()["demo@toolhive-plugins"]["version"] == "2.0.0"
    assert "second (local)" in copilot.run("mcp", "list").stdout

    executor.remove(COPILOT.plan_remove(placement, executor.records.values()))
    assert copilot.plugins() == {}
    after = snapshot(settings.parent)
    assert {path: after[path] for path in before} == before
    assert not (settings.parent / "toolhive-plugins").exists()


def test_what_copilots_own_command_turns_off_is_told_and_stays_off(copilot: Copilot, plugin: Path) -> None:
    placement, executor = placed(Client.COPILOT, copilot.home), Executor()
    executor.install(COPILOT.plan_install(placement, facts(plugin)), plugin)
    copilot.run("plugin", "uninstall", "demo@toolhive-plugins")
    assert statuses(Client.COPILOT, copilot.home) == ["disabled"]
    executor.remove(COPILOT.plan_remove(placement, executor.records.values()))
    assert copilot.plugins() == {}
    left = json.loads((copilot.home / ".copilot" / "settings.json").read_text())
    assert left == {"enabledPlugins": {"demo@toolhive-plugins": False}}


def test_gemini_from_installed_to_gone(gemini: Gemini, plugin: Path) -> None:
    gemini.said("extensions", "list")
    assert GEMINI.detected(Homes(gemini.home, {}, gemini.home / "no-system"))
    before, placement, executor = snapshot(gemini.home), placed(Client.GEMINI, gemini.home), Executor()

    executor.install(GEMINI.plan_install(placement, facts(plugin)), plugin)
    listed = gemini.said("extensions", "list")
    for what in ("demo (1.0.0)", "first", "hello: Says hello."):
        assert what in listed, listed
    gemini.said("mcp", "list")
    assert (gemini.home / "server-ran").read_text() == "first\n"
    assert statuses(Client.GEMINI, gemini.home) == []

    write(plugin, "2.0.0", server="second")
    executor.install(GEMINI.plan_install(placement, facts(plugin)), plugin)
    assert "demo (2.0.0)" in gemini.said("extensions", "list")

    executor.remove(GEMINI.plan_remove(placement, executor.records.values()))
    assert "No extensions installed" in gemini.said("extensions", "list")
    after = snapshot(gemini.home)
    assert {path: after[path] for path in before} == before
    assert not (gemini.home / ".gemini" / "extensions").exists()


def test_what_geminis_own_commands_do_is_told(gemini: Gemini, plugin: Path) -> None:
    placement, executor = placed(Client.GEMINI, gemini.home), Executor()
    executor.install(GEMINI.plan_install(placement, facts(plugin)), plugin)
    gemini.said("extensions", "disable", "demo")
    assert statuses(Client.GEMINI, gemini.home) == ["disabled"]
    gemini.said("extensions", "enable", "demo")
    assert statuses(Client.GEMINI, gemini.home) == []
    assert "successfully uninstalled" in gemini.said("extensions", "uninstall", "demo")
    assert statuses(Client.GEMINI, gemini.home) == ["missing"]


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ('{"name": "Demo-1", "version": "1"}', True),
        ('{"name": "demo", "version": 5}', True),
        ('{"name": "demo_1", "version": "1"}', False),
        ('{"name": "demo", "version": ""}', False),
        ('{"name": "demo", "version": "1",}', False),
        ('\ufeff{"name": "demo", "version": "1"}', False),
    ],
)
def test_geminis_verdict_is_that_of_the_real_one(gemini: Gemini, plugin: Path, text: str, takes: bool) -> None:
    (plugin / "gemini-extension.json").write_text(text)
    placement = placed(Client.GEMINI, gemini.home)
    Executor().install(GEMINI.plan_install(placement, facts(plugin)), plugin)
    assert ("No extensions installed" not in gemini.said("extensions", "list")) is takes
    with open_plugin_directory(str(plugin)) as tree:
        assert (GEMINI.verdict(tree).outcome.value == "accepted") is takes
