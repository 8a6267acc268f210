"""Copies from registry to registry: by digest, byte for byte, mounted where that is possible."""

from collections.abc import Iterator

import pytest
from certificates import Authority, context
from client_parts import ClientMaker, Logins
from registry_artifacts import Artifact, large_plugin, plugin
from registry_simulator import Answer, Exchange, Login, Simulator, digest_of

from toolhive_artifact import DigestMismatchError, ToolhiveError
from toolhive_plugins_interfaces import (
    InvalidArtifactError,
    InvalidReferenceError,
    RegistryAuthError,
    RegistryCatalog,
    RegistryError,
)
from toolhive_plugins_mocks import MockProgress
from toolhive_plugins_registry import Credential, Registry


@pytest.fixture
def other() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def copied(simulator: Simulator, artifact: Artifact, name: str = "v2", repository: str = "mirror/hello") -> bool:
    """Whether the registry has the whole artifact, byte for byte."""
    return (
        simulator.manifests[repository, name][1] == artifact.root
        and all(simulator.manifests[repository, digest_of(data)][1] == data for data in artifact.manifests)
        and all((repository, digest_of(blob)) in simulator.linked for blob in artifact.blobs)
    )


def test_registry_is_a_catalog(client: Registry) -> None:
    catalog: RegistryCatalog = client
    assert catalog


def test_artifact_is_copied_to_another_registry(simulator: Simulator, other: Simulator, client: Registry) -> None:
    artifact = plugin()
    target = f"{other.host}/mirror/hello:v2"
    assert client.copy(artifact.serve(simulator), target) == artifact.digest
    assert copied(other, artifact)
    assert not simulator.seen.matching("PUT") + simulator.seen.matching("POST")


def test_large_layer_is_streamed(simulator: Simulator, other: Simulator, client: Registry) -> None:
    artifact = large_plugin(3_000_000)
    progress = MockProgress()
    client.copy(artifact.serve(simulator), f"{other.host}/mirror/hello:v2", progress=progress)
    assert copied(other, artifact)
    moved = sum(int(str(call.arguments["count"])) for call in progress.calls if call.method == "advanced")
    assert moved == sum(map(len, [artifact.root, *artifact.manifests, *artifact.blobs]))


def test_copy_within_a_registry_mounts(simulator: Simulator, client: Registry) -> None:
    artifact = plugin()
    client.copy(artifact.serve(simulator), f"{simulator.host}/mirror/hello:v2")
    assert copied(simulator, artifact)
    assert not simulator.seen.matching("PUT", "/uploads/")
    assert not simulator.seen.matching("GET", "/blobs/")


def test_copy_within_a_registry_that_does_not_mount_uploads(simulator: Simulator, client: Registry) -> None:
    simulator.mounts = False
    artifact = plugin()
    client.copy(artifact.serve(simulator), f"{simulator.host}/mirror/hello:v2")
    assert copied(simulator, artifact)


def test_copy_within_a_repository_only_tags(simulator: Simulator, client: Registry) -> None:
    artifact = plugin()
    client.copy(artifact.serve(simulator), f"{simulator.host}/acme/hello:v2")
    assert copied(simulator, artifact, repository="acme/hello")
    assert [request.path for request in simulator.seen.matching("PUT")] == ["/v2/acme/hello/manifests/v2"]


def test_copy_again_sends_nothing(simulator: Simulator, other: Simulator, client: Registry) -> None:
    ref = plugin().serve(simulator)
    client.copy(ref, f"{other.host}/mirror/hello:v2")
    other.seen.requests.clear()
    client.copy(ref, f"{other.host}/mirror/hello:v2")
    assert not other.seen.matching("PUT") + other.seen.matching("POST")


def test_source_is_resolved_once(simulator: Simulator, other: Simulator, client: Registry) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(404), times=1)
    simulator.poison("GET", "/manifests/v1", lambda exchange: exchange.honest(), times=1)
    assert client.copy(ref, f"{other.host}/mirror/hello:v2") == artifact.digest
    assert len(simulator.seen.matching("GET", "/manifests/v1$")) == 1


