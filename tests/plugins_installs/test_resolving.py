"""Targets resolved against a real registry, the local store and catalogs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from plugin_folders import make_plugin
from real_registry import RealRegistry, running_registry

from toolhive_plugins import (
    Digest,
    InvalidReferenceError,
    NameMismatchError,
    NotAPluginError,
    Packager,
    Registry,
    RegistryClient,
    RegistryNotFoundError,
    Store,
)
from toolhive_plugins_installs import (
    AmbiguousTargetError,
    CatalogEntry,
    InvalidTargetError,
    Resolver,
    SourceKind,
    UnknownTargetError,
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A registry for all tests; each has repositories of its own."""
    with running_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


def offline() -> RegistryClient:
    raise AssertionError("the registry was asked")


@pytest.fixture
def resolver(store: Store) -> Iterator[Resolver]:
    with Registry(plain_http=True) as registry:
        yield Resolver(store, lambda: registry)


def publish(folder: Path, ref: str, **manifest: str) -> Digest:
    """Build a plugin elsewhere, and push it."""
    other = Store(folder / "publisher")
    digest = Packager(other).package(str(make_plugin(folder / "source", {"README.md": ref}, **manifest))).index_digest
    with Registry(plain_http=True) as registry:
        registry.push(other, digest, ref)
    return digest


def test_a_reference_is_pulled_and_its_digest_noted(resolver: Resolver, real: RealRegistry, tmp_path: Path) -> None:
    digest = publish(tmp_path, f"{real.host}/one/demo:1.0.0", version="1.0.0")
    with resolver.open(f"{real.host}/one/demo:1.0.0") as plugin:
        assert (plugin.kind, plugin.name, plugin.version, plugin.digest) == (
            SourceKind.REGISTRY,
            "demo",
            "1.0.0",
            digest,
        )
        assert plugin.source == f"{real.host}/one/demo:1.0.0"
        assert plugin.reference == f"{real.host}/one/demo@{digest}"
        assert b"".join(plugin.tree.chunks("README.md")).decode() == plugin.source


def test_what_is_pinned_and_here_needs_no_registry(
    resolver: Resolver, store: Store, real: RealRegistry, tmp_path: Path
) -> None:
    publish(tmp_path, f"{real.host}/two/demo:1.0.0")
    with resolver.open(f"{real.host}/two/demo:1.0.0") as plugin:
        pinned = plugin.reference
    with Resolver(store, offline).open_pinned(pinned, source="as written") as again:
        assert (again.reference, again.source) == (pinned, "as written")
        assert sorted(again.tree.paths) == [".claude-plugin/plugin.json", "README.md"]
    with Resolver(store, offline).open(pinned) as again:
        assert again.reference == pinned


def test_a_damaged_copy_is_fetched_again(resolver: Resolver, store: Store, real: RealRegistry, tmp_path: Path) -> None:
    publish(tmp_path, f"{real.host}/three/demo:1.0.0")
    with resolver.open(f"{real.host}/three/demo:1.0.0") as plugin:
        pinned = plugin.reference
        assert plugin.artifact is not None
        layer = plugin.artifact.variants[0].layer.digest
    (store.root / "blobs/sha256" / layer.encoded).unlink()
    with resolver.open_pinned(pinned) as again:
        assert again.reference == pinned


def test_a_tag_is_asked_for_again(resolver: Resolver, real: RealRegistry, tmp_path: Path) -> None:
    ref = f"{real.host}/four/demo:latest"
    first = publish(tmp_path, ref, version="1.0.0")
    with resolver.open(ref) as plugin:
        assert plugin.digest == first
    second = publish(tmp_path, ref, version="2.0.0")
    with resolver.open(ref) as plugin:
        assert (plugin.digest, plugin.version) == (second, "2.0.0")


def test_a_plugin_under_another_name_is_refused(resolver: Resolver, real: RealRegistry, tmp_path: Path) -> None:
    publish(tmp_path, f"{real.host}/five/popular:1.0.0", name="evil")
    with (
        pytest.raises(NameMismatchError, match="'evil', and its repository 'popular'"),
        resolver.open(f"{real.host}/five/popular:1.0.0"),
    ):
        pass


def test_what_is_not_there_is_not_found(resolver: Resolver, real: RealRegistry) -> None:
    with pytest.raises(RegistryNotFoundError), resolver.open(f"{real.host}/six/demo:1.0.0"):
        pass


def local(store: Store, folder: Path, tag: str, **manifest: str) -> Digest:
    digest = Packager(store).package(str(make_plugin(folder, None, **manifest))).index_digest
    store.tag(digest, tag, local_build=True)
    return digest


