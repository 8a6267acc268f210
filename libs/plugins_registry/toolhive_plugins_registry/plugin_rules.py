"""What a pulled artifact must be to count as a plugin.

Its index and manifests have the artifact type `dev.toolhive.plugins.v1`, a config of the OCI image type with the plugin's labels, and
gzipped tar layers (docs/toolhive-core.md). Tools that copy images through older formats lose the artifact type, so its absence is
accepted where the config is a plugin's; another artifact type never is.
"""

from collections.abc import Mapping, Sequence
from typing import Final

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
from toolhive_plugins_registry.graph import Graph, Platform, documents

_REMEDY = "Check the reference: it names something other than a plugin"


MAX_PULL_DOCUMENTS_SIZE: Final = 16 * 1024 * 1024
"""Size in bytes of all manifests and configs of one pull, which are held in memory."""

MAX_PULL_SIZE: Final = 256 * 1024 * 1024
"""Size in bytes of all that one pull fetches. The platforms of a plugin share their one layer."""


class PluginRules:
    """The rules for indexes and manifests."""

    def check_index(self, index: Index, where: str) -> None:
        """Raise InvalidArtifactError if the index is not a plugin's."""
        _check_artifact_type(index.artifact_type, "index", where)
        if not index.manifests:
            raise InvalidArtifactError(
                "the index lists no manifest", where=where, remedy=_REMEDY, hint=Hint.NOT_A_PLUGIN
            )
        seen: dict[object, Digest] = {}
        for descriptor in index.manifests:
            _check_artifact_type(descriptor.artifact_type, "listed manifest", where)
            platform = descriptor.platform
            if platform is not None and seen.setdefault(platform, descriptor.digest) != descriptor.digest:
                raise InvalidArtifactError(
                    f"the index lists two manifests for the platform {shown(platform)}, so clients may take different ones",
                    where=where,
                )

    def check_manifest(self, manifest: Manifest, where: str) -> None:
        """Raise InvalidArtifactError if the manifest is not a plugin's."""
        _check_artifact_type(manifest.artifact_type, "manifest", where)
        _check_media_type(manifest.config, MEDIA_TYPE_IMAGE_CONFIG, "config", where)
        if len(manifest.layers) != 1:
            raise InvalidArtifactError(
                f"the manifest has {len(manifest.layers)} layers, and a plugin has one",
                where=where,
                remedy=_REMEDY,
                hint=Hint.NOT_A_PLUGIN,
            )
        _check_media_type(manifest.layers[0], MEDIA_TYPE_IMAGE_LAYER_GZIP, "layer", where)


def check_listed(manifests: Sequence[Descriptor], where: str) -> None:
    """Raise SizeLimitError if the manifests that an index lists are too large as a whole."""
    _check_total(sum(manifest.size for manifest in manifests), MAX_PULL_DOCUMENTS_SIZE, "manifests", where)


def check_size(graph: Graph) -> None:
    """Raise SizeLimitError if an artifact, whose parts are within their own limits, is too large as a whole."""
    where = str(graph.root.descriptor.digest)
    manifests = sum(document.descriptor.size for document in documents(graph))
    configs = {platform.manifest.config.digest: platform.manifest.config.size for platform in graph.platforms}
    _check_total(manifests + sum(configs.values()), MAX_PULL_DOCUMENTS_SIZE, "manifests and configs", where)
    total = manifests + sum(blob.size for blob in graph.blobs)
    _check_total(total, MAX_PULL_SIZE, "parts", where)


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


def check_platforms(index: Index | None, platforms: Sequence[Platform], configs: Mapping[Digest, bytes]) -> None:
    """Raise InvalidArtifactError if the index gives a manifest another platform than the manifest's config has.

    Args:
        index: the index; None for a manifest that no index lists.
        platforms: the manifests.
        configs: the bytes of their configs, by digest.
    """
    manifests = {platform.document.descriptor.digest: platform.manifest for platform in platforms}
    for listed in () if index is None else index.manifests:
        config_digest = manifests[listed.digest].config.digest
        config = parse_image_config(configs[config_digest], where=str(config_digest), strict=True)
        own = (config.os, config.architecture, config.variant)
        said = listed.platform
        if said is not None and (said.os, said.architecture, said.variant) != own:
            raise InvalidArtifactError(
                f"the index says {shown(said)}, and the config {shown('/'.join(filter(None, own)))}",
                where=str(listed.digest),
            )


def _check_total(size: int, limit: int, what: str, where: str) -> None:
    if size > limit:
        raise SizeLimitError(f"its {what} are {size} bytes in all, and {limit} is the limit", where=where)


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
