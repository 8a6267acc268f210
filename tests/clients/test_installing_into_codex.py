"""What the adapter plans, once it is written: the real Codex takes it by the commands that are owed, and health is what it says."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from codex import Codex
from plan_executor import Executor, snapshot

from toolhive_plugins import Client, MemoryTree, Outcome, open_plugin_directory
from toolhive_plugins_clients import (
    ADAPTERS,
    Homes,
    Method,
    OwedKind,
    Placement,
    PluginFacts,
    Scope,
    plugin_facts,
    refusal,
)
from toolhive_plugins_clients.codex_hooks import read_hooks

ADAPTER = ADAPTERS[Client.CODEX]
SCOPES = pytest.mark.parametrize("scope", Scope)


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    write(folder, "1.0.0")
    return folder


def write(folder: Path, version: str, server: str = "first") -> None:
    documents = {
        ".claude-plugin/plugin.json": {"name": "demo", "version": version, "description": "d"},
        ".mcp.json": {"mcpServers": {server: {"command": "cat"}}},
        "hooks/hooks.json": {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "true"}]}]}},
    }
    for path, document in documents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(document))


def facts(folder: Path) -> PluginFacts:
    with open_plugin_directory(str(folder)) as tree:
        return plugin_facts(tree)


def placed(codex: Codex, scope: Scope, project: Path) -> Placement:
    homes = Homes(codex.home, {}, codex.home / "no-system")
    (codex.home / ".codex").mkdir(exist_ok=True)
    chosen = project if scope is Scope.PROJECT else None
    return Placement(name="demo", scope=scope, method=Method.MARKETPLACE, homes=homes, project=chosen)


def make_project(codex: Codex, name: str = "project") -> Path:
    project = codex.home / "work" / name
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    return project


def statuses(placement: Placement, plugin: PluginFacts | None = None) -> list[str]:
    return [ailment.status.value for ailment in ADAPTER.health(placement, plugin).ailments]


def obey(codex: Codex, placement: Placement, plugin: PluginFacts | None = None) -> int:
    """Run all that is owed, and return how many commands that were."""
    owed = [each for each in ADAPTER.owed(placement, plugin) if each.kind is OwedKind.COMMAND]
    for each in owed:
        codex.obey(each.command)
    return len(owed)


def servers(codex: Codex) -> list[str]:
    return [server["name"] for server in codex.mcp_servers()]


@SCOPES
def test_from_installed_to_gone(codex: Codex, plugin: Path, scope: Scope) -> None:
    project = make_project(codex)
    placement, executor = placed(codex, scope, project), Executor()
    before = snapshot(project), snapshot(codex.home / ".agents")
    executor.install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    assert codex.plugins() == {}
    assert "owed" in statuses(placement)

    assert obey(codex, placement) == (1 if scope is Scope.USER else 2)
    (listed,) = codex.plugins().values()
    assert (listed["version"], listed["enabled"]) == ("1.0.0", True)
    assert servers(codex) == ["first"]
    assert statuses(placement) == ["untrusted"]
    assert ADAPTER.health(placement).ok

    write(plugin, "2.0.0", server="second")
    executor.install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    assert servers(codex) == ["first"]
    assert "stale" in statuses(placement)
    assert obey(codex, placement) == 1
    assert servers(codex) == ["second"]
    assert ADAPTER.health(placement).ok

    executor.remove(ADAPTER.plan_remove(placement, executor.records.values()))
    assert (snapshot(project), snapshot(codex.home / ".agents")) == before
    assert servers(codex) == ["second"], "it runs its own copy"
    assert "left-over" in statuses(placement)
    assert obey(codex, placement) == (1 if scope is Scope.USER else 2)
    assert servers(codex) == []
    assert codex.plugins() == {}
    assert ADAPTER.owed(placement) == ()
    assert "left-over" not in statuses(placement)


@SCOPES
def test_where_codex_never_ran_the_whole_home_is_as_before(codex: Codex, plugin: Path, scope: Scope) -> None:
    project = make_project(codex)
    placement, executor = placed(codex, scope, project), Executor()
    before = snapshot(codex.home)
    executor.install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    executor.remove(ADAPTER.plan_remove(placement, executor.records.values()))
    assert snapshot(codex.home) == before


def test_a_clone_at_another_path_can_be_added(codex: Codex, plugin: Path) -> None:
    project = make_project(codex)
    placement = placed(codex, Scope.PROJECT, project)
    Executor().install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    obey(codex, placement)
    clone = codex.home / "elsewhere"
    shutil.copytree(project, clone)
    there = placed(codex, Scope.PROJECT, clone)
    assert "limited" in statuses(there)
    assert obey(codex, there) == 3, "the marketplace of the first clone must go"
    assert "limited" not in statuses(there)
    assert ADAPTER.health(there).ok
    assert servers(codex) == ["first"]


def test_off_stays_off(codex: Codex, plugin: Path) -> None:
    placement = placed(codex, Scope.USER, codex.home)
    Executor().install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    obey(codex, placement)
    config = codex.home / ".codex" / "config.toml"
    config.write_text(config.read_text().replace("enabled = true", "enabled = false"))
    assert servers(codex) == []
    assert "disabled" in statuses(placement)
    assert obey(codex, placement) == 0


def test_its_home_moves_and_agents_does_not(codex: Codex, plugin: Path) -> None:
    moved = codex.home / "moved"
    moved.mkdir()
    homes = Homes(codex.home, {"CODEX_HOME": str(moved)}, codex.home / "no-system")
    placement = Placement(name="demo", method=Method.MARKETPLACE, homes=homes)
    Executor().install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    (owed,) = [each for each in ADAPTER.owed(placement) if each.kind is OwedKind.COMMAND]
    done = codex.run(*owed.command[1:], CODEX_HOME=str(moved))
    assert done.returncode == 0, done.stderr
    assert ADAPTER.health(placement).ok


@pytest.mark.parametrize("text", ["// c\n", "\ufeff", "DOUBLE", "NAME"])
def test_a_marketplace_that_it_drops_in_silence(codex: Codex, plugin: Path, text: str) -> None:
    placement = placed(codex, Scope.USER, codex.home)
    Executor().install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    file = codex.home / ".agents" / "plugins" / "marketplace.json"
    whole = file.read_text()
    changes = {
        "DOUBLE": whole.replace("{", '{"name": "x",', 1),
        "NAME": whole.replace('"toolhive"', '"openai-curated"'),
    }
    file.write_text(changes.get(text, text + whole))
    assert json.loads(codex.run("plugin", "list", "--json", "--available").stdout or "{}").get("available", []) == []
    assert not ADAPTER.health(placement).ok
    assert codex.run("plugin", "add", "demo@toolhive").returncode != 0


OPEN = '{"$schema": "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json", "name": "NAME", "version": "1.0.0"}'


@pytest.mark.parametrize(
    ("path", "text", "takes"),
    [
        ("plugin.json", OPEN.replace("NAME", "demo"), True),
        ("plugin.json", OPEN.replace("NAME", "other"), False),
        ("plugin.json", '{"name": "other"}', True),
        (".codex-plugin/plugin.json", '{"name": "other", "version": "1.0.0"}', False),
        (".codex-plugin/plugin.json", '{"name": " ", "version": "1.0.0"}', True),
        (".codex-plugin/plugin.json", '{"name": 5}', False),
    ],
)
def test_its_verdict_on_names(codex: Codex, plugin: Path, path: str, text: str, takes: bool) -> None:
    (plugin / path).parent.mkdir(exist_ok=True)
    (plugin / path).write_text(text)
    tree = MemoryTree({each: (plugin / each).read_bytes() for each in (path, ".claude-plugin/plugin.json")})
    assert (ADAPTER.verdict(tree).outcome is Outcome.ACCEPTED) is takes
    assert bool(refusal(ADAPTER.verdict(tree))) is not takes
    placement = placed(codex, Scope.USER, codex.home)
    Executor().install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    assert (codex.run("plugin", "add", "demo@toolhive").returncode == 0) is takes


def trust_all(codex: Codex) -> None:
    """Record a trust in each hook as it is now, as the client's /hooks does."""
    config = codex.home / ".codex" / "config.toml"
    states = "".join(
        f'\n[hooks.state."{hook["key"]}"]\ntrusted_hash = "{hook["currentHash"].partition("/")[0]}"\n'
        for hook in codex.hooks()
    )
    config.write_text(config.read_text() + states)


