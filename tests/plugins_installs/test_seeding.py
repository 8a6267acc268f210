"""Seeds for containers: whole or not there, never over somebody else's folder or name."""

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disk_snapshots import failing_at, killed_at, snapshot
from plugin_folders import make_plugin, write

from toolhive_plugins import Packager, RegistryClient, Store, ToolhiveError
from toolhive_plugins_clients import ClientFileError
from toolhive_plugins_installs import (
    FolderTakenError,
    InvalidTargetError,
    RecordBook,
    Resolver,
    Seeded,
    SeedRequest,
    disk,
    write_seed,
)

FIELDS = ("name", "version", "source", "reference", "digest", "description")

Seeder = Callable[..., Seeded]


def offline() -> RegistryClient:
    raise AssertionError("the registry was asked")


@pytest.fixture(autouse=True)
def _unwatched() -> Iterator[None]:
    yield
    disk.watcher = None


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where flushing costs nothing, if there is one."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def seed(store: Store, tmp_path: Path) -> Seeder:
    """Writes a seed, by default at `seed`, of local builds."""

    def call(
        *targets: str,
        directory: str = "seed",
        settings: str = "",
        replace: bool = False,
        marketplace: str = "toolhive-seed",
    ) -> Seeded:
        request = SeedRequest(
            directory=str(tmp_path / directory),
            targets=targets,
            settings=settings and str(tmp_path / settings),
            replace=replace,
            marketplace=marketplace,
        )
        return write_seed(RecordBook(store.root), Resolver(store, offline), request)

    return call


def build(store: Store, folder: Path, name: str, version: str = "1.0.0", tag: str = "") -> None:
    make_plugin(folder, {"skills/greet/SKILL.md": f"{name}\n"}, name=name, version=version, description=f"Is {name}")
    write(folder, "run.sh", "#!/bin/sh\n", 0o755)
    store.tag(Packager(store).package(str(folder)).index_digest, tag or name)


@pytest.fixture(autouse=True)
def _plugins(store: Store, tmp_path: Path) -> None:
    for name in ("one-plugin", "two-plugin"):
        build(store, tmp_path / name, name)


def test_a_seed_has_a_marketplace_and_plugins_and_no_path_of_this_machine(seed: Seeder, tmp_path: Path) -> None:
    seeded = seed("two-plugin", "one-plugin")
    assert seeded.enabled == {"one-plugin@toolhive-seed": True, "two-plugin@toolhive-seed": True}
    root = tmp_path / "seed"
    for name in ("one-plugin", "two-plugin"):
        for place in (f"cache/toolhive-seed/{name}/1.0.0", f"marketplaces/toolhive-seed/plugins/{name}"):
            assert (root / place / "skills/greet/SKILL.md").read_text() == f"{name}\n"
            assert os.access(root / place / "run.sh", os.X_OK)
    market = json.loads((root / "marketplaces/toolhive-seed/.claude-plugin/marketplace.json").read_text())
    assert [each["name"] for each in market["plugins"]] == ["one-plugin", "two-plugin"]
    for path in root.rglob("*.json"):
        assert str(tmp_path) not in path.read_text()


def test_the_same_targets_give_the_same_bytes(seed: Seeder, tmp_path: Path) -> None:
    seed("one-plugin", "two-plugin")
    seed("two-plugin", directory="other")
    seed("one-plugin", directory="other")
    assert snapshot(tmp_path / "seed") == snapshot(tmp_path / "other")


def test_a_seed_is_added_to_and_a_name_that_it_has_is_refused(seed: Seeder, tmp_path: Path) -> None:
    seed("one-plugin")
    assert [plugin.name for plugin in seed("two-plugin").plugins] == ["one-plugin", "two-plugin"]
    before = snapshot(tmp_path / "seed")
    with pytest.raises(FolderTakenError, match="one-plugin would be there twice"):
        seed("one-plugin")
    with pytest.raises(FolderTakenError, match="whose marketplace is 'toolhive-seed'"):
        seed("one-plugin", marketplace="mine")
    assert snapshot(tmp_path / "seed") == before
    assert [plugin.name for plugin in seed("one-plugin", replace=True).plugins] == ["one-plugin"]
    assert not (tmp_path / "seed/cache/toolhive-seed/two-plugin").exists()


def test_two_plugins_of_one_name_are_refused(store: Store, seed: Seeder, tmp_path: Path) -> None:
    build(store, tmp_path / "again", "one-plugin", "2.0.0", "again.2")
    with pytest.raises(FolderTakenError, match="twice"):
        seed("one-plugin", "again.2")
    assert not (tmp_path / "seed").exists()


@pytest.mark.parametrize("replace", [False, True])
def test_a_folder_of_somebody_elses_is_left_alone(seed: Seeder, tmp_path: Path, replace: bool) -> None:
    write(tmp_path, "seed/mine.txt")
    before = snapshot(tmp_path / "seed")
    with pytest.raises(FolderTakenError, match="no seed of ours"):
        seed("one-plugin", replace=replace)
    assert snapshot(tmp_path / "seed") == before
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderTakenError, match="not a folder"):
        seed("one-plugin", directory="file", replace=replace)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ToolhiveError):
        seed("one-plugin", directory="link", replace=replace)
    assert not (tmp_path / "elsewhere").exists()


