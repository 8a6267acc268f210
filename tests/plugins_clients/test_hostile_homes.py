"""Homes in which anything may be in the way: nothing is waited for, nothing is guessed, and a fault is found before any write."""

import os
from pathlib import Path

import pytest
from client_homes import CLAUDE, CODEX, COPILOT, FACTS, make_homes, make_plugin, make_project, place, write
from plan_executor import Executor, snapshot

from toolhive_plugins_clients import (
    ClientAdapter,
    ClientError,
    ClientFileError,
    Homes,
    Method,
    Placement,
    PlacementError,
)

ADAPTERS = pytest.mark.parametrize("adapter", [CLAUDE, CODEX], ids=["claude-code", "codex"])
FOR_A_USER = pytest.mark.parametrize("adapter", [CLAUDE, CODEX, COPILOT], ids=["claude-code", "codex", "copilot"])
IN_PROJECT = pytest.mark.parametrize("in_project", [False, True], ids=["user", "project"])


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return make_homes(tmp_path)


def placed(homes: Homes, tmp_path: Path, in_project: bool) -> Placement:
    return place(homes, Method.MARKETPLACE, make_project(tmp_path) if in_project else None)


def edited_file(adapter: ClientAdapter, placement: Placement) -> Path:
    """Return the file of the user's that an installation edits."""
    return adapter.plan_install(placement, FACTS).edits[-1].path


@ADAPTERS
@IN_PROJECT
@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"null", b'"x"', b"\xff\xfe\x00", b"a: 1", b"{" * 1000, b" " * (5 * 1024 * 1024),
     b'{"enabledPlugins": [], "name": "x", "plugins": {}}', b'{"extraKnownMarketplaces": 5, "name": "x", "plugins": "y"}'],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused_and_left(
    homes: Homes, tmp_path: Path, adapter: ClientAdapter, in_project: bool, content: bytes
) -> None:
    placement = placed(homes, tmp_path, in_project)
    file = write(edited_file(adapter, placement), content)
    with pytest.raises(ClientFileError) as caught:
        adapter.plan_install(placement, FACTS)
    assert str(file) in caught.value.where
    assert caught.value.remedy
    assert file.read_bytes() == content
    assert not adapter.health(placement).ok


@ADAPTERS
@IN_PROJECT
@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "loop"])
def test_what_is_no_file_is_refused_at_once(
    homes: Homes, tmp_path: Path, adapter: ClientAdapter, in_project: bool, kind: str
) -> None:
    placement = placed(homes, tmp_path, in_project)
    file = edited_file(adapter, placement)
    file.parent.mkdir(parents=True, exist_ok=True)
    if kind == "fifo":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to("/dev/zero" if kind == "device" else file.name)
    with pytest.raises(ClientError):
        adapter.plan_install(placement, FACTS)
    with pytest.raises(ClientError):
        adapter.plan_remove(placement)
    assert not adapter.health(placement).ok
    adapter.owed(placement, FACTS)


@FOR_A_USER
def test_a_file_behind_links_is_changed_at_the_last_target(
    homes: Homes, tmp_path: Path, adapter: ClientAdapter
) -> None:
    placement = placed(homes, tmp_path, in_project=False)
    file = edited_file(adapter, placement)
    target = write(tmp_path / "dotfiles" / "file.json", '{"name": "mine", "plugins": []}' if adapter is CODEX else "{}")
    file.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "dotfiles" / "link").symlink_to("file.json")
    file.symlink_to(tmp_path / "dotfiles" / "link")
    was = snapshot(tmp_path)
    executor, plan = Executor(), adapter.plan_install(placement, FACTS)
    assert plan.edits[-1].path == target
    executor.install(plan, make_plugin(tmp_path))
    assert file.is_symlink()
    assert b"demo" in target.read_bytes()
    executor.remove(adapter.plan_remove(placement, executor.records.values()))
    assert {path: each for path, each in snapshot(tmp_path).items() if not path.startswith("plugins")} == was


