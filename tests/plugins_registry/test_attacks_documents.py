"""Manifests, indexes and configs that break a limit, or are no plugin's."""

import json
from collections.abc import Callable

import pytest
from hostile_pull import Puller
from registry_artifacts import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    Artifact,
    Json,
    config,
    descriptor,
    encode,
    index,
    layer_bytes,
    manifest,
    plugin,
    single,
)
from registry_simulator import Answer, Exchange, Simulator, digest_of

from toolhive_artifact import DigestMismatchError, InvalidDocumentError, SizeLimitError
from toolhive_plugins_interfaces import InvalidArtifactError, RegistryResponseError
from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_LAYER, _DIFF_ID = layer_bytes()
_CONFIG = encode(config([_DIFF_ID]))
_MANIFEST = encode(manifest(_CONFIG, [_LAYER]))


def of_root(root: bytes, root_type: str = INDEX) -> Artifact:
    return Artifact(root, root_type, [_MANIFEST], [_CONFIG], [_LAYER])


def of_manifest(**changes: object) -> Artifact:
    return single(manifest(_CONFIG, [_LAYER], **changes), _CONFIG, [_LAYER])


# Limits


def test_index_of_33_manifests_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = of_root(encode(index([_MANIFEST] * 33)))
    puller.refuses(artifact.serve(simulator), SizeLimitError, "33|32")


def test_manifest_of_65_layers_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = of_manifest(layers=[descriptor(LAYER, _LAYER)] * 65)
    puller.refuses(artifact.serve(simulator), SizeLimitError, "65|64")


def test_index_that_announces_more_than_a_mebibyte_is_refused_unread(simulator: Simulator, puller: Puller) -> None:
    artifact = of_root(encode(index([_MANIFEST])))
    ref = artifact.serve(simulator)
    headers = (("Content-Type", INDEX),)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=[], headers=headers, length=2**20 + 1))
    puller.refuses(ref, SizeLimitError, f"announces {2**20 + 1} bytes")


def test_index_that_goes_on_after_a_mebibyte_is_cut_off(simulator: Simulator, puller: Puller) -> None:
    artifact = of_root(encode(index([_MANIFEST])))
    ref = artifact.serve(simulator)
    padded = artifact.root + b" " * 2**20
    simulator.poison(
        "GET",
        "/manifests/v1",
        lambda _: Answer(body=[padded[:5000], padded[5000:]], headers=(("Content-Type", INDEX),)),
    )
    puller.refuses(ref, SizeLimitError, f"sent more than {2**20} bytes")


@pytest.mark.parametrize("size", [2**20 + 1, 2**62])
def test_listed_manifest_of_more_than_a_mebibyte_is_refused_unread(
    simulator: Simulator, puller: Puller, size: int
) -> None:
    listed = {**descriptor(MANIFEST, _MANIFEST), "size": size}
    artifact = of_root(encode(index([], manifests=[listed])))
    puller.refuses(artifact.serve(simulator), SizeLimitError, f"manifest is {size} bytes")
    assert not simulator.seen.matching("GET", digest_of(_MANIFEST))


def test_layer_of_more_than_100_mebibytes_is_refused_unread(simulator: Simulator, puller: Puller) -> None:
    artifact = of_manifest(layers=[{**descriptor(LAYER, _LAYER), "size": 100 * 2**20 + 1}])
    puller.refuses(artifact.serve(simulator), SizeLimitError, "layer is 104857601 bytes")
    assert not simulator.seen.matching("GET", "/blobs/")


def test_config_of_more_than_a_mebibyte_is_refused_unread(simulator: Simulator, puller: Puller) -> None:
    artifact = of_manifest(config={**descriptor(CONFIG, _CONFIG), "size": 2**20 + 1})
    puller.refuses(artifact.serve(simulator), SizeLimitError, "config is 1048577 bytes")
    assert not simulator.seen.matching("GET", "/blobs/")


