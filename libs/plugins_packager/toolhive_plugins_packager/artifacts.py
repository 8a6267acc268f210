"""An artifact in a store, read and checked: index, manifests, configs, and the one layer that holds the plugin."""

from collections.abc import Mapping

from attrs import frozen

from toolhive_artifact import (
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    Descriptor,
    Digest,
    ImageConfig,
    InvalidDocumentError,
    Manifest,
    Platform,
    parse_image_config,
    parse_manifest,
)
from toolhive_artifact.errors import shown
from toolhive_plugins_content.layer_tree import LayerTree
from toolhive_plugins_interfaces.errors import NotAPluginError
from toolhive_plugins_mediatypes import ARTIFACT_TYPE_PLUGIN, PluginConfig, plugin_config_from_image_config
from toolhive_plugins_store import Store


@frozen
class Variant:
    """What an artifact holds for one platform."""

    platform: Platform
    manifest_digest: Digest
    manifest: Manifest
    image_config: ImageConfig
    config: PluginConfig
    layer: Descriptor
    diff_id: Digest


@frozen
class Artifact:
    """An artifact, whole."""

    digest: Digest
    """The index, or the one manifest where it has no index."""

    is_index: bool
    annotations: Mapping[str, str]
    """Those of the index, or of the one manifest."""

    variants: tuple[Variant, ...]
    """One a platform, in the index's order; never empty."""

    def variant(self, platform: Platform | None = None) -> Variant:
        """Return what the artifact holds for `platform`, or for its first one.

        Raises:
            NotAPluginError: there is nothing for that platform.
        """
        if platform is None:
            return self.variants[0]
        for variant in self.variants:
            if variant.platform == platform:
                return variant
        raise NotAPluginError(
            f"there is nothing for the platform {platform}",
            where=self.digest,
            remedy="It has " + ", ".join(shown(variant.platform) for variant in self.variants),
        )


def load_artifact(store: Store, digest: Digest) -> Artifact:
    """Read the artifact that `digest`, an index or a manifest in `store`, begins.

    Raises:
        NotAPluginError: it is not a plugin artifact, or not a well-formed one.
        StoreNotFoundError: the store lacks a part of it.
        ToolhiveError: a document or blob is damaged.
    """
    if not store.is_index(digest):
        variant = _load_variant(store, digest, None)
        return Artifact(digest, False, variant.manifest.annotations or {}, (variant,))
    index = store.get_index(digest)
    if not index.manifests:
        raise NotAPluginError("the index lists no manifest", where=digest)
    variants = tuple(_load_variant(store, entry.digest, entry.platform) for entry in index.manifests)
    return Artifact(digest, True, index.annotations or {}, variants)


def open_layer(store: Store, variant: Variant) -> LayerTree:
    """Return the plugin's files.

    Raises:
        ToolhiveError: the layer is missing, damaged, or no archive that we read.
    """
    return LayerTree(store.blob_chunks(variant.layer.digest))


def _load_variant(store: Store, digest: Digest, platform: Platform | None) -> Variant:
    manifest = parse_manifest(store.get_manifest(digest), where=digest, strict=True)
    # Tools that copy images through older formats lose it; what the config says then decides, as for a pull.
    if manifest.artifact_type not in ("", ARTIFACT_TYPE_PLUGIN):
        found = shown(manifest.artifact_type) or "none"
        raise NotAPluginError(f"the artifact type is {found}, not {ARTIFACT_TYPE_PLUGIN}", where=digest)
    if manifest.config.media_type != MEDIA_TYPE_IMAGE_CONFIG:
        raise NotAPluginError(f"the config is a {shown(manifest.config.media_type)}", where=digest)
    if len(manifest.layers) != 1:
        raise NotAPluginError(f"there are {len(manifest.layers)} layers, and a plugin has one", where=digest)
    layer = manifest.layers[0]
    if layer.media_type != MEDIA_TYPE_IMAGE_LAYER_GZIP:
        raise NotAPluginError(f"the layer is a {shown(layer.media_type)}", where=digest)
    data = store.get_blob(manifest.config.digest)
    try:
        image_config = parse_image_config(data, where=manifest.config.digest, strict=True)
        config = plugin_config_from_image_config(image_config)
    except InvalidDocumentError as error:
        raise NotAPluginError(error.problem, where=error.where, remedy=error.remedy) from error
    if len(image_config.rootfs.diff_ids) != 1:
        raise NotAPluginError(
            f"the config names {len(image_config.rootfs.diff_ids)} diff IDs", where=manifest.config.digest
        )
    own = Platform(image_config.os, image_config.architecture, image_config.variant)
    return Variant(platform or own, digest, manifest, image_config, config, layer, image_config.rootfs.diff_ids[0])
