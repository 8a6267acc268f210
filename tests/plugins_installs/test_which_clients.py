"""Which clients a plugin goes into where none is named: those that the user has, that take it, and that have the scope."""

import shutil
from pathlib import Path

import pytest
from disk_snapshots import killed_at, snapshot
from worlds import World

from toolhive_plugins import Packager
from toolhive_plugins_clients import PlacementError


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A user of all four clients."""
    world = World(tmp_path)
    (world.home / ".copilot").mkdir()
    (world.home / ".gemini" / "extensions").mkdir(parents=True)
    return world


def build_for_gemini(world: World) -> None:
    world.build()
    folder = world.root / "source" / "demo-1.0.0"
    (folder / "gemini-extension.json").write_text('{"name": "demo", "version": "1.0.0"}')
    world.store.tag(Packager(world.store).package(str(folder)).index_digest, "demo")


def test_a_client_that_does_not_take_it_is_left_out_and_told(world: World) -> None:
    world.build()
    before = snapshot(world.home / ".gemini")
    done = world.install()
    assert [each.client for each in done.clients] == ["claude-code", "codex", "copilot"]
    assert "Gemini CLI is left out: it has no gemini-extension.json" in done.notes
    assert snapshot(world.home / ".gemini") == before


def test_a_client_that_was_named_refuses_it(world: World) -> None:
    world.build()
    before = snapshot(world.home)
    with pytest.raises(PlacementError, match=r"has no gemini-extension\.json"):
        world.install(clients=("claude-code", "gemini"))
    assert snapshot(world.home) == before


def test_all_four_take_what_was_built_for_them_and_give_all_back(world: World) -> None:
    build_for_gemini(world)
    before = snapshot(world.home)
    done = world.install(clients=("all",))
    assert [each.client for each in done.clients] == ["claude-code", "codex", "copilot", "gemini"]
    assert not [note for note in done.notes if "left out" in note]
    world.uninstall()
    assert snapshot(world.home) == before


def test_a_project_gets_it_in_the_clients_that_have_projects(world: World) -> None:
    build_for_gemini(world)
    done = world.install(place=world.in_project, allow_unsigned=True)
    assert [each.client for each in done.clients] == ["claude-code", "codex"]
    with pytest.raises(PlacementError, match="Copilot CLI has no plugins of a project"):
        world.install(place=world.in_project, allow_unsigned=True, clients=("copilot",))


def test_clients_that_the_user_has_not_are_not_written_to(tmp_path: Path) -> None:
    world = World(tmp_path)
    build_for_gemini(world)
    world.install()
    assert not (world.home / ".copilot").exists()
    assert not (world.home / ".gemini").exists()


@pytest.mark.parametrize("operation", ["install", "uninstall"])
def test_a_kill_leaves_all_four_or_none(tmp_path: Path, operation: str) -> None:
    root = tmp_path / "world"  # the same each time: settings have full paths

    def prepared() -> World:
        shutil.rmtree(root, ignore_errors=True)
        world = World(root)
        (world.home / ".copilot").mkdir()
        (world.home / ".copilot" / "settings.json").write_text('// mine\n{"theme": "dark"}\n')
        (world.home / ".gemini" / "extensions").mkdir(parents=True)
        build_for_gemini(world)
        if operation == "uninstall":
            world.install()
        return world

    def act(world: World) -> None:
        if operation == "install":
            world.install()
        else:
            world.uninstall()

    world = prepared()
    before = snapshot(world.home)
    act(world)
    after = snapshot(world.home)
    assert before != after
    for at in range(1, 200, 3):  # every change is killed at in test_install
        world = prepared()
        killed = killed_at(at, lambda world=world: act(world))  # type: ignore[misc]
        with world.site.book.locked():
            pass
        assert snapshot(world.home) in (before, after), f"killed at {at}"
        if not killed:
            assert at > 10
            return
    raise AssertionError("it never ended")
