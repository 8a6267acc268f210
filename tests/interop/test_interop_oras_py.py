"""oras-py, which we take references' URLs from, on our stores and artifacts.

It is the one other implementation in Python: it checks the layout, and validates documents by JSON schemas of its own.
"""

# oras ships no types.
# mypy: disable-error-code="import-untyped"

from pathlib import Path

import oras.defaults
import pytest
from oras.container import Container
from oras.layout import Layout, NewLayoutFromRegistry
from oras.provider import Registry as OrasRegistry
from real_registry import RealRegistry
from registry_artifacts import Artifact, plugin
from registry_simulator import digest_of

from toolhive_artifact import MANIFEST_MEDIA_TYPES, Digest
from toolhive_plugins_registry import Registry, parse_reference
from toolhive_plugins_registry.docker_config import DOCKER_HUB_KEY
from toolhive_plugins_registry.oras_adapter import Repository
from toolhive_plugins_registry.references import DOCKER_HUB, DOCKER_HUB_HOST, DOCKER_HUB_NAMES
from toolhive_plugins_store import Store


@pytest.fixture
def theirs() -> OrasRegistry:
    return OrasRegistry(insecure=True)


@pytest.fixture
def artifact(store: Store) -> Artifact:
    """A plugin of ours in the store."""
    made = plugin(b"for oras-py\n")
    made.keep(store, "hello")
    return made


def test_our_store_is_a_layout_and_all_of_a_build_is_found_in_it(store: Store, artifact: Artifact) -> None:
    layout = Layout(str(store.root))
    found = layout.get_ordered_blobs("hello")
    assert found[-1] == artifact.digest
    assert set(found) == {digest_of(data) for data in (*artifact.blobs, *artifact.manifests, artifact.root)}
    assert all(map(layout.blob_exists, found))


def test_we_pull_what_oras_py_pushed_from_our_store(
    plain_registry: RealRegistry,
    client: Registry,
    theirs: OrasRegistry,
    store: Store,
    other_store: Store,
    artifact: Artifact,
) -> None:
    """Before it pushes a manifest or index, it validates it by its schemas."""
    ref = f"{plain_registry.host}/acme/by-oras-py:v1"
    Layout(str(store.root)).push_to_registry(theirs, ref, "hello")
    assert client.pull(other_store, ref) == artifact.digest
    assert other_store.check() == ()


def test_oras_py_pulls_what_we_pushed_into_a_layout_that_we_read(
    plain_registry: RealRegistry,
    client: Registry,
    theirs: OrasRegistry,
    store: Store,
    artifact: Artifact,
    tmp_path: Path,
) -> None:
    ref = f"{plain_registry.host}/acme/for-oras-py:v1"
    client.push(store, Digest(artifact.digest), ref)
    NewLayoutFromRegistry(str(tmp_path / "layout"), theirs, ref, "v1")
    with Store(tmp_path / "layout") as pulled:
        assert pulled.resolve("v1") == artifact.digest
        assert pulled.check() == ()
        assert pulled.get_blob(Digest(digest_of(artifact.layers[0]))) == artifact.layers[0]


@pytest.mark.parametrize(
    "ref", ["ghcr.io/acme/plugin:v1", "localhost:5000/plugin", f"r.example/a/b/c@sha256:{'0' * 64}", "docker.io/a/b:1"]
)
def test_references_that_both_read_have_the_same_urls(ref: str) -> None:
    """What oras-py reads in another way (`localhost/x`, upper case, a missing registry) does not get to it."""
    reference = parse_reference(ref)
    ours, alone = Repository(reference), Container(ref)
    assert (ours.api_prefix, ours.digest) == (alone.api_prefix, alone.digest)
    for path, url in (
        (ours.manifest_path(reference.reference or "latest"), alone.manifest_url()),
        (ours.blob_path("sha256:0"), alone.get_blob_url("sha256:0")),
        (ours.uploads_path(), alone.upload_blob_url()),
        (ours.tags_path(), alone.tags_url()),
    ):
        assert path == "/" + url.partition("/")[2]


def test_both_know_docker_hub_and_the_documents_by_the_same_names() -> None:
    hub = oras.defaults.registry
    assert hub.index_name == DOCKER_HUB
    assert hub.default_v2_registry == {"scheme": "https", "host": DOCKER_HUB_HOST}
    assert hub.index_server == DOCKER_HUB_KEY
    assert hub.index_hostname in DOCKER_HUB_NAMES
    assert set(oras.defaults.default_manifest_accepted_media_types) == set(MANIFEST_MEDIA_TYPES)
