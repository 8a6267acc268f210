"""Writes cosign's classic layout: the image that the tag `sha256-<hex>.sig` names has one layer for each signature."""

import base64
from collections.abc import Callable, Sequence
from typing import Final

from toolhive_plugins import (
    MAX_MANIFEST_LAYERS,
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    Encodable,
    JsonObject,
    Merge,
    encode_json,
    parse_json,
)
from toolhive_plugins_signatures.errors import SigningError
from toolhive_plugins_signatures.keys import PrivateKey
from toolhive_plugins_signatures.simple_signing import (
    ANNOTATION_SIGNATURE,
    MEDIA_TYPE_SIMPLE_SIGNING,
    encode_payload,
)

PutBlob = Callable[[str, bytes, str], Descriptor]
"""Stores a blob of a repository, by its bytes and media type."""

_NEVER: Final = "0001-01-01T00:00:00Z"
"""When cosign says that the image was made."""


def add_signature(put_blob: PutBlob, repository: str, digest: Digest, key: PrivateKey) -> Merge:
    """Return what adds a key's signature of an artifact to the image with its signatures.

    Layers that are there stay byte for byte as they are, and in their order.
    """
    payload = encode_payload(digest, cosign_name(repository))
    layer = put_blob(repository, payload, MEDIA_TYPE_SIMPLE_SIGNING)
    ours: dict[str, Encodable] = {
        "mediaType": MEDIA_TYPE_SIMPLE_SIGNING,
        "size": layer.size,
        "digest": str(layer.digest),
        "annotations": {ANNOTATION_SIGNATURE: base64.b64encode(key.sign(payload)).decode()},
    }
    return _adding(put_blob, repository, [ours])


def merge_images(put_blob: PutBlob, repository: str, image: bytes) -> Merge:
    """Return what adds the layers of an image with signatures to another one, whose repository has their blobs."""
    return _adding(put_blob, repository, _read_image(image)[1])


def _adding(put_blob: PutBlob, repository: str, layers: "Sequence[Encodable]") -> Merge:
    known: dict[bytes, Encodable] = {_identity(layer): layer for layer in layers}

    def merge(current: bytes | None) -> bytes | None:
        head, layers = _read_image(current)
        present = {_identity(found): found for found in layers}
        missing = [found for name, found in known.items() if name not in present]
        known.update({name: found for name, found in present.items() if name not in known})
        if not missing:
            return None
        every: list[Encodable] = [*layers, *missing]
        if len(every) > MAX_MANIFEST_LAYERS:
            raise SigningError(f"there are {len(layers)} signatures already, and {MAX_MANIFEST_LAYERS} is the limit")
        config = put_blob(repository, _config(every), MEDIA_TYPE_IMAGE_CONFIG)
        described: dict[str, Encodable] = {
            "mediaType": config.media_type,
            "size": config.size,
            "digest": str(config.digest),
        }
        return encode_json({**head, "config": described, "layers": every})

    return merge


def cosign_name(repository: str) -> str:
    """Return a repository as cosign names it in payloads: Docker Hub is `index.docker.io` there."""
    registry, slash, path = repository.partition("/")
    return "index.docker.io" + slash + path if registry in ("docker.io", "registry-1.docker.io") else repository


def _read_image(data: bytes | None) -> tuple[dict[str, Encodable], list[JsonObject]]:
    """Return the fields of an image besides config and layers, and its layers; an empty image for none."""
    head: dict[str, Encodable] = {"schemaVersion": 2, "mediaType": MEDIA_TYPE_IMAGE_MANIFEST}
    if data is None:
        return head, []
    document = parse_json(data, where="the image with the signatures", unique_keys=True)
    layers = document.get("layers") if isinstance(document, JsonObject) else None
    if not isinstance(document, JsonObject) or not isinstance(layers, tuple):
        problem = "the tag for signatures names something other than an image"
        raise SigningError(problem, remedy="Delete the tag that ends in .sig there")
    kept = {key: value for key, value in document.items() if key not in ("config", "layers")}
    return {**head, **kept}, [layer for layer in layers if isinstance(layer, JsonObject)]


def _identity(layer: Encodable) -> bytes:
    """Return what tells one signature from another: payload and signature, as JSON."""
    if not isinstance(layer, dict | JsonObject):
        return b""
    annotations = layer.get("annotations")
    signature = annotations.get(ANNOTATION_SIGNATURE) if isinstance(annotations, dict | JsonObject) else None
    return encode_json([layer.get("digest"), signature])


def _config(layers: list[Encodable]) -> bytes:
    digests = [layer.get("digest") for layer in layers if isinstance(layer, dict | JsonObject)]
    return encode_json(
        {
            "architecture": "",
            "created": _NEVER,
            "history": [{"created": _NEVER} for _ in digests],
            "os": "",
            "rootfs": {"type": "layers", "diff_ids": digests},
            "config": {},
        }
    )