@pytest.mark.parametrize("size", [-1, "12", 1.5, None, 2**63, 10**400])
def test_size_that_is_no_size_is_refused(simulator: Simulator, puller: Puller, size: object) -> None:
    document = json.dumps(manifest(_CONFIG, [_LAYER])).replace(
        f'"size": {len(_LAYER)}', f'"size": {size if isinstance(size, int) else json.dumps(size)}'
    )
    artifact = Artifact(document.encode(), MANIFEST, [], [_CONFIG], [_LAYER])
    # A null size is Go's zero: the blob is then longer than promised.
    puller.refuses(
        artifact.serve(simulator), (DigestMismatchError if size is None else InvalidDocumentError), "size|promises"
    )


def test_one_digest_of_two_sizes_is_refused(simulator: Simulator, puller: Puller) -> None:
    listed = [descriptor(MANIFEST, _MANIFEST), {**descriptor(MANIFEST, _MANIFEST), "size": len(_MANIFEST) + 1}]
    artifact = of_root(encode(index([], manifests=listed)))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "is listed with two sizes")


# JSON


@pytest.mark.parametrize("depth", [20_000, 500_000])
def test_json_nested_without_end_is_refused(simulator: Simulator, puller: Puller, depth: int) -> None:
    root = b'{"schemaVersion":2,"manifests":' + b"[" * depth + b"]" * depth + b"}"
    puller.refuses(of_root(root).serve(simulator), SizeLimitError, "deep")


def test_key_that_is_there_twice_is_refused(simulator: Simulator, puller: Puller) -> None:
    root = encode(index([_MANIFEST]))
    twice = root[:-1] + b',"manifests":[]}'
    puller.refuses(of_root(twice).serve(simulator), InvalidDocumentError, "duplicate key")


def test_key_that_is_there_twice_in_another_case_is_refused(simulator: Simulator, puller: Puller) -> None:
    root = encode(index([_MANIFEST]))
    twice = root[:-1] + b',"Manifests":[]}'
    puller.refuses(of_root(twice).serve(simulator), InvalidDocumentError, "twice|anifests")


def test_key_that_is_there_twice_in_a_config_is_refused(simulator: Simulator, puller: Puller) -> None:
    twice = _CONFIG[:-1] + b',"config":{}}'
    artifact = single(manifest(twice, [_LAYER]), twice, [_LAYER])
    puller.refuses(artifact.serve(simulator), InvalidDocumentError, "duplicate key")


@pytest.mark.parametrize(
    "root",
    [
        b"",
        b"null",
        b"[]",
        b"not json",
        b"\xef\xbb\xbf{}",
        b"<html>Log in to the WLAN</html>",
        encode(index([_MANIFEST])) + b"{}",
        encode(index([_MANIFEST], schemaVersion=1)),
        encode(index([_MANIFEST], manifests={})),
    ],
)
def test_malformed_index_is_refused(simulator: Simulator, puller: Puller, root: bytes) -> None:
    puller.refuses(of_root(root).serve(simulator), InvalidDocumentError, "sha256:")


@pytest.mark.parametrize(
    "digest",
    [
        "sha512:" + "a" * 128,
        "sha256:" + "A" * 64,
        "sha256:../../../../etc/passwd",
        "sha256:" + "a" * 63 + "/",
        "../../escape",
        "",
        "x" * 100_000,
    ],
)
@pytest.mark.parametrize("place", ["layers", "config"])
def test_digest_of_another_algorithm_or_shape_is_refused(
    simulator: Simulator, puller: Puller, digest: str, place: str
) -> None:
    wrong: Json = {**descriptor(LAYER if place == "layers" else CONFIG, _LAYER), "digest": digest}
    artifact = of_manifest(**{place: [wrong] if place == "layers" else wrong})
    puller.refuses(artifact.serve(simulator), InvalidDocumentError, "digest")


# Types


def test_tag_that_points_at_a_blob_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    headers = (("Content-Type", "application/octet-stream"),)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=artifact.layers[0], headers=headers))
    puller.refuses(ref, InvalidDocumentError, "expected a value")


