"""A plugin that its catalog calls otherwise now: an upgrade puts it in the place of the one with the former name."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from attrs import evolve
from disk_snapshots import snapshot
from real_registry import RealRegistry, running_registry
from worlds import Asked, World

from toolhive_plugins import Registry
from toolhive_plugins_installs import (
    CatalogEntry,
    Consent,
    DiskError,
    FolderTakenError,
    Resolver,
    Unattended,
    UpgradedPlugin,
    UpgradeRequest,
    UpgradeStatus,
    parse_lock_file,
    upgrade,
    upgrading,
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


class Catalogued(World):
    """A world with a catalog, in which `former` was renamed to `latter`."""

    def __init__(self, root: Path, host: str) -> None:
        super().__init__(root)
        self.prefix = f"{host}/{root.name.lower().replace('_', '-').strip('-')}"
        self.entries: dict[str, CatalogEntry] = {}
        self.site = evolve(self.site, resolver=Resolver(self.store, lambda: Registry(plain_http=True), self))

    def find(self, name: str) -> Sequence[CatalogEntry]:
        return [self.entries[name]] if name in self.entries else []

    def publish(self, name: str, version: str, *names: str, hook: str = "") -> str:
        """Publish a plugin, and have the catalog give it for these names."""
        digest = self.build(version, name=name, tag="to-push.1", hook=hook)
        with Registry(plain_http=True) as registry:
            registry.push(self.store, digest, f"{self.prefix}/{name}:{version}")
        self.store.delete_build("to-push.1")
        for each in names or (name,):
            self.entries[each] = CatalogEntry(name, f"{self.prefix}/{name}@{digest}", "ours")
        return digest

    def upgrade(self, consent: Consent | None = None, **request: object) -> UpgradedPlugin:
        (result,) = upgrade(self.site, UpgradeRequest(**request), consent or Unattended())  # type: ignore[arg-type]
        return result


@pytest.fixture
def world(tmp_path: Path, real: RealRegistry) -> Catalogued:
    made = Catalogued(tmp_path, real.host)
    made.publish("former", "1.0.0")
    made.install("former", place=made.in_project, allow_unsigned=True)
    made.publish("latter", "1.1.0", "former", "latter")
    return made


def test_it_is_offered_and_takes_the_place_of_the_old_one(world: Catalogued) -> None:
    before = snapshot(world.project)
    shown = world.upgrade(place=world.in_project, preview=True)
    assert (shown.status, shown.name, shown.new_name) == (UpgradeStatus.AVAILABLE, "former", "latter")
    assert snapshot(world.project) == before
    asked = Asked(answer=False)
    assert world.upgrade(asked, place=world.in_project, allow_unsigned=True).status is UpgradeStatus.FAILED
    assert [(each.old_name, each.name, each.old_version) for each in asked.proposals] == [("former", "latter", "1.0.0")]
    assert snapshot(world.project) == before

    done = world.upgrade(place=world.in_project, allow_unsigned=True)
    assert (done.status, done.new_name, done.new_version) == (UpgradeStatus.UPGRADED, "latter", "1.1.0")
    (entry,) = parse_lock_file((world.project / "toolhive.lock.yaml").read_bytes()).entries
    assert (entry.name, entry.source, entry.version, entry.explicit) == ("latter", "latter", "1.1.0", True)
    records = world.site.book.read().installations
    assert {(each.name, each.client.value) for each in records} == {("latter", "claude-code"), ("latter", "codex")}
    assert not (world.project / ".claude/skills/former").exists()
    assert (world.project / ".claude/skills/latter/.claude-plugin/plugin.json").is_file()
    assert world.upgrade(place=world.in_project).status is UpgradeStatus.CURRENT


def test_what_it_can_do_more_is_asked_as_for_any_upgrade(world: Catalogued) -> None:
    world.publish("latter", "1.2.0", "former", "latter", hook="./new.sh")
    before = snapshot(world.project)
    stopped = world.upgrade(place=world.in_project, allow_unsigned=True)
    assert (stopped.status, stopped.grew) == (UpgradeStatus.FAILED, True)
    assert snapshot(world.project) == before


def test_an_edited_folder_stops_it_and_nothing_changes(world: Catalogued) -> None:
    (world.project / ".claude/skills/former/skills/greet/SKILL.md").write_text("mine")
    before = snapshot(world.project)
    assert world.upgrade(place=world.in_project, allow_unsigned=True).status is UpgradeStatus.FAILED
    assert isinstance(world.failures[-1], FolderTakenError)
    assert snapshot(world.project) == before


def test_a_run_that_ends_in_between_is_finished_by_the_next_upgrade(
    world: Catalogued, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DiskError("the disk is full", where="somewhere")

    monkeypatch.setattr(upgrading, "uninstall", fail)
    stopped = world.upgrade(place=world.in_project, allow_unsigned=True)
    assert (stopped.status, stopped.problem) == (UpgradeStatus.FAILED, "the disk is full")
    monkeypatch.undo()
    asked = Asked()
    first, *_ = upgrade(world.site, UpgradeRequest(place=world.in_project, allow_unsigned=True), asked)
    assert (first.status, first.name, first.new_name) == (UpgradeStatus.UPGRADED, "former", "latter")
    assert asked.proposals == []  # that was answered
    assert {each.name for each in world.site.book.read().installations} == {"latter"}
    assert world.upgrade(place=world.in_project).status is UpgradeStatus.CURRENT
