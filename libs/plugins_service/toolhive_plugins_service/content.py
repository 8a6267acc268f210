"""What an artifact or a directory holds, file by file, without installing it."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from toolhive_plugins import Digest, Platform, Progress, RegistryClient, Store, shown
from toolhive_plugins_service.artifacts import open_layer
from toolhive_plugins_service.errors import TargetNotFoundError
from toolhive_plugins_service.plugin_files import read_manifest
from toolhive_plugins_service.targets import Origin, is_directory, open_artifact, open_tree
from toolhive_plugins_service.trees import DirectoryTree, Tree


@frozen
class ContentFile:
    """One file."""

    path: str
    size: int
    """Bytes."""
    executable: bool
    digest: Digest


@frozen
class Content:
    """A plugin's metadata and files."""

    origin: Origin
    name: str
    version: str
    description: str
    license: str
    platforms: tuple[Platform, ...]
    """Empty for a directory."""
    layer_size: int
    """Bytes of the layer as it is stored and sent; 0 for a directory."""
    annotations: Mapping[str, str]
    """Those of the index or manifest; empty for a directory."""
    files: tuple[ContentFile, ...]


def list_files(tree: Tree) -> tuple[ContentFile, ...]:
    """Return the files of a tree."""
    return tuple(
        ContentFile(file.path, file.size, file.executable, tree.digest(file.path)) for file in tree.files.values()
    )


def content(
    store: Store, registry: RegistryClient, target: str, platform: Platform | None, progress: Progress | None
) -> Content:
    """Return the content of a target; see `Service.content`."""
    if is_directory(store, target):
        with DirectoryTree(target) as tree:
            manifest = read_manifest(tree, where=target)
            return Content(
                origin=Origin("directory", target),
                name=manifest.name,
                version=manifest.version,
                description=manifest.description,
                license=manifest.license,
                platforms=(),
                layer_size=0,
                annotations={},
                files=list_files(tree),
            )
    with open_artifact(store, registry, target, progress=progress) as opened:
        artifact, variant = opened.artifact, opened.artifact.variant(platform)
        with open_layer(opened.store, variant) as tree:
            return Content(
                origin=opened.origin,
                name=variant.config.name,
                version=variant.config.version,
                description=variant.config.description,
                license=variant.config.license,
                platforms=tuple(each.platform for each in artifact.variants),
                layer_size=variant.layer.size,
                annotations=dict(artifact.annotations),
                files=list_files(tree),
            )


def file_chunks(
    store: Store,
    registry: RegistryClient,
    target: str,
    path: str,
    platform: Platform | None,
    progress: Progress | None,
) -> Iterator[bytes]:
    """Yield the content of one file of a target; see `Service.file`."""
    with open_tree(store, registry, target, platform, progress) as (_, tree):
        if path.removeprefix("./") not in tree.files:
            remedy = f"thv-plugin content {shown(target)} lists its files"
            raise TargetNotFoundError(f"there is no file {shown(path)!r} in it", where=shown(target), remedy=remedy)
        yield from tree.chunks(path.removeprefix("./"))
