"""What a list of builds shows of a manifest or an index, read without the models and the decoder of `documents`.

Those take 33 ms to import, with attrs, and all of `thv-plugin list` takes 31 without them. What is read here is only a
document that can be understood in one way: every name once, spelled exactly, in the tables below, and with a value of
the right type. Of any other nothing is said: it takes the decoder, with which what is said here always agrees.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from toolhive_artifact.digest import Digest
from toolhive_artifact.errors import InvalidDigestError
from toolhive_artifact.limits import MAX_INDEX_MANIFESTS, MAX_MANIFEST_LAYERS, MAX_MANIFEST_SIZE
from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST

_Check: TypeAlias = Callable[[object], bool]


class Outline(NamedTuple):
    """What a list of builds shows of a manifest or an index."""

    media_type: str
    """The document's own type: MEDIA_TYPE_IMAGE_INDEX or MEDIA_TYPE_IMAGE_MANIFEST."""

    annotations: Mapping[str, str]
    """Free text about the artifact; empty also where there is no such field."""

    manifests: tuple[Digest, ...] = ()
    """An index's manifests."""

    size: int = 0
    """Bytes of all layers of a manifest."""


def read_outline(data: bytes) -> Outline | None:
    """Read what a list shows of a manifest or an index; None where that takes `parse_manifest` or `parse_index`.

    Args:
        data: the document.
    """
    fields = _load(data)
    media_type = fields.get("mediaType")
    annotations = fields.get("annotations", {})
    if media_type == MEDIA_TYPE_IMAGE_INDEX and _fits(fields, _INDEX):
        manifests = tuple(Digest(entry["digest"]) for entry in fields.get("manifests", ()))
        return Outline(media_type, annotations, manifests=manifests)
    if media_type == MEDIA_TYPE_IMAGE_MANIFEST and "config" in fields and _fits(fields, _MANIFEST):
        return Outline(media_type, annotations, size=sum(layer.get("size", 0) for layer in fields.get("layers", ())))
    return None


def read_target(data: bytes) -> Digest | None:
    """Read what a descriptor points at; None where that takes `parse_descriptor`."""
    fields = _load(data)
    return Digest(fields["digest"]) if _is_descriptor(fields) else None


def _load(data: bytes) -> dict[str, Any]:
    """Parse a JSON object; empty where it is none, or where Python's decoder and ours might differ about it."""
    if len(data) > MAX_MANIFEST_SIZE or b"\\ud" in data or b"\\uD" in data:  # the latter may be halves of characters
        return {}
    try:
        value = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name is there twice")
    return members


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _fits(value: object, fields: Mapping[str, _Check]) -> bool:
    """Tell whether all members of an object are known by these very names, and have the values that belong there."""
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
