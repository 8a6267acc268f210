"""Pushes to an honest registry: what goes over the wire, and in what order."""

import threading

import pytest
from attrs import Factory, define
from client_parts import ClientMaker, Logins
from registry_artifacts import Artifact, large_plugin, plugin
from registry_simulator import Answer, Exchange, Login, Simulator, digest_of

from toolhive_artifact import Descriptor, Digest
from toolhive_plugins_interfaces import InvalidReferenceError, RegistryClient
from toolhive_plugins_registry import Credential, Registry
from toolhive_plugins_store import Store, StoreNotFoundError


def kept(store: Store, artifact: Artifact) -> Digest:
    artifact.keep(store)
    return Digest(artifact.digest)


def test_registry_is_a_registry_client(client: Registry) -> None:
    as_interface: RegistryClient = client
    assert as_interface is client


def test_push_stores_the_very_bytes(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    client.push(store, kept(store, artifact), f"{simulator.host}/acme/hello:v1")
    assert simulator.manifests["acme/hello", "v1"] == (artifact.root_type, artifact.root)
    for data in artifact.manifests:
        assert simulator.manifests["acme/hello", digest_of(data)][1] == data
    assert {simulator.blobs[digest_of(blob)] for blob in artifact.blobs} == set(artifact.blobs)


def test_parts_come_before_what_refers_to_them(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    client.push(store, kept(store, artifact), f"{simulator.host}/acme/hello:v1")
    stored = [request.path for request in simulator.seen.matching("PUT")]
    kinds = ["blob" if "/uploads/" in path else "tag" if path.endswith("/v1") else "manifest" for path in stored]
    assert kinds == ["blob"] * 3 + ["manifest"] * 2 + ["tag"]


def test_single_manifest_is_pushed_under_its_tag(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = large_plugin()
    client.push(store, kept(store, artifact), f"{simulator.host}/acme/hello:v1")
    assert simulator.manifests["acme/hello", "v1"] == (artifact.root_type, artifact.root)


def test_pushing_again_uploads_nothing(simulator: Simulator, client: Registry, store: Store) -> None:
    digest = kept(store, plugin())
    ref = f"{simulator.host}/acme/hello:v1"
    client.push(store, digest, ref)
    simulator.seen.requests.clear()
    client.push(store, digest, ref)
    assert {request.method for request in simulator.seen.requests} == {"HEAD"}


def test_an_unchanged_artifact_costs_one_round_trip(
    simulator: Simulator, make_client: ClientMaker, store: Store
) -> None:
    """All that the artifact has is looked for at once: each request waits until all of them are there."""
    artifact = plugin()
    digest = kept(store, artifact)
    ref = f"{simulator.host}/acme/hello:v1"
    client = make_client(workers=16)
    client.push(store, digest, ref)
    names = [*map(digest_of, (*artifact.configs, *artifact.layers, *artifact.manifests)), "v1"]
    together = threading.Barrier(len(names), timeout=30)

    def answer_when_all_are_asked_for(exchange: Exchange) -> Answer:
        together.wait()
        return exchange.honest()

    simulator.poison("HEAD", r"", answer_when_all_are_asked_for)
    simulator.seen.requests.clear()
    client.push(store, digest, ref)
    assert len(simulator.seen.requests) == len(names)


def test_what_somebody_deleted_is_pushed_again(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    digest = kept(store, artifact)
    ref = f"{simulator.host}/acme/hello:v1"
    client.push(store, digest, ref)
    simulator.linked.discard(("acme/hello", digest_of(artifact.layers[0])))
    del simulator.manifests["acme/hello", digest_of(artifact.manifests[0])]
    client.push(store, digest, ref)
    assert ("acme/hello", digest_of(artifact.layers[0])) in simulator.linked
    assert ("acme/hello", digest_of(artifact.manifests[0])) in simulator.manifests


def test_second_version_uploads_only_what_is_new(simulator: Simulator, client: Registry, store: Store) -> None:
    first = plugin()
    client.push(store, kept(store, first), f"{simulator.host}/acme/hello:v1")
    simulator.seen.requests.clear()
    client.push(store, Digest(first.digest), f"{simulator.host}/acme/hello:v1.0")
    assert [request.path for request in simulator.seen.matching("PUT")] == ["/v2/acme/hello/manifests/v1.0"]


def test_push_by_digest_must_name_what_is_pushed(simulator: Simulator, client: Registry, store: Store) -> None:
    digest = kept(store, plugin())
    client.push(store, digest, f"{simulator.host}/acme/hello@{digest}")
    assert ("acme/hello", digest) in simulator.manifests
    with pytest.raises(InvalidReferenceError, match="is to be pushed"):
        client.push(store, digest, f"{simulator.host}/acme/hello@{digest_of(b'other')}")


@pytest.mark.parametrize("ref", ["{host}/acme/hello", "{host}/acme/hello:", "hello", "", "{host}/ACME/x:v1"])
def test_reference_that_names_nothing_is_refused_without_a_request(
    simulator: Simulator, client: Registry, store: Store, ref: str
) -> None:
    digest = kept(store, plugin())
    with pytest.raises(InvalidReferenceError):
        client.push(store, digest, ref.format(host=simulator.host))
    assert not simulator.seen.requests


@pytest.mark.parametrize("port", ["99999", "0"])
def test_port_out_of_range_is_named(client: Registry, store: Store, port: str) -> None:
    with pytest.raises(InvalidReferenceError, match="out of range"):
        client.pull(store, f"127.0.0.1:{port}/acme/hello:v1")


def test_digest_of_another_algorithm_in_a_reference_is_refused(client: Registry, store: Store) -> None:
    with pytest.raises(InvalidReferenceError, match="another algorithm"):
        client.pull(store, f"127.0.0.1:1/acme/hello@sha512:{'a' * 128}")


def test_digest_that_the_store_does_not_have_is_refused(simulator: Simulator, client: Registry, store: Store) -> None:
    with pytest.raises(StoreNotFoundError):
        client.push(store, Digest(digest_of(b"absent")), f"{simulator.host}/acme/hello:v1")
    assert not simulator.seen.requests


def test_local_build_mark_stays_on_this_machine(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    digest = kept(store, artifact)
    store.tag(digest, "hello", local_build=True)
    client.push(store, digest, f"{simulator.host}/acme/hello:v1")
    sent = b"".join(request.body for request in simulator.seen.requests)
    assert b"local-build" not in sent


# Mounts


def test_blobs_are_mounted_from_the_repository_they_were_pulled_from(
    simulator: Simulator, client: Registry, store: Store
) -> None:
    artifact = plugin()
    digest = client.pull(store, artifact.serve(simulator, "acme/staging"))
    simulator.seen.requests.clear()
    client.push(store, digest, f"{simulator.host}/acme/released:v1")
    assert not simulator.seen.matching("PUT", "/uploads/")
    assert {request.query["from"] for request in simulator.seen.matching("POST")} == {"acme/staging"}


def test_mount_asks_for_a_token_for_both_repositories(
    simulator: Simulator, client: Registry, logins: Logins, store: Store
) -> None:
    simulator.login = Login()
    logins.known[simulator.host] = Credential(simulator.login.username, simulator.login.password)
    digest = client.pull(store, plugin().serve(simulator, "acme/staging"))
    simulator.seen.requests.clear()
    client.push(store, digest, f"{simulator.host}/acme/released:v1")
    scopes = {request.query["scope"] for request in simulator.seen.matching("GET", "/token")}
    assert "repository:acme/released:pull,push repository:acme/staging:pull" in scopes


@pytest.mark.parametrize("status", [202, 400, 401, 403, 404, 405, 500, 501])
def test_registry_that_does_not_mount_is_uploaded_to(
    simulator: Simulator, client: Registry, store: Store, status: int
) -> None:
    artifact = plugin()
    digest = client.pull(store, artifact.serve(simulator, "acme/staging"))
    if status == 202:
        simulator.mounts = False
    else:
        simulator.poison("POST", "/uploads/", lambda e: Answer(status) if e.request.query.get("mount") else e.honest())
    client.push(store, digest, f"{simulator.host}/acme/released:v1")
    assert simulator.manifests["acme/released", "v1"][1] == artifact.root


def test_registry_that_lies_about_a_mount_is_uploaded_to(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    digest = client.pull(store, artifact.serve(simulator, "acme/staging"))
    simulator.poison("POST", "/uploads/", lambda e: Answer(201) if e.request.query.get("mount") else e.honest())
    client.push(store, digest, f"{simulator.host}/acme/released:v1")
    assert simulator.manifests["acme/released", "v1"][1] == artifact.root


# Progress


@define
class Heard:
    """What a `Progress` heard, by digest."""

    started: list[str] = Factory(list)
    bytes: dict[str, int] = Factory(dict)
    finished: dict[str, bool] = Factory(dict)
    lock: threading.Lock = Factory(threading.Lock)

    def progress_of(self) -> "Listener":
        return Listener(self)


@define
class Listener:
    heard: Heard

    def started(self, descriptor: Descriptor) -> None:
        with self.heard.lock:
            self.heard.started.append(descriptor.digest)
            self.heard.bytes[descriptor.digest] = 0

    def advanced(self, descriptor: Descriptor, count: int) -> None:
        with self.heard.lock:
            self.heard.bytes[descriptor.digest] += count

    def finished(self, descriptor: Descriptor, *, skipped: bool) -> None:
        with self.heard.lock:
            assert descriptor.digest not in self.heard.finished
            self.heard.finished[descriptor.digest] = skipped


def test_progress_of_a_push_and_a_pull_counts_every_byte(
    simulator: Simulator, make_client: ClientMaker, store: Store, tmp_path: object
) -> None:
    artifact = plugin()
    everything = {digest_of(data): len(data) for data in [*artifact.blobs, *artifact.manifests, artifact.root]}
    ref = f"{simulator.host}/acme/hello:v1"
    pushed, pulled, again = Heard(), Heard(), Heard()
    client = make_client()
    client.push(store, kept(store, artifact), ref, progress=pushed.progress_of())
    with Store(store.root.parent / "other") as other:
        client.pull(other, ref, progress=pulled.progress_of())
        client.pull(other, ref, progress=again.progress_of())
    for heard in (pushed, pulled):
        assert heard.bytes == everything
        assert heard.finished == dict.fromkeys(everything, False)
    assert again.finished.pop(artifact.digest) is False
    assert set(again.finished.values()) == {True}
    client.push(store, Digest(artifact.digest), ref, progress=(skipped := Heard()).progress_of())
    assert skipped.finished == dict.fromkeys(everything, True)
    assert not skipped.started


def test_progress_starts_anew_when_an_upload_is_repeated(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = large_plugin(3_000_000)
    layer = digest_of(artifact.layers[0])
    simulator.poison("PUT", "/uploads/", lambda exchange: exchange.reset(), times=1)
    heard = Heard()
    client.push(store, kept(store, artifact), f"{simulator.host}/acme/hello:v1", progress=heard.progress_of())
    assert heard.bytes[layer] == len(artifact.layers[0])
    assert sorted(heard.started.count(d) for d in heard.finished) == [1, 1, 2]
