"""The OCI primitives that plugins, and any other artifact type, stand on; they know no artifact type.

Names are loaded on first use, so that a program which needs a digest does not pay for the compressor.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_artifact.digest import Digest
    from toolhive_artifact.documents import (
        Document,
        parse_descriptor,
        parse_image_config,
        parse_index,
        parse_manifest,
        to_json,
    )
    from toolhive_artifact.errors import (
        ArchiveLimitError,
        CompressorError,
        DigestMismatchError,
        DocumentLimitError,
        GzipLimitError,
        InvalidArchiveError,
        InvalidDigestError,
        InvalidDocumentError,
        InvalidEpochError,
        InvalidGzipError,
        InvalidPlatformError,
        SizeLimitError,
        ToolhiveError,
        shown,
    )
    from toolhive_artifact.gzip import (
        compress,
        compress_chunks,
        compress_tar,
        decompress,
        decompress_chunks,
        decompress_tar,
    )
    from toolhive_artifact.gzip_writer import (
        check_compressor,
    )
    from toolhive_artifact.json_reader import (
        parse_json,
    )
    from toolhive_artifact.json_values import (
        JsonArray,
        JsonNumber,
        JsonObject,
        JsonValue,
        Position,
        fold_key,
    )
    from toolhive_artifact.json_writer import Encodable, encode_json, sorted_by_key
    from toolhive_artifact.limits import (
        MAX_BLOB_SIZE,
        MAX_DECOMPRESSED_SIZE,
        MAX_GZIP_MEMBERS,
        MAX_INDEX_MANIFESTS,
        MAX_JSON_DEPTH,
        MAX_MANIFEST_LAYERS,
        MAX_MANIFEST_SIZE,
        MAX_TAR_ENTRIES,
        MAX_TAR_EXTENSION_SIZE,
        MAX_TAR_FILE_SIZE,
        MAX_TAR_FILES,
        MAX_TAR_PATH_LENGTH,
    )
    from toolhive_artifact.media_types import (
        ANNOTATION_CREATED,
        ANNOTATION_DESCRIPTION,
        ANNOTATION_LICENSES,
        ANNOTATION_REF_NAME,
        ANNOTATION_TITLE,
        ANNOTATION_VERSION,
        MANIFEST_MEDIA_TYPES,
        MEDIA_TYPE_DOCKER_MANIFEST,
        MEDIA_TYPE_DOCKER_MANIFEST_LIST,
        MEDIA_TYPE_IMAGE_CONFIG,
        MEDIA_TYPE_IMAGE_INDEX,
        MEDIA_TYPE_IMAGE_LAYER_GZIP,
        MEDIA_TYPE_IMAGE_MANIFEST,
    )
    from toolhive_artifact.models import (
        ContainerConfig,
        Descriptor,
        History,
        ImageConfig,
        Index,
        Manifest,
        RootFS,
    )
    from toolhive_artifact.outlines import Outline, read_outline, read_target
    from toolhive_artifact.platform import DEFAULT_PLATFORMS, Platform, parse_platform
    from toolhive_artifact.tar import (
        FileEntry,
        FileSource,
        TarMember,
        check_entry_path,
        create_tar,
        extract_tar,
        read_tar,
        tar_chunks,
    )
    from toolhive_artifact.timestamps import check_epoch, format_epoch, is_rfc3339

_MODULES = {
    "digest": "Digest",
    "documents": "Document parse_descriptor parse_image_config parse_index parse_manifest to_json",
    "errors": """ArchiveLimitError CompressorError DigestMismatchError DocumentLimitError GzipLimitError
        InvalidArchiveError InvalidDigestError InvalidDocumentError InvalidEpochError InvalidGzipError
        InvalidPlatformError SizeLimitError ToolhiveError shown""",
    "gzip": "compress compress_chunks compress_tar decompress decompress_chunks decompress_tar",
    "gzip_writer": "check_compressor",
    "json_reader": "parse_json",
    "json_values": "JsonArray JsonNumber JsonObject JsonValue Position fold_key",
    "json_writer": "Encodable encode_json sorted_by_key",
    "limits": """MAX_BLOB_SIZE MAX_DECOMPRESSED_SIZE MAX_GZIP_MEMBERS MAX_INDEX_MANIFESTS MAX_JSON_DEPTH
        MAX_MANIFEST_LAYERS MAX_MANIFEST_SIZE MAX_TAR_ENTRIES MAX_TAR_EXTENSION_SIZE MAX_TAR_FILES MAX_TAR_FILE_SIZE
        MAX_TAR_PATH_LENGTH""",
    "media_types": """ANNOTATION_CREATED ANNOTATION_DESCRIPTION ANNOTATION_LICENSES ANNOTATION_REF_NAME ANNOTATION_TITLE
        ANNOTATION_VERSION MANIFEST_MEDIA_TYPES MEDIA_TYPE_DOCKER_MANIFEST MEDIA_TYPE_DOCKER_MANIFEST_LIST
        MEDIA_TYPE_IMAGE_CONFIG MEDIA_TYPE_IMAGE_INDEX MEDIA_TYPE_IMAGE_LAYER_GZIP MEDIA_TYPE_IMAGE_MANIFEST""",
    "models": "ContainerConfig Descriptor History ImageConfig Index Manifest RootFS",
    "outlines": "Outline read_outline read_target",
    "platform": "DEFAULT_PLATFORMS Platform parse_platform",
    "tar": "FileEntry FileSource TarMember check_entry_path create_tar extract_tar read_tar tar_chunks",
    "timestamps": "check_epoch format_epoch is_rfc3339",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "ANNOTATION_CREATED",
    "ANNOTATION_DESCRIPTION",
    "ANNOTATION_LICENSES",
    "ANNOTATION_REF_NAME",
    "ANNOTATION_TITLE",
    "ANNOTATION_VERSION",
    "DEFAULT_PLATFORMS",
    "MANIFEST_MEDIA_TYPES",
    "MAX_BLOB_SIZE",
    "MAX_DECOMPRESSED_SIZE",
    "MAX_GZIP_MEMBERS",
    "MAX_INDEX_MANIFESTS",
    "MAX_JSON_DEPTH",
    "MAX_MANIFEST_LAYERS",
    "MAX_MANIFEST_SIZE",
    "MAX_TAR_ENTRIES",
    "MAX_TAR_EXTENSION_SIZE",
    "MAX_TAR_FILES",
    "MAX_TAR_FILE_SIZE",
    "MAX_TAR_PATH_LENGTH",
    "MEDIA_TYPE_DOCKER_MANIFEST",
    "MEDIA_TYPE_DOCKER_MANIFEST_LIST",
    "MEDIA_TYPE_IMAGE_CONFIG",
    "MEDIA_TYPE_IMAGE_INDEX",
    "MEDIA_TYPE_IMAGE_LAYER_GZIP",
    "MEDIA_TYPE_IMAGE_MANIFEST",
    "ArchiveLimitError",
    "CompressorError",
    "ContainerConfig",
    "Descriptor",
    "Digest",
    "DigestMismatchError",
    "Document",
    "DocumentLimitError",
    "Encodable",
    "FileEntry",
    "FileSource",
    "GzipLimitError",
    "History",
    "ImageConfig",
    "Index",
    "InvalidArchiveError",
    "InvalidDigestError",
    "InvalidDocumentError",
    "InvalidEpochError",
    "InvalidGzipError",
    "InvalidPlatformError",
    "JsonArray",
    "JsonNumber",
    "JsonObject",
    "JsonValue",
    "Manifest",
    "Outline",
    "Platform",
    "Position",
    "RootFS",
    "SizeLimitError",
    "TarMember",
    "ToolhiveError",
    "check_compressor",
    "check_entry_path",
    "check_epoch",
    "compress",
    "compress_chunks",
    "compress_tar",
    "create_tar",
    "decompress",
    "decompress_chunks",
    "decompress_tar",
    "encode_json",
    "extract_tar",
    "fold_key",
    "format_epoch",
    "is_rfc3339",
    "parse_descriptor",
    "parse_image_config",
    "parse_index",
    "parse_json",
    "parse_manifest",
    "parse_platform",
    "read_outline",
    "read_tar",
    "read_target",
    "shown",
    "sorted_by_key",
    "tar_chunks",
    "to_json",
]
