"""What newer versions there are of what is installed: told from a real registry, and nothing is changed by asking."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from disk_snapshots import snapshot
from real_registry import RealRegistry, running_registry
from worlds import World

from toolhive_plugins import Registry, Store
from toolhive_plugins_clients import Scope
from toolhive_plugins_installs import (
    CatalogEntry,
    Freshest,
    Freshness,
    NotInstalledError,
    OutdatedRequest,
    Resolver,
    find_outdated,
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


class Publisher(World):
    """A world that pushes what it builds, and asks what is newer."""

    def __init__(self, root: Path, host: str) -> None:
        super().__init__(root)
        self.repository = f"{host}/{root.name.lower().replace('_', '-').strip('-')}/demo"
        self.scratch = root / "scratch"
        self.entries: list[CatalogEntry] = []

    def publish(self, tag: str, version: str, hook: str = "") -> str:
        digest = self.build(version, hook=hook, tag="to-push.1")
        with Registry(plain_http=True) as registry:
            registry.push(self.store, digest, f"{self.repository}:{tag}")
        self.store.delete_build("to-push.1")
        return digest

    def find(self, name: str) -> list[CatalogEntry]:
        return [entry for entry in self.entries if entry.name == name]

    def outdated(self, *names: str, request: OutdatedRequest | None = None) -> tuple[Freshest, ...]:
        """Ask, and see that nothing was changed."""
        self.scratch.mkdir()
        watched = [self.home, self.project, self.root / "data"]
        before = [snapshot(folder) for folder in watched]
        try:
            with Registry(plain_http=True) as registry, Store(self.scratch) as store:
                return find_outdated(
                    self.site,
                    request or OutdatedRequest(names=names),
                    Resolver(self.store, None, self),
                    Resolver(store, lambda: registry, self),
                    lambda: registry,
                )
        finally:
            shutil.rmtree(self.scratch)
            assert [snapshot(folder) for folder in watched] == before

    def one(self) -> Freshest:
        (found,) = self.outdated()
        return found


@pytest.fixture
def world(tmp_path: Path, real: RealRegistry) -> Publisher:
    return Publisher(tmp_path, real.host)


def test_what_is_newest_is_current(world: Publisher) -> None:
    digest = world.publish("1.0.0", "1.0.0")
    world.publish("0.9.0", "0.9.0")
    world.publish("2.0.0-rc.1", "2.0.0-rc.1")
    world.install(f"{world.repository}:1.0.0")
    found = world.one()
    assert (found.name, found.status, found.digest, found.available) == ("demo", Freshness.CURRENT, digest, "")
    assert found.grew is None


def test_a_newer_version_is_named_and_whether_it_can_do_more(world: Publisher) -> None:
    world.publish("1.0.0", "1.0.0")
    world.install(f"{world.repository}:1.0.0")
    plain = world.publish("v1.2.0", "1.2.0")
    found = world.one()
    assert (found.status, found.available, found.available_digest) == (
        Freshness.NEWER,
        f"{world.repository}:v1.2.0",
        plain,
    )
    assert (found.version, found.available_version, found.grew, found.more) == ("1.0.0", "1.2.0", False, ())
    world.publish("1.10.0", "1.10.0", "./evil.sh")
    found = world.one()
    assert (found.available_version, found.grew) == ("1.10.0", True)
    assert any("SessionStart" in each for each in found.more)


def test_a_pinned_digest_is_compared_by_the_version_of_its_plugin(world: Publisher) -> None:
    digest = world.publish("1.0.0", "1.0.0")
    world.install(f"{world.repository}@{digest}")
    assert world.one().status is Freshness.CURRENT
    world.publish("1.1.0", "1.1.0")
    assert world.one().available == f"{world.repository}:1.1.0"


def test_a_tag_that_names_something_else_now_has_moved(world: Publisher) -> None:
    world.publish("stable", "one")
    world.install(f"{world.repository}:stable")
    assert world.one().status is Freshness.CURRENT
    digest = world.publish("stable", "two", "./run.sh")
    found = world.one()
    assert (found.status, found.available, found.grew) == (Freshness.MOVED, f"{world.repository}@{digest}", True)


def test_a_pin_without_a_version_tells_nothing(world: Publisher) -> None:
    digest = world.publish("stable", "one")
    world.install(f"{world.repository}@{digest}")
    assert world.one().status is Freshness.PINNED


def test_a_local_build_that_was_built_again_has_moved(world: Publisher) -> None:
    world.build("1.0.0")
    world.install("demo")
    assert world.one().status is Freshness.CURRENT
    world.build("1.0.1", hook="./run.sh")
    found = world.one()
    assert (found.status, found.available_version, found.grew) == (Freshness.MOVED, "1.0.1", True)


def test_a_catalogs_name_is_looked_up_again(world: Publisher) -> None:
    digest = world.publish("1.0.0", "1.0.0")
    world.entries = [CatalogEntry("demo", f"{world.repository}@{digest}", "ours")]
    world.site = evolve(world.site, resolver=Resolver(world.store, lambda: Registry(plain_http=True), world))
    world.install("demo")
    assert world.one().status is Freshness.CURRENT
    newer = world.publish("1.1.0", "1.1.0")
    world.entries = [CatalogEntry("demo", f"{world.repository}@{newer}", "ours")]
    assert (world.one().status, world.one().available_digest) == (Freshness.MOVED, newer)
    world.entries = []
    assert world.one().status is Freshness.GONE


def test_the_installed_version_is_compared_from_its_folder_where_the_store_has_lost_it(world: Publisher) -> None:
    world.publish("1.0.0", "1.0.0")
    world.install(f"{world.repository}:1.0.0")
    world.publish("1.1.0", "1.1.0", "./run.sh")
    for entry in world.store.tags():
        world.store.delete_build(entry.tag)
    assert world.one().grew is True


def test_what_cannot_be_reached_is_said_and_the_rest_is_told(
    world: Publisher, tmp_path: Path, real: RealRegistry
) -> None:
    world.publish("1.0.0", "1.0.0")
    world.install(f"{world.repository}:1.0.0")
    world.build("1.0.0", name="other")
    world.install("other")
    shutil.rmtree(real.folder / "storage/docker/registry/v2/repositories" / world.repository.split("/")[1])
    found = {each.name: each for each in world.outdated()}
    assert found["demo"].status is Freshness.GONE
    assert found["demo"].problem
    assert found["other"].status is Freshness.CURRENT
    assert len(world.failures) == 1


def test_names_choose_and_unknown_ones_are_refused(world: Publisher) -> None:
    for name in ("one-plugin", "two-plugin"):
        world.build(name=name)
        world.install(name)
    assert [each.name for each in world.outdated("two-plugin")] == ["two-plugin"]
    with pytest.raises(NotInstalledError):
        world.outdated("absent")


def test_a_projects_lock_file_counts_without_a_record(world: Publisher) -> None:
    world.publish("1.0.0", "1.0.0")
    world.install(f"{world.repository}:1.0.0", place=world.in_project, allow_unsigned=True)
    world.publish("1.1.0", "1.1.0", "./run.sh")
    request = OutdatedRequest(place=world.in_project)
    (recorded,) = world.outdated(request=request)
    world.site.book.path.unlink()
    (locked,) = world.outdated(request=request)
    for found in (recorded, locked):
        assert (found.name, found.status, found.scope) == ("demo", Freshness.NEWER, Scope.PROJECT)
        assert (found.available_version, found.grew) == ("1.1.0", True)
    assert world.outdated() == ()
