"""What installing into Codex changes, and what its own copy makes of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from client_homes import CODEX, FACTS, WITH_HOOKS, make_homes, make_plugin, make_project, place, read, statuses, write
from plan_executor import Executor, snapshot

from toolhive_plugins import Components, ComponentType, LspServer, Prompt
from toolhive_plugins_clients import ClientFileError, Homes, Method, OwedKind, PlacementError, PluginFacts

USERS: dict[str, Any] = {
    "name": "mine",
    "interface": {"displayName": "Mine"},
    "plugins": [{"name": "other", "source": {"source": "local", "path": "./x"}, "note": 1}],
}


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return make_homes(tmp_path)


def market_of(root: Path) -> Path:
    return root / ".agents" / "plugins" / "marketplace.json"


def install(homes: Homes, tmp_path: Path, project: Path | None = None, version: str = "1.0.0") -> Executor:
    executor = Executor()
    plan = CODEX.plan_install(place(homes, Method.MARKETPLACE, project), FACTS)
    executor.install(plan, make_plugin(tmp_path, version=version))
    return executor


def copy_as_codex_does(homes: Homes, market: str = "toolhive", version: str = "1.0.0") -> Path:
    """Copy the plugin into the cache, and enable it, as `codex plugin add` was seen to."""
    cache = homes.home / ".codex" / "plugins" / "cache" / market / "demo"
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(homes.home / ".agents" / "plugins" / "toolhive" / "demo", cache / version)
    write(homes.home / ".codex" / "config.toml", f'[plugins."demo@{market}"]\nenabled = true\n')
    return cache / version


def commands(homes: Homes, project: Path | None = None) -> list[str]:
    owed = CODEX.owed(place(homes, Method.MARKETPLACE, project), FACTS)
    return [each.line for each in owed if each.kind is OwedKind.COMMAND]


def test_the_path_is_taken_from_the_folder_above_agents(homes: Homes, tmp_path: Path) -> None:
    install(homes, tmp_path)
    market = read(market_of(homes.home))
    assert market["name"] == "toolhive"
    (entry,) = market["plugins"]
    assert entry["source"] == {"source": "local", "path": "./.agents/plugins/toolhive/demo"}
    assert entry["policy"] == {"installation": "AVAILABLE", "authentication": "ON_INSTALL"}
    assert (homes.home / entry["source"]["path"] / ".claude-plugin" / "plugin.json").is_file()


def test_codex_loads_nothing_from_a_folder(homes: Homes) -> None:
    with pytest.raises(PlacementError, match="loads no plugin from a folder"):
        CODEX.plan_install(place(homes, Method.FOLDER), FACTS)


@pytest.mark.parametrize("form", [None, 2, "\t"])
def test_a_users_marketplace_keeps_what_it_has(homes: Homes, tmp_path: Path, form: int | str | None) -> None:
    file = write(market_of(homes.home), json.dumps(USERS, indent=form))
    was = snapshot(homes.home)
    executor = install(homes, tmp_path)
    after = read(file)
    assert {**after, "plugins": after["plugins"][:1]} == USERS
    assert after["plugins"][1]["name"] == "demo"
    executor.remove(CODEX.plan_remove(place(homes, Method.MARKETPLACE), executor.records.values()))
    assert snapshot(homes.home) == was


def test_a_home_is_as_it_was(homes: Homes, tmp_path: Path) -> None:
    was = snapshot(homes.home)
    executor = install(homes, tmp_path)
    executor.remove(CODEX.plan_remove(place(homes, Method.MARKETPLACE), executor.records.values()))
    assert snapshot(homes.home) == was


def test_a_clones_marketplace_goes_with_its_last_plugin(homes: Homes, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    install(homes, tmp_path, project)
    clone = tmp_path / "clone"
    shutil.copytree(project, clone)
    Executor().remove(CODEX.plan_remove(place(homes, Method.MARKETPLACE, clone)))
    assert not market_of(clone).exists()


def test_the_path_that_thv_writes_is_mended_where_it_is(homes: Homes) -> None:
    entry = {"name": "demo", "x": 1, "source": {"source": "local", "path": "./toolhive/demo"}, "category": "c"}
    write(market_of(homes.home), json.dumps({"name": "toolhive", "plugins": [entry, {"name": "z"}]}))
    (edit,) = CODEX.plan_install(place(homes, Method.MARKETPLACE), FACTS).edits
    first, last = json.loads(edit.after or b"")["plugins"]
    assert first == {**entry, "source": {"source": "local", "path": "./.agents/plugins/toolhive/demo"}}
    assert last == {"name": "z"}


def test_somebody_elses_plugin_of_that_name_is_left_alone(homes: Homes) -> None:
    entry = {"name": "demo", "source": {"source": "git", "url": "https://example.com/demo"}}
    write(market_of(homes.home), json.dumps({"name": "mine", "plugins": [entry]}))
    placement = place(homes, Method.MARKETPLACE)
    with pytest.raises(ClientFileError, match="from somewhere else"):
        CODEX.plan_install(placement, FACTS)
    assert CODEX.plan_remove(placement).edits == ()


@pytest.mark.parametrize("name", ["openai-curated", "a b", "a.b", "", 5, None])
def test_a_name_that_codex_drops_is_refused(homes: Homes, name: object) -> None:
    write(market_of(homes.home), json.dumps({"name": name, "plugins": []}))
    with pytest.raises(ClientFileError, match="drops a marketplace"):
        CODEX.plan_install(place(homes, Method.MARKETPLACE), FACTS)


def test_the_copy_is_owed_until_codex_has_it(homes: Homes, tmp_path: Path) -> None:
    install(homes, tmp_path)
    placement = place(homes, Method.MARKETPLACE)
    assert statuses(CODEX, placement) == ["owed"]
    assert commands(homes) == ["codex plugin add demo@toolhive"]
    copy_as_codex_does(homes)
    assert CODEX.health(placement).ok
    assert commands(homes) == []


@pytest.mark.parametrize("change", ["content", "mode", "more", "less"])
def test_a_copy_that_differs_is_stale(homes: Homes, tmp_path: Path, change: str) -> None:
    install(homes, tmp_path)
    copied = copy_as_codex_does(homes) / "skills" / "s" / "SKILL.md"
    text = copied.read_text()
    if change == "content":
        copied.write_text(text.swapcase())
    elif change == "mode":
        copied.chmod(0o755)
    elif change == "more":
        (copied.parent / "x").write_text("x")
    else:
        copied.unlink()
    assert statuses(CODEX, place(homes, Method.MARKETPLACE)) == ["stale"]
    assert commands(homes) == ["codex plugin add demo@toolhive"]


def test_codex_runs_its_copy_after_the_plugin_is_gone(homes: Homes, tmp_path: Path) -> None:
    executor = install(homes, tmp_path)
    copy_as_codex_does(homes)
    placement = place(homes, Method.MARKETPLACE)
    plan = CODEX.plan_remove(placement, executor.records.values())
    assert [owed.line for owed in plan.owed] == ["codex plugin remove demo@toolhive"]
    executor.remove(plan)
    assert "left-over" in statuses(CODEX, placement)
    assert commands(homes) == ["codex plugin remove demo@toolhive"]


def test_off_is_the_users_word(homes: Homes, tmp_path: Path) -> None:
    install(homes, tmp_path)
    copy_as_codex_does(homes)
    config = homes.home / ".codex" / "config.toml"
    config.write_text(config.read_text().replace("true", "false"))
    health = CODEX.health(place(homes, Method.MARKETPLACE))
    assert [(each.status.value, each.file) for each in health.ailments] == [("disabled", config)]
    assert commands(homes) == []


def test_hooks_that_are_declared_elsewhere_are_said_to_wait(homes: Homes, tmp_path: Path) -> None:
    """Their names in `config.toml` are not known, so it is said rather once too often."""
    install(homes, tmp_path)
    manifest = homes.home / ".agents" / "plugins" / "toolhive" / "demo" / ".claude-plugin" / "plugin.json"
    manifest.write_text('{"name": "demo", "version": "1.0.0", "hooks": "./more.json"}')
    copy_as_codex_does(homes)
    placement = place(homes, Method.MARKETPLACE)
    health = CODEX.health(placement, WITH_HOOKS)
    assert health.ok
    assert "SessionStart (./greet.sh)" in health.ailments[0].text
    assert [owed.kind for owed in CODEX.owed(placement, WITH_HOOKS)] == [OwedKind.TRUST]
    assert statuses(CODEX, placement) == []


def test_planning_names_hooks_and_writes_no_trust(homes: Homes) -> None:
    plan = CODEX.plan_install(place(homes, Method.MARKETPLACE), WITH_HOOKS)
    assert [owed.kind for owed in plan.owed] == [OwedKind.COMMAND, OwedKind.TRUST, OwedKind.RESTART]
    assert "SessionStart (./greet.sh)" in plan.owed[1].text
    assert [edit.path.name for edit in plan.edits] == ["marketplace.json"]


@pytest.mark.parametrize(
    "hooks",
    [
        "",
        "[]",
        '{"hooks": 5}',
        '{"hooks": {"Stop": [5, {"hooks": 5}, {"hooks": [5, {"type": "command", "command": 5}]}]}}',
    ],
)
def test_any_hooks_file_is_survived(homes: Homes, tmp_path: Path, hooks: str) -> None:
    install(homes, tmp_path)
    write(homes.home / ".agents" / "plugins" / "toolhive" / "demo" / "hooks" / "hooks.json", hooks)
    copy_as_codex_does(homes)
    assert statuses(CODEX, place(homes, Method.MARKETPLACE)) == []


def test_a_projects_marketplace_must_be_added_first(homes: Homes, tmp_path: Path) -> None:
    project = make_project(tmp_path, "it's mine")
    install(homes, tmp_path, project)
    assert commands(homes, project) == [
        f"""codex plugin marketplace add '{tmp_path}/it'"'"'s mine'""",
        "codex plugin add demo@toolhive-project-it-s-mine",
    ]


def test_a_project_is_more_than_a_project_for_codex(homes: Homes, tmp_path: Path) -> None:
    assert "every folder" in CODEX.degraded(place(homes, Method.MARKETPLACE, make_project(tmp_path)))
    assert CODEX.degraded(place(homes, Method.MARKETPLACE)) == ""


def test_a_marketplace_of_another_clone_must_go_first(homes: Homes, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    install(homes, tmp_path, project)
    name = "toolhive-project-proj"
    write(homes.home / ".codex" / "config.toml", f'[marketplaces.{name}]\nsource = "/elsewhere"\n')
    assert commands(homes, project) == [
        f"codex plugin marketplace remove {name}",
        f"codex plugin marketplace add {project}",
        f"codex plugin add demo@{name}",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("[features]\nplugins = false\n", ["owed", "disabled"]), ("[features]\nhooks = false\n", ["owed", "limited"])],
)
def test_a_switch_for_all_plugins_is_named(homes: Homes, tmp_path: Path, text: str, expected: list[str]) -> None:
    install(homes, tmp_path)
    write(homes.home / ".codex" / "config.toml", text)
    assert statuses(CODEX, place(homes, Method.MARKETPLACE)) == expected


def test_a_managed_switch_is_named(homes: Homes, tmp_path: Path) -> None:
    install(homes, tmp_path)
    file = write(homes.system / "etc" / "codex" / "managed_config.toml", "[features]\nplugins = false\n")
    ailment = CODEX.health(place(homes, Method.MARKETPLACE)).ailments[-1]
    assert (ailment.status.value, ailment.file) == ("forbidden", file)


@pytest.mark.parametrize("text", ["// c\n", "\ufeff", "DOUBLE"])
def test_a_file_that_codex_drops_in_silence_is_told(homes: Homes, tmp_path: Path, text: str) -> None:
    install(homes, tmp_path)
    file = market_of(homes.home)
    whole = file.read_text()
    file.write_text(whole.replace("{", '{"name": "x",', 1) if text == "DOUBLE" else text + whole)
    assert "refused" in statuses(CODEX, place(homes, Method.MARKETPLACE))


@pytest.mark.parametrize("text", ["not toml", "[plugins]\nx = 1\n", 'plugins = "x"\n', "[hooks]\nstate = 5\n", "\xff"])
def test_any_configuration_is_survived(homes: Homes, tmp_path: Path, text: str) -> None:
    install(homes, tmp_path)
    write(homes.home / ".codex" / "config.toml", text.encode("latin-1"))
    placement = place(homes, Method.MARKETPLACE)
    assert statuses(CODEX, placement) in (["owed"], ["unreadable"])
    assert CODEX.owed(placement)


def test_what_it_loads_and_what_it_leaves() -> None:
    source = WITH_HOOKS.components.hooks[0].source
    components = Components(
        hooks=WITH_HOOKS.components.hooks,
        skills=(Prompt(name="s", source=source),),
        lsp_servers=(LspServer(name="l", source=source), LspServer(name="m", source=source)),
    )
    loads = CODEX.loads(PluginFacts(name="demo", components=components))
    assert loads.loaded == {ComponentType.SKILLS: 1, ComponentType.HOOKS: 1}
    assert loads.left == {ComponentType.LSP_SERVERS: 2}
