"""Reads and writes the documents of an OCI artifact, with the reference's decoding and its bytes.

The tables below give each document's fields in the order in which the reference writes them (the Go structs
of opencontainers/image-spec, specs-go/v1).
"""

import binascii
from typing import Final, TypeVar

from toolhive_artifact._structs import (
    Array,
    Bool,
    FieldSpec,
    Int64,
    KeySet,
    ParsedText,
    Reading,
    Struct,
    T,
    Text,
    TextMap,
)
from toolhive_artifact.digest import Digest
from toolhive_artifact.errors import InvalidDigestError, InvalidDocumentError
from toolhive_artifact.json_reader import parse_json
from toolhive_artifact.json_values import JsonValue
from toolhive_artifact.json_writer import Encodable, encode_json
from toolhive_artifact.limits import MAX_INDEX_MANIFESTS, MAX_MANIFEST_LAYERS, MAX_MANIFEST_SIZE
from toolhive_artifact.models import (
    SCHEMA_VERSION,
    ContainerConfig,
    Descriptor,
    History,
    ImageConfig,
    Index,
    Manifest,
    RootFS,
)
from toolhive_artifact.platform import Platform
from toolhive_artifact.timestamps import is_rfc3339


def _digest(text: str) -> Digest | None:
    try:
        return Digest.parse(text)
    except InvalidDigestError:
        return None


def _time(text: str) -> str | None:
    return text if is_rfc3339(text) else None


class _Base64(ParsedText[bytes]):
    """Bytes, embedded in base64."""

    def __init__(self) -> None:
        super().__init__(_from_base64, "base64")

    def encode(self, value: bytes | None) -> Encodable:
        return None if value is None else binascii.b2a_base64(value, newline=False).decode("ascii")


def _from_base64(text: str) -> bytes | None:
    try:
        return binascii.a2b_base64(text.replace("\r", "").replace("\n", ""), strict_mode=True)
    except ValueError:
        return None


_TEXT: Final = Text()
_TEXTS: Final = Array(_TEXT)
_MAP: Final = TextMap()
_DIGEST: Final = ParsedText(_digest, "sha256: and 64 lowercase hexadecimal digits")
_TIME: Final = ParsedText(_time, "a time by RFC 3339")

_PLATFORM: Final = Struct(
    Platform,
    FieldSpec("architecture", "architecture", _TEXT, keep_empty=True),
    FieldSpec("os", "os", _TEXT, keep_empty=True),
    FieldSpec("os_version", "os.version", _TEXT),
    FieldSpec("os_features", "os.features", _TEXTS),
    FieldSpec("variant", "variant", _TEXT),
    nullable=True,
)

_DESCRIPTOR_FIELDS: Final = (
    FieldSpec("media_type", "mediaType", _TEXT, keep_empty=True),
    FieldSpec("digest", "digest", _DIGEST, required=True, keep_empty=True),
    FieldSpec("size", "size", Int64(minimum=0), keep_empty=True),
    FieldSpec("urls", "urls", _TEXTS),
    FieldSpec("annotations", "annotations", _MAP),
    FieldSpec("data", "data", _Base64()),
    FieldSpec("platform", "platform", _PLATFORM),
    FieldSpec("artifact_type", "artifactType", _TEXT),
)
_DESCRIPTOR: Final = Struct(Descriptor, *_DESCRIPTOR_FIELDS)
_SUBJECT: Final = Struct(Descriptor, *_DESCRIPTOR_FIELDS, nullable=True)

_MANIFEST: Final = Struct(
    Manifest,
    FieldSpec("schema_version", "schemaVersion", Int64(), keep_empty=True),
    FieldSpec("media_type", "mediaType", _TEXT),
    FieldSpec("artifact_type", "artifactType", _TEXT),
    FieldSpec("config", "config", _DESCRIPTOR, required=True, keep_empty=True),
    FieldSpec("layers", "layers", Array(_DESCRIPTOR, MAX_MANIFEST_LAYERS), keep_empty=True),
    FieldSpec("subject", "subject", _SUBJECT),
    FieldSpec("annotations", "annotations", _MAP),
)


def _index(limit: int | None) -> Struct[Index]:
    return Struct(
        Index,
        FieldSpec("schema_version", "schemaVersion", Int64(), keep_empty=True),
        FieldSpec("media_type", "mediaType", _TEXT),
        FieldSpec("artifact_type", "artifactType", _TEXT),
        FieldSpec("manifests", "manifests", Array(_DESCRIPTOR, limit), keep_empty=True),
        FieldSpec("subject", "subject", _SUBJECT),
        FieldSpec("annotations", "annotations", _MAP),
    )


_INDEX: Final = _index(MAX_INDEX_MANIFESTS)

_CONTAINER_CONFIG: Final = Struct(
    ContainerConfig,
    FieldSpec("user", "User", _TEXT),
    FieldSpec("exposed_ports", "ExposedPorts", KeySet()),
    FieldSpec("env", "Env", _TEXTS),
    FieldSpec("entrypoint", "Entrypoint", _TEXTS),
    FieldSpec("cmd", "Cmd", _TEXTS),
    FieldSpec("volumes", "Volumes", KeySet()),
    FieldSpec("working_dir", "WorkingDir", _TEXT),
    FieldSpec("labels", "Labels", _MAP),
    FieldSpec("stop_signal", "StopSignal", _TEXT),
    FieldSpec("args_escaped", "ArgsEscaped", Bool()),
    zero=ContainerConfig(),
)

