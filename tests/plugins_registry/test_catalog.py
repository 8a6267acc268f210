"""What a repository holds: tags, what a reference names, and what refers to an artifact."""

import json

import pytest
from client_parts import Logins
from registry_artifacts import MANIFEST, Json, descriptor, encode, plugin
from registry_simulator import Answer, Login, Simulator, digest_of

from toolhive_artifact import Descriptor, Digest, DigestMismatchError, SizeLimitError
from toolhive_plugins_interfaces import InvalidReferenceError, RegistryNotFoundError, RegistryResponseError
from toolhive_plugins_registry import Credential, Registry

SIGNATURE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def repository(simulator: Simulator) -> str:
    return f"{simulator.host}/acme/hello"


def listing(*tags: object, link: str = "") -> Answer:
    headers = (("Content-Type", "application/json"), *((("Link", link),) if link else ()))
    return Answer(200, json.dumps({"name": "acme/hello", "tags": list(tags)}).encode(), headers)


# Tags


def test_tags_are_listed_over_all_pages(simulator: Simulator, client: Registry) -> None:
    simulator.page_size = 3
    tags = [f"v{number}" for number in range(8)]
    for tag in tags:
        plugin().serve(simulator, tag=tag)
    assert client.tags(repository(simulator)) == tuple(tags)
    assert len(simulator.seen.matching("GET", "/tags/list")) == 3


def test_tags_of_a_private_repository_are_listed_with_a_login(
    simulator: Simulator, client: Registry, logins: Logins
) -> None:
    plugin().serve(simulator)
    simulator.login = Login(anonymous_pull=False)
    logins.known[simulator.host] = Credential("ann", simulator.login.password)
    assert client.tags(repository(simulator)) == ("v1",)


def test_repository_that_is_not_there_is_named(simulator: Simulator, client: Registry) -> None:
    with pytest.raises(RegistryNotFoundError, match="NAME_UNKNOWN"):
        client.tags(repository(simulator))


def test_repository_without_tags_has_none(simulator: Simulator, client: Registry) -> None:
    simulator.poison("GET", "/tags/list", lambda _: Answer(200, b'{"name": "acme/hello", "tags": null}'))
    assert client.tags(repository(simulator)) == ()


@pytest.mark.parametrize("ref", ["ghcr.io/acme/hello:v1", f"ghcr.io/acme/hello@{digest_of(b'')}"])
def test_reference_is_not_a_repository(client: Registry, ref: str) -> None:
    with pytest.raises(InvalidReferenceError, match=r"Name the repository alone: ghcr\.io/acme/hello"):
        client.tags(ref)


@pytest.mark.parametrize(
    "link",
    [
        '</v2/acme/hello/tags/list?last=a>; rel="next"',
        "</v2/acme/hello/tags/list?last=a>; rel=next",
        '</x>; rel="prev", </v2/acme/hello/tags/list?last=a>; title="a, b"; rel="last next"',
        '<tags/list?last=a>; REL="NEXT"'.replace("tags/", ""),
        '<{url}/v2/acme/hello/tags/list?last=a>; rel="next"',
        '<http://{name}/v2/acme/hello/tags/list?last=a>; rel="next"',
    ],
)
def test_link_to_the_next_page_is_followed_however_it_is_written(
    simulator: Simulator, client: Registry, link: str
) -> None:
    written = link.format(url=simulator.url, name=simulator.name)
    simulator.poison("GET", "/tags/list", lambda _: listing("b"), times=None)
    simulator.poison("GET", "/tags/list", lambda _: listing("a", link=written), times=1)
    assert client.tags(repository(simulator)) == ("a", "b")


@pytest.mark.parametrize(
    "link", ["", "<>", "</x>", '</x>; rel="nextish"', "rel=next", "<" * 5000, '</x>; title="rel=next"']
)
def test_link_to_something_else_ends_the_listing(simulator: Simulator, client: Registry, link: str) -> None:
    simulator.poison("GET", "/tags/list", lambda _: listing("a", link=link))
    assert client.tags(repository(simulator)) == ("a",)


