"""Copies, tags and referrers at a real registry, which has no Referrers API."""

import json

import pytest
import requests
from certificates import Authority
from real_registry import KnownLogin, RealRegistry
from registry_artifacts import INDEX, MANIFEST, descriptor, encode, large_plugin, plugin

from toolhive_artifact import Digest
from toolhive_plugins_interfaces import RegistryNotFoundError
from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store


@pytest.fixture
def pushed(plain_registry: RealRegistry, client: Registry, store: Store) -> str:
    """A plugin in the registry, by its reference."""
    artifact = large_plugin(2_000_000)
    artifact.keep(store)
    ref = f"{plain_registry.host}/catalog/hello:v1"
    client.push(store, Digest(artifact.digest), ref)
    return ref


def test_artifact_is_copied_from_plain_http_to_tls_with_a_login(
    pushed: str, tls_registry: RealRegistry, authority: Authority, client: Registry, other_store: Store
) -> None:
    host = pushed.partition("/")[0]
    with Registry(plain_http=[host], credential_store=KnownLogin(), ca_file=authority.ca_file) as both:
        target = f"{tls_registry.host}/mirror/hello:v1"
        assert both.copy(pushed, target) == client.resolve(pushed)
        assert both.pull(other_store, target) == client.resolve(pushed)
    assert other_store.check() == ()


def test_copy_within_a_registry_mounts(pushed: str, plain_registry: RealRegistry, client: Registry) -> None:
    before = len(plain_registry.requests())
    client.copy(pushed, f"{plain_registry.host}/catalog/mounted:v1")
    made = plain_registry.requests()[before:]
    assert not [path for method, path in made if method in ("PATCH", "PUT") and "/blobs/uploads/" in path]
    assert [path for method, path in made if method == "POST" and "mount=" in path]


def test_tags_are_listed_and_set(pushed: str, plain_registry: RealRegistry, client: Registry) -> None:
    repository = f"{plain_registry.host}/catalog/hello"
    for tag in ("v2", "latest"):
        assert client.tag(pushed, tag) == client.resolve(pushed)
    assert set(client.tags(repository)) >= {"v1", "v2", "latest"}
    with pytest.raises(RegistryNotFoundError):
        client.tags(f"{plain_registry.host}/catalog/absent")


def test_referrers_are_found_by_their_tag(plain_registry: RealRegistry, client: Registry, store: Store) -> None:
    artifact = plugin(b"signed\n")
    artifact.keep(store)
    ref = f"{plain_registry.host}/catalog/signed:v1"
    client.push(store, Digest(artifact.digest), ref)
    assert client.referrers(ref) == ()
    signature = descriptor(
        MANIFEST, artifact.manifests[0], artifactType="application/vnd.dev.sigstore.bundle.v0.3+json"
    )
    index = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": [signature]})
    tag = artifact.digest.replace(":", "-")
    url = f"http://{plain_registry.host}/v2/catalog/signed/manifests/{tag}"
    requests.put(url, index, headers={"Content-Type": INDEX}, timeout=10).raise_for_status()
    (found,) = client.referrers(ref, "application/vnd.dev.sigstore.bundle.v0.3+json")
    assert found.digest == json.loads(index)["manifests"][0]["digest"]
