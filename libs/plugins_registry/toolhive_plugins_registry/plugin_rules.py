"""What a pulled artifact must be to count as a plugin.

Its index and manifests have the artifact type `dev.toolhive.plugins.v1`, a config of the OCI image type with the plugin's labels, and
gzipped tar layers (docs/toolhive-core.md). Tools that copy images through older formats lose the artifact type, so its absence is
accepted where the config is a plugin's; another artifact type never is.
"""

from collections.abc import Mapping, Sequence

from toolhive_artifact import (
    MEDIA_TYPE_IMAGE_CONFIG,
    MEDIA_TYPE_IMAGE_LAYER_GZIP,
    Descriptor,
    Digest,
    Index,
    InvalidDocumentError,
    Manifest,
    SizeLimitError,
    parse_image_config,
    shown,
)
from toolhive_plugins_interfaces import ARTIFACT_TYPE_PLUGIN, InvalidArtifactError, plugin_config_from_image_config
from toolhive_plugins_registry.errors import Hint
from toolhive_plugins_registry.graph import Platform

_REMEDY = "Check the reference: it names something other than a plugin"


class PluginRules:
    """The rules for indexes and manifests."""

    def check_index(self, index: Index, where: str) -> None:
        """Raise InvalidArtifactError if the index is not a plugin's."""
        _check_artifact_type(index.artifact_type, "index", where)
        if not index.manifests:
            raise InvalidArtifactError(
                "the index lists no manifest", where=where, remedy=_REMEDY, hint=Hint.NOT_A_PLUGIN
            )
        for descriptor in index.manifests:
            _check_artifact_type(descriptor.artifact_type, "listed manifest", where)

    def check_manifest(self, manifest: Manifest, where: str) -> None:
        """Raise InvalidArtifactError if the manifest is not a plugin's."""
        _check_artifact_type(manifest.artifact_type, "manifest", where)
        _check_media_type(manifest.config, MEDIA_TYPE_IMAGE_CONFIG, "config", where)
        if not manifest.layers:
            raise InvalidArtifactError("the manifest has no layer", where=where, remedy=_REMEDY, hint=Hint.NOT_A_PLUGIN)
        for layer in manifest.layers:
            _check_media_type(layer, MEDIA_TYPE_IMAGE_LAYER_GZIP, "layer", where)


def diff_ids(platforms: Sequence[Platform], configs: Mapping[Digest, bytes]) -> dict[Digest, Digest]:
    """Check the configs of an artifact; return the digest that each layer must have when decompressed.

    Args:
        platforms: the manifests.
        configs: the bytes of their configs, by digest.

    Raises:
        InvalidArtifactError: a config is not a plugin's, or contradicts its manifest or another config.
        InvalidDocumentError, SizeLimitError: a config is malformed.
    """
    found: dict[Digest, Digest] = {}
    for platform in platforms:
        where = str(platform.manifest.config.digest)
        layers = platform.manifest.layers
        config = parse_image_config(configs[platform.manifest.config.digest], where=where, strict=True)
        try:
            plugin_config_from_image_config(config)
        except SizeLimitError:
            raise
        except InvalidDocumentError as error:
            raise InvalidArtifactError(
                f"the config does not describe a plugin: {error.problem}",
                where=where,
                remedy=_REMEDY,
                hint=Hint.NOT_A_PLUGIN,
            ) from error
        if len(config.rootfs.diff_ids) != len(layers):
            raise InvalidArtifactError(
                f"the config names {len(config.rootfs.diff_ids)} layers, and the manifest {len(layers)}", where=where
            )
        for layer, diff_id in zip(layers, config.rootfs.diff_ids, strict=True):
            if found.setdefault(layer.digest, diff_id) != diff_id:
                raise InvalidArtifactError(f"two configs give layer {layer.digest} different content", where=where)
    return found


def _check_artifact_type(artifact_type: str, what: str, where: str) -> None:
    if artifact_type not in ("", ARTIFACT_TYPE_PLUGIN):
        raise InvalidArtifactError(
            f"the {what} has the artifact type {shown(artifact_type)!r}, not {ARTIFACT_TYPE_PLUGIN!r}",
            where=where,
            remedy=_REMEDY,
            hint=Hint.NOT_A_PLUGIN,
        )


def _check_media_type(descriptor: Descriptor, wanted: str, what: str, where: str) -> None:
    if descriptor.media_type != wanted:
        raise InvalidArtifactError(
            f"its {what} has the media type {shown(descriptor.media_type)!r}, not {wanted!r}",
            where=where,
            remedy=_REMEDY,
            hint=Hint.NOT_A_PLUGIN,
        )