def test_an_empty_folder_is_used(seed: Seeder, tmp_path: Path) -> None:
    (tmp_path / "seed").mkdir()
    assert seed("one-plugin").directory == str(tmp_path / "seed")
    assert seed("one-plugin", directory="deep/below/seed").plugins[0].name == "one-plugin"


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "[]",
        '{"version": 2, "marketplace": "toolhive-seed", "plugins": []}',
        '{"version": 1, "marketplace": "../x", "plugins": []}',
        '{"version": 1, "marketplace": "toolhive-seed", "plugins": [{"name": "x"}]}',
        json.dumps(
            {
                "version": 1,
                "marketplace": "toolhive-seed",
                "plugins": [
                    dict.fromkeys(("name", "version", "source", "reference", "digest", "description"), "../..")
                ],
            }
        ),
        "[" * 100_000,
    ],
)
def test_a_marker_that_is_not_ours_is_refused(seed: Seeder, tmp_path: Path, marker: str) -> None:
    write(tmp_path, "seed/.toolhive-seed.json", marker)
    with pytest.raises(FolderTakenError, match="damaged"):
        seed("one-plugin")


@pytest.mark.parametrize("name", ["claude-plugins", "my-official-ones", "Anthropic", "../x", "a", ""])
def test_names_of_marketplaces_are_checked(seed: Seeder, name: str) -> None:
    with pytest.raises(InvalidTargetError):
        seed("one-plugin", marketplace=name)


@pytest.mark.parametrize(("version", "folder"), [("1.0.0+b/../1", "1.0.0-b-..-1"), ("", ""), ("v 2", "v-2")])
def test_a_version_is_no_path(store: Store, seed: Seeder, tmp_path: Path, version: str, folder: str) -> None:
    build(store, tmp_path / "odd", "odd-plugin", version)
    plugin = seed("odd-plugin").plugins[0]
    assert plugin.version == (folder or plugin.digest[7:19])
    assert (tmp_path / "seed/cache/toolhive-seed/odd-plugin" / plugin.version / "run.sh").is_file()


def test_what_claude_code_refuses_is_warned_of(store: Store, seed: Seeder, tmp_path: Path) -> None:
    make_plugin(tmp_path / "odd", {"hooks/hooks.json": {"hooks": 5}}, name="odd-plugin", hooks=5)
    store.tag(Packager(store).package(str(tmp_path / "odd")).index_digest, "odd-plugin")
    (warning,) = seed("odd-plugin").warnings
    assert warning.startswith("odd-plugin: Claude Code refuses it")
    assert seed("one-plugin").warnings == ()


@pytest.mark.parametrize("version", ["..", ".", "x" * 101])
def test_a_version_that_no_folder_can_have_is_refused(store: Store, seed: Seeder, tmp_path: Path, version: str) -> None:
    build(store, tmp_path / "odd", "odd-plugin", version)
    with pytest.raises(ToolhiveError, match="name of a folder"):
        seed("odd-plugin")


def test_settings_are_edited_in_place(seed: Seeder, tmp_path: Path) -> None:
    text = '{\n    // mine\n    "model": "x", \r\n    "enabledPlugins": {"a@b": false,}\n}\n'
    (tmp_path / "settings.json").write_text(text, newline="")
    seeded = seed("one-plugin", settings="settings.json")
    assert seeded.settings == str(tmp_path / "settings.json")
    after = (tmp_path / "settings.json").read_bytes().decode()
    assert '"one-plugin@toolhive-seed": true' in after
    assert after.replace(' "one-plugin@toolhive-seed": true,', "") == text


@pytest.mark.parametrize(
    "text", ["not json", "[]", '{"enabledPlugins": []}', '{"enabledPlugins": {"one-plugin@toolhive-seed": false}}']
)
def test_settings_that_cannot_be_edited_leave_everything_as_it_was(seed: Seeder, tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(ClientFileError):
        seed("one-plugin", settings="settings.json")
    assert (tmp_path / "settings.json").read_text() == text
    assert not (tmp_path / "seed").exists()


def test_a_failure_or_kill_at_any_disk_change_leaves_the_old_or_the_new(
    seed: Seeder, store: Store, tmp_path: Path
) -> None:
    def state() -> dict[str, tuple[str, int, bytes]]:
        with RecordBook(store.root).locked():  # It takes back, or finishes, what was interrupted.
            return {path: found for path, found in snapshot(tmp_path).items() if path.startswith(("seed", "home"))}

    def restart() -> None:
        disk.remove_tree(tmp_path / "seed")
        write(tmp_path, "home/settings.json", "{}\n")
        seed("one-plugin", settings="home/settings.json")

    def act() -> Seeded:
        return seed("two-plugin", settings="home/settings.json")

    restart()
    before = state()
    for step in range(1, 60):
        killed = killed_at(step, act)
        found = state()
        if not killed:
            break
        assert "seed/.toolhive-seed.json" in found
        if found != before:
            assert b"two-plugin" in found["home/settings.json"][2]
            assert "seed/cache/toolhive-seed/two-plugin" in found
            restart()
    assert step > 5
    for step in range(1, 12, 3):
        restart()
        failing_at(step, errno.ENOSPC)
        with contextlib.suppress(OSError):
            act()
        disk.watcher = None
        assert (b"two-plugin" in state()["home/settings.json"][2]) is (
            tmp_path / "seed/cache/toolhive-seed/two-plugin"
        ).exists()