def test_web_page_in_a_manifests_place_is_refused(simulator: Simulator, puller: Puller) -> None:
    ref = plugin().serve(simulator)
    page = Answer(
        body=b"<html>Please log in to the WLAN</html>", headers=(("Content-Type", "text/html; charset=utf-8"),)
    )
    simulator.poison("GET", "/manifests/v1", lambda _: page)
    url = f"http://{simulator.host}/v2/acme/hello/manifests/v1"
    error = puller.refuses(ref, RegistryResponseError, "a login page or a gateway answered")
    assert error.where == url
    assert f"from {url}" in error.problem


@pytest.mark.parametrize("media_type", [DOCKER_MANIFEST, DOCKER_LIST])
def test_docker_image_is_refused_by_its_type_as_it_is(simulator: Simulator, puller: Puller, media_type: str) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)

    def convert(exchange: Exchange) -> Answer:
        """Convert an image for those who do not ask for its own type, as some registries do."""
        if media_type in exchange.request.headers.get("accept", ""):
            return Answer(body=artifact.root, headers=(("Content-Type", media_type),))
        return Answer(body=b"{}", headers=(("Content-Type", INDEX), ("Docker-Content-Digest", artifact.digest)))

    simulator.poison("GET", "/manifests/v1", convert)
    error = puller.refuses(ref, InvalidArtifactError, "is a Docker image")
    assert error.hint == "not-a-plugin"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain; charset=utf-8", "application/octet-stream"])
def test_document_of_a_generic_type_is_taken_for_what_it_says_it_is(
    simulator: Simulator, client: Registry, store: Store, media_type: str
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison(
        "GET",
        "/manifests/",
        lambda exchange: Answer(body=exchange.honest().body, headers=(("Content-Type", media_type),)),
    )
    assert client.pull(store, ref) == artifact.digest


@pytest.mark.parametrize("media_type", ["application/xml", "application/vnd.oci.image.config.v1+json", "x" * 1000])
def test_document_of_an_unknown_type_is_refused(simulator: Simulator, puller: Puller, media_type: str) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison(
        "GET", "/manifests/v1", lambda _: Answer(body=artifact.root, headers=(("Content-Type", media_type),))
    )
    puller.refuses(ref, InvalidArtifactError, "neither an OCI index nor an OCI manifest")


def test_document_without_any_type_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = of_root(encode(index([_MANIFEST], mediaType=None)))
    ref = artifact.serve(simulator)
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=artifact.root))
    puller.refuses(ref, InvalidArtifactError, "has the media type ''")


def test_document_that_says_its_type_itself_is_taken(simulator: Simulator, client: Registry, store: Store) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison("GET", "/manifests/", lambda exchange: Answer(body=exchange.honest().body))
    assert client.pull(store, ref) == artifact.digest


def test_index_that_is_served_as_a_manifest_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison(
        "GET", "/manifests/v1", lambda _: Answer(body=artifact.root, headers=(("Content-Type", MANIFEST),))
    )
    puller.refuses(ref, (InvalidArtifactError, InvalidDocumentError), "itself|config")


def test_manifest_that_calls_itself_another_thing_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = of_manifest(mediaType=DOCKER_MANIFEST)
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "calls itself")


def test_listed_manifest_that_is_served_as_another_type_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.poison(
        "GET",
        digest_of(artifact.manifests[0]),
        lambda _: Answer(body=artifact.manifests[0], headers=(("Content-Type", DOCKER_MANIFEST),)),
    )
    puller.refuses(ref, InvalidArtifactError, "was served as")


def test_index_inside_an_index_is_refused(simulator: Simulator, puller: Puller) -> None:
    inner = plugin()
    artifact = of_root(encode(index([], manifests=[descriptor(INDEX, inner.root)])))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "lists another index")


@pytest.mark.parametrize("media_type", [DOCKER_MANIFEST, "application/vnd.in-toto+json", ""])
def test_index_that_lists_something_else_is_refused(simulator: Simulator, puller: Puller, media_type: str) -> None:
    artifact = of_root(encode(index([], manifests=[descriptor(media_type, _MANIFEST)])))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "lists something of the media type")


def test_index_that_lists_nothing_is_refused(simulator: Simulator, puller: Puller) -> None:
    puller.refuses(of_root(encode(index([]))).serve(simulator), InvalidArtifactError, "lists no manifest")


