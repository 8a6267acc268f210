"""Other clients on our artifacts and stores, and we on theirs: skopeo, umoci, and the folder layout of oras-go."""

import json
from pathlib import Path
from typing import Any

import pytest
from programs import run
from real_registry import RealRegistry
from registry_artifacts import INDEX, MANIFEST, Artifact, plugin
from registry_simulator import digest_of

from toolhive_artifact import Digest, decompress_tar
from toolhive_plugins_registry import Registry
from toolhive_plugins_store import Store


def assert_index_as_skopeo_writes_it(store: Store, digest: Digest, artifact: Artifact) -> None:
    """Assert that the manifests are ours to the byte, whatever became of the index.

    skopeo 1.9 encodes an index anew and drops the artifact types on the way, so that its digest changes; later ones keep it.
    """
    index = store.get_index(digest)
    assert index.artifact_type in ("", "dev.toolhive.plugins.v1")
    assert [listed.digest for listed in index.manifests] == [digest_of(data) for data in artifact.manifests]
    for data in artifact.manifests:
        assert store.get_manifest(Digest(digest_of(data))) == data


@pytest.fixture
def pushed(plain_registry: RealRegistry, client: Registry, store: Store) -> tuple[Artifact, str]:
    """A plugin of ours in the registry."""
    artifact = plugin(b"for other clients\n")
    artifact.keep(store)
    ref = f"{plain_registry.host}/acme/clients:v1"
    client.push(store, Digest(artifact.digest), ref)
    return artifact, ref


def test_skopeo_inspects_what_we_pushed(pushed: tuple[Artifact, str]) -> None:
    artifact, ref = pushed
    told: dict[str, Any] = json.loads(
        run(
            "skopeo", "inspect", "--tls-verify=false", "--override-os=linux", "--override-arch=arm64", f"docker://{ref}"
        )
    )
    assert told["Digest"] == artifact.digest
    assert told["Architecture"] == "arm64"
    assert told["Labels"]["dev.toolhive.plugins.name"] == "hello"
    assert told["Layers"] == [digest_of(artifact.layers[0])]
    raw = run("skopeo", "inspect", "--tls-verify=false", "--raw", f"docker://{ref}")
    assert raw.encode() == artifact.root


def test_skopeo_copies_all_of_what_we_pushed(pushed: tuple[Artifact, str], tmp_path: Path) -> None:
    artifact, ref = pushed
    run("skopeo", "copy", "--all", "--src-tls-verify=false", f"docker://{ref}", f"oci:{tmp_path / 'copy'}:v1")
    with Store(tmp_path / "copy") as copied:
        assert_index_as_skopeo_writes_it(copied, copied.resolve("v1"), artifact)
        for blob in artifact.blobs:
            assert copied.get_blob(Digest(digest_of(blob))) == blob
        assert copied.check() == ()


def test_we_pull_what_skopeo_pushed(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    artifact = plugin(b"by skopeo\n")
    artifact.keep(store, "hello")
    ref = f"{plain_registry.host}/acme/by-skopeo:v1"
    run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{store.root}:hello", f"docker://{ref}")
    assert_index_as_skopeo_writes_it(other_store, client.pull(other_store, ref), artifact)
    assert other_store.check() == ()


def test_we_pull_one_platform_that_skopeo_picked(
    plain_registry: RealRegistry, client: Registry, store: Store, other_store: Store
) -> None:
    """Without --all, skopeo pushes the manifest of its own platform, as it stands."""
    artifact = plugin(b"one by skopeo\n")
    artifact.keep(store, "hello")
    ref = f"{plain_registry.host}/acme/one-by-skopeo:v1"
    source = f"oci:{store.root}:hello"
    run(
        "skopeo",
        "--override-os=linux",
        "--override-arch=arm64",
        "copy",
        "--dest-tls-verify=false",
        source,
        f"docker://{ref}",
    )
    assert client.pull(other_store, ref) == digest_of(artifact.manifests[1])


def test_skopeo_reads_the_store_that_we_pulled_into(
    pushed: tuple[Artifact, str], client: Registry, other_store: Store
) -> None:
    artifact, ref = pushed
    client.pull(other_store, ref)
    other_store.tag(Digest(artifact.digest), "hello")
    assert run("skopeo", "inspect", "--raw", f"oci:{other_store.root}:hello").encode() == artifact.root


def test_umoci_unpacks_what_we_pulled(
    pushed: tuple[Artifact, str], client: Registry, other_store: Store, tmp_path: Path
) -> None:
    """umoci follows one manifest; the files it finds are those that were packaged."""
    artifact, ref = pushed
    client.pull(other_store, ref)
    other_store.tag(Digest(digest_of(artifact.manifests[0])), "amd64")
    run("umoci", "unpack", "--rootless", "--image", f"{other_store.root}:amd64", str(tmp_path / "bundle"))
    for entry in decompress_tar(artifact.layers[0]):
        assert (tmp_path / "bundle" / "rootfs" / entry.path).read_bytes() == entry.content


def test_store_written_the_way_of_oras_go_is_pushed_from(
    plain_registry: RealRegistry, client: Registry, other_store: Store, tmp_path: Path
) -> None:
    """oras-go lists every manifest in index.json, tagged or not, children before their index."""
    artifact = plugin(b"by oras-go\n")
    folder = tmp_path / "oras-go"
    (folder / "blobs" / "sha256").mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    for data in (*artifact.blobs, *artifact.manifests, artifact.root):
        (folder / "blobs" / "sha256" / digest_of(data).removeprefix("sha256:")).write_bytes(data)
    entries: list[dict[str, Any]] = [
        {"mediaType": MANIFEST, "digest": digest_of(data), "size": len(data), "artifactType": "dev.toolhive.plugins.v1"}
        for data in artifact.manifests
    ]
    annotations = {"org.opencontainers.image.ref.name": "hello", "dev.stacklok.toolhive.local-build": "true"}
    entries.append(
        {"mediaType": INDEX, "digest": artifact.digest, "size": len(artifact.root), "annotations": annotations}
    )
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries}))
    ref = f"{plain_registry.host}/acme/by-oras-go:v1"
    with Store(folder) as written:
        client.push(written, written.resolve("hello"), ref)
    assert client.pull(other_store, ref) == artifact.digest
    assert other_store.check() == ()
