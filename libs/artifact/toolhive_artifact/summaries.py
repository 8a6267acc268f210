"""Reads what a list of artifacts shows of each, from most documents without importing attrs.

Most documents can be understood in only one way: every name appears once, is spelled exactly as in the tables below, and
has a value of the right type. Only those are read here, with the same result as by the decoder, which reads all others.
Importing attrs and the decoder takes longer than all else that `thv-plugin builds` does.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from toolhive_artifact.digest import Digest
from toolhive_artifact.errors import InvalidDigestError
from toolhive_artifact.limits import MAX_INDEX_MANIFESTS, MAX_MANIFEST_LAYERS, MAX_MANIFEST_SIZE
from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST

_Check: TypeAlias = Callable[[object], bool]


class Summary(NamedTuple):
    """What a list of artifacts shows of a manifest or an index."""

    media_type: str
    """What it was read as: MEDIA_TYPE_IMAGE_INDEX or MEDIA_TYPE_IMAGE_MANIFEST."""

    annotations: Mapping[str, str]
    """The annotations; empty also where the field is absent."""

    manifests: tuple[Digest, ...] = ()
    """An index's manifests."""

    size: int = 0
    """The size of a manifest's layers in bytes."""


def read_summary(data: bytes, *, where: str = "the document") -> Summary:
    """Read what a list shows of a manifest or an index.

    Args:
        data: the document, at most 1 MiB.
        where: what to call it in errors: a path, a digest.

    Raises:
        DocumentLimitError, InvalidDocumentError: as `parse_manifest` and `parse_index`.
    """
    return _outline(data) or _decoded(data, where)


def _decoded(data: bytes, where: str) -> Summary:
    """Read a summary with the decoder."""
    from toolhive_artifact.oci_json import parse_index, parse_manifest

    if _is_index(data, where):
        index = parse_index(data, where=where)
        digests = tuple(entry.digest for entry in index.manifests)
        return Summary(MEDIA_TYPE_IMAGE_INDEX, index.annotations or {}, manifests=digests)
    manifest = parse_manifest(data, where=where)
    size = sum(layer.size for layer in manifest.layers)
    return Summary(MEDIA_TYPE_IMAGE_MANIFEST, manifest.annotations or {}, size=size)


def _is_index(data: bytes, where: str) -> bool:
    """Return whether a document is an index, by its media type or, where it has none, by its list of manifests."""
    from toolhive_artifact.json_reader import parse_json
    from toolhive_artifact.json_values import JsonObject

    value = parse_json(data, where=where)
    if not isinstance(value, JsonObject):
        return False
    media_type = value.field("mediaType")
    return media_type == MEDIA_TYPE_IMAGE_INDEX if media_type else isinstance(value.field("manifests"), tuple)


def _outline(data: bytes) -> Summary | None:
    """Read a summary from most documents; None if the decoder is needed."""
    fields = _load(data)
    media_type = fields.get("mediaType")
    annotations = fields.get("annotations", {})
    if media_type == MEDIA_TYPE_IMAGE_INDEX and _fits(fields, _INDEX):
        manifests = tuple(Digest(entry["digest"]) for entry in fields.get("manifests", ()))
        return Summary(media_type, annotations, manifests=manifests)
    if media_type == MEDIA_TYPE_IMAGE_MANIFEST and "config" in fields and _fits(fields, _MANIFEST):
        return Summary(media_type, annotations, size=sum(layer.get("size", 0) for layer in fields.get("layers", ())))
    return None


def _load(data: bytes) -> dict[str, Any]:
    """Parse a JSON object; empty where it is not one, or where Python's decoder and ours might differ about it."""
    # Escapes of surrogates, which may lack their other half, are where they differ.
    if len(data) > MAX_MANIFEST_SIZE or b"\\ud" in data or b"\\uD" in data:
        return {}
    try:
        value = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name appears twice")
    return members


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _fits(value: object, fields: Mapping[str, _Check]) -> bool:
    """Return whether a value is an object all of whose members are in the table, and of the type that it has there."""
    return isinstance(value, dict) and all(name in fields and fields[name](item) for name, item in value.items())


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _is_digest(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(Digest(value))
    except InvalidDigestError:
        return False


def _are_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_platform(value: object) -> bool:
    return _fits(value, _PLATFORM)


def _is_descriptor(value: object) -> bool:
    return _fits(value, _DESCRIPTOR) and isinstance(value, dict) and "digest" in value


def _are_descriptors(most: int) -> _Check:
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(_is_descriptor, value))


_PLATFORM: Final = {"architecture": _is_text, "os": _is_text, "os.version": _is_text, "variant": _is_text}
_DESCRIPTOR: Final = {
    "mediaType": _is_text,
    "digest": _is_digest,
    "size": _is_count,
    "annotations": _are_texts,
    "platform": _is_platform,
    "artifactType": _is_text,
}
_DOCUMENT: Final = {
    "schemaVersion": _is_count,
    "mediaType": _is_text,
    "artifactType": _is_text,
    "annotations": _are_texts,
}
_INDEX: Final = {**_DOCUMENT, "manifests": _are_descriptors(MAX_INDEX_MANIFESTS)}
_MANIFEST: Final = {**_DOCUMENT, "config": _is_descriptor, "layers": _are_descriptors(MAX_MANIFEST_LAYERS)}