def test_manifest_without_layers_is_refused(simulator: Simulator, puller: Puller) -> None:
    puller.refuses(of_manifest(layers=[]).serve(simulator), InvalidArtifactError, "has 0 layers, and a plugin has one")


@pytest.mark.parametrize(
    "artifact_type", ["application/vnd.cncf.helm.chart", "dev.toolhive.skills.v1", "dev.toolhive.plugins.v2"]
)
@pytest.mark.parametrize("place", ["index", "listed", "manifest"])
def test_foreign_artifact_type_is_refused(simulator: Simulator, puller: Puller, artifact_type: str, place: str) -> None:
    if place == "index":
        artifact = of_root(encode(index([_MANIFEST], artifactType=artifact_type)))
    elif place == "listed":
        listed = descriptor(MANIFEST, _MANIFEST, artifactType=artifact_type)
        artifact = of_root(encode(index([], manifests=[listed])))
    else:
        artifact = of_manifest(artifactType=artifact_type)
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "has the artifact type")
    assert not simulator.seen.matching("GET", "/blobs/")


def test_artifact_type_lost_on_the_way_is_forgiven_where_the_config_is_a_plugins(
    simulator: Simulator, client: Registry, store: Store
) -> None:
    data = encode(manifest(_CONFIG, [_LAYER], artifactType=None))
    root = encode(index([], artifactType=None, manifests=[descriptor(MANIFEST, data)]))
    artifact = Artifact(root, INDEX, [data], [_CONFIG], [_LAYER])
    assert client.pull(store, artifact.serve(simulator)) == artifact.digest


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.cncf.helm.config.v1+json",
        "application/vnd.oci.empty.v1+json",
        "application/vnd.docker.container.image.v1+json",
        "",
    ],
)
def test_config_of_a_foreign_type_is_refused_unread(simulator: Simulator, puller: Puller, media_type: str) -> None:
    artifact = of_manifest(config=descriptor(media_type, _CONFIG))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "its config has the media type")
    assert not simulator.seen.matching("GET", "/blobs/")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "text/x-shellscript",
    ],
)
def test_layer_of_a_foreign_type_is_refused_unread(simulator: Simulator, puller: Puller, media_type: str) -> None:
    artifact = of_manifest(layers=[descriptor(media_type, _LAYER)])
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "its layer has the media type")
    assert not simulator.seen.matching("GET", "/blobs/")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.update(config={}),
        lambda document: document["config"].update(Labels={"maintainer": "someone"}),
        lambda document: document["config"]["Labels"].update({"dev.toolhive.plugins.name": ""}),
    ],
    ids=["no labels", "labels of an image", "no name"],
)
def test_config_of_a_container_image_is_refused(
    simulator: Simulator, puller: Puller, spoil: Callable[[Json], None]
) -> None:
    document = config([_DIFF_ID])
    spoil(document)
    data = encode(document)
    artifact = single(manifest(data, [_LAYER]), data, [_LAYER])
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "does not describe a plugin")


def test_escape_sequences_from_outside_are_not_handed_to_the_terminal(simulator: Simulator, puller: Puller) -> None:
    artifact = of_manifest(artifactType="\x1b]0;owned\x07\x1b[2J" + "x" * 5000)
    error = puller.refuses(artifact.serve(simulator), InvalidArtifactError, "artifact type")
    assert "\x1b" not in str(error)


@pytest.mark.parametrize(
    ("listed", "problem"),
    [(("amd64", "amd64"), "two manifests for the platform"), (("amd64", "s390x"), "the index says linux/s390x")],
    ids=["one platform twice", "another platform than the config's"],
)
def test_index_whose_platforms_clients_take_differently_is_refused(
    simulator: Simulator, puller: Puller, listed: tuple[str, str], problem: str
) -> None:
    artifact = plugin()
    document = json.loads(artifact.root)
    for entry, architecture in zip(document["manifests"], listed, strict=True):
        entry["platform"]["architecture"] = architecture
    artifact.root = encode(document)
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, problem)
