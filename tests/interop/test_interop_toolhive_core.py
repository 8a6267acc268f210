"""toolhive-core itself beside us: what one packages, pushes and stores, the other pulls, lists and reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_registry import RealRegistry

from toolhive_core import ToolhiveCore, ToolhiveCoreError, running_toolhive_core
from toolhive_plugins_interfaces import Compat, PackageOptions
from toolhive_plugins_packager import Packager
from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store


@pytest.fixture(scope="module")
def core() -> Iterator[ToolhiveCore]:
    with running_toolhive_core() as running:
        yield running


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A plugin's directory."""
    folder = tmp_path / "hello"
    for path, content in {
        ".claude-plugin/plugin.json": '{"name": "hello", "version": "1.0.0", "commands": "./commands"}',
        "commands/greet.md": "Say hello.\n",
        "hooks/hooks.json": '{"hooks": {}}',
        "scripts/run.sh": "#!/bin/sh\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    (folder / "scripts/run.sh").chmod(0o755)
    return folder


def test_it_lists_and_reads_what_we_built(core: ToolhiveCore, directory: Path, store: Store) -> None:
    made = Packager(store).package(directory, PackageOptions(epoch=0))
    store.tag(made.index_digest, "hello", local_build=True)
    assert core.tags(store.root) == ["hello"]
    assert core.resolve(store.root, "hello") == made.index_digest
    assert core.blob(store.root, made.layer_digest) == store.get_blob(made.layer_digest)


def test_we_list_and_read_what_it_built(core: ToolhiveCore, directory: Path, tmp_path: Path) -> None:
    root = tmp_path / "theirs"
    made = core.package(directory, root)
    core.tag(root, made.index_digest, "hello", local_build=True)
    with Store(root) as store:
        assert store.list_tags() == ["hello"]
        assert store.resolve("hello") == made.index_digest
        assert store.get_manifest(made.index_digest) == made.index
        assert store.check() == ()


def test_it_pulls_what_we_pushed(
    core: ToolhiveCore, directory: Path, plain_registry: RealRegistry, client: Registry, store: Store, tmp_path: Path
) -> None:
    made = Packager(store).package(directory, PackageOptions(epoch=0))
    ref = f"{plain_registry.host}/acme/ours-to-core:v1"
    client.push(store, made.index_digest, ref)
    root = tmp_path / "theirs"
    assert core.pull(root, ref) == made.index_digest
    assert core.tags(root) == [ref]
    assert core.blob(root, made.layer_digest) == store.get_blob(made.layer_digest)


def test_we_pull_what_it_pushed(
    core: ToolhiveCore, directory: Path, plain_registry: RealRegistry, client: Registry, store: Store, tmp_path: Path
) -> None:
    root = tmp_path / "theirs"
    made = core.package(directory, root)
    ref = f"{plain_registry.host}/acme/core-to-ours:v1"
    core.push(root, made.index_digest, ref)
    assert client.pull(store, ref) == made.index_digest
    assert store.get_manifest(made.index_digest) == made.index
    assert store.check() == ()


def test_it_pushes_a_build_of_ours_from_the_shared_store(
    core: ToolhiveCore,
    directory: Path,
    plain_registry: RealRegistry,
    client: Registry,
    store: Store,
    other_store: Store,
) -> None:
    made = Packager(store).package(directory, PackageOptions(epoch=0, compat=Compat.TOOLHIVE_CORE))
    store.tag(made.index_digest, "hello", local_build=True)
    ref = f"{plain_registry.host}/acme/shared:v1"
    core.push(store.root, made.index_digest, ref)
    assert client.pull(other_store, ref) == made.index_digest


def test_an_open_store_keeps_the_index_that_it_read(core: ToolhiveCore, directory: Path, store: Store) -> None:
    """The fault of toolhive-core that a running thv shows: what is tagged beside it is not seen until it restarts."""
    core.open(store.root)
    made = Packager(store).package(directory, PackageOptions(epoch=0))
    store.tag(made.index_digest, "hello")
    assert core.tags(store.root) == []
    core.open(store.root)
    assert core.tags(store.root) == ["hello"]


def test_deletions(core: ToolhiveCore, directory: Path, tmp_path: Path) -> None:
    root = tmp_path / "theirs"
    made = core.package(directory, root)
    core.tag(root, made.index_digest, "one")
    core.tag(root, made.index_digest, "two")
    core.delete_tag(root, "one")
    assert core.tags(root) == ["two"]
    core.delete_build(root, "two")
    with pytest.raises(ToolhiveCoreError, match="not found"):
        core.blob(root, made.layer_digest)


def test_refusals_are_named(core: ToolhiveCore, tmp_path: Path) -> None:
    with pytest.raises(ToolhiveCoreError) as caught:
        core.package(tmp_path / "absent", tmp_path / "store")
    assert caught.value.kind == "ErrInvalidPluginDir"
