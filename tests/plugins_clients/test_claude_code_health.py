"""Why Claude Code does not load a plugin that is installed: which setting says so, and in which file. Seen in sessions: docs/clients.md."""

import json
from pathlib import Path
from typing import Any

import pytest
from client_homes import CLAUDE, FACTS, WITH_HOOKS, make_homes, make_plugin, make_project, place, statuses, write
from plan_executor import Executor

from toolhive_plugins_clients import Homes, Method, Placement, claude_namesakes, files


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return make_homes(tmp_path)


def installed(homes: Homes, tmp_path: Path, method: Method, project: Path | None = None) -> Placement:
    """Install for the user, or in a project that the user trusts."""
    placement = place(homes, method, project)
    Executor().install(CLAUDE.plan_install(placement, FACTS), make_plugin(tmp_path))
    if project is not None:
        trusted = {"projects": {str(project): {"hasTrustDialogAccepted": True}}}
        write(homes.home / ".claude.json", json.dumps(trusted))
    return placement


def deciding(placement: Placement) -> list[tuple[str, Path | None]]:
    return [(each.status.value, each.file) for each in CLAUDE.health(placement).ailments]


def manage(homes: Homes, **settings: Any) -> Path:
    return write(homes.system / "etc" / "claude-code" / "managed-settings.json", json.dumps(settings))


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("in_project", [False, True])
def test_what_was_installed_loads(homes: Homes, tmp_path: Path, method: Method, in_project: bool) -> None:
    placement = installed(homes, tmp_path, method, make_project(tmp_path) if in_project else None)
    assert deciding(placement) == []


def test_a_folder_that_is_gone(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER)
    folder = CLAUDE.folder(placement)
    (folder / ".claude-plugin" / "plugin.json").unlink()
    assert deciding(placement) == [("missing", folder)]


def test_the_users_own_plugin_shadows_a_projects(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER, make_project(tmp_path))
    users = homes.home / ".claude" / "skills" / "demo"
    write(users / ".claude-plugin" / "plugin.json", "{}")
    assert deciding(placement) == [("shadowed", users)]


@pytest.mark.parametrize("in_project", [False, True])
def test_another_folder_of_the_same_name(homes: Homes, tmp_path: Path, in_project: bool) -> None:
    """The client goes by the name in plugin.json, not by the folder's."""
    placement = installed(homes, tmp_path, Method.FOLDER, make_project(tmp_path) if in_project else None)
    skills = CLAUDE.folder(placement).parent
    write(skills / "another" / ".claude-plugin" / "plugin.json", '{"name": "demo"}')
    write(skills / ".staged" / ".claude-plugin" / "plugin.json", '{"name": "demo"}')
    write(skills / "broken" / ".claude-plugin" / "plugin.json", "{")
    assert deciding(placement) == [("shadowed", skills / "another")]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"enabledPlugins": {"demo@other": True}}, []),
        ({"enabledPlugins": {"demo@other": True}, "extraKnownMarketplaces": {"other": {}}}, ["shadowed"]),
        ({"enabledPlugins": {"demo@other": False}, "extraKnownMarketplaces": {"other": {}}}, []),
        ({"enabledPlugins": {"demo@installed": True}}, ["shadowed"]),
        ({"enabledPlugins": {"x@installed": True, "demo": True, "demo@skills-dir": True}}, []),
    ],
)
def test_a_marketplaces_plugin_of_the_same_name_takes_a_folders_place(
    homes: Homes, tmp_path: Path, settings: dict[str, Any], expected: list[str]
) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER)
    own = homes.home / ".claude" / "plugins" / "installed_plugins.json"
    write(own, '{"plugins": {"demo@installed": [], "x@installed": []}}')
    file = write(homes.home / ".claude" / "settings.json", json.dumps(settings))
    assert deciding(placement) == [(status, file) for status in expected]


