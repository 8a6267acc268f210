"""What the adapter plans, once it is written: the real Claude Code lists the plugin and runs it, and after removal neither."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from canary_plugin import Canary, make_canary
from claude_code import ClaudeCode
from client_programs import required_client, run_client, scratch_home
from plan_executor import Executor, snapshot

from toolhive_plugins import Client
from toolhive_plugins_clients import ADAPTERS, Homes, Method, Placement, PluginFacts, Scope

ADAPTER = ADAPTERS[Client.CLAUDE_CODE]
FACTS = PluginFacts(name="canary", version="1.0.0")
METHODS = pytest.mark.parametrize("method", Method)
SCOPES = pytest.mark.parametrize("scope", Scope)


@pytest.fixture
def client() -> Iterator[ClaudeCode]:
    """A Claude Code that nothing is installed in."""
    program = required_client("claude-code")
    with scratch_home() as home:
        yield ClaudeCode(program, home)


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return make_canary(tmp_path, "http://127.0.0.1:9")


def placed(client: ClaudeCode, method: Method, scope: Scope, project: Path) -> Placement:
    homes = Homes(client.home, {}, client.home / "no-system")
    chosen = project if scope is Scope.PROJECT else None
    return Placement(name="canary", scope=scope, method=method, homes=homes, project=chosen)


def make_project(client: ClaudeCode, name: str = "project") -> Path:
    project = client.home / "work" / name
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    return project


def sang(client: ClaudeCode, canary: Canary, cwd: Path, sessions: int = 1) -> set[str]:
    """Return what ran in a session, or in some one after the other."""
    for path in canary.nest.iterdir():
        path.unlink()
    for _ in range(sessions):
        client.start(cwd)
    return canary.sang


def statuses(placement: Placement) -> list[str]:
    return [ailment.status.value for ailment in ADAPTER.health(placement).ailments]


@METHODS
@SCOPES
def test_it_is_listed_and_runs_until_it_is_removed(
    client: ClaudeCode, canary: Canary, method: Method, scope: Scope
) -> None:
    project = make_project(client)
    (client.home / ".claude").mkdir()
    settings = client.home / ".claude" / "settings.json"
    settings.write_text('{"cleanupPeriodDays":30}')
    client.trust(project)
    before = snapshot(project), settings.read_bytes()
    placement, executor = placed(client, method, scope, project), Executor()
    executor.install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    assert statuses(placement) == []
    ran = sang(client, canary, project, sessions=2)
    assert {"hook-SessionStart", "mcp"} <= ran
    assert statuses(placement) == []
    if method is Method.FOLDER or scope is Scope.USER:  # The client lists no marketplace of a project's settings.
        (listed,) = client.plugins(project).values()
        assert listed["enabled"]
        details = client.run("plugin", "details", "canary", cwd=project)
        assert all(part in details.stdout for part in ("sing-too", "singer", "SessionStart", "helped")), details
    executor.remove(ADAPTER.plan_remove(placement, executor.records.values()))
    assert (snapshot(project), settings.read_bytes()) == before
    assert sang(client, canary, project) == set()
    owed = [each.command for each in ADAPTER.owed(placement) if each.command]
    for command in owed:
        assert client.run(*command[1:], cwd=project).returncode == 0
    assert len(owed) == (method is Method.MARKETPLACE and scope is Scope.USER)
    assert client.plugins(project) == {}
    assert (snapshot(project), settings.read_bytes()) == before


@METHODS
@SCOPES
def test_where_no_client_ran_the_whole_home_is_as_before(
    client: ClaudeCode, canary: Canary, method: Method, scope: Scope
) -> None:
    project = make_project(client)
    before = snapshot(client.home)
    placement, executor = placed(client, method, scope, project), Executor()
    executor.install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    executor.remove(ADAPTER.plan_remove(placement, executor.records.values()))
    assert snapshot(client.home) == before


@METHODS
@SCOPES
def test_another_version_arrives(client: ClaudeCode, canary: Canary, method: Method, scope: Scope) -> None:
    project = make_project(client)
    client.trust(project)
    placement, executor = placed(client, method, scope, project), Executor()
    executor.install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    sang(client, canary, project, sessions=2)
    servers = canary.plugin / ".mcp.json"
    servers.write_text(servers.read_text().replace("/mcp;", "/mcp-of-the-next;"))
    executor.install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    ran = sang(client, canary, project)
    assert "mcp-of-the-next" in ran
    assert "mcp" not in ran


@METHODS
def test_a_clone_at_another_path_loads_it(client: ClaudeCode, canary: Canary, method: Method) -> None:
    project = make_project(client)
    placement = placed(client, method, Scope.PROJECT, project)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    clone = client.home / "elsewhere" / "clone"
    shutil.copytree(project, clone)
    shutil.rmtree(project)
    client.trust(clone)
    assert "mcp" in sang(client, canary, clone, sessions=2)
    assert statuses(placed(client, method, Scope.PROJECT, clone)) == []


@METHODS
def test_nothing_runs_before_the_project_is_trusted(client: ClaudeCode, canary: Canary, method: Method) -> None:
    project = make_project(client)
    placement = placed(client, method, Scope.PROJECT, project)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    assert statuses(placement) == ["untrusted"]
    assert sang(client, canary, project, sessions=2) == set()


def test_after_a_change_of_clones_the_first_session_has_the_other_ones(client: ClaudeCode, canary: Canary) -> None:
    """Health says so, since the client runs what another folder holds."""
    first, second = make_project(client, "a/project"), make_project(client, "b/project")
    client.trust(first, second)
    for project in (first, second):
        placement = placed(client, Method.MARKETPLACE, Scope.PROJECT, project)
        Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    servers = second / ".claude" / "toolhive-plugins" / "plugins" / "canary" / ".mcp.json"
    servers.write_text(servers.read_text().replace("/mcp;", "/mcp-of-second;"))
    sang(client, canary, first, sessions=2)
    there = placed(client, Method.MARKETPLACE, Scope.PROJECT, second)
    assert statuses(there) == ["limited"]
    assert "mcp" in sang(client, canary, second)
    assert statuses(there) == []
    assert "mcp-of-second" in sang(client, canary, second)


def test_a_users_plugin_shadows_a_projects(client: ClaudeCode, canary: Canary) -> None:
    project = make_project(client)
    client.trust(project)
    in_project = placed(client, Method.FOLDER, Scope.PROJECT, project)
    Executor().install(ADAPTER.plan_install(in_project, FACTS), canary.plugin)
    servers = canary.plugin / ".mcp.json"
    servers.write_text(servers.read_text().replace("/mcp;", "/mcp-of-the-user;"))
    Executor().install(ADAPTER.plan_install(placed(client, Method.FOLDER, Scope.USER, project), FACTS), canary.plugin)
    assert statuses(in_project) == ["shadowed"]
    ran = sang(client, canary, project)
    assert "mcp-of-the-user" in ran
    assert "mcp" not in ran


def test_a_marketplaces_plugin_takes_the_place_of_a_folder(client: ClaudeCode, canary: Canary) -> None:
    for method, server in ((Method.MARKETPLACE, "mcp-of-the-marketplace"), (Method.FOLDER, "mcp-of-the-folder")):
        plugin = client.home / server
        shutil.copytree(canary.plugin, plugin)
        servers = plugin / ".mcp.json"
        servers.write_text(servers.read_text().replace("/mcp;", f"/{server};"))
        Executor().install(ADAPTER.plan_install(placed(client, method, Scope.USER, client.home), FACTS), plugin)
    assert statuses(placed(client, Method.FOLDER, Scope.USER, client.home)) == ["shadowed"]
    assert statuses(placed(client, Method.MARKETPLACE, Scope.USER, client.home)) == []
    ran = sang(client, canary, client.home, sessions=2)
    assert "mcp-of-the-marketplace" in ran
    assert "mcp-of-the-folder" not in ran


@METHODS
def test_off_in_the_settings_is_off(client: ClaudeCode, canary: Canary, method: Method) -> None:
    market = "skills-dir" if method is Method.FOLDER else "toolhive-plugins"
    (client.home / ".claude").mkdir()
    settings = client.home / ".claude" / "settings.json"
    settings.write_text(json.dumps({"enabledPlugins": {f"canary@{market}": False}}))
    placement = placed(client, method, Scope.USER, client.home)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    assert sang(client, canary, client.home, sessions=2) == set()
    assert statuses(placement) == ["disabled"]


@pytest.mark.parametrize("text", ["{", "{ // mine\n}\n"])
def test_a_folder_loads_in_spite_of_broken_settings(client: ClaudeCode, canary: Canary, text: str) -> None:
    (client.home / ".claude").mkdir()
    (client.home / ".claude" / "settings.json").write_text(text)
    placement = placed(client, Method.FOLDER, Scope.USER, client.home)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    assert "mcp" in sang(client, canary, client.home)
    assert ADAPTER.health(placement).ok


def test_settings_with_comments_are_ignored_as_a_whole(client: ClaudeCode, canary: Canary) -> None:
    (client.home / ".claude").mkdir()
    (client.home / ".claude" / "settings.json").write_text("{ // mine\n}\n")
    placement = placed(client, Method.MARKETPLACE, Scope.USER, client.home)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    assert "refused" in statuses(placement)
    assert sang(client, canary, client.home, sessions=2) == set()


def test_a_byte_order_mark_and_a_name_twice_are_taken(client: ClaudeCode, canary: Canary) -> None:
    (client.home / ".claude").mkdir()
    settings = client.home / ".claude" / "settings.json"
    settings.write_bytes(b'\xef\xbb\xbf{"enabledPlugins": {"a@b": true}, "enabledPlugins": {}}')
    placement = placed(client, Method.MARKETPLACE, Scope.USER, client.home)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    assert statuses(placement) == []
    assert "mcp" in sang(client, canary, client.home)


def test_staged_folders_load_only_where_their_name_does_not_begin_with_a_dot(
    client: ClaudeCode, canary: Canary
) -> None:
    skills = client.home / ".claude" / "skills"
    shutil.copytree(canary.plugin, skills / ".canary.tmp")
    assert sang(client, canary, client.home) == set()
    (skills / ".canary.tmp").rename(skills / "canary.tmp")
    assert "mcp" in sang(client, canary, client.home)


FOLDERS = {"source": "skills-dir"}
ANY = {"source": "pathPattern", "pathPattern": ".*"}


@pytest.mark.parametrize(
    "settings",
    [
        {"strictKnownMarketplaces": []},
        {"strictKnownMarketplaces": [FOLDERS]},
        {"strictKnownMarketplaces": [ANY]},
        {"blockedMarketplaces": [FOLDERS]},
        {"blockedMarketplaces": [ANY]},
        {"enabledPlugins": {"canary@skills-dir": False}},
        {"allowManagedHooksOnly": True},
        {"strictPluginOnlyCustomization": True},
    ],
    ids=json.dumps,
)
@METHODS
def test_managed_settings_forbid_what_health_says(
    client: ClaudeCode, canary: Canary, method: Method, settings: dict[str, Any]
) -> None:
    system = client.home / "system"
    managed = system / "etc" / "claude-code" / "managed-settings.json"
    managed.parent.mkdir(parents=True)
    managed.write_text(json.dumps(settings))
    homes = Homes(client.home, {}, system)
    placement = Placement(name="canary", method=method, homes=homes)
    Executor().install(ADAPTER.plan_install(placement, FACTS), canary.plugin)
    run_in_system(client, managed.parent)
    assert ("mcp" in canary.sang) is ADAPTER.health(placement).ok


def run_in_system(client: ClaudeCode, managed: Path) -> None:
    """Run a session that has a folder in the place of /etc/claude-code, in a mount namespace of its own."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may not make mount namespaces, in which managed settings can be put")
    etc = managed.parent
    script = 'mount --bind "$1" /etc; shift; exec "$@"'
    environment = {
        "ANTHROPIC_API_KEY": "sk-ant-made-up",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": "0",
    }
    run_client(
        Path(unshare), "-rm", "sh", "-c", script, "sh", etc, client.program, "-p", "hi", "--max-turns", "1",
        home=client.home, environment=environment,
    )  # fmt: skip
