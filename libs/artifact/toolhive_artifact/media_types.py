"""The media types and annotation names of OCI documents (OCI image-spec: media-types.md, annotations.md).

They are not in `models`, which imports attrs: `thv-plugin builds` needs only the names.
"""

from typing import Final

MEDIA_TYPE_IMAGE_INDEX: Final = "application/vnd.oci.image.index.v1+json"
MEDIA_TYPE_IMAGE_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
MEDIA_TYPE_IMAGE_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
MEDIA_TYPE_IMAGE_LAYER_GZIP: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
MEDIA_TYPE_DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
MEDIA_TYPE_DOCKER_MANIFEST_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"

MANIFEST_MEDIA_TYPES: Final = frozenset(
    {MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST, MEDIA_TYPE_DOCKER_MANIFEST, MEDIA_TYPE_DOCKER_MANIFEST_LIST}
)
"""The media types of manifests and indexes, to which MAX_MANIFEST_SIZE applies instead of MAX_BLOB_SIZE."""

ANNOTATION_CREATED: Final = "org.opencontainers.image.created"
ANNOTATION_REVISION: Final = "org.opencontainers.image.revision"
ANNOTATION_SOURCE: Final = "org.opencontainers.image.source"
ANNOTATION_VERSION: Final = "org.opencontainers.image.version"
ANNOTATION_LICENSES: Final = "org.opencontainers.image.licenses"
ANNOTATION_TITLE: Final = "org.opencontainers.image.title"
ANNOTATION_DESCRIPTION: Final = "org.opencontainers.image.description"
ANNOTATION_REF_NAME: Final = "org.opencontainers.image.ref.name"