def test_a_manifest_that_gets_a_name_is_seen_again(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER)
    other = homes.home / ".claude" / "skills" / "other" / ".claude-plugin" / "plugin.json"
    for text, expected in (
        ('{"name": "else"}', []),
        ('{"name": "demo"}', ["shadowed"]),
        ('{"name": 1}', []),
        ("{}", []),
    ):
        write(other.with_suffix(".new"), text).replace(other)
        assert statuses(CLAUDE, placement) == expected


def test_each_manifest_is_read_once_however_many_plugins_are_looked_at(
    homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def counted(path: Path, *, max_size: int) -> files.Found:
        read.append(path)
        return files.read_file(path, max_size=max_size)

    monkeypatch.setattr(claude_namesakes, "read_file", counted)
    names = [f"plugin-{number}" for number in range(20)]
    for name in names:
        write(homes.home / ".claude" / "skills" / name / ".claude-plugin" / "plugin.json", json.dumps({"name": name}))
    for name in names:
        assert statuses(CLAUDE, place(homes, Method.FOLDER, name=name)) == []
    assert len(read) == len(set(read)) == len(names)


def test_two_marketplaces_with_the_same_name(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.MARKETPLACE)
    manage(homes, enabledPlugins={"demo@other": True}, extraKnownMarketplaces={"other": {}})
    assert [each.status.value for each in CLAUDE.health(placement).ailments] == ["limited"]


@pytest.mark.parametrize(
    ("file", "method", "in_project", "status"),
    [
        ("home/.claude/settings.json", Method.FOLDER, False, "disabled"),
        ("home/.claude/settings.json", Method.FOLDER, True, "disabled"),
        ("proj/.claude/settings.json", Method.FOLDER, True, "disabled"),
        ("proj/.claude/settings.local.json", Method.FOLDER, True, "disabled"),
        ("proj/.claude/settings.local.json", Method.MARKETPLACE, True, "disabled"),
        ("system/etc/claude-code/managed-settings.json", Method.FOLDER, False, "forbidden"),
        ("system/etc/claude-code/managed-settings.d/10-plugins.json", Method.MARKETPLACE, True, "forbidden"),
    ],
)
def test_off_names_the_file(
    homes: Homes, tmp_path: Path, file: str, method: Method, in_project: bool, status: str
) -> None:
    placement = installed(homes, tmp_path, method, make_project(tmp_path) if in_project else None)
    market = "skills-dir" if method is Method.FOLDER else "toolhive-project-proj"
    path = write(tmp_path / file, json.dumps({"enabledPlugins": {f"demo@{market}": False}}))
    assert (status, path) in deciding(placement)


def test_a_projects_yes_wins_over_the_users_no(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.MARKETPLACE, make_project(tmp_path))
    write(homes.home / ".claude" / "settings.json", '{"enabledPlugins": {"demo@toolhive-project-proj": false}}')
    assert deciding(placement) == []


def test_settings_that_a_running_session_wrote_back(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.MARKETPLACE)
    settings = write(homes.home / ".claude" / "settings.json", "{}")
    assert deciding(placement) == [("missing", settings), ("missing", settings)]


def test_a_marketplace_that_leads_elsewhere(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.MARKETPLACE)
    settings = homes.home / ".claude" / "settings.json"
    settings.write_text(settings.read_text().replace(str(homes.home), "/elsewhere"))
    assert deciding(placement) == [("missing", settings)]


FOLDERS = {"source": "skills-dir"}
ANY = {"source": "pathPattern", "pathPattern": ".*"}
NONE = {"source": "pathPattern", "pathPattern": "^/nowhere"}
BROKEN = {"source": "pathPattern", "pathPattern": "("}


@pytest.mark.parametrize(
    ("settings", "folder", "marketplace"),
    [
        ({"strictKnownMarketplaces": []}, False, False),
        ({"allowedMarketplaces": []}, False, False),
        ({"strictKnownMarketplaces": [FOLDERS]}, True, False),
        ({"strictKnownMarketplaces": [NONE, ANY]}, False, True),
        ({"strictKnownMarketplaces": [BROKEN, 5]}, False, False),
        ({"strictKnownMarketplaces": [{"source": "directory", "path": "HERE"}]}, False, True),
        ({"blockedMarketplaces": [FOLDERS]}, False, True),
        ({"blockedMarketplaces": [ANY]}, True, False),
        ({"blockedMarketplaces": [NONE]}, True, True),
        ({"strictPluginOnlyCustomization": True}, False, True),
        ({"strictPluginOnlyCustomization": {"agents": True}}, True, True),
        ({"strictKnownMarketplaces": "x", "blockedMarketplaces": 5}, True, True),
    ],
)
@pytest.mark.parametrize("method", Method)
def test_managed_settings_that_forbid(
    homes: Homes, tmp_path: Path, settings: dict[str, Any], folder: bool, marketplace: bool, method: Method
) -> None:
    placement = installed(homes, tmp_path, method)
    here = str(homes.home / ".claude" / "toolhive-plugins")
    path = manage(homes, **json.loads(json.dumps(settings).replace("HERE", here)))
    health = CLAUDE.health(placement)
    assert health.ok is (folder if method is Method.FOLDER else marketplace)
    assert all(each.file == path for each in health.ailments)
    assert all("managed setting " in each.text for each in health.ailments)


def test_users_settings_forbid_nothing(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER)
    write(homes.home / ".claude" / "settings.json", '{"strictKnownMarketplaces": []}')
    assert deciding(placement) == []


@pytest.mark.parametrize("name", ["disableAllHooks", "allowManagedHooksOnly"])
def test_hooks_that_do_not_run_are_told_and_are_no_fault(homes: Homes, tmp_path: Path, name: str) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER)
    manage(homes, **{name: True})
    assert statuses(CLAUDE, placement, FACTS) == []
    assert statuses(CLAUDE, placement, WITH_HOOKS) == ["limited"]
    assert CLAUDE.health(placement, WITH_HOOKS).ok


