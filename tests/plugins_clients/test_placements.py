"""Names, projects and homes are checked once, before anything is planned."""

from pathlib import Path

import pytest

from toolhive_plugins_clients import (
    Homes,
    Method,
    Placement,
    PlacementError,
    Scope,
    check_name,
    check_project,
    homes_from,
)


@pytest.mark.parametrize("name", ["ab", "release-notes", "a1", "x" * 64, "0-0"])
def test_takes_the_names_that_thv_takes(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "a", "A1", "-ab", "ab-", "a--b", "x" * 65, "a b", "a/b", "..", "a.tmp", "ab\n", "\uff41b", ".ab", "a_b"],
)
def test_refuses_names_that_thv_refuses(name: str) -> None:
    with pytest.raises(PlacementError, match="cannot be the name"):
        check_name(name)


@pytest.mark.parametrize("name", ["cache", "data", "synced", "marketplaces", "store", "repos", "toolhive"])
def test_refuses_the_names_of_a_clients_own_folders(name: str) -> None:
    with pytest.raises(PlacementError, match="folder of the client's own"):
        check_name(name)


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9", "aux"])
def test_refuses_the_names_of_windows_devices(name: str) -> None:
    with pytest.raises(PlacementError, match="device on Windows"):
        check_name(name)


def test_a_project_is_the_root_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(PlacementError, match=r"no \.git"):
        check_project(tmp_path)
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    assert check_project(tmp_path) == tmp_path


def test_a_project_is_not_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real" / ".git").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(PlacementError, match="is a symbolic link"):
        check_project(tmp_path / "link")


@pytest.mark.parametrize("path", ["relative", "/a/../b", "/no/such/folder", "/a\0b", "/dev/null"])
def test_refuses_other_paths_as_projects(path: str) -> None:
    with pytest.raises(PlacementError):
        check_project(Path(path))


def test_a_project_and_its_scope_go_together(tmp_path: Path) -> None:
    homes = Homes(tmp_path)
    with pytest.raises(PlacementError, match="needs a project"):
        Placement(name="ab", scope=Scope.PROJECT, method=Method.FOLDER, homes=homes)
    (tmp_path / ".git").mkdir()
    with pytest.raises(PlacementError, match="has no project"):
        Placement(name="ab", method=Method.FOLDER, homes=homes, project=tmp_path)


def test_homes_are_where_the_environment_says() -> None:
    homes = homes_from({"HOME": "/home/ann/", "CODEX_HOME": "/srv/codex", "CLAUDE_CONFIG_DIR": ""})
    assert homes.folder("CODEX_HOME", ".codex") == Path("/srv/codex")
    assert homes.folder("CLAUDE_CONFIG_DIR", ".claude") == Path("/home/ann/.claude")


@pytest.mark.parametrize("value", ["codex", "~/codex", "/srv/../etc", "/a\nb"])
def test_a_home_of_a_client_is_an_absolute_path(value: str) -> None:
    with pytest.raises(PlacementError, match="CODEX_HOME"):
        homes_from({"HOME": "/home/ann", "CODEX_HOME": value}).folder("CODEX_HOME", ".codex")
