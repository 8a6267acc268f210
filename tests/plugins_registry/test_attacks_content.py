"""Registries that serve other content than they promise."""

import zlib

import pytest
from hostile_pull import Puller
from registry_artifacts import (
    MANIFEST,
    config,
    descriptor,
    encode,
    index,
    large_plugin,
    layer_bytes,
    manifest,
    plugin,
    plugin_with_layer,
    single,
)
from registry_simulator import Answer, Exchange, Simulator, digest_of, for_ever

from toolhive_artifact import DigestMismatchError, InvalidDocumentError, SizeLimitError
from toolhive_plugins_interfaces import (
    InvalidArtifactError,
    RegistryConnectionError,
    RegistryNotFoundError,
    RegistryResponseError,
)
from toolhive_plugins_store import Store


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def test_layer_with_wrong_bytes_of_the_right_size_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.blobs[digest_of(artifact.layers[0])] = flipped(artifact.layers[0])
    puller.refuses(ref, DigestMismatchError, "sent other content")


def test_large_layer_with_wrong_bytes_of_the_right_size_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    simulator.blobs[digest_of(artifact.layers[0])] = flipped(artifact.layers[0])
    puller.refuses(ref, DigestMismatchError, "sha256")


def test_config_with_wrong_bytes_of_the_right_size_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.blobs[digest_of(artifact.configs[1])] = flipped(artifact.configs[1])
    puller.refuses(ref, DigestMismatchError, "sent other content")


@pytest.mark.parametrize("change", [-1, +1])
def test_layer_that_is_announced_with_another_length_is_refused_before_it_is_read(
    simulator: Simulator, puller: Puller, change: int
) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.blobs[digest_of(layer)] = layer[:change] if change < 0 else layer + b"x"
    puller.refuses(ref, DigestMismatchError, f"announces {len(layer) + change} bytes")


def test_layer_that_goes_on_after_its_size_is_cut_off(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.poison("GET", digest_of(layer), lambda _: Answer(body=[layer, b"one more"]))
    puller.refuses(ref, DigestMismatchError, f"sent more than the {len(layer)} bytes")


def test_layer_without_end_is_cut_off_at_its_size(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    noise = for_ever(b"x" * 65536, simulator.stopping)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: Answer(body=noise))
    puller.refuses(ref, DigestMismatchError, "sent more than")


def test_config_without_end_is_cut_off_at_its_size(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    noise = for_ever(b"x" * 65536, simulator.stopping)
    simulator.poison("GET", digest_of(artifact.configs[0]), lambda _: Answer(body=noise))
    puller.refuses(ref, DigestMismatchError, "sent more than")


def test_layer_that_always_breaks_off_early_is_given_up(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.poison("GET", digest_of(layer), lambda _: Answer(body=layer, reset_after=1000))
    puller.refuses(ref, RegistryConnectionError, r"broke \(3 attempts\)")


def test_layer_that_ends_early_without_a_word_is_given_up(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    layer = artifact.layers[0]
    simulator.ranges = False
    simulator.poison("GET", digest_of(layer), lambda _: Answer(body=[layer[:1000]]))
    puller.refuses(ref, RegistryConnectionError, f"sent 1000 of {len(layer)} bytes")


def test_listed_manifest_with_other_bytes_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact, other = plugin(), plugin(b"say something else\n")
    ref = artifact.serve(simulator)
    simulator.poison(
        "GET",
        f"/manifests/{digest_of(artifact.manifests[0])}",
        lambda _: Answer(body=other.manifests[0], headers=(("Content-Type", MANIFEST),)),
    )
    puller.refuses(ref, DigestMismatchError, "promised")


def test_listed_manifest_that_is_longer_than_the_index_says_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    listed = [descriptor(MANIFEST, data) for data in artifact.manifests]
    listed[0]["size"] -= 1
    artifact.root = encode(index([], manifests=listed))
    puller.refuses(artifact.serve(simulator), SizeLimitError, "is the limit")


def test_listed_manifest_that_is_shorter_than_the_index_says_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    listed = [descriptor(MANIFEST, data) for data in artifact.manifests]
    listed[0]["size"] += 1
    artifact.root = encode(index([], manifests=listed))
    puller.refuses(artifact.serve(simulator), DigestMismatchError, "the index promises")


def test_index_whose_docker_content_digest_disagrees_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    headers = (("Content-Type", artifact.root_type), ("Docker-Content-Digest", digest_of(b"another")))
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=artifact.root, headers=headers))
    puller.refuses(ref, DigestMismatchError, "promised sha256:")


def test_layer_whose_docker_content_digest_disagrees_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = large_plugin()
    ref = artifact.serve(simulator)
    headers = (("Docker-Content-Digest", digest_of(b"another")),)
    simulator.poison("GET", digest_of(artifact.layers[0]), lambda _: Answer(body=artifact.layers[0], headers=headers))
    puller.refuses(ref, DigestMismatchError, "says that it serves sha256:")


@pytest.mark.parametrize("value", ["sha512:" + "a" * 128, "md5:" + "a" * 32, "sha256:short", "x" * 5000])
def test_docker_content_digest_of_another_algorithm_is_refused(
    simulator: Simulator, puller: Puller, value: str
) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    headers = (("Content-Type", artifact.root_type), ("Docker-Content-Digest", value))
    simulator.poison("GET", "/manifests/v1", lambda _: Answer(body=artifact.root, headers=headers))
    puller.refuses(ref, RegistryResponseError, "not a sha256 digest")


def test_pull_by_digest_gets_that_digest_or_nothing(simulator: Simulator, puller: Puller) -> None:
    artifact, other = plugin(), plugin(b"say something else\n")
    artifact.serve(simulator)
    other.serve(simulator, tag="v2")
    simulator.manifests["acme/hello", artifact.digest] = other.root_type, other.root
    ref = f"{simulator.host}/acme/hello@{artifact.digest}"
    puller.refuses(ref, DigestMismatchError, "promised")


def test_tag_before_a_digest_does_not_loosen_the_pin(simulator: Simulator, puller: Puller) -> None:
    artifact, other = plugin(), plugin(b"say something else\n")
    artifact.serve(simulator, tag="old")
    other.serve(simulator, tag="v1")
    del simulator.manifests["acme/hello", artifact.digest]
    ref = f"{simulator.host}/acme/hello:v1@{artifact.digest}"
    puller.refuses(ref, RegistryNotFoundError, "404")


def test_manifest_that_changes_between_two_reads_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    name = f"/manifests/{digest_of(artifact.manifests[1])}"
    changed = artifact.manifests[1].replace(b"plugins.v1", b"plugins.v2")
    simulator.poison("GET", name, lambda _: Answer(body=changed, headers=(("Content-Type", MANIFEST),)))
    puller.refuses(ref, DigestMismatchError, "promised")


def test_tag_is_read_once_so_that_moving_it_mixes_no_two_artifacts(
    simulator: Simulator, puller: Puller, store: Store
) -> None:
    first, second = plugin(b"one\n"), plugin(b"two\n")
    ref = first.serve(simulator)

    def move(exchange: Exchange) -> Answer:
        answer = exchange.honest()
        second.serve(simulator)
        return answer

    simulator.poison("GET", "/manifests/v1", move, times=1)
    assert puller.client.pull(store, ref) == first.digest
    assert store.check() == ()


def test_layer_that_is_not_what_its_config_says_is_refused(simulator: Simulator, puller: Puller) -> None:
    layer, _ = layer_bytes()
    artifact = plugin_with_layer(layer, digest_of(b"something else"))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "the config says")


def test_large_layer_that_is_not_what_its_config_says_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin_with_layer(large_plugin(3_000_000).layers[0], digest_of(b"something else"))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "the config says")