def test_a_project_that_is_not_trusted(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER, make_project(tmp_path))
    state = homes.home / ".claude.json"
    for text in (
        "{}",
        "[",
        '{"projects": []}',
        "[" * 100_000,
        '{"projects": {"PROJECT": {"hasTrustDialogAccepted": 1}}}',
    ):
        state.write_text(text.replace("PROJECT", str(placement.project)))
        assert deciding(placement) == [("untrusted", state)]
        assert CLAUDE.health(placement).ok
    state.write_text(json.dumps({"projects": {str(tmp_path): {"hasTrustDialogAccepted": True}}}))
    assert deciding(placement) == []


def test_a_marketplace_that_the_client_has_from_another_clone(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.MARKETPLACE, make_project(tmp_path))
    known = {"toolhive-project-proj": {"installLocation": "/elsewhere/.claude/toolhive-plugins"}}
    file = write(homes.home / ".claude" / "plugins" / "known_marketplaces.json", json.dumps(known))
    assert deciding(placement) == [("limited", file)]
    assert CLAUDE.health(placement).ok


def test_settings_with_comments_are_ignored_by_the_client(homes: Homes, tmp_path: Path) -> None:
    placement = installed(homes, tmp_path, Method.MARKETPLACE)
    settings = homes.home / ".claude" / "settings.json"
    settings.write_text("// mine\n" + settings.read_text())
    assert deciding(placement)[0] == ("refused", settings)


@pytest.mark.parametrize("text", ["{", "// mine\n{}"])
def test_broken_settings_do_not_keep_a_folder_from_loading_but_are_told(
    homes: Homes, tmp_path: Path, text: str
) -> None:
    placement = installed(homes, tmp_path, Method.FOLDER)
    settings = write(homes.home / ".claude" / "settings.json", text)
    assert deciding(placement) == [("limited", settings)]
    managed = write(homes.system / "etc" / "claude-code" / "managed-settings.json", "{")
    assert deciding(placement) == [("unreadable", managed), ("limited", settings)]
