"""The OCI primitives that plugins and other artifacts are made of, independent of any artifact type.

Names load on first use, so that a program that needs a digest does not pay for the compressor.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_artifact._tar_paths import check_entry_path as check_entry_path
    from toolhive_artifact.digest import Digest as Digest
    from toolhive_artifact.errors import ArchiveLimitError as ArchiveLimitError
    from toolhive_artifact.errors import CompressorError as CompressorError
    from toolhive_artifact.errors import DigestMismatchError as DigestMismatchError
    from toolhive_artifact.errors import DocumentLimitError as DocumentLimitError
    from toolhive_artifact.errors import GzipLimitError as GzipLimitError
    from toolhive_artifact.errors import InvalidArchiveError as InvalidArchiveError
    from toolhive_artifact.errors import InvalidDigestError as InvalidDigestError
    from toolhive_artifact.errors import InvalidDocumentError as InvalidDocumentError
    from toolhive_artifact.errors import InvalidEpochError as InvalidEpochError
    from toolhive_artifact.errors import InvalidGzipError as InvalidGzipError
    from toolhive_artifact.errors import InvalidPlatformError as InvalidPlatformError
    from toolhive_artifact.errors import SizeLimitError as SizeLimitError
    from toolhive_artifact.errors import ToolhiveError as ToolhiveError
    from toolhive_artifact.errors import shown as shown
    from toolhive_artifact.exports import lazy_exports as lazy_exports
    from toolhive_artifact.gzip import compress as compress
    from toolhive_artifact.gzip import compress_tar as compress_tar
    from toolhive_artifact.gzip import decompress as decompress
    from toolhive_artifact.gzip import decompress_tar as decompress_tar
    from toolhive_artifact.gzip_reader import decompress_chunks as decompress_chunks
    from toolhive_artifact.gzip_writer import check_compressor as check_compressor
    from toolhive_artifact.gzip_writer import compress_chunks as compress_chunks
    from toolhive_artifact.json_reader import parse_json as parse_json
    from toolhive_artifact.json_values import JsonArray as JsonArray
    from toolhive_artifact.json_values import JsonNumber as JsonNumber
    from toolhive_artifact.json_values import JsonObject as JsonObject
    from toolhive_artifact.json_values import JsonValue as JsonValue
    from toolhive_artifact.json_values import Position as Position
    from toolhive_artifact.json_values import fold_key as fold_key
    from toolhive_artifact.json_writer import Encodable as Encodable
    from toolhive_artifact.json_writer import encode_json as encode_json
    from toolhive_artifact.json_writer import sorted_by_key as sorted_by_key
    from toolhive_artifact.limits import MAX_BLOB_SIZE as MAX_BLOB_SIZE
    from toolhive_artifact.limits import MAX_DECOMPRESSED_SIZE as MAX_DECOMPRESSED_SIZE
    from toolhive_artifact.limits import MAX_GZIP_MEMBERS as MAX_GZIP_MEMBERS
    from toolhive_artifact.limits import MAX_INDEX_MANIFESTS as MAX_INDEX_MANIFESTS
    from toolhive_artifact.limits import MAX_JSON_DEPTH as MAX_JSON_DEPTH
    from toolhive_artifact.limits import MAX_MANIFEST_LAYERS as MAX_MANIFEST_LAYERS
    from toolhive_artifact.limits import MAX_MANIFEST_SIZE as MAX_MANIFEST_SIZE
    from toolhive_artifact.limits import MAX_TAR_ENTRIES as MAX_TAR_ENTRIES
    from toolhive_artifact.limits import MAX_TAR_EXTENSION_SIZE as MAX_TAR_EXTENSION_SIZE
    from toolhive_artifact.limits import MAX_TAR_FILE_SIZE as MAX_TAR_FILE_SIZE
    from toolhive_artifact.limits import MAX_TAR_FILES as MAX_TAR_FILES
    from toolhive_artifact.limits import MAX_TAR_PATH_LENGTH as MAX_TAR_PATH_LENGTH
    from toolhive_artifact.media_types import ANNOTATION_CREATED as ANNOTATION_CREATED
    from toolhive_artifact.media_types import ANNOTATION_DESCRIPTION as ANNOTATION_DESCRIPTION
    from toolhive_artifact.media_types import ANNOTATION_LICENSES as ANNOTATION_LICENSES
    from toolhive_artifact.media_types import ANNOTATION_REF_NAME as ANNOTATION_REF_NAME
    from toolhive_artifact.media_types import ANNOTATION_REVISION as ANNOTATION_REVISION
    from toolhive_artifact.media_types import ANNOTATION_SOURCE as ANNOTATION_SOURCE
    from toolhive_artifact.media_types import ANNOTATION_TITLE as ANNOTATION_TITLE
    from toolhive_artifact.media_types import ANNOTATION_VERSION as ANNOTATION_VERSION
    from toolhive_artifact.media_types import MANIFEST_MEDIA_TYPES as MANIFEST_MEDIA_TYPES
    from toolhive_artifact.media_types import MEDIA_TYPE_DOCKER_MANIFEST as MEDIA_TYPE_DOCKER_MANIFEST
    from toolhive_artifact.media_types import MEDIA_TYPE_DOCKER_MANIFEST_LIST as MEDIA_TYPE_DOCKER_MANIFEST_LIST
    from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_CONFIG as MEDIA_TYPE_IMAGE_CONFIG
    from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_INDEX as MEDIA_TYPE_IMAGE_INDEX
    from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_LAYER_GZIP as MEDIA_TYPE_IMAGE_LAYER_GZIP
    from toolhive_artifact.media_types import MEDIA_TYPE_IMAGE_MANIFEST as MEDIA_TYPE_IMAGE_MANIFEST
    from toolhive_artifact.models import ContainerConfig as ContainerConfig
    from toolhive_artifact.models import Descriptor as Descriptor
    from toolhive_artifact.models import History as History
    from toolhive_artifact.models import ImageConfig as ImageConfig
    from toolhive_artifact.models import Index as Index
    from toolhive_artifact.models import Manifest as Manifest
    from toolhive_artifact.models import RootFS as RootFS
    from toolhive_artifact.oci_json import Document as Document
    from toolhive_artifact.oci_json import parse_descriptor as parse_descriptor
    from toolhive_artifact.oci_json import parse_image_config as parse_image_config
    from toolhive_artifact.oci_json import parse_index as parse_index
    from toolhive_artifact.oci_json import parse_manifest as parse_manifest
    from toolhive_artifact.oci_json import to_json as to_json
    from toolhive_artifact.platform import DEFAULT_PLATFORMS as DEFAULT_PLATFORMS
    from toolhive_artifact.platform import Platform as Platform
    from toolhive_artifact.platform import parse_platform as parse_platform
    from toolhive_artifact.summaries import Summary as Summary
    from toolhive_artifact.summaries import read_summary as read_summary
    from toolhive_artifact.tar import FileEntry as FileEntry
    from toolhive_artifact.tar import create_tar as create_tar
    from toolhive_artifact.tar import extract_tar as extract_tar
    from toolhive_artifact.tar_reader import TarMember as TarMember
    from toolhive_artifact.tar_reader import read_tar as read_tar
    from toolhive_artifact.tar_writer import FileSource as FileSource
    from toolhive_artifact.tar_writer import tar_chunks as tar_chunks
    from toolhive_artifact.timestamps import check_epoch as check_epoch
    from toolhive_artifact.timestamps import format_epoch as format_epoch
    from toolhive_artifact.timestamps import is_rfc3339 as is_rfc3339
else:
    from toolhive_artifact.exports import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
