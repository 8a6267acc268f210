"""What installing into Claude Code changes, and what removing gives back."""

import json
from pathlib import Path

import pytest
from client_homes import CLAUDE, FACTS, make_homes, make_plugin, make_project, place, read, write
from plan_executor import Executor, snapshot

from toolhive_plugins_clients import ClientFileError, FileRecord, Homes, Method, OwedKind, PlacementError

SETTINGS = b'\xef\xbb\xbf{\r\n\t"model": "opus",\t// mine\r\n\t"enabledPlugins": {"a@b": true},\r\n\t"unknown": [1, 2,],\r\n}\r\n'


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return make_homes(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def test_by_default_a_folder_goes_into_skills_and_no_file_is_touched(homes: Homes) -> None:
    plan = CLAUDE.plan_install(place(homes, CLAUDE.methods[0]), FACTS)
    assert plan.folder == homes.home / ".claude" / "skills" / "demo"
    assert plan.edits == ()
    assert [owed.kind for owed in plan.owed] == [OwedKind.RESTART]


def test_the_environment_decides_where_the_home_is(tmp_path: Path) -> None:
    homes = Homes(tmp_path, {"CLAUDE_CONFIG_DIR": str(tmp_path / "elsewhere")})
    assert CLAUDE.plan_install(place(homes, Method.FOLDER), FACTS).folder == tmp_path / "elsewhere" / "skills" / "demo"
    plan = CLAUDE.plan_install(place(homes, Method.MARKETPLACE), FACTS)
    assert all(edit.path.is_relative_to(tmp_path / "elsewhere") for edit in plan.edits)


def test_a_marketplace_is_written_as_thv_writes_it(homes: Homes, tmp_path: Path) -> None:
    Executor().install(CLAUDE.plan_install(place(homes, Method.MARKETPLACE), FACTS), make_plugin(tmp_path))
    claude = homes.home / ".claude"
    assert read(claude / "settings.json") == {
        "extraKnownMarketplaces": {
            "toolhive-plugins": {"source": {"source": "directory", "path": str(claude / "toolhive-plugins")}}
        },
        "enabledPlugins": {"demo@toolhive-plugins": True},
    }
    market = read(claude / "toolhive-plugins" / ".claude-plugin" / "marketplace.json")
    assert market["plugins"] == [{"name": "demo", "source": "./plugins/demo"}]
    assert (claude / "toolhive-plugins" / "plugins" / "demo" / ".claude-plugin" / "plugin.json").is_file()


def test_nothing_that_git_shares_has_an_absolute_path(homes: Homes, project: Path, tmp_path: Path) -> None:
    Executor().install(CLAUDE.plan_install(place(homes, Method.MARKETPLACE, project), FACTS), make_plugin(tmp_path))
    settings = read(project / ".claude" / "settings.json")
    assert settings["extraKnownMarketplaces"]["toolhive-project-proj"]["source"]["path"] == "./.claude/toolhive-plugins"
    assert settings["enabledPlugins"] == {"demo@toolhive-project-proj": True}
    shared = b"".join(path.read_bytes() for path in (project / ".claude").rglob("*") if path.is_file())
    assert str(tmp_path).encode() not in shared


def test_a_clone_in_a_folder_of_another_name_keeps_the_marketplaces_name(
    homes: Homes, project: Path, tmp_path: Path
) -> None:
    Executor().install(CLAUDE.plan_install(place(homes, Method.MARKETPLACE, project), FACTS), make_plugin(tmp_path))
    clone = project.rename(tmp_path / "clone")
    assert CLAUDE.plan_install(place(homes, Method.MARKETPLACE, clone), FACTS).edits == ()


def test_an_upgrade_changes_no_file_of_the_users(homes: Homes, tmp_path: Path) -> None:
    placement = place(homes, Method.MARKETPLACE)
    Executor().install(CLAUDE.plan_install(placement, FACTS), make_plugin(tmp_path))
    assert CLAUDE.plan_install(placement, FACTS).edits == ()


@pytest.mark.parametrize("before", [None, b"", b"{}", b'{"enabledPlugins": {}}\n', SETTINGS, b"// only this\n"])
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_home_is_as_it_was_byte_for_byte(homes: Homes, tmp_path: Path, before: bytes | None, mode: int) -> None:
    settings = homes.home / ".claude" / "settings.json"
    if before is not None:
        write(settings, before).chmod(mode)
    was = snapshot(homes.home)
    executor, placement = Executor(), place(homes, Method.MARKETPLACE)
    executor.install(CLAUDE.plan_install(placement, FACTS), make_plugin(tmp_path))
    assert before is None or settings.stat().st_mode & 0o777 == mode
    executor.remove(CLAUDE.plan_remove(placement, executor.records.values()))
    assert snapshot(homes.home) == was
    assert executor.records == {}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_of_two_plugins_the_last_to_go_gives_the_file_back(homes: Homes, tmp_path: Path, order: str) -> None:
    write(homes.home / ".claude" / "settings.json", SETTINGS)
    was = snapshot(homes.home)
    executor = Executor()
    placements = {name[0]: place(homes, Method.MARKETPLACE, name=name) for name in ("aa", "bb")}
    for each in placements.values():
        executor.install(CLAUDE.plan_install(each, FACTS), make_plugin(tmp_path, each.name))
    first, second = (placements[letter] for letter in order)
    executor.remove(CLAUDE.plan_remove(first, executor.records.values()))
    left = read_jsonc(homes)
    assert f"{second.name}@toolhive-plugins" in left
    assert f"{first.name}@toolhive-plugins" not in left
    executor.remove(CLAUDE.plan_remove(second, executor.records.values()))
    assert snapshot(homes.home) == was


def read_jsonc(homes: Homes) -> str:
    return (homes.home / ".claude" / "settings.json").read_text(encoding="utf-8-sig")


def test_what_a_user_wrote_meanwhile_stays(homes: Homes, tmp_path: Path) -> None:
    executor, placement = Executor(), place(homes, Method.MARKETPLACE)
    executor.install(CLAUDE.plan_install(placement, FACTS), make_plugin(tmp_path))
    settings = homes.home / ".claude" / "settings.json"
    settings.write_text(settings.read_text().replace("{", '{\n  "theme": "dark", // mine', 1))
    executor.remove(CLAUDE.plan_remove(placement, executor.records.values()))
    assert settings.read_text() == '{\n  "theme": "dark" // mine\n}\n'


def test_without_a_record_our_entries_are_cut_out(homes: Homes, tmp_path: Path) -> None:
    settings = write(homes.home / ".claude" / "settings.json", SETTINGS)
    executor, placement = Executor(), place(homes, Method.MARKETPLACE)
    executor.install(CLAUDE.plan_install(placement, FACTS), make_plugin(tmp_path))
    executor.remove(CLAUDE.plan_remove(placement))
    assert settings.read_bytes() == SETTINGS


def test_a_record_of_something_else_gives_nothing_back(homes: Homes, tmp_path: Path) -> None:
    """A record says what a file was; if that was not without our entries, the bytes of the record are not taken."""
    executor, placement = Executor(), place(homes, Method.MARKETPLACE)
    executor.install(CLAUDE.plan_install(placement, FACTS), make_plugin(tmp_path))
    settings = homes.home / ".claude" / "settings.json"
    wrong = FileRecord(settings, False, b'{"hooks": {}}', executor.records[settings].left)
    edits = {edit.path: edit.after for edit in CLAUDE.plan_remove(placement, [wrong]).edits}
    assert json.loads(edits[settings] or b"") == {}


def test_off_is_the_users_word(homes: Homes, tmp_path: Path) -> None:
    settings = write(homes.home / ".claude" / "settings.json", '{"enabledPlugins": {"demo@toolhive-plugins": false}}')
    executor, placement = Executor(), place(homes, Method.MARKETPLACE)
    plan = CLAUDE.plan_install(placement, FACTS)
    assert any("false" in note for note in plan.notes)
    executor.install(plan, make_plugin(tmp_path))
    assert read(settings)["enabledPlugins"] == {"demo@toolhive-plugins": False}
    executor.remove(CLAUDE.plan_remove(placement, executor.records.values()))
    assert settings.read_text() == '{"enabledPlugins": {"demo@toolhive-plugins": false}}'


def test_the_newer_name_of_the_setting_is_used_where_the_user_uses_it(homes: Homes) -> None:
    """Claude Code ignores the newer name as soon as the older one is there."""
    write(
        homes.home / ".claude" / "settings.json", '{"additionalMarketplaces": {"x": {"source": {"source": "github"}}}}'
    )
    edits = {edit.path.name: edit.after for edit in CLAUDE.plan_install(place(homes, Method.MARKETPLACE), FACTS).edits}
    settings = json.loads(edits["settings.json"] or b"")
    assert sorted(settings["additionalMarketplaces"]) == ["toolhive-plugins", "x"]
    assert "extraKnownMarketplaces" not in settings


def test_a_marketplace_of_our_name_that_is_not_ours_is_left_alone(homes: Homes) -> None:
    theirs = {"extraKnownMarketplaces": {"toolhive-plugins": {"source": {"source": "github", "repo": "a/b"}}}}
    write(homes.home / ".claude" / "settings.json", json.dumps(theirs))
    with pytest.raises(ClientFileError, match="not ours"):
        CLAUDE.plan_install(place(homes, Method.MARKETPLACE), FACTS)


def test_what_the_user_set_for_our_marketplace_stays(homes: Homes) -> None:
    source = {"source": "directory", "path": "/old/home/.claude/toolhive-plugins"}
    ours = {"extraKnownMarketplaces": {"toolhive-plugins": {"source": source, "autoUpdate": True}}}
    write(homes.home / ".claude" / "settings.json", json.dumps(ours))
    edits = {edit.path.name: edit.after for edit in CLAUDE.plan_install(place(homes, Method.MARKETPLACE), FACTS).edits}
    known = json.loads(edits["settings.json"] or b"")["extraKnownMarketplaces"]["toolhive-plugins"]
    assert known["autoUpdate"] is True
    assert known["source"]["path"] == str(homes.home / ".claude" / "toolhive-plugins")


def test_comments_stay_and_it_is_said_that_the_client_takes_none(homes: Homes) -> None:
    write(homes.home / ".claude" / "settings.json", SETTINGS)
    plan = CLAUDE.plan_install(place(homes, Method.MARKETPLACE), FACTS)
    assert any("ignores the whole file" in note for note in plan.notes)
    after = next(edit.after for edit in plan.edits if edit.path.name == "settings.json")
    assert after is not None
    assert b"// mine\r\n" in after
    assert after.count(b"\n") == after.count(b"\r\n")


@pytest.mark.parametrize("name", ["claude-plugins-official", "toolhive-plugins", "toolhive-project-", 5])
def test_a_cloned_marketplace_cannot_take_the_name_of_another(homes: Homes, project: Path, name: object) -> None:
    file = project / ".claude" / "toolhive-plugins" / ".claude-plugin" / "marketplace.json"
    write(file, json.dumps({"name": name, "plugins": []}))
    with pytest.raises(ClientFileError, match="not one that we give"):
        CLAUDE.plan_install(place(homes, Method.MARKETPLACE, project), FACTS)


def test_a_project_waits_for_its_trust(homes: Homes, project: Path) -> None:
    placement = place(homes, Method.FOLDER, project)
    plan = CLAUDE.plan_install(placement, FACTS)
    assert plan.folder == project / ".claude" / "skills" / "demo"
    assert [owed.kind for owed in plan.owed] == [OwedKind.TRUST, OwedKind.RESTART]
    Executor().install(plan, make_plugin(homes.home))
    assert [owed.kind for owed in CLAUDE.owed(placement)] == [OwedKind.TRUST]
    write(homes.home / ".claude.json", json.dumps({"projects": {str(project): {"hasTrustDialogAccepted": True}}}))
    assert [owed.kind for owed in CLAUDE.plan_install(placement, FACTS).owed] == [OwedKind.RESTART]
    assert CLAUDE.owed(placement) == ()


def test_what_the_client_keeps_in_its_own_list_is_the_users_to_clear(homes: Homes) -> None:
    placement = place(homes, Method.MARKETPLACE)
    assert CLAUDE.owed(placement) == ()
    listed = homes.home / ".claude" / "plugins" / "installed_plugins.json"
    write(listed, json.dumps({"plugins": {"demo@toolhive-plugins": [{"scope": "user"}]}}))
    (owed,) = CLAUDE.owed(placement)
    assert owed.line == "claude plugin uninstall demo@toolhive-plugins"
    write(listed, "[")
    assert CLAUDE.owed(placement) == ()


def test_a_folder_that_became_a_link_is_left_alone(homes: Homes, tmp_path: Path) -> None:
    placement = place(homes, Method.FOLDER)
    (homes.home / ".claude" / "skills").mkdir()
    (homes.home / ".claude" / "skills" / "demo").symlink_to(make_plugin(tmp_path))
    plan = CLAUDE.plan_remove(placement)
    assert plan.folder is None
    assert any("symbolic link" in note for note in plan.notes)
    with pytest.raises(PlacementError, match="symbolic link"):
        CLAUDE.plan_install(placement, FACTS)