def test_listing_that_goes_on_at_another_host_is_refused(simulator: Simulator, names: None, client: Registry) -> None:
    with Simulator(name="evil.example") as evil:
        simulator.poison("GET", "/tags/list", lambda _: listing("a", link=f'<{evil.url}/x>; rel="next"'))
        with pytest.raises(RegistryResponseError, match=r"continues on another host, evil\.example"):
            client.tags(repository(simulator))
        assert not evil.seen.requests


def test_listing_that_goes_round_is_refused(simulator: Simulator, client: Registry) -> None:
    simulator.poison("GET", "/tags/list", lambda _: listing("a", link='</v2/acme/hello/tags/list?x>; rel="next"'))
    with pytest.raises(RegistryResponseError, match="leads back"):
        client.tags(repository(simulator))


def test_listing_without_end_is_given_up(simulator: Simulator, client: Registry) -> None:
    def more(exchange: object) -> Answer:
        number = len(simulator.seen.requests)
        return listing(f"v{number}", link=f'</v2/acme/hello/tags/list?last={number}>; rel="next"')

    simulator.poison("GET", "/tags/list", more)
    with pytest.raises(SizeLimitError, match="more than 100 pages"):
        client.tags(repository(simulator))


def test_too_many_tags_are_given_up(simulator: Simulator, client: Registry) -> None:
    simulator.poison("GET", "/tags/list", lambda _: listing(*(f"v{number}" for number in range(10_001))))
    with pytest.raises(SizeLimitError, match="more than 10000 tags"):
        client.tags(repository(simulator))


@pytest.mark.parametrize(
    "body", [b"[]", b'{"tags": {}}', b'{"tags": [1]}', b"junk", b'{"tags": ["a b"]}', b'{"tags": ["\\u001b[2J"]}']
)
def test_list_that_is_no_list_of_tags_is_refused(simulator: Simulator, client: Registry, body: bytes) -> None:
    simulator.poison("GET", "/tags/list", lambda _: Answer(200, body))
    with pytest.raises(RegistryResponseError, match=r"not a list of tags|not a valid tag") as caught:
        client.tags(repository(simulator))
    assert str(caught.value).isprintable()


# Resolving and tagging


def test_reference_is_resolved(simulator: Simulator, client: Registry) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    assert client.resolve(ref) == artifact.digest
    assert client.resolve(f"{repository(simulator)}@{artifact.digest}") == artifact.digest
    with pytest.raises(RegistryNotFoundError):
        client.resolve(f"{repository(simulator)}:absent")


def test_artifact_gets_another_tag_byte_for_byte(simulator: Simulator, client: Registry) -> None:
    artifact = plugin()
    assert client.tag(artifact.serve(simulator), "latest") == artifact.digest
    assert simulator.manifests["acme/hello", "latest"] == simulator.manifests["acme/hello", "v1"]
    with pytest.raises(InvalidReferenceError, match="not a valid tag"):
        client.tag(f"{repository(simulator)}:v1", "not a tag")
    with pytest.raises(InvalidReferenceError) as caught:
        client.tag(f"{repository(simulator)}:v1", "\x1b[2J" + "x" * 100_000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


# Referrers


def refer(simulator: Simulator, digest: str, artifact_type: str = SIGNATURE, note: str = "") -> Json:
    """Push an artifact that refers to `digest`; return its descriptor."""
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": artifact_type,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2},
        "layers": [],
        "subject": {"mediaType": MANIFEST, "digest": digest, "size": 1},
        "annotations": {"note": note},
    }
    data = encode(document)
    simulator.add_manifest("acme/hello", digest_of(data), MANIFEST, data)
    return descriptor(MANIFEST, data, artifactType=artifact_type, annotations={"note": note})


