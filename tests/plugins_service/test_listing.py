"""The list of builds, read quickly, says what the decoder says."""

import json

import pytest

from toolhive_plugins import (
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Digest,
    Packager,
    Store,
    ToolhiveError,
)
from toolhive_plugins_service import Service
from toolhive_plugins_service.listing import _decoded_summary, _summary

LAYER = {"mediaType": MEDIA_TYPE_IMAGE_LAYER_GZIP, "digest": Digest.of(b"layer"), "size": 5}
MANIFEST = {
    "schemaVersion": 2,
    "mediaType": MEDIA_TYPE_IMAGE_MANIFEST,
    "config": {"mediaType": MEDIA_TYPE_IMAGE_CONFIG, "digest": Digest.of(b"config"), "size": 6},
    "layers": [LAYER, LAYER],
    "annotations": {"dev.toolhive.plugins.name": "of the manifest"},
}
INDEX = {
    "schemaVersion": 2,
    "mediaType": MEDIA_TYPE_IMAGE_INDEX,
    "annotations": {"dev.toolhive.plugins.name": "of the index"},
}
MISSING = {"mediaType": MEDIA_TYPE_IMAGE_MANIFEST, "digest": Digest.of(b"missing"), "size": 7}


def put(store: Store, document: object) -> Digest:
    """Store a document, whatever it is."""
    return store.put_blob(document if isinstance(document, bytes) else json.dumps(document).encode())


def without(document: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in document.items() if key != name}


def summary(store: Store, digest: Digest, *, quick: bool) -> object:
    """Return the summary, or the error in its place."""
    try:
        annotations, size = _summary(store, digest) if quick else _decoded_summary(store, digest)
    except ToolhiveError as error:
        return type(error), str(error)
    return dict(annotations), size


@pytest.mark.parametrize(
    "manifest",
    [
        MANIFEST,
        MANIFEST | {"annotations": {}},
        MANIFEST | {"layers": []},
        MANIFEST | {"layers": [LAYER | {"size": "5"}]},
        MANIFEST | {"unknown": 1},
        MANIFEST | {"Layers": [LAYER]},
        without(MANIFEST, "annotations"),
        without(MANIFEST, "mediaType"),
        without(MANIFEST, "config"),
        INDEX | {"manifests": []},
        without(INDEX, "mediaType") | {"manifests": []},
        b"{}",
        b"no document",
    ],
)
def test_a_summary_is_the_same_as_by_the_decoder(store: Store, manifest: object) -> None:
    first = put(store, manifest)
    listed = {"mediaType": MEDIA_TYPE_IMAGE_MANIFEST, "digest": first, "size": 9}
    for document in (
        manifest,
        INDEX | {"manifests": [listed, MISSING]},
        INDEX | {"manifests": [listed], "annotations": {}},
        INDEX | {"manifests": [listed], "annotations": None},
        without(INDEX, "mediaType") | {"manifests": [listed]},
        INDEX | {"manifests": [MISSING, listed]},
    ):
        digest = put(store, document)
        assert summary(store, digest, quick=True) == summary(store, digest, quick=False)


@pytest.mark.parametrize("damaged", ["index", "manifest"])
@pytest.mark.parametrize("damage", ["changed", "missing", "large"])
def test_damage_is_told_as_by_the_decoder(service: Service, complete: str, damaged: str, damage: str) -> None:
    store = service.store
    built = Packager(store).package(complete)
    store.tag(built.index_digest, "complete")
    first = store.get_index(built.index_digest).manifests[0].digest
    path = store.root / "blobs" / "sha256" / (built.index_digest if damaged == "index" else first).encoded
    path.chmod(0o644)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"{}" if damage == "changed" else b" " * (1024 * 1024 + 1))
    [listed] = service.list_builds()
    assert (listed.tag, listed.name, listed.size) == ("complete", "", 0)
    assert listed.damage
    assert summary(Store(store.root), built.index_digest, quick=True) == summary(
        Store(store.root), built.index_digest, quick=False
    )
