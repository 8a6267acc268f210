"""What is stored beside an artifact: manifests that refer to it, and tags that several writers change at once."""

import json
import random
from collections.abc import Iterable
from typing import cast

import pytest
from attrs import Factory, define
from registry_artifacts import INDEX, MANIFEST, descriptor, encode, plugin
from registry_simulator import Answer, Exchange, Simulator, digest_of
from virtual_time import VirtualTime

from toolhive_artifact import Descriptor, Digest
from toolhive_plugins_interfaces import InvalidArtifactError, RegistryNotFoundError, RegistryResponseError
from toolhive_plugins_registry import Registry, merge_referrers
from toolhive_plugins_registry.attaching import SETTLING, Attaching
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.policies import Clock
from toolhive_plugins_registry.remote import Fetched, RemoteRepository

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
EMPTY = "application/vnd.oci.empty.v1+json"
SUBJECT = Digest.of(b"the subject")


def repository(simulator: Simulator) -> str:
    return f"{simulator.host}/acme/hello"


def referrer(client: Registry, simulator: Simulator, text: bytes, subject: bytes) -> bytes:
    """Store a referrer's blobs, and return its manifest."""
    client.put_blob(repository(simulator), b"{}", EMPTY)
    client.put_blob(repository(simulator), text, BUNDLE)
    return encode(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": BUNDLE,
            "config": descriptor(EMPTY, b"{}"),
            "layers": [descriptor(BUNDLE, text)],
            "subject": descriptor(INDEX, subject),
            "annotations": {"made-by": "us"},
        }
    )


def listed_by_tag(simulator: Simulator, digest: str) -> list[str]:
    _, data = simulator.manifests["acme/hello", digest.replace(":", "-")]
    return [entry["digest"] for entry in json.loads(data)["manifests"]]


@pytest.mark.parametrize("api", [True, False])
def test_referrer_is_found_whether_or_not_the_registry_has_the_api(
    simulator: Simulator, client: Registry, api: bool
) -> None:
    simulator.referrers_api = api
    artifact = plugin()
    ref = artifact.serve(simulator)
    document = referrer(client, simulator, b"a bundle", artifact.root)
    (attached,) = client.attach(repository(simulator), [document])
    assert attached.subject == artifact.digest
    (found,) = client.referrers(ref, BUNDLE)
    assert (found.digest, found.size) == (digest_of(document), len(document))


def test_registry_that_lists_referrers_itself_is_left_its_tags(simulator: Simulator, client: Registry) -> None:
    artifact = plugin()
    artifact.serve(simulator)
    document = referrer(client, simulator, b"a bundle", artifact.root)

    def lists(exchange: Exchange) -> Answer:
        answer = exchange.honest()
        return Answer(answer.status, answer.body, (*answer.headers, ("OCI-Subject", artifact.digest)))

    simulator.poison("PUT", "/manifests/sha256:", lists)
    client.attach(repository(simulator), [document])
    assert ("acme/hello", artifact.digest.replace(":", "-")) not in simulator.manifests


def test_what_others_have_listed_stays_as_it_is(simulator: Simulator, client: Registry) -> None:
    simulator.referrers_api = False
    artifact = plugin()
    artifact.serve(simulator)
    other = {**descriptor(MANIFEST, b"other"), "artifactType": "x/y", "unknown": {"deep": [1, 2]}}
    old = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": [other], "annotations": {"kept": "yes"}})
    simulator.add_manifest("acme/hello", artifact.digest.replace(":", "-"), INDEX, old)
    simulator.add_manifest("acme/hello", digest_of(b"other"), MANIFEST, b"other")
    document = referrer(client, simulator, b"a bundle", artifact.root)
    client.attach(repository(simulator), [document])
    _, data = simulator.manifests["acme/hello", artifact.digest.replace(":", "-")]
    new = json.loads(data)
    assert new["manifests"][0] == other
    assert new["annotations"] == {"kept": "yes"}
    assert new["manifests"][1]["annotations"] == {"made-by": "us"}
    assert new["manifests"][1]["artifactType"] == BUNDLE


def test_immutable_tag_is_named_with_what_it_names(simulator: Simulator, client: Registry) -> None:
    simulator.referrers_api = False
    artifact = plugin()
    artifact.serve(simulator)
    old = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
    tag = artifact.digest.replace(":", "-")
    simulator.add_manifest("acme/hello", tag, INDEX, old)
    document = referrer(client, simulator, b"a bundle", artifact.root)
    simulator.poison("PUT", "/manifests/sha256-", lambda _: Answer(409, b'{"errors":[{"code":"TAG_IMMUTABLE"}]}'))
    with pytest.raises(RegistryResponseError) as caught:
        client.attach(repository(simulator), [document])
    assert caught.value.where == tag
    assert digest_of(old) in caught.value.problem
    assert "TAG_IMMUTABLE" in caught.value.problem


