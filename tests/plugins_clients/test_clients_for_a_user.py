"""Copilot CLI and Gemini CLI have plugins for a user only; what installing into them changes, and what health makes of it."""

import json
from pathlib import Path

import pytest
from client_homes import COPILOT, FACTS, GEMINI, make_homes, make_plugin, make_project, place, read, statuses, write
from plan_executor import Executor, snapshot

from toolhive_plugins import MemoryTree, Outcome
from toolhive_plugins_clients import (
    ADAPTERS,
    CLIENTS,
    ClientAdapter,
    ClientFileError,
    Homes,
    Method,
    Placement,
    PlacementError,
    PluginFacts,
    Scope,
    refusal,
)

EXTENSION = PluginFacts(name="demo", manifests=frozenset({"gemini-extension.json"}))
BOTH = pytest.mark.parametrize("adapter", [COPILOT, GEMINI], ids=["copilot", "gemini"])


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return make_homes(tmp_path)


def placed(adapter: ClientAdapter, homes: Homes, project: Path | None = None) -> Placement:
    return place(homes, adapter.methods[0], project)


def installed(adapter: ClientAdapter, homes: Homes, tmp_path: Path) -> Executor:
    plugin = make_plugin(tmp_path)
    write(plugin / "gemini-extension.json", '{"name": "demo", "version": "1.0.0"}')
    executor = Executor()
    executor.install(adapter.plan_install(placed(adapter, homes), EXTENSION), plugin)
    return executor


def test_each_client_has_a_line_in_the_table() -> None:
    assert list(CLIENTS) == list(ADAPTERS)
    for client, adapter in ADAPTERS.items():
        assert adapter.client is client
        assert adapter.scopes == CLIENTS[client].scopes


