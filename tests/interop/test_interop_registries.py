"""What we push to each registry, read, checked and copied by each client, and pulled again by us; the digest never changes."""

import io
import tarfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import requests
from attrs import frozen
from plugin_folders import make_plugin
from programs import run
from real_registry import RealRegistry, running_crane_registry, running_registry
from registry_clients import CLIENTS, LAYOUT_CLIENTS, Crane, LayoutClient, RegistryClient

from toolhive_artifact import Digest, decompress_tar
from toolhive_core import running_toolhive_core
from toolhive_plugins_interfaces import PackageOptions, PackageResult
from toolhive_plugins_packager import Packager
from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store

_INDEX = "application/vnd.oci.image.index.v1+json"

each_client = pytest.mark.parametrize("other", CLIENTS, ids=lambda client: client.name)
each_layout_client = pytest.mark.parametrize("other", LAYOUT_CLIENTS, ids=lambda client: client.name)


def _registry(kind: str, folder: Path) -> AbstractContextManager[RealRegistry]:
    match kind:
        case "docker-registry-2.8":
            return running_registry(folder)
        case "distribution-3":
            return running_registry(folder, program="registry")
        case _:
            return running_crane_registry(folder)


@pytest.fixture(scope="module", params=["docker-registry-2.8", "distribution-3", "crane"])
def registry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with _registry(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@frozen
class Pushed:
    """A plugin of ours, in a store of ours and in a registry."""

    store: Store
    made: PackageResult
    ref: str

    @property
    def digest(self) -> Digest:
        """The index's digest."""
        return self.made.index_digest

    def beside(self, repository: str) -> str:
        """Return a reference to another repository of the same registry."""
        return f"{self.ref.partition('/')[0]}/{repository}:v1"


@pytest.fixture(scope="module")
def pushed(registry: RealRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushed]:
    folder = tmp_path_factory.mktemp("pushed")
    plugin = make_plugin(
        folder / "plugin",
        {"commands/greet.md": "Say hello.\n", "scripts/run.sh": "#!/bin/sh\n"},
        name="hello",
        version="1.0.0",
    )
    (plugin / "scripts/run.sh").chmod(0o755)
    ref = f"{registry.host}/acme/hello:v1"
    with Store(folder / "store") as store, Registry(plain_http=True) as client:
        made = Packager(store).package(plugin, PackageOptions(epoch=0))
        store.tag(made.index_digest, "hello", local_build=True)
        client.push(store, made.index_digest, ref)
        yield Pushed(store, made, ref)


def _assert_pulled_whole(client: Registry, ref: str, pushed: Pushed, into: Store) -> None:
    assert client.pull(into, ref) == pushed.digest
    _assert_holds(into, pushed)


def _assert_holds(store: Store, pushed: Pushed) -> None:
    assert store.get_manifest(pushed.digest) == pushed.store.get_manifest(pushed.digest)
    for listed in store.get_index(pushed.digest).manifests:
        assert store.get_manifest(listed.digest) == pushed.store.get_manifest(listed.digest)
    assert store.get_blob(pushed.made.layer_digest) == pushed.store.get_blob(pushed.made.layer_digest)
    assert store.check() == ()


# What the registry and the clients say about it


def test_registry_serves_the_bytes_under_the_digest(pushed: Pushed) -> None:
    host, path = pushed.ref.removesuffix(":v1").split("/", 1)
    answer = requests.get(f"http://{host}/v2/{path}/manifests/v1", headers={"Accept": _INDEX}, timeout=10)
    assert answer.headers["Docker-Content-Digest"] == pushed.digest
    assert answer.headers["Content-Type"] == _INDEX
    assert answer.content == pushed.store.get_manifest(pushed.digest)


@each_client
def test_client_sees_the_digest_the_type_and_the_tag(other: RegistryClient, pushed: Pushed) -> None:
    assert other.digest(pushed.ref) == pushed.digest
    assert other.artifact_type(pushed.ref) == "dev.toolhive.plugins.v1"
    assert other.tags(pushed.ref.removesuffix(":v1")) == ["v1"]


def test_crane_validates_it(pushed: Pushed) -> None:
    assert Crane().validate(pushed.ref) == f"PASS: {pushed.ref}"


def test_the_files_come_out_of_other_clients(pushed: Pushed, tmp_path: Path) -> None:
    """oras and regctl download the layer, which has a title; crane shows the file system of the image."""
    files = [entry.path for entry in decompress_tar(pushed.store.get_blob(pushed.made.layer_digest))]
    run("oras", "pull", "--plain-http", "--platform=linux/arm64", "--output", str(tmp_path / "oras"), pushed.ref)
    layer = (tmp_path / "oras" / "plugin.tar.gz").read_bytes()
    assert layer == pushed.store.get_blob(pushed.made.layer_digest)
    run("crane", "export", "--platform=linux/arm64", pushed.ref, str(tmp_path / "crane.tar"))
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "crane.tar").read_bytes())) as exported:
        assert exported.getnames() == files
    host = pushed.ref.partition("/")[0]
    (tmp_path / "regctl").mkdir()
    run(
        "regctl", "--host", f"reg={host},tls=disabled", "artifact", "get", "--platform=linux/arm64",
        "--output", str(tmp_path / "regctl"), pushed.ref,
    )  # fmt: skip
    assert (tmp_path / "regctl" / "plugin.tar.gz").read_bytes() == layer


