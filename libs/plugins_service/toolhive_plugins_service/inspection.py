"""What a careful person should know of a plugin before trusting it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from toolhive_plugins import (
    ANNOTATION_PLUGIN_ADAPTED,
    FileTree,
    Irregular,
    JsonObject,
    Platform,
    PluginConfig,
    PluginManifest,
    Surface,
    component_inventory,
    plugin_metadata,
    read_manifest,
    read_surface,
    shown,
)
from toolhive_plugins_service.opening import OpenArtifact, as_built, open_candidate
from toolhive_plugins_service.targets import DirectoryTarget, Origin

if TYPE_CHECKING:
    from toolhive_plugins import Artifact, Variant


@frozen
class Disagreement:
    """A claim of the artifact's labels or documents that its content contradicts."""

    subject: str
    """What it is about: a label, an annotation, a platform."""

    claimed: str
    """What is said."""

    found: str
    """What is there."""


@frozen
class PlatformSurface:
    """What an artifact holds for a platform whose files are not those of its first."""

    platform: Platform
    surface: Surface


@frozen(kw_only=True)
class Inspection:
    """A plugin, looked into."""

    origin: Origin
    name: str
    """As `plugin.json` has it."""
    version: str
    description: str
    license: str
    author: str
    homepage: str
    platforms: tuple[Platform, ...]
    """Empty for a directory."""
    files: int
    size: int
    """Size in bytes of all files together."""
    surface: Surface
    components: Mapping[str, int]
    """How many components of each type were found, by the default profile's count."""
    labelled_components: Mapping[str, int] | None
    """How many the labels promise; None where they say nothing, or for a directory."""
    disagreements: tuple[Disagreement, ...]
    left_out: tuple[str, ...] = ()
    """Of a directory: hidden paths that an artifact would not have."""
    irregular: tuple[Irregular, ...] = ()
    """Of a directory: what keeps it from being packaged."""
    adapted: tuple[str, ...] = ()
    """The formats whose manifests were made from another one's, as the artifact says."""
    other_platforms: tuple[PlatformSurface, ...] = ()
    """What it holds for platforms whose files are others than those of `surface`, unless one platform was asked for."""


def inspect_directory(target: DirectoryTarget) -> Inspection:
    """Look into a directory, as it would be packaged.

    Raises:
        InvalidPluginDirError: there is no such directory.
        PluginError: it has no readable `plugin.json`.
    """
    with open_candidate(target) as source:
        tree, made = as_built(source)
        return _inspection(
            target.origin,
            tree,
            tree.manifest,
            (),
            None,
            (),
            surface=read_surface(tree.as_clients_read_it(), tree.irregular),
            left_out=tree.left_out,
            irregular=tree.irregular,
            adapted=made,
        )


def inspect_artifact(opened: OpenArtifact, platform: Platform | None) -> Inspection:
    """Look into an artifact, as it is for `platform` or for its first one.

    Raises:
        NotAPluginError: it holds no readable plugin.
        ToolhiveError: it is damaged.
    """
    from toolhive_plugins import open_layer  # lazily: a directory does not need it

    artifact = opened.artifact
    variant = artifact.variant(platform)
    with open_layer(opened.store, variant) as tree:
        platforms = tuple(each.platform for each in artifact.variants)
        claims = (*_platform_disagreements(artifact, variant), *_archive_disagreement(variant, tree.diff_id))
        manifest = read_manifest(tree, where=opened.origin.name)
        return _inspection(
            opened.origin,
            tree,
            manifest,
            platforms,
            (artifact, variant),
            claims,
            surface=read_surface(tree),
            others=() if platform is not None else tuple(_other_surfaces(opened, variant)),
        )


def _inspection(
    origin: Origin,
    tree: FileTree,
    manifest: PluginManifest,
    platforms: tuple[Platform, ...],
    built: "tuple[Artifact, Variant] | None",
    disagreements: tuple[Disagreement, ...],
    *,
    surface: Surface,
    others: tuple[PlatformSurface, ...] = (),
    left_out: tuple[str, ...] = (),
    irregular: tuple[Irregular, ...] = (),
    adapted: tuple[str, ...] = (),
) -> Inspection:
    components = component_inventory(tree, manifest).inventory
    if built is not None:
        artifact, variant = built
        disagreements += tuple(_label_disagreements(variant.config, manifest, tree, components or {}))
        disagreements += tuple(_annotation_disagreements(artifact, variant))
    return Inspection(
        origin=origin,
        name=manifest.name,
        version=manifest.version,
        description=manifest.description,
        license=manifest.license,
        author=_author(manifest.document),
        homepage=_text(manifest.document, "homepage") or _text(manifest.document, "repository"),
        platforms=platforms,
        files=len(tree.files),
        size=sum(file.size for file in tree.files.values()),
        surface=surface,
        other_platforms=others,
        components=dict(components or {}),
        labelled_components=None if built is None else built[1].config.components,
        disagreements=disagreements,
        left_out=left_out,
        irregular=irregular,
        adapted=adapted if built is None else _adapted(built[0]),
    )


