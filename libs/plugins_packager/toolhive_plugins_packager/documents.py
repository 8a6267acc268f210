"""Builds the documents of a plugin's artifact: image configs, manifests, and the index over them."""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from toolhive_artifact import (
    ANNOTATION_CREATED,
    ANNOTATION_DESCRIPTION,
    ANNOTATION_LICENSES,
    ANNOTATION_TITLE,
    ANNOTATION_VERSION,
    MAX_INDEX_MANIFESTS,
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    MEDIA_TYPE_IMAGE_MANIFEST,
    ContainerConfig,
    Descriptor,
    Digest,
    DocumentLimitError,
    History,
    ImageConfig,
    Index,
    Manifest,
    Platform,
    RootFS,
    format_epoch,
    to_json,
)
from toolhive_plugins_interfaces.interfaces import Compat, PackageOptions
from toolhive_plugins_mediatypes import ARTIFACT_TYPE_PLUGIN, PluginConfig, plugin_metadata

LAYER_TITLE: Final = "plugin.tar.gz"
CREATED_BY: Final = "toolhive package"


@frozen
class Layer:
    """The one layer of an artifact."""

    digest: Digest
    """Of the compressed tar."""

    size: int
    """Size of the compressed tar in bytes."""

    diff_id: Digest
    """The digest of the tar before compression."""


@frozen
class Documents:
    """The documents of one artifact, as bytes to store."""

    configs: tuple[bytes, ...]
    """The image configs, in the order of the platforms."""

    manifests: tuple[bytes, ...]
    """The manifests, in the order of the platforms."""

    index: bytes


def build_documents(config: PluginConfig, layer: Layer, options: PackageOptions) -> Documents:
    """Build the documents of an artifact.

    Raises:
        DocumentLimitError: there are more platforms, or longer lists of files, than a registry client accepts.
    """
    if len(options.platforms) > MAX_INDEX_MANIFESTS:
        raise DocumentLimitError(
            f"there are {len(options.platforms)} platforms, and {MAX_INDEX_MANIFESTS} is the limit of an index",
            remedy="Name fewer platforms; a plugin's content is the same for all of them",
        )
    created = format_epoch(options.epoch)
    metadata = plugin_metadata(config)
    annotations = {
        **(options.annotations if options.compat is Compat.NONE else {}),
        **metadata,
        ANNOTATION_CREATED: created,
        ANNOTATION_VERSION: config.version,
        ANNOTATION_LICENSES: config.license,
        ANNOTATION_TITLE: config.name,
        ANNOTATION_DESCRIPTION: config.description,
    }
    configs = tuple(_checked(_image_config(metadata, created, layer, platform)) for platform in options.platforms)
    manifests = tuple(_checked(_manifest(config_blob, layer, annotations)) for config_blob in configs)
    return Documents(configs, manifests, _checked(_index(manifests, options.platforms, annotations)))


def _image_config(metadata: Mapping[str, str], created: str, layer: Layer, platform: Platform) -> ImageConfig:
    return ImageConfig(
        created=created,
        architecture=platform.architecture,
        os=platform.os,
        os_version=platform.os_version,
        os_features=platform.os_features,
        variant=platform.variant,
        config=ContainerConfig(labels=metadata),
        rootfs=RootFS(diff_ids=(layer.diff_id,)),
        history=(History(created=created, created_by=CREATED_BY),),
    )


def _manifest(config_blob: bytes, layer: Layer, annotations: Mapping[str, str]) -> Manifest:
    return Manifest(
        artifact_type=ARTIFACT_TYPE_PLUGIN,
        config=Descriptor(MEDIA_TYPE_IMAGE_CONFIG, Digest.of(config_blob), len(config_blob)),
        layers=(
            Descriptor(
                MEDIA_TYPE_IMAGE_LAYER_GZIP, layer.digest, layer.size, annotations={ANNOTATION_TITLE: LAYER_TITLE}
            ),
        ),
        annotations=annotations,
    )


def _index(manifests: tuple[bytes, ...], platforms: tuple[Platform, ...], annotations: Mapping[str, str]) -> Index:
    return Index(
        artifact_type=ARTIFACT_TYPE_PLUGIN,
        manifests=tuple(
            Descriptor(MEDIA_TYPE_IMAGE_MANIFEST, Digest.of(manifest), len(manifest), platform=platform)
            for manifest, platform in zip(manifests, platforms, strict=True)
        ),
        annotations=annotations,
    )


def _checked(document: ImageConfig | Manifest | Index) -> bytes:
    """Encode a document, which must be no larger than what can be pulled."""
    data = to_json(document)
    if len(data) > MAX_MANIFEST_SIZE:
        raise DocumentLimitError(
            f"the artifact's metadata is {len(data)} bytes, and {MAX_MANIFEST_SIZE} is the limit",
            remedy="Shorten the paths of the plugin's files, or its description, which it contains",
        )
    return data