@BOTH
def test_a_home_is_as_it_was(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    was = snapshot(homes.home)
    executor = installed(adapter, homes, tmp_path)
    assert adapter.health(placed(adapter, homes)).ok
    executor.remove(adapter.plan_remove(placed(adapter, homes), executor.records.values()))
    assert snapshot(homes.home) == was


@BOTH
def test_a_project_is_refused(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    placement = placed(adapter, homes, make_project(tmp_path))
    was = snapshot(tmp_path)
    with pytest.raises(PlacementError, match="has no plugins of a project"):
        adapter.plan_install(placement, EXTENSION)
    assert snapshot(tmp_path) == was
    assert Scope.PROJECT not in adapter.scopes


@BOTH
def test_another_way_is_refused(homes: Homes, adapter: ClientAdapter) -> None:
    (other,) = set(Method) - set(adapter.methods)
    with pytest.raises(PlacementError, match="takes no plugin by the method"):
        adapter.folder(place(homes, other))


@BOTH
def test_a_folder_that_is_gone_is_missing(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    installed(adapter, homes, tmp_path)
    folder = adapter.folder(placed(adapter, homes))
    folder.rename(tmp_path / "away")
    assert statuses(adapter, placed(adapter, homes)) == ["missing"]


@BOTH
def test_a_folder_behind_a_link_is_refused(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    folder = adapter.folder(placed(adapter, homes))
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tmp_path)
    with pytest.raises(PlacementError, match="symbolic link"):
        adapter.plan_install(placed(adapter, homes), EXTENSION)
    assert adapter.plan_remove(placed(adapter, homes)).folder is None


def test_copilot_reads_where_its_variable_says(tmp_path: Path) -> None:
    homes = Homes(tmp_path, {"COPILOT_HOME": str(tmp_path / "elsewhere")})
    assert COPILOT.folder(placed(COPILOT, homes)) == tmp_path / "elsewhere" / "toolhive-plugins" / "plugins" / "demo"


def test_geminis_variable_names_the_folder_above(tmp_path: Path) -> None:
    homes = Homes(tmp_path, {"GEMINI_CLI_HOME": str(tmp_path / "elsewhere")})
    assert GEMINI.folder(placed(GEMINI, homes)) == tmp_path / "elsewhere" / ".gemini" / "extensions" / "demo"
    assert GEMINI.folder(placed(GEMINI, Homes(tmp_path))) == tmp_path / ".gemini" / "extensions" / "demo"


def test_gemini_is_not_there_where_others_use_its_folder(homes: Homes) -> None:
    (homes.home / ".gemini" / "antigravity").mkdir(parents=True)
    assert not GEMINI.detected(homes)
    write(homes.home / ".gemini" / "projects.json", "{}")
    assert GEMINI.detected(homes)


def test_copilots_settings_name_the_marketplace_and_keep_the_rest(homes: Homes, tmp_path: Path) -> None:
    settings = write(homes.home / ".copilot" / "settings.json", '// mine\n{"theme": "dark"}\n')
    was = settings.read_bytes()
    executor = installed(COPILOT, homes, tmp_path)
    market = homes.home / ".copilot" / "toolhive-plugins"
    text = settings.read_text()
    assert text.startswith("// mine\n")
    document = json.loads(text.removeprefix("// mine\n"))
    assert document.pop("theme") == "dark"
    assert document == {
        "extraKnownMarketplaces": {"toolhive-plugins": {"source": {"source": "directory", "path": str(market)}}},
        "enabledPlugins": {"demo@toolhive-plugins": True},
    }
    entry = {"name": "demo", "source": "./plugins/demo"}
    assert read(market / ".claude-plugin" / "marketplace.json")["plugins"] == [entry]
    executor.remove(COPILOT.plan_remove(placed(COPILOT, homes), executor.records.values()))
    assert settings.read_bytes() == was


def test_what_the_user_turned_off_in_copilot_stays_off(homes: Homes, tmp_path: Path) -> None:
    installed(COPILOT, homes, tmp_path)
    settings = homes.home / ".copilot" / "settings.json"
    settings.write_text(settings.read_text().replace("true", "false"))
    assert statuses(COPILOT, placed(COPILOT, homes)) == ["disabled"]
    plan = COPILOT.plan_install(placed(COPILOT, homes), FACTS)
    assert plan.edits == ()
    assert "keeps it" in plan.notes[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{}", ["missing", "missing"]), ("{", ["unreadable"]), ('{"extraKnownMarketplaces": 5}', ["missing", "missing"])],
)
def test_copilots_settings_that_lost_it(homes: Homes, tmp_path: Path, text: str, expected: list[str]) -> None:
    installed(COPILOT, homes, tmp_path)
    write(homes.home / ".copilot" / "settings.json", text)
    assert statuses(COPILOT, placed(COPILOT, homes)) == expected


def test_a_marketplace_of_our_name_from_elsewhere_is_left_alone(homes: Homes) -> None:
    source = {"source": {"source": "github", "repo": "a/b"}}
    text = json.dumps({"extraKnownMarketplaces": {"toolhive-plugins": source}})
    settings = write(homes.home / ".copilot" / "settings.json", text)
    with pytest.raises(ClientFileError, match="not ours"):
        COPILOT.plan_install(placed(COPILOT, homes), FACTS)
    assert settings.read_text() == text


def test_gemini_refuses_a_plugin_without_its_manifest(homes: Homes) -> None:
    lacking = PluginFacts(name="demo", manifests=frozenset({".claude-plugin/plugin.json"}))
    with pytest.raises(PlacementError, match=r"has no gemini-extension\.json") as caught:
        GEMINI.plan_install(placed(GEMINI, homes), lacking)
    assert caught.value.remedy


@pytest.mark.parametrize(("folder", "status"), [("HOME/*", "disabled"), ("HOME/work/*", "limited")])
def test_what_gemini_has_turned_off(homes: Homes, tmp_path: Path, folder: str, status: str) -> None:
    installed(GEMINI, homes, tmp_path)
    off = "!" + folder.replace("HOME", str(homes.home))
    switches = {"demo": {"overrides": [off]}, "other": {"overrides": ["!/x/*"]}}
    write(homes.home / ".gemini" / "extensions" / "extension-enablement.json", json.dumps(switches))
    assert statuses(GEMINI, placed(GEMINI, homes)) == [status]


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ('{"name": "demo", "version": "1.0.0"}', True),
        ('{"name": "Other", "version": "1"}', True),
        ('{"name": "a b", "version": "1"}', False),
        ('{"name": "demo"}', False),
        ('{"name": "demo", "version": ""}', False),
        ('{"version": "1"}', False),
        ("[]", False),
        ("{", False),
        ('\ufeff{"name": "demo", "version": "1"}', False),
    ],
)
def test_geminis_verdict(text: str, takes: bool) -> None:
    files = {".claude-plugin/plugin.json": b'{"name": "demo"}', "gemini-extension.json": text.encode()}
    verdict = GEMINI.verdict(MemoryTree(files))
    assert (verdict.outcome is Outcome.ACCEPTED) is takes
    assert bool(refusal(verdict)) is not takes
    assert any("installed as" in reason.message for reason in verdict.reasons) is any(
        name in text for name in ("Other", "a b")
    )