@pytest.mark.parametrize("api", [True, False])
def test_referrers_are_listed_by_the_api_and_by_the_tag(simulator: Simulator, client: Registry, api: bool) -> None:
    simulator.referrers_api = api
    artifact = plugin()
    ref = artifact.serve(simulator)
    listed = [refer(simulator, artifact.digest, note="1"), refer(simulator, artifact.digest, "other/type")]
    tag = artifact.digest.replace(":", "-")
    simulator.add_manifest("acme/hello", tag, "application/vnd.oci.image.index.v1+json", encode({"manifests": listed}))
    found = client.referrers(ref)
    assert {entry.digest for entry in found} == {entry["digest"] for entry in listed}
    (signature,) = client.referrers(f"{repository(simulator)}@{artifact.digest}", SIGNATURE)
    assert signature.artifact_type == SIGNATURE
    assert signature.size == listed[0]["size"]


@pytest.mark.parametrize("api", [True, False])
def test_artifact_that_nothing_refers_to_has_no_referrers(simulator: Simulator, client: Registry, api: bool) -> None:
    simulator.referrers_api = api
    assert client.referrers(plugin().serve(simulator)) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"manifests": [{}]}',
        b'{"manifests": [{"digest": "sha256:x", "size": 1}]}',
        b'{"manifests": [{"digest": "%s"}]}' % digest_of(b"").encode(),
        b'{"manifests": [{"digest": "%s", "size": -1}]}' % digest_of(b"").encode(),
        b'{"manifests": [{"digest": "%s", "size": 1, "annotations": {"a": 1}}]}' % digest_of(b"").encode(),
    ],
)
def test_list_that_is_no_list_of_referrers_is_refused(simulator: Simulator, client: Registry, body: bytes) -> None:
    ref = plugin().serve(simulator)
    simulator.poison("GET", "/referrers/", lambda _: Answer(200, body))
    with pytest.raises(RegistryResponseError, match="not a list of referrers"):
        client.referrers(ref)


def test_too_many_referrers_are_given_up(simulator: Simulator, client: Registry) -> None:
    ref = plugin().serve(simulator)
    many = [descriptor(MANIFEST, b"%d" % number) for number in range(1001)]
    simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode({"manifests": many})))
    with pytest.raises(SizeLimitError, match="more than 1000 referrers"):
        client.referrers(ref)


# What a name has, without a store


def test_a_name_is_looked_up_with_one_request(simulator: Simulator, client: Registry) -> None:
    made = plugin()
    made.serve(simulator, tag="v1")
    assert client.find(f"{repository(simulator)}:v1") == client.resolve(f"{repository(simulator)}:v1")
    assert client.find(f"{repository(simulator)}:v2") is None
    assert len(simulator.seen.matching("HEAD", "/manifests/v2")) == 1
    assert not simulator.seen.matching("GET", "/manifests/v2")


def test_a_registry_that_does_not_say_what_it_has_is_asked_for_the_document(
    simulator: Simulator, client: Registry
) -> None:
    plugin().serve(simulator, tag="v1")
    simulator.poison("HEAD", "/manifests/v1", lambda _: Answer(200, b""))
    assert client.find(f"{repository(simulator)}:v1") == client.resolve(f"{repository(simulator)}:v1")


def test_a_digest_that_is_none_is_not_believed(simulator: Simulator, client: Registry) -> None:
    answer = Answer(200, b"", (("Docker-Content-Digest", "sha256:short"),))
    simulator.poison("HEAD", "/manifests/v1", lambda _: answer)
    with pytest.raises(RegistryResponseError, match="is not a sha256 digest"):
        client.find(f"{repository(simulator)}:v1")


def test_a_document_and_a_blob_are_fetched_whole(simulator: Simulator, client: Registry) -> None:
    plugin().serve(simulator, tag="v1")
    fetched = client.fetch(f"{repository(simulator)}:v1")
    assert Digest.of(fetched.data) == fetched.descriptor.digest
    data = b"{}"
    simulator.add_blob("acme/hello", data)
    good = Descriptor("application/json", Digest.of(data), len(data))
    assert client.fetch_blob(repository(simulator), good) == data
    with pytest.raises(SizeLimitError, match="1 is the limit"):
        client.fetch_blob(repository(simulator), good, limit=1)
    simulator.poison("GET", "/blobs/", lambda _: Answer(200, b"[]"))
    with pytest.raises(DigestMismatchError):
        client.fetch_blob(repository(simulator), good)