@pytest.mark.parametrize("part", ["root", "manifest", "config", "layer"])
def test_source_that_sends_other_content_is_refused_and_nothing_is_tagged(
    simulator: Simulator, other: Simulator, client: Registry, part: str
) -> None:
    artifact = plugin()
    artifact.serve(simulator)
    data = {
        "root": artifact.root,
        "manifest": artifact.manifests[0],
        "config": artifact.configs[0],
        "layer": artifact.layers[0],
    }[part]
    forged = data[:-1] + b"?"
    simulator.poison("GET", digest_of(data), lambda _: Answer(200, forged))
    with pytest.raises(ToolhiveError):
        client.copy(f"{simulator.host}/acme/hello@{artifact.digest}", f"{other.host}/mirror/hello:v2")
    assert ("mirror/hello", "v2") not in other.manifests
    assert digest_of(forged) not in other.blobs


def test_forged_layer_is_blamed_on_the_source(simulator: Simulator, other: Simulator, client: Registry) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.poison("GET", digest_of(layer), lambda _: Answer(200, b"x" * len(layer)))
    with pytest.raises(DigestMismatchError, match="the registry sent other content"):
        client.copy(ref, f"{other.host}/mirror/hello:v2")


def test_download_that_breaks_off_is_resumed_within_the_upload(
    simulator: Simulator, other: Simulator, client: Registry
) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.poison("GET", digest_of(layer), lambda _: Answer(200, layer, reset_after=300_000), times=1)
    client.copy(ref, f"{other.host}/mirror/hello:v2")
    assert copied(other, artifact)
    assert len(other.seen.matching("PUT", "/uploads/")) == 2


def test_upload_that_breaks_off_is_begun_again(simulator: Simulator, other: Simulator, client: Registry) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)

    def break_off(exchange: Exchange) -> None:
        exchange.reset()

    other.poison("PUT", "/uploads/", break_off, times=1)
    client.copy(ref, f"{other.host}/mirror/hello:v2")
    assert copied(other, artifact)


def test_target_digest_must_be_the_sources(simulator: Simulator, other: Simulator, client: Registry) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    assert client.copy(ref, f"{other.host}/mirror/hello@{artifact.digest}") == artifact.digest
    with pytest.raises(InvalidReferenceError, match="is to be copied"):
        client.copy(ref, f"{other.host}/mirror/hello@{digest_of(b'x')}")


def test_each_registry_gets_its_own_credentials(
    simulator: Simulator, other: Simulator, make_client: ClientMaker, logins: Logins
) -> None:
    simulator.login = Login(username="ann", password="password-of-the-source", anonymous_pull=False)
    other.login = Login(username="bob", password="password-of-the-target", anonymous_pull=False)
    logins.known = {
        simulator.host: Credential("ann", "password-of-the-source"),
        other.host: Credential("bob", "password-of-the-target"),
    }
    artifact = plugin()
    make_client().copy(artifact.serve(simulator), f"{other.host}/mirror/hello:v2")
    assert copied(other, artifact)
    logins.known.pop(other.host)
    with pytest.raises(RegistryAuthError):
        make_client().copy(f"{simulator.host}/acme/hello:v1", f"{other.host}/mirror/again:v2")


def test_docker_image_is_not_copied(simulator: Simulator, other: Simulator, client: Registry) -> None:
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    simulator.add_manifest("acme/image", "v1", docker, b'{"schemaVersion": 2}')
    with pytest.raises(InvalidArtifactError, match="is a Docker image"):
        client.copy(f"{simulator.host}/acme/image:v1", f"{other.host}/mirror/image:v1")


def test_target_that_fails_is_named_by_its_url(simulator: Simulator, other: Simulator, client: Registry) -> None:
    ref = plugin().serve(simulator)
    other.poison("PUT", "/manifests/v2", lambda _: Answer(507))
    with pytest.raises(RegistryError) as caught:
        client.copy(ref, f"{other.host}/mirror/hello:v2")
    assert caught.value.where.startswith(other.url)


def test_plain_http_may_be_for_one_of_the_two_only(
    authority: Authority, simulator: Simulator, make_client: ClientMaker
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    with Simulator(tls=context(authority.certificate("127.0.0.1"))) as secure:
        client = make_client(plain_http=[simulator.host], ca_file=authority.ca_file)
        client.copy(ref, f"{secure.host}/mirror/hello:v2")
        assert copied(secure, artifact)
    with pytest.raises(RegistryError, match="TLS failed"):
        make_client(plain_http=["localhost:1"]).copy(ref, f"{simulator.host}/mirror/hello:v2")
