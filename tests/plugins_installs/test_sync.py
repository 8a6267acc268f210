"""A project is made as its lock file says, and nothing else is touched; upgrades bring what is new, once it is agreed to."""

import shutil
from pathlib import Path

import pytest
from attrs import evolve
from disk_snapshots import killed_at, snapshot
from worlds import Asked, World

from toolhive_plugins_clients import Method
from toolhive_plugins_installs import (
    LockFileError,
    NotInstalledError,
    Place,
    Proposal,
    Synced,
    SyncRequest,
    SyncStatus,
    Unattended,
    UpgradedPlugin,
    UpgradeRequest,
    UpgradeStatus,
    parse_lock_file,
    sync,
    upgrade,
)


@pytest.fixture
def tmp_path(memory: Path) -> Path:
    return memory


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A project with one plugin, for Claude Code."""
    made = World(tmp_path)
    made.build()
    made.install(place=made.in_project, allow_unsigned=True, clients=("claude-code",))
    return made


def synced(world: World, consent: object = None, **request: object) -> Synced:
    return sync(world.site, SyncRequest(place=world.in_project, **request), consent or Unattended())  # type: ignore[arg-type]


def upgraded(world: World, *names: str, consent: object = None, **request: object) -> tuple[UpgradedPlugin, ...]:
    asked = UpgradeRequest(names=names, **{"place": world.in_project, **request})  # type: ignore[arg-type]
    return upgrade(world.site, asked, consent or Unattended())  # type: ignore[arg-type]


def status(result: Synced) -> dict[str, SyncStatus]:
    return {each.name: each.status for each in result.plugins}


def folder(world: World) -> Path:
    return world.project / ".claude" / "skills" / "demo"


def test_nothing_to_do_changes_no_byte(world: World) -> None:
    before = snapshot(world.root)
    result = synced(world)
    assert status(result) == {"demo": SyncStatus.CURRENT}
    assert not result.drifted
    assert snapshot(world.root) == before


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda folder: shutil.rmtree(folder), "folder is gone"),
        (lambda folder: (folder / "README.md").write_text("x"), "changed: README.md"),
        (lambda folder: (folder / "README.md").chmod(0o755), "executable"),
        (lambda folder: (folder / "README.md").write_bytes(b"demo 1.0.0\r\n"), "only line ends"),
    ],
)
def test_drift_is_found_and_repaired(world: World, harm: object, reason: str) -> None:
    whole = snapshot(world.project)
    harm(folder(world))  # type: ignore[operator]
    before = snapshot(world.root)
    checked = synced(world, check=True)
    assert status(checked) == {"demo": SyncStatus.DRIFTED}
    assert reason in " ".join(checked.plugins[0].reasons)
    assert snapshot(world.root) == before
    if folder(world).exists():
        assert status(synced(world)) == {"demo": SyncStatus.FAILED}
        assert status(synced(world, force=True)) == {"demo": SyncStatus.INSTALLED}
    else:
        assert status(synced(world)) == {"demo": SyncStatus.INSTALLED}
    assert snapshot(world.project) == whole


def test_a_client_whose_folder_is_gone_gets_it_again_and_no_other_does(world: World) -> None:
    """thv was seen to install into another client, and to drop the first from its record."""
    shutil.rmtree(folder(world))
    assert status(synced(world)) == {"demo": SyncStatus.INSTALLED}
    assert folder(world).is_dir()
    assert not (world.project / ".agents").exists()
    assert {each.client.value for each in world.site.book.read().installations} == {"claude-code"}
    assert status(synced(world, check=True)) == {"demo": SyncStatus.CURRENT}


def test_settings_that_no_longer_name_it_are_drift(world: World) -> None:
    world.uninstall(place=world.in_project)
    world.install(place=world.in_project, allow_unsigned=True, clients=("claude-code",), method=Method.MARKETPLACE)
    (world.project / ".claude" / "settings.json").write_text("{}")
    assert status(synced(world, check=True)) == {"demo": SyncStatus.DRIFTED}
    synced(world)
    assert status(synced(world, check=True)) == {"demo": SyncStatus.CURRENT}


def cloned(world: World, name: str = "clone", *, with_folder: bool = False) -> World:
    """The project as somebody else has it: another path, another home, no records; the same local builds."""
    other = World(world.root / name)
    shutil.copy(world.project / "toolhive.lock.yaml", other.project / "toolhive.lock.yaml")
    shutil.rmtree(other.root / "data", ignore_errors=True)
    shutil.copytree(world.root / "data" / "plugins", other.root / "data" / "plugins")
    if with_folder:
        shutil.copytree(world.project / ".claude", other.project / ".claude")
    return other


def test_a_clone_asks_before_it_installs_what_a_stranger_pinned(world: World) -> None:
    other = cloned(world)
    assert status(synced(other, check=True)) == {"demo": SyncStatus.MISSING}
    asked = Asked(answer=False)
    assert status(synced(other, asked, clients=("claude-code",))) == {"demo": SyncStatus.FAILED}
    assert not folder(other).exists()
    (proposal,) = asked.proposals
    assert isinstance(proposal, Proposal)
    assert proposal.occasion == "sync"
    lock = (other.project / "toolhive.lock.yaml").read_bytes()
    assert status(synced(other, clients=("claude-code",))) == {"demo": SyncStatus.INSTALLED}
    assert snapshot(folder(other)) == snapshot(folder(world))
    assert (other.project / "toolhive.lock.yaml").read_bytes() == lock


def test_a_folder_that_came_with_the_clone_is_adopted_if_it_is_the_locked_one(world: World) -> None:
    other = cloned(world, with_folder=True)
    assert status(synced(other, clients=("claude-code",))) == {"demo": SyncStatus.FAILED}
    before = snapshot(other.project)
    assert status(synced(other, adopt=True, clients=("claude-code",))) == {"demo": SyncStatus.ADOPTED}
    assert snapshot(other.project) == before
    assert status(synced(other, check=True)) == {"demo": SyncStatus.CURRENT}
    edited = cloned(world, "edited", with_folder=True)
    (folder(edited) / "README.md").write_text("x")
    assert status(synced(edited, adopt=True, clients=("claude-code",))) == {"demo": SyncStatus.FAILED}
    assert (folder(edited) / "README.md").read_text() == "x"


def test_what_the_lock_file_does_not_have_is_pruned_only_when_asked(world: World) -> None:
    (world.project / "toolhive.lock.yaml").write_text("version: 1\n")
    assert status(synced(world)) == {"demo": SyncStatus.UNLOCKED}
    assert folder(world).is_dir()
    assert status(synced(world, prune=True)) == {"demo": SyncStatus.PRUNED}
    assert not folder(world).exists()


def test_a_lock_file_that_was_upgraded_by_somebody_else_is_followed(world: World) -> None:
    other = cloned(world)
    synced(other, clients=("claude-code",))
    world.build("2.0.0", hook="echo more")
    world.install(place=world.in_project, consent=Unattended(accept_growth=True))
    shutil.copy(world.project / "toolhive.lock.yaml", other.project / "toolhive.lock.yaml")
    shutil.copytree(world.root / "data" / "plugins", other.root / "data" / "plugins", dirs_exist_ok=True)
    other = reopened(other)
    assert status(synced(other)) == {"demo": SyncStatus.FAILED}
    assert "can do more" in str(other.failures[-1])
    assert status(synced(other, Unattended(accept_growth=True))) == {"demo": SyncStatus.INSTALLED}
    assert snapshot(folder(other)) == snapshot(folder(world))


def reopened(world: World) -> World:
    return World(world.root, create=False)


def test_a_content_that_is_not_the_locked_one_is_refused(world: World) -> None:
    other = cloned(world)
    path = other.project / "toolhive.lock.yaml"
    lock = parse_lock_file(path.read_bytes())
    path.write_bytes(lock.edited([evolve(lock.entries[0], content_digest="sha256:" + "0" * 64)]))
    assert status(synced(other)) == {"demo": SyncStatus.FAILED}
    assert "content digest" in str(other.failures[0])


def test_a_hostile_lock_file_changes_nothing(world: World) -> None:
    (world.project / "toolhive.lock.yaml").write_bytes(b"version: 1\nplugins: &a [*a]\n")
    before = snapshot(world.root)
    with pytest.raises(LockFileError):
        synced(world)
    assert snapshot(world.root) == before


def test_a_lock_file_that_is_a_link_is_not_followed(world: World, tmp_path: Path) -> None:
    path = world.project / "toolhive.lock.yaml"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere").read_bytes()
    world.build("1.1.0")
    with pytest.raises(Exception, match="symbolic link"):
        world.install(place=world.in_project)
    assert (tmp_path / "elsewhere").read_bytes() == before


def test_a_kill_in_sync_is_finished_or_taken_back_by_the_next_run(tmp_path: Path) -> None:
    for at in range(1, 100):
        world = World(tmp_path / str(at))
        world.build()
        world.install(place=world.in_project, allow_unsigned=True, method=Method.MARKETPLACE)
        whole = snapshot(world.project)
        shutil.rmtree(world.project / ".claude")
        killed = killed_at(at, lambda world=world: synced(world))  # type: ignore[misc]
        synced(world)
        assert snapshot(world.project) == whole, f"killed at {at}"
        if not killed:
            assert at > 10
            return
    pytest.fail("it never ended")


# --- upgrade ---


def test_an_upgrade_touches_one_entry_of_the_lock(world: World) -> None:
    world.build(name="other")
    world.install("other", place=world.in_project, allow_unsigned=True, clients=("claude-code",))
    path = world.project / "toolhive.lock.yaml"
    text = path.read_text().replace("    - name: other\n", "    # kept\n    - name: other\n      x-unknown: [1]\n")
    path.write_text(text)
    world.build("1.1.0")
    world.build("1.1.0", name="other")
    (one,) = upgraded(world, "demo")
    assert (one.status, one.old_version, one.new_version, one.grew) == (UpgradeStatus.UPGRADED, "1.0.0", "1.1.0", False)
    assert path.read_text()[path.read_text().index("    # kept") :] == text[text.index("    # kept") :]
    assert (folder(world) / "README.md").read_text() == "demo 1.1.0\n"
    assert {each.name: each.status for each in upgraded(world)} == {
        "demo": UpgradeStatus.CURRENT,
        "other": UpgradeStatus.UPGRADED,
    }


def test_a_preview_changes_nothing(world: World) -> None:
    world.build("2.0.0", hook="echo more")
    before = snapshot(world.root)
    (one,) = upgraded(world, preview=True)
    assert (one.status, one.grew) == (UpgradeStatus.AVAILABLE, True)
    assert one.change is not None
    assert snapshot(world.root) == before


def test_growth_stops_an_upgrade_until_it_is_accepted(world: World) -> None:
    world.build("2.0.0", hook="echo more")
    before = snapshot(world.project)
    (one,) = upgraded(world)
    assert (one.status, one.grew) == (UpgradeStatus.FAILED, True)
    assert "can do more" in str(world.failures[0])
    assert snapshot(world.project) == before
    asked = Asked()
    (one,) = upgraded(world, consent=asked)
    assert one.status is UpgradeStatus.UPGRADED
    assert asked.proposals[0].grew


def test_a_source_that_is_gone_is_reported_and_kept(world: World) -> None:
    world.store.delete_build("demo")
    (one,) = upgraded(world)
    assert one.status is UpgradeStatus.GONE
    assert folder(world).is_dir()


def test_a_name_that_is_not_installed_stops_it_before_anything_changed(world: World) -> None:
    with pytest.raises(NotInstalledError):
        upgraded(world, "demo", "nothing")
    with pytest.raises(NotInstalledError):
        upgraded(world, "demo", place=Place())


def test_a_users_plugins_are_upgraded_apart_from_the_projects(world: World) -> None:
    world.install()
    world.build("1.1.0")
    (one,) = upgraded(world, place=Place())
    assert one.status is UpgradeStatus.UPGRADED
    assert (folder(world) / "README.md").read_text() == "demo 1.0.0\n"
    assert (world.skills / "demo" / "README.md").read_text() == "demo 1.1.0\n"
