"""Reads what a plugin of a catalog holds, from its artifact: a page tells what is there, and not what the catalog says of it."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from toolhive_plugins import (
    Artifact,
    DigestMismatchError,
    FileTree,
    InvalidArchiveError,
    InvalidArtifactError,
    InvalidDocumentError,
    InvalidGzipError,
    JsonObject,
    JsonValue,
    NotAPluginError,
    PluginError,
    PluginManifest,
    RegistryNotFoundError,
    SizeLimitError,
    Store,
    StoreNotFoundError,
    Surface,
    UnreadableFileError,
    Variant,
    open_layer,
    read_manifest,
    read_surface,
)
from toolhive_plugins_marketplaces.catalog import CatalogPlugin
from toolhive_plugins_marketplaces.catalog_diff import PluginSource
from toolhive_plugins_marketplaces.gates import pulled
from toolhive_plugins_marketplaces.site.visible import clipped
from toolhive_plugins_marketplaces.texts import one_line

_ABOUT_THE_PLUGIN: Final = (
    DigestMismatchError,
    InvalidArchiveError,
    InvalidArtifactError,
    InvalidDocumentError,
    InvalidGzipError,
    NotAPluginError,
    PluginError,
    RegistryNotFoundError,
    SizeLimitError,
    StoreNotFoundError,
    UnreadableFileError,
)
"""What is wrong with a plugin whenever it is asked for. Anything else, a connection that broke say, is no fact about it."""

_MAX_PROBLEM: Final = 500
_MAX_TEXT: Final = 1000


@frozen
class PlatformContent:
    """What a plugin is on some platforms."""

    platforms: tuple[str, ...]
    surface: Surface


@frozen(kw_only=True)
class PluginContent:
    """What a plugin holds."""

    problem: str = ""
    """Why it cannot be read; then all else is empty."""

    names: tuple[str, ...] = ()
    """The manifests', which should be the catalog's one."""

    manifest_problem: str = ""
    """Why a manifest cannot be read, where all else could be."""

    author: str = ""
    homepage: str = ""
    repository: str = ""
    digests: tuple[tuple[str, str], ...] = ()
    """What the artifact is made of: what it is, and its digest."""

    contents: tuple[PlatformContent, ...] = ()
    """One for each layer, almost always one in all; never empty where there is no problem."""


def read_content(plugin: CatalogPlugin, registry: PluginSource) -> PluginContent:
    """Fetch a plugin and read it.

    Raises:
        ToolhiveError: it could not be fetched, which another time it may be.
    """
    try:
        with pulled(registry, plugin.reference) as (store, artifact):
            return _read(plugin, store, artifact)
    except _ABOUT_THE_PLUGIN as error:
        return PluginContent(problem=one_line(error.problem, _MAX_PROBLEM))


def _read(plugin: CatalogPlugin, store: Store, artifact: Artifact) -> PluginContent:
    by_layer: dict[str, list[Variant]] = {}
    for variant in artifact.variants:
        by_layer.setdefault(str(variant.layer.digest), []).append(variant)
    contents: list[PlatformContent] = []
    manifests: list[PluginManifest] = []
    problem = ""
    for variants in by_layer.values():
        with open_layer(store, variants[0]) as tree:
            contents.append(_content(tree, variants))
            try:
                manifests.append(read_manifest(tree, where=plugin.reference))
            except PluginError as error:
                problem = one_line(error.problem, _MAX_PROBLEM)
    says = manifests[0].document if manifests else JsonObject(())
    return PluginContent(
        names=tuple(dict.fromkeys(manifest.name for manifest in manifests)),
        manifest_problem=problem,
        author=_author(says.get("author")),
        homepage=_text(says.get("homepage")),
        repository=_text(says.get("repository")),
        digests=tuple(_digests(artifact)),
        contents=tuple(contents),
    )


def _content(tree: FileTree, variants: list[Variant]) -> PlatformContent:
    return PlatformContent(tuple(str(variant.platform) for variant in variants), read_surface(tree))


def _digests(artifact: Artifact) -> Iterator[tuple[str, str]]:
    if artifact.is_index:
        yield "index", str(artifact.digest)
    for variant in artifact.variants:
        yield f"manifest for {variant.platform}", str(variant.manifest_digest)
    for layer in dict.fromkeys(str(variant.layer.digest) for variant in artifact.variants):
        yield "layer", layer
    for diff_id in dict.fromkeys(str(variant.diff_id) for variant in artifact.variants):
        yield "files, uncompressed", diff_id


def _author(value: JsonValue) -> str:
    if isinstance(value, JsonObject):
        parts = (_text(value.get(key)) for key in ("name", "email", "url"))
        return clipped(" \u00b7 ".join(filter(None, parts)), _MAX_TEXT)
    return _text(value)


def _text(value: JsonValue) -> str:
    return clipped(value, _MAX_TEXT) if isinstance(value, str) else ""
