"""Push and pull against Debian's docker-registry: plain, with a login, and behind TLS."""

import json
import threading
from pathlib import Path

import pytest
import requests
from certificates import Authority
from real_registry import PASSWORD, USERNAME, KnownLogin, RealRegistry
from registry_artifacts import large_plugin, plugin
from registry_simulator import digest_of

from toolhive_artifact import Digest, decompress_tar
from toolhive_plugins_interfaces import RegistryAuthError, RegistryConnectionError, RegistryNotFoundError
from toolhive_plugins_registry import DockerCredentialStore, Registry
from toolhive_plugins_store import Store


def same(a: Store, b: Store, digest: Digest) -> None:
    """Assert that two stores have the same index and all it lists."""
    assert a.get_manifest(digest) == b.get_manifest(digest)
    for listed in a.get_index(digest).manifests:
        assert a.get_manifest(listed.digest) == b.get_manifest(listed.digest)
    assert b.check() == ()


def test_artifact_comes_back_as_it_went(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifact = plugin()
    artifact.keep(store)
    ref = f"{plain_registry.host}/acme/back:v1"
    client.push(store, Digest(artifact.digest), ref)
    assert client.pull(other_store, ref) == artifact.digest
    assert other_store.resolve(ref) == artifact.digest
    same(store, other_store, Digest(artifact.digest))


def test_large_artifact_comes_back_as_it_went(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifact = large_plugin(9_000_000)
    artifact.keep(store)
    ref = f"{plain_registry.host}/acme/large:v1"
    client.push(store, Digest(artifact.digest), ref)
    assert client.pull(other_store, ref) == artifact.digest
    layer = Digest(digest_of(artifact.layers[0]))
    assert decompress_tar(other_store.get_blob(layer)) == decompress_tar(artifact.layers[0])


def test_pushing_again_uploads_nothing(plain_registry: RealRegistry, client: Registry, store: Store) -> None:
    artifact = plugin(b"pushed twice\n")
    artifact.keep(store)
    ref = f"{plain_registry.host}/acme/twice:v1"
    client.push(store, Digest(artifact.digest), ref)
    before = len(plain_registry.requests())
    client.push(store, Digest(artifact.digest), ref)
    assert {method for method, path in plain_registry.requests()[before:] if "acme/twice" in path} == {"HEAD"}


def test_two_versions_and_two_plugins_with_one_tag_stand_side_by_side(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifacts = {
        f"{plain_registry.host}/acme/one:v1": plugin(b"one, first\n"),
        f"{plain_registry.host}/acme/one:v2": plugin(b"one, second\n"),
        f"{plain_registry.host}/acme/two:v1": plugin(b"two, first\n"),
    }
    for ref, artifact in artifacts.items():
        artifact.keep(store)
        client.push(store, Digest(artifact.digest), ref)
    for ref in artifacts:
        client.pull(other_store, ref)
    assert {ref: other_store.resolve(ref) for ref in other_store.list_tags()} == {
        ref: artifact.digest for ref, artifact in artifacts.items()
    }


def test_deleted_artifact_is_gone_and_can_be_pushed_again(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifact = plugin(b"deleted\n")
    artifact.keep(store)
    ref = f"{plain_registry.host}/acme/deleted:v1"
    client.push(store, Digest(artifact.digest), ref)
    url = f"http://{plain_registry.host}/v2/acme/deleted/manifests/"
    for digest in (artifact.digest, *map(digest_of, artifact.manifests)):
        assert requests.delete(url + digest, timeout=10).status_code == 202
    with pytest.raises(RegistryNotFoundError, match="404"):
        client.pull(other_store, ref)
    client.push(store, Digest(artifact.digest), ref)
    assert client.pull(other_store, ref) == artifact.digest


def test_pull_by_digest_is_pinned(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifact = plugin(b"pinned\n")
    artifact.keep(store)
    ref = f"{plain_registry.host}/acme/pinned"
    client.push(store, Digest(artifact.digest), f"{ref}:v1")
    assert client.pull(other_store, f"{ref}@{artifact.digest}") == artifact.digest
    with pytest.raises(RegistryNotFoundError):
        client.pull(other_store, f"{ref}@{digest_of(b'absent')}")


def test_single_manifest_is_pushed_and_pulled(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifact = plugin(b"one platform\n")
    artifact.keep(store)
    manifest = Digest(digest_of(artifact.manifests[1]))
    ref = f"{plain_registry.host}/acme/single:arm64"
    client.push(store, manifest, ref)
    assert client.pull(other_store, ref) == manifest


def test_blobs_are_mounted_between_repositories(plain_registry: RealRegistry, client: Registry, store: Store) -> None:
    artifact = plugin(b"mounted\n")
    artifact.keep(store)
    staging = f"{plain_registry.host}/acme/staging:v1"
    client.push(store, Digest(artifact.digest), staging)
    store.tag(Digest(artifact.digest), staging)
    before = len(plain_registry.requests())
    client.push(store, Digest(artifact.digest), f"{plain_registry.host}/acme/released:v1")
    sent = plain_registry.requests()[before:]
    assert [path for method, path in sent if method == "POST" and "mount=" in path]
    assert not [path for method, path in sent if method == "PUT" and "/uploads/" in path]


def test_many_pulls_at_once_share_one_client(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifacts = {f"{plain_registry.host}/acme/many{i}:v1": plugin(b"%d\n" % i) for i in range(8)}
    for ref, artifact in artifacts.items():
        artifact.keep(store)
        client.push(store, Digest(artifact.digest), ref)
    threads = [threading.Thread(target=client.pull, args=(other_store, ref)) for ref in artifacts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other_store.list_tags() == sorted(artifacts)
    assert other_store.check() == ()


def test_login_is_asked_for_and_given(login_registry: RealRegistry, store: Store, other_store: Store) -> None:
    artifact = plugin()
    artifact.keep(store)
    ref = f"{login_registry.host}/acme/private:v1"
    with Registry(plain_http=True, credential_store=KnownLogin()) as client:
        client.push(store, Digest(artifact.digest), ref)
        assert client.pull(other_store, ref) == artifact.digest


def test_login_of_docker_is_found(
    login_registry: RealRegistry, store: Store, other_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"username": USERNAME, "password": PASSWORD}
    (tmp_path / "config.json").write_text(json.dumps({"auths": {login_registry.host: entry}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    artifact = plugin(b"docker login\n")
    artifact.keep(store)
    ref = f"{login_registry.host}/acme/docker-login:v1"
    with Registry(plain_http=True) as client:
        client.push(store, Digest(artifact.digest), ref)
        assert client.pull(other_store, ref) == artifact.digest


def test_missing_login_is_named(login_registry: RealRegistry, other_store: Store, tmp_path: Path) -> None:
    nobody = DockerCredentialStore(tmp_path / "absent.json")
    with (
        Registry(plain_http=True, credential_store=nobody) as client,
        pytest.raises(RegistryAuthError, match="asks for a login"),
    ):
        client.pull(other_store, f"{login_registry.host}/acme/private:v1")


def test_tls_with_a_private_authority(
    tls_registry: RealRegistry, authority: Authority, store: Store, other_store: Store
) -> None:
    artifact = plugin()
    artifact.keep(store)
    ref = f"{tls_registry.host}/acme/tls:v1"
    with Registry(credential_store=KnownLogin(), ca_file=authority.ca_file) as client:
        client.push(store, Digest(artifact.digest), ref)
        assert client.pull(other_store, ref) == artifact.digest


def test_tls_without_the_authority_is_refused(tls_registry: RealRegistry, other_store: Store) -> None:
    with (
        Registry(credential_store=KnownLogin()) as client,
        pytest.raises(RegistryConnectionError, match="certificate is not trusted"),
    ):
        client.pull(other_store, f"{tls_registry.host}/acme/tls:v1")
