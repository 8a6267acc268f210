"""The list of builds: what it says of sound, odd and damaged ones."""

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
)
from toolhive_plugins_service import Service

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


LISTED = {"mediaType": MEDIA_TYPE_IMAGE_MANIFEST, "digest": Digest.of(json.dumps(MANIFEST).encode()), "size": 9}


def put(store: Store, document: object) -> Digest:
    """Store a document, whatever it is."""
    return store.put_blob(document if isinstance(document, bytes) else json.dumps(document).encode())


def without(document: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in document.items() if key != name}


@pytest.mark.parametrize(
    ("document", "name", "size"),
    [
        (MANIFEST, "of the manifest", 10),
        (INDEX | {"manifests": [LISTED, MISSING]}, "of the index", 10),
        (INDEX | {"manifests": [LISTED], "annotations": {}}, "of the manifest", 10),
        (INDEX | {"manifests": [LISTED], "annotations": None}, "of the manifest", 10),
        (without(INDEX, "mediaType") | {"manifests": [LISTED]}, "of the index", 10),
        (INDEX | {"manifests": []}, "of the index", 0),
        (INDEX | {"manifests": [MISSING, LISTED]}, "", 0),
        (b"{}", "", 0),
        (b"no document", "", 0),
    ],
)
def test_a_build_is_listed_with_its_annotations_and_the_size_of_its_first_manifest(
    service: Service, document: object, name: str, size: int
) -> None:
    store = service.store
    for blob in (b"layer", b"config", MANIFEST, b"missing"):
        put(store, blob)
    store.tag(put(store, document), "demo")
    (store.root / "blobs" / "sha256" / Digest.of(b"missing").encoded).unlink()
    [listed] = service.list_builds()
    assert (listed.name, listed.size) == (name, size)
    assert bool(listed.damage) == (not name)


@pytest.mark.parametrize("damaged", ["index", "manifest"])
@pytest.mark.parametrize("damage", ["changed", "missing", "large"])
def test_a_damaged_build_is_listed_with_its_damage(service: Service, complete: str, damaged: str, damage: str) -> None:
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