def _adapted(artifact: "Artifact") -> tuple[str, ...]:
    said = artifact.annotations.get(ANNOTATION_PLUGIN_ADAPTED, "")
    return tuple(shown(name) for name in said.split(",")) if said else ()


def _other_surfaces(opened: OpenArtifact, chosen: "Variant") -> Iterator[PlatformSurface]:
    """Yield the surface of each further layer, for the first platform that has it."""
    from toolhive_plugins import open_layer

    seen = {chosen.layer.digest}
    for variant in opened.artifact.variants:
        if variant.layer.digest not in seen:
            seen.add(variant.layer.digest)
            with open_layer(opened.store, variant) as tree:
                yield PlatformSurface(variant.platform, read_surface(tree))


def _label_disagreements(
    config: PluginConfig, manifest: PluginManifest, tree: FileTree, components: Mapping[str, int]
) -> Iterator[Disagreement]:
    for field in ("name", "version", "description", "license"):
        claimed, found = getattr(config, field), getattr(manifest, field)
        if claimed != found:
            yield Disagreement(field, claimed, found)
    claimed_components: Mapping[str, int] = config.components or {}
    for kind in sorted({*claimed_components, *components}):
        if claimed_components.get(kind, 0) != components.get(kind, 0):
            yield Disagreement(kind, str(claimed_components.get(kind, 0)), str(components.get(kind, 0)))
    if config.files is not None:
        promised, there = set(config.files), set(tree.paths)
        for path in sorted(promised - there):
            yield Disagreement("files", f"lists {shown(path)}", "there is no such file")
        for path in sorted(there - promised):
            yield Disagreement("files", f"does not list {shown(path)}", "the file is there")
    if (config.requires or ()) != (manifest.requires or ()):
        yield Disagreement("requires", ", ".join(config.requires or ()), ", ".join(manifest.requires or ()))


def _annotation_disagreements(artifact: "Artifact", variant: "Variant") -> Iterator[Disagreement]:
    """Compare what manifest and index say, which registries and `list` show, with the config's labels."""
    labels = plugin_metadata(variant.config)
    for owner, annotations in (("manifest", variant.manifest.annotations or {}), ("index", artifact.annotations)):
        for key, label in labels.items():
            if key in annotations and annotations[key] != label:
                yield Disagreement(f"{owner} annotation {key}", annotations[key], label)


def _platform_disagreements(artifact: "Artifact", chosen: "Variant") -> Iterator[Disagreement]:
    listed: set[Platform] = set()
    for variant in artifact.variants:
        config = variant.image_config
        own = Platform(config.os, config.architecture, config.variant)
        said = variant.platform
        if (said.os, said.architecture, said.variant) != (own.os, own.architecture, own.variant):
            yield Disagreement(f"platform {said}", str(said), f"the config says {own}")
        if said in listed:
            yield Disagreement(f"platform {said}", "one manifest", "several manifests: clients may take different ones")
        listed.add(said)
        if variant is chosen:
            continue
        if variant.layer.digest != chosen.layer.digest:
            yield Disagreement(
                f"platform {variant.platform}",
                f"the same plugin as for {chosen.platform}",
                "other files: inspect it as well",
            )
        elif variant.config != chosen.config:
            yield Disagreement(
                f"platform {variant.platform}", f"the same plugin as for {chosen.platform}", "other labels"
            )


def _archive_disagreement(variant: "Variant", diff_id: str) -> Iterator[Disagreement]:
    if variant.diff_id != diff_id:
        yield Disagreement("diff ID", variant.diff_id, diff_id)


def _author(document: JsonObject) -> str:
    author = document.field("author")
    if isinstance(author, JsonObject):
        name, email = author.get("name"), author.get("email")
        parts = [name if isinstance(name, str) else "", f"<{email}>" if isinstance(email, str) and email else ""]
        return " ".join(part for part in parts if part)
    return author if isinstance(author, str) else ""


def _text(document: JsonObject, field: str) -> str:
    value = document.field(field)
    return value if isinstance(value, str) else ""
