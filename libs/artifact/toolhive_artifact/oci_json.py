"""Reads and writes the documents of an OCI artifact as Go's encoding/json does."""

from typing import Final, TypeVar

from toolhive_artifact._places import Place
from toolhive_artifact._structs import struct_of
from toolhive_artifact.errors import InvalidDocumentError
from toolhive_artifact.json_reader import parse_json
from toolhive_artifact.json_values import JsonValue
from toolhive_artifact.json_writer import encode_json
from toolhive_artifact.models import SCHEMA_VERSION, Descriptor, ImageConfig, Index, Manifest

_Document = TypeVar("_Document", Descriptor, Manifest, Index, ImageConfig)
_Versioned = TypeVar("_Versioned", Manifest, Index)

Document = Descriptor | Manifest | Index | ImageConfig
"""A document that `to_json` writes."""

_REMEMBERED: Final = 128
_REMEMBERED_SIZE: Final = 32 * 1024
_parsed: dict[tuple[type[Document], bool, bytes], Document] = {}
"""Small documents that were read before. They never change, and whoever checks an artifact reads each several times."""


def to_json(document: Document) -> bytes:
    """Encode a document with the bytes of Go's encoder: its field order, its escapes, maps sorted by key."""
    return encode_json(struct_of(type(document)).encode(document))


def parse_manifest(data: bytes, *, where: str = "the manifest", strict: bool = False) -> Manifest:
    """Read an image manifest.

    Args:
        data: the document, at most 1 MiB.
        where: what to call it in errors: a path, a digest.
        strict: also refuse what two readers could understand in two ways: a key that appears twice (case folded,
            where it is a field's), a `schemaVersion` other than 2. For documents that were pulled.

    Raises:
        DocumentLimitError: it is too large or too deep, or has more than 64 layers.
        InvalidDocumentError: it is malformed; `line` and `column` say where, if it is in one place.
    """
    return _versioned(_parse(Manifest, data, where, strict), where, strict)


def parse_index(data: bytes, *, where: str = "the index", strict: bool = False) -> Index:
    """Read an image index; arguments as for `parse_manifest`.

    Raises:
        DocumentLimitError: it is too large or too deep, or lists more than 32 manifests.
        InvalidDocumentError: it is malformed; `line` and `column` say where, if it is in one place.
    """
    return _versioned(_parse(Index, data, where, strict), where, strict)


def parse_image_config(data: bytes, *, where: str = "the image config", strict: bool = False) -> ImageConfig:
    """Read an image config; arguments as for `parse_manifest`, but there is no `schemaVersion`.

    Raises:
        DocumentLimitError: it is too large or too deep.
        InvalidDocumentError: it is malformed; `line` and `column` say where, if it is in one place.
    """
    return _parse(ImageConfig, data, where, strict)


def parse_descriptor(value: JsonValue, *, where: str = "the descriptor", strict: bool = False) -> Descriptor:
    """Read a descriptor from parsed JSON.

    Raises:
        InvalidDocumentError: it is malformed.
    """
    return _decode(Descriptor, value, where, strict)


def _parse(model: type[_Document], data: bytes, where: str, strict: bool) -> _Document:
    for was_strict in (True,) if strict else (True, False):  # what a strict reader takes is the same to any other
        document = _parsed.get((model, was_strict, data))
        if isinstance(document, model):
            return document
    new = _decode(model, parse_json(data, where=where, unique_keys=strict), where, strict)
    if len(data) <= _REMEMBERED_SIZE:
        if len(_parsed) >= _REMEMBERED:
            _parsed.clear()
        _parsed[model, strict, data] = new
    return new


def _decode(model: type[_Document], value: JsonValue, where: str, strict: bool) -> _Document:
    struct = struct_of(model)
    document: _Document | None = struct.decode(value, struct.zero, Place(where, strict))
    if document is None:
        raise InvalidDocumentError("the document must be an object, not null", where=where)
    return document


def _versioned(document: _Versioned, where: str, strict: bool) -> _Versioned:
    if strict and document.schema_version != SCHEMA_VERSION:
        raise InvalidDocumentError(f"schemaVersion must be 2, not {document.schema_version}", where=where)
    return document