def test_a_local_build_is_resolved_by_tag_and_digest(store: Store, tmp_path: Path) -> None:
    digest = local(store, tmp_path / "demo", "demo")
    for text in ("demo", digest, digest.encoded[:9]):
        with Resolver(store, offline).open(text) as plugin:
            assert (plugin.kind, plugin.source, plugin.reference, plugin.digest) == (
                SourceKind.LOCAL,
                text,
                digest,
                digest,
            )
    with Resolver(store, offline).open_pinned(digest) as plugin:
        assert plugin.name == "demo"


def test_a_local_tag_that_is_another_plugins_name_is_refused(store: Store, tmp_path: Path) -> None:
    local(store, tmp_path / "demo", "popular", name="evil")
    with pytest.raises(NameMismatchError, match="its tag 'popular'"), Resolver(store, offline).open("popular"):
        pass


@pytest.mark.parametrize("name", ["Demo", "a", "x--y", "demo_1", "-demo", "d" * 65, ".."])
def test_a_name_that_no_folder_may_have_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    local(store, tmp_path / "demo", "v1.0", name=name)
    with pytest.raises(NotAPluginError, match="no folder of a plugin"), Resolver(store, offline).open("v1.0"):
        pass


@pytest.mark.parametrize(
    "reference", ["ghcr.io/a/demo:1.0.0", "git://github.com/a/demo@main", "git://github.com/a/demo"]
)
def test_what_may_change_is_no_pin(store: Store, reference: str) -> None:
    with pytest.raises(InvalidTargetError, match="always name"), Resolver(store, offline).open_pinned(reference):
        pass


class Catalogs:
    """Catalogs of given entries."""

    def __init__(self, *entries: CatalogEntry) -> None:
        self.entries = entries

    def find(self, name: str) -> Sequence[CatalogEntry]:
        return [entry for entry in self.entries if entry.name.lower() == name.lower()]


def test_a_catalogs_name_is_the_digest_that_it_lists(store: Store, real: RealRegistry, tmp_path: Path) -> None:
    first = publish(tmp_path, f"{real.host}/seven/demo:latest", version="1.0.0")
    publish(tmp_path, f"{real.host}/seven/demo:latest", version="2.0.0")
    names = Catalogs(CatalogEntry("demo", f"{real.host}/seven/demo:latest@{first}", "ours"))
    with Registry(plain_http=True) as registry, Resolver(store, lambda: registry, names).open("Demo") as plugin:
        assert (plugin.version, plugin.digest, plugin.catalog, plugin.source) == ("1.0.0", first, "ours", "Demo")


def test_a_name_in_several_catalogs_is_refused_with_candidates(store: Store) -> None:
    digest = "sha256:" + "a" * 64
    entries = [CatalogEntry("demo", f"ghcr.io/n{number}/demo@{digest}", f"catalog {number}") for number in range(7)]
    with (
        pytest.raises(AmbiguousTargetError, match="7 plugins") as caught,
        Resolver(store, offline, Catalogs(*entries)).open("demo"),
    ):
        pass
    assert "ghcr.io/n4/demo" in caught.value.remedy
    assert "ghcr.io/n5/demo" not in caught.value.remedy
    assert caught.value.remedy.endswith("and 2 more")


def test_the_same_in_two_catalogs_is_one(store: Store, real: RealRegistry, tmp_path: Path) -> None:
    digest = publish(tmp_path, f"{real.host}/eight/demo:1")
    names = Catalogs(*(CatalogEntry("demo", f"{real.host}/eight/demo@{digest}", name) for name in "ab"))
    with Registry(plain_http=True) as registry, Resolver(store, lambda: registry, names).open("demo") as plugin:
        assert plugin.digest == digest


def test_a_catalog_that_does_not_pin_is_refused(store: Store) -> None:
    names = Catalogs(CatalogEntry("demo", "ghcr.io/a/demo:1.0.0", "ours"))
    with pytest.raises(InvalidTargetError, match="always name"), Resolver(store, offline, names).open("demo"):
        pass
    names = Catalogs(CatalogEntry("demo", "not a reference/", "ours"))
    with pytest.raises(InvalidReferenceError), Resolver(store, offline, names).open("demo"):
        pass


def test_a_catalogs_entry_for_another_plugin_is_refused(store: Store, real: RealRegistry, tmp_path: Path) -> None:
    digest = publish(tmp_path, f"{real.host}/nine/evil:1", name="evil")
    names = Catalogs(CatalogEntry("popular", f"{real.host}/nine/evil@{digest}", "ours"))
    with (
        Registry(plain_http=True) as registry,
        pytest.raises(NameMismatchError, match="the catalog 'popular'"),
        Resolver(store, lambda: registry, names).open("popular"),
    ):
        pass


def test_a_name_that_no_catalog_has_is_unknown(store: Store) -> None:
    with pytest.raises(UnknownTargetError), Resolver(store, offline, Catalogs()).open("demo"):
        pass
    with pytest.raises(UnknownTargetError), Resolver(store, offline).open("demo"):
        pass