@FOR_A_USER
def test_a_link_to_a_file_that_is_not_there_yet(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    placement = placed(homes, tmp_path, in_project=False)
    file = edited_file(adapter, placement)
    (tmp_path / "dotfiles").mkdir()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(tmp_path / "dotfiles" / "new.json")
    edit = adapter.plan_install(placement, FACTS).edits[-1]
    assert (edit.path, edit.before) == (tmp_path / "dotfiles" / "new.json", None)


@ADAPTERS
def test_no_link_leads_out_of_a_project(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    """What was cloned is a stranger's: a link in it must not have a file of the user's rewritten."""
    placement = placed(homes, tmp_path, in_project=True)
    file = edited_file(adapter, placement)
    target = write(tmp_path / "outside.json", '{"name": "mine", "plugins": []}' if adapter is CODEX else "{}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(target)
    with pytest.raises(PlacementError, match="leads out of the project"):
        adapter.plan_install(placement, FACTS)


@ADAPTERS
@IN_PROJECT
@pytest.mark.parametrize("how_far", [0, 1, 2])
def test_a_folder_behind_a_link_is_refused(
    homes: Homes, tmp_path: Path, adapter: ClientAdapter, in_project: bool, how_far: int
) -> None:
    placement = placed(homes, tmp_path, in_project)
    folder = adapter.folder(placement)
    link = (folder, *folder.parents)[how_far]
    link.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "elsewhere").mkdir()
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlacementError, match=r"symbolic link|leads out"):
        adapter.plan_install(placement, FACTS)


@FOR_A_USER
def test_a_clients_home_may_itself_be_a_link(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    home = adapter.home(homes)
    home.rename(tmp_path / "real")
    home.symlink_to(tmp_path / "real")
    assert adapter.plan_install(placed(homes, tmp_path, in_project=False), FACTS).folder


@ADAPTERS
@IN_PROJECT
def test_a_file_in_the_place_of_a_folder(
    homes: Homes, tmp_path: Path, adapter: ClientAdapter, in_project: bool
) -> None:
    placement = placed(homes, tmp_path, in_project)
    write(adapter.folder(placement).parent, "x")
    with pytest.raises(PlacementError, match="not a folder"):
        adapter.plan_install(placement, FACTS)


@ADAPTERS
@IN_PROJECT
def test_a_read_only_file_fails_before_any_write(
    homes: Homes, tmp_path: Path, adapter: ClientAdapter, in_project: bool
) -> None:
    placement = placed(homes, tmp_path, in_project)
    content = '{"name": "mine", "plugins": []}' if adapter is CODEX else "{}"
    write(edited_file(adapter, placement), content).chmod(0o444)
    with pytest.raises(ClientFileError, match="is read-only"):
        adapter.plan_install(placement, FACTS)


@FOR_A_USER
def test_a_read_only_folder_fails_before_any_write(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    placement = placed(homes, tmp_path, in_project=False)
    folder = adapter.folder(placement).parent
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    with pytest.raises(ClientFileError, match="read-only folder"):
        adapter.plan_install(placement, FACTS)


@pytest.mark.parametrize("method", Method)
def test_settings_that_are_broken_hinder_only_who_must_change_them(homes: Homes, method: Method) -> None:
    write(homes.home / ".claude" / "settings.json", "{")
    if method is Method.FOLDER:
        assert CLAUDE.plan_install(place(homes, method), FACTS).folder
        assert CLAUDE.plan_remove(place(homes, method)).folder
    else:
        with pytest.raises(ClientFileError):
            CLAUDE.plan_install(place(homes, method), FACTS)


@ADAPTERS
def test_planning_writes_nothing(homes: Homes, tmp_path: Path, adapter: ClientAdapter) -> None:
    placement = placed(homes, tmp_path, in_project=True)
    was = snapshot(tmp_path)
    adapter.plan_install(placement, FACTS)
    adapter.plan_remove(placement)
    adapter.health(placement)
    adapter.owed(placement)
    assert snapshot(tmp_path) == was