def trusts(codex: Codex) -> list[str]:
    return [hook["trustStatus"] for hook in codex.hooks()]


def test_hooks_wait_for_trust_and_again_where_they_change(codex: Codex, plugin: Path) -> None:
    placement = placed(codex, Scope.USER, codex.home)

    def install() -> list[OwedKind]:
        plan = ADAPTER.plan_install(placement, facts(plugin))
        Executor().install(plan, plugin)
        obey(codex, placement)
        return [owed.kind for owed in plan.owed]

    install()
    assert (trusts(codex), statuses(placement)) == (["untrusted"], ["untrusted"])
    trust_all(codex)
    assert (trusts(codex), statuses(placement)) == (["trusted"], [])
    (plugin / "README.md").write_text("x")
    assert OwedKind.TRUST in install()
    assert trusts(codex) == ["modified"], "anything else in the plugin may have changed what the hook runs"
    hooks = plugin / "hooks" / "hooks.json"
    hooks.write_text(hooks.read_text().replace('"true"', '"true # changed"'))
    install()
    assert (trusts(codex), statuses(placement)) == (["modified"], ["untrusted"])
    (owed,) = ADAPTER.owed(placement, facts(plugin))
    assert "SessionStart (true # changed)" in owed.text


EVENTS = (
    "SessionStart", "SessionEnd", "UserPromptSubmit", "PreToolUse", "PermissionRequest", "PostToolUse", "SubagentStart",
    "SubagentStop", "Stop", "PreCompact", "PostCompact", "Interrupt", "Setup", "Notification", "NoSuchEvent",
)  # fmt: skip


def test_it_knows_hooks_as_we_do(codex: Codex, plugin: Path) -> None:
    handlers = [
        {"type": "command", "command": 'say "é" </a>', "timeout": 5, "statusMessage": "hm"},
        {"type": "prompt", "prompt": "p"},
        {"type": "command", "command": "true", "args": ["a"], "timeout": 0},
    ]
    groups = [
        {"matcher": "Bash|x", "hooks": handlers},
        {"hooks": [{"type": "command", "command": "true", "if": "x"}]},
        {"matcher": "*", "hooks": [{"type": "command", "command": "true", "timeout": 2}]},
    ]
    (plugin / "hooks" / "hooks.json").write_text(json.dumps({"hooks": dict.fromkeys(EVENTS, groups)}))
    placement = placed(codex, Scope.USER, codex.home)
    Executor().install(ADAPTER.plan_install(placement, facts(plugin)), plugin)
    obey(codex, placement)
    theirs = {hook["key"]: hook["currentHash"].partition("/")[0] for hook in codex.hooks()}
    ours = {f"demo@toolhive:{hook.key}": hook.digest for hook in read_hooks(plugin) or ()}
    assert len(theirs) == 12 * 4
    assert ours == theirs