_ROOTFS: Final = Struct(
    RootFS,
    FieldSpec("type", "type", _TEXT, keep_empty=True),
    FieldSpec("diff_ids", "diff_ids", Array(_DIGEST), keep_empty=True),
    zero=RootFS(type=""),
)

_HISTORY: Final = Struct(
    History,
    FieldSpec("created", "created", _TIME),
    FieldSpec("created_by", "created_by", _TEXT),
    FieldSpec("author", "author", _TEXT),
    FieldSpec("comment", "comment", _TEXT),
    FieldSpec("empty_layer", "empty_layer", Bool()),
    zero=History(),
)

_IMAGE_CONFIG: Final = Struct(
    ImageConfig,
    FieldSpec("created", "created", _TIME),
    FieldSpec("author", "author", _TEXT),
    FieldSpec("architecture", "architecture", _TEXT, keep_empty=True),
    FieldSpec("os", "os", _TEXT, keep_empty=True),
    FieldSpec("os_version", "os.version", _TEXT),
    FieldSpec("os_features", "os.features", _TEXTS),
    FieldSpec("variant", "variant", _TEXT),
    FieldSpec("config", "config", _CONTAINER_CONFIG, keep_empty=True),
    FieldSpec("rootfs", "rootfs", _ROOTFS, keep_empty=True),
    FieldSpec("history", "history", Array(_HISTORY)),
    zero=ImageConfig(rootfs=RootFS(type="")),
)

Document = Descriptor | Manifest | Index | ImageConfig
"""What `to_json` writes."""


def to_json(document: Document) -> bytes:
    """Write a document with the reference's bytes: its field order, its escapes, maps sorted by key."""
    match document:
        case Descriptor():
            return encode_json(_DESCRIPTOR.encode(document))
        case Manifest():
            return encode_json(_MANIFEST.encode(document))
        case Index():
            return encode_json(_INDEX.encode(document))
        case ImageConfig():
            return encode_json(_IMAGE_CONFIG.encode(document))


def parse_manifest(data: bytes, *, where: str = "", strict: bool = False) -> Manifest:
    """Read an image manifest.

    Args:
        data: the document, at most 1 MiB.
        where: what to call it in errors: a path, a digest.
        strict: refuse as well what two readers could understand in two ways: a key that is there twice (case
            folded, where it is a field), a `schemaVersion` other than 2. For documents that were pulled.

    Raises:
        DocumentLimitError: it is too large or too deep, or has more than 64 layers.
        InvalidDocumentError: it is malformed; `line` and `column` say where, as far as one place can be named.
    """
    return _versioned(_parse(_MANIFEST, data, where or "the manifest", strict), where or "the manifest", strict)


def parse_index(
    data: bytes,
    *,
    where: str = "",
    strict: bool = False,
    max_manifests: int | None = MAX_INDEX_MANIFESTS,
    max_size: int = MAX_MANIFEST_SIZE,
) -> Index:
    """Read an image index.

    Args:
        data, where, strict: as for `parse_manifest`.
        max_manifests: manifests it may list; None for as many as it has (a local store's index.json).
        max_size: bytes it may have.

    Raises:
        DocumentLimitError: it is too large or too deep, or lists too many manifests.
        InvalidDocumentError: it is malformed; `line` and `column` say where, as far as one place can be named.
    """
    struct = _INDEX if max_manifests == MAX_INDEX_MANIFESTS else _index(max_manifests)
    where = where or "the index"
    return _versioned(_parse(struct, data, where, strict, max_size), where, strict)


def parse_image_config(data: bytes, *, where: str = "", strict: bool = False) -> ImageConfig:
    """Read an image config.

    Args:
        data, where, strict: as for `parse_manifest`, but that it has no `schemaVersion`.

    Raises:
        DocumentLimitError: it is too large or too deep.
        InvalidDocumentError: it is malformed; `line` and `column` say where, as far as one place can be named.
    """
    return _parse(_IMAGE_CONFIG, data, where or "the image config", strict)


def parse_descriptor(value: JsonValue, *, where: str = "", strict: bool = False) -> Descriptor:
    """Read a descriptor from JSON that is parsed already.

    Raises:
        InvalidDocumentError: it is malformed.
    """
    return _decode(_DESCRIPTOR, value, where or "the descriptor", strict)


def _parse(struct: Struct[T], data: bytes, where: str, strict: bool, max_size: int = MAX_MANIFEST_SIZE) -> T:
    value = parse_json(data, where=where, max_size=max_size, unique_keys=strict)
    return _decode(struct, value, where, strict)


def _decode(struct: Struct[T], value: JsonValue, where: str, strict: bool) -> T:
    document = struct.decode(value, struct.zero(), (), Reading(where, strict))
    if document is None:
        raise InvalidDocumentError("must be an object, and is null", where=where)
    return document


_Versioned = TypeVar("_Versioned", Manifest, Index)


def _versioned(document: _Versioned, where: str, strict: bool) -> _Versioned:
    if strict and document.schema_version != SCHEMA_VERSION:
        raise InvalidDocumentError(f"schemaVersion must be 2, and is {document.schema_version}", where=where)
    return document
