"""The media types and annotation names of OCI documents (OCI image-spec: media-types.md, annotations.md).

They stand apart from the models, which take 30 ms to import, attrs included: `thv-plugin list` needs the names alone.
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
"""The media types whose content the limit for manifests applies to, rather than the one for blobs."""

ANNOTATION_CREATED: Final = "org.opencontainers.image.created"
ANNOTATION_VERSION: Final = "org.opencontainers.image.version"
ANNOTATION_LICENSES: Final = "org.opencontainers.image.licenses"
ANNOTATION_TITLE: Final = "org.opencontainers.image.title"
ANNOTATION_DESCRIPTION: Final = "org.opencontainers.image.description"
ANNOTATION_REF_NAME: Final = "org.opencontainers.image.ref.name"