def test_layer_that_another_artifact_brought_is_checked_against_the_new_config(
    simulator: Simulator, puller: Puller, store: Store
) -> None:
    honest = plugin()
    puller.client.pull(store, honest.serve(simulator))
    lying = plugin_with_layer(honest.layers[0], digest_of(b"something else"))
    puller.refuses(lying.serve(simulator, "acme/other"), InvalidArtifactError, "the config says")


def test_layer_that_is_no_gzip_stream_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin_with_layer(b"not gzip at all", digest_of(b""))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "cannot be decompressed")


def test_large_layer_that_is_no_gzip_stream_is_refused(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin_with_layer(b"not gzip at all" * 200_000, digest_of(b""))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "cannot be decompressed")


def test_layer_with_junk_after_its_end_is_refused(simulator: Simulator, puller: Puller) -> None:
    layer, diff_id = layer_bytes()
    artifact = plugin_with_layer(layer + b"junk", diff_id)
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "cannot be decompressed")


def test_layer_that_decompresses_without_end_is_refused(simulator: Simulator, puller: Puller) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(106)) + packer.flush()
    assert len(bomb) < 200_000
    artifact = plugin_with_layer(bomb, digest_of(b""))
    puller.refuses(artifact.serve(simulator), SizeLimitError, "decompresses to more than")


def test_two_configs_that_say_different_things_of_one_layer_are_refused(simulator: Simulator, puller: Puller) -> None:
    layer, diff_id = layer_bytes()
    configs = [encode(config([diff_id])), encode(config([digest_of(b"other")], architecture="arm64"))]
    artifact = plugin()
    artifact.configs = configs
    artifact.manifests = [encode(manifest(data, [layer])) for data in configs]
    artifact.root = encode(index(artifact.manifests))
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "different content")


def test_config_that_names_more_layers_than_the_manifest_is_refused(simulator: Simulator, puller: Puller) -> None:
    layer, diff_id = layer_bytes()
    config_data = encode(config([diff_id, diff_id]))
    artifact = single(manifest(config_data, [layer]), config_data, [layer])
    puller.refuses(artifact.serve(simulator), InvalidArtifactError, "names 2 layers, and the manifest 1")


def test_blob_that_the_registry_does_not_have_is_named(simulator: Simulator, puller: Puller) -> None:
    artifact = plugin()
    ref = artifact.serve(simulator)
    simulator.linked.discard(("acme/hello", digest_of(artifact.layers[0])))
    error = puller.refuses(ref, RegistryNotFoundError, "404")
    assert digest_of(artifact.layers[0]) in str(error)


def test_config_that_is_not_json_is_refused(simulator: Simulator, puller: Puller) -> None:
    layer, _ = layer_bytes()
    artifact = single(manifest(b"{nonsense", [layer]), b"{nonsense", [layer])
    puller.refuses(artifact.serve(simulator), InvalidDocumentError, "double quotes|expected")