# Copies


def test_we_pull_what_we_pushed(pushed: Pushed, client: Registry, store: Store) -> None:
    _assert_pulled_whole(client, pushed.ref, pushed, store)


@each_client
def test_we_pull_a_copy_that_another_client_made(
    other: RegistryClient, pushed: Pushed, client: Registry, store: Store
) -> None:
    copy = pushed.beside(f"copies/{other.name}")
    other.copy(pushed.ref, copy)
    assert other.digest(copy) == pushed.digest
    _assert_pulled_whole(client, copy, pushed, store)


@each_layout_client
def test_another_client_pushes_from_our_store(
    other: LayoutClient, pushed: Pushed, client: Registry, store: Store
) -> None:
    ref = pushed.beside(f"from-our-store/{other.name}")
    other.push(pushed.store.root, "hello", ref)
    _assert_pulled_whole(client, ref, pushed, store)


@each_layout_client
def test_the_layout_that_another_client_pulled_is_a_store_of_ours(
    other: LayoutClient, pushed: Pushed, client: Registry, store: Store, tmp_path: Path
) -> None:
    other.pull(pushed.ref, tmp_path / "layout", "v1")
    with Store(tmp_path / "layout") as opened:
        assert opened.resolve("v1") == pushed.digest
        _assert_holds(opened, pushed)
        ref = pushed.beside(f"from-their-layout/{other.name}")
        client.push(opened, pushed.digest, ref)
    _assert_pulled_whole(client, ref, pushed, store)


# toolhive-core


def test_toolhive_core_pulls_it_and_pushes_from_our_store(
    pushed: Pushed, client: Registry, store: Store, tmp_path: Path
) -> None:
    theirs, ref = tmp_path / "theirs", pushed.beside("from-our-store/toolhive-core")
    with running_toolhive_core() as core:
        assert core.pull(theirs, pushed.ref) == pushed.digest
        assert core.tags(pushed.store.root) == ["hello"]
        core.push(pushed.store.root, pushed.digest, ref)
    with Store(theirs) as opened:
        assert opened.resolve(pushed.ref) == pushed.digest
        _assert_holds(opened, pushed)
    _assert_pulled_whole(client, ref, pushed, store)


def test_we_pull_what_toolhive_core_packaged_and_pushed(
    pushed: Pushed, client: Registry, store: Store, tmp_path: Path
) -> None:
    ref = pushed.beside("theirs/toolhive-core")
    plugin = make_plugin(tmp_path / "plugin", {"commands/greet.md": "Say hello.\n"}, name="hello")
    with running_toolhive_core() as core:
        made = core.package(plugin, tmp_path / "theirs")
        core.push(tmp_path / "theirs", made.index_digest, ref)
    assert client.pull(store, ref) == made.index_digest
    assert store.get_manifest(made.index_digest) == made.index
    assert store.check() == ()


# From one registry to another


@each_client
def test_copy_in_another_registry_is_the_same(
    other: RegistryClient, pushed: Pushed, plain_registry: RealRegistry, client: Registry, store: Store
) -> None:
    copy = f"{plain_registry.host}/mirror/{other.name}-{pushed.ref.partition('/')[0].partition(':')[2]}:v1"
    other.copy(pushed.ref, copy)
    _assert_pulled_whole(client, copy, pushed, store)