def test_tag_that_names_something_other_than_a_list_is_not_overwritten(simulator: Simulator, client: Registry) -> None:
    simulator.referrers_api = False
    artifact = plugin()
    artifact.serve(simulator)
    tag = artifact.digest.replace(":", "-")
    simulator.add_manifest("acme/hello", tag, MANIFEST, artifact.manifests[0])
    document = referrer(client, simulator, b"a bundle", artifact.root)
    listed = encode({"manifests": {"not": "a list"}})
    simulator.poison("GET", "/manifests/sha256-", lambda _: Answer(200, listed, (("Content-Type", INDEX),)))
    with pytest.raises(InvalidArtifactError, match="names something else"):
        client.attach(repository(simulator), [document])
    assert simulator.manifests["acme/hello", tag][1] == artifact.manifests[0]


@pytest.mark.parametrize("document", [b"no json", b"{}", encode({"schemaVersion": 2, "config": {}, "layers": []})])
def test_only_manifests_with_a_subject_are_attached(simulator: Simulator, client: Registry, document: bytes) -> None:
    with pytest.raises(InvalidArtifactError):
        client.attach(repository(simulator), [document])
    assert simulator.seen.matching("PUT") == []


def test_blob_that_is_there_is_not_sent_again(simulator: Simulator, client: Registry) -> None:
    for _ in range(2):
        assert client.put_blob(repository(simulator), b"{}", EMPTY) == Descriptor(EMPTY, Digest.of(b"{}"), 2)
    assert len(simulator.seen.matching("PUT", "/blobs/")) == 1


# Two writers at once


@define
class LaggingRepository:
    """One tag in made-up time: each request takes a while, and a read shows what was there up to a second ago."""

    time: VirtualTime
    chance: random.Random
    lag: float = 1.0
    _history: list[tuple[float, bytes]] = Factory(list)

    def fetch_manifest(self, tag: str) -> Fetched:
        self.time.sleep(self.chance.uniform(0.01, 0.15))
        moment = self.time.now - self.chance.uniform(0, self.lag)
        seen = [data for written, data in self._history if written <= moment]
        if not seen:
            raise RegistryNotFoundError("no such tag", where=tag)
        return Fetched(seen[-1], Descriptor(INDEX, Digest.of(seen[-1]), len(seen[-1])))

    def put_manifest(self, name: str, data: bytes, descriptor: Descriptor) -> bool:
        self.time.sleep(self.chance.uniform(0.01, 0.15))
        if ":" not in name:
            self._history.append((self.time.now, data))
        return False

    @property
    def listed(self) -> set[str]:
        return {entry["digest"] for entry in json.loads(self._history[-1][1])["manifests"]}


def _race(seed: int, writers: int, settling: float) -> tuple[set[str], set[str]]:
    """Let writers add to one tag at once; return what each added, and what is listed at the end."""
    time, chance = VirtualTime(), random.Random(seed)
    shared = LaggingRepository(time, chance)
    clock = Clock(monotonic=lambda: time.now, wait=lambda _, seconds: time.sleep(seconds), random=chance.random)
    added = [Descriptor(MANIFEST, Digest.of(b"%d" % number), 1) for number in range(writers)]

    def write(entries: Iterable[Descriptor]) -> None:
        time.sleep(chance.uniform(0, 2))
        attaching = Attaching(cast(RemoteRepository, shared), Deadline(600, clock), clock, settling)
        attaching.run([], {"sha256-x": merge_referrers(list(entries))})

    time.run([lambda one=one: write([one]) for one in added])  # type: ignore[misc]
    return {str(one.digest) for one in added}, shared.listed


@pytest.mark.parametrize("seed", range(20))
def test_two_signers_at_once_lose_nothing_though_reads_lag_by_a_second(seed: int) -> None:
    added, listed = _race(seed, 2, SETTLING)
    assert listed == added


def test_five_signers_at_once_lose_nothing_either() -> None:
    for seed in range(5):
        added, listed = _race(seed, 5, SETTLING)
        assert listed == added


def test_without_reading_again_something_would_be_lost() -> None:
    assert any(added != listed for added, listed in (_race(seed, 2, 0.0) for seed in range(20)))
