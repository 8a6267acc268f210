"""What an artifact or a directory holds, file by file, without installing it."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from toolhive_plugins import Digest, FileTree, Platform, open_layer, shown
from toolhive_plugins_service.errors import Hint, TargetNotFoundError
from toolhive_plugins_service.opening import OpenArtifact, open_directory
from toolhive_plugins_service.targets import DirectoryTarget, Origin


@frozen
class ContentFile:
    """One file."""

    path: str
    size: int
    """In bytes."""
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
    """Size in bytes of the compressed layer; 0 for a directory."""
    annotations: Mapping[str, str]
    """Those of the index or manifest; empty for a directory."""
    files: tuple[ContentFile, ...]


def list_files(tree: FileTree) -> tuple[ContentFile, ...]:
    """Return the files of a tree."""
    return tuple(
        ContentFile(file.path, file.size, file.executable, tree.digest(file.path)) for file in tree.files.values()
    )


def directory_content(target: DirectoryTarget) -> Content:
    """Return the content of a directory.

    Raises:
        PluginError: there is no such directory, or it has no readable `plugin.json`.
    """
    with open_directory(target) as tree:
        manifest = tree.manifest
        return Content(
            origin=target.origin,
            name=manifest.name,
            version=manifest.version,
            description=manifest.description,
            license=manifest.license,
            platforms=(),
            layer_size=0,
            annotations={},
            files=list_files(tree),
        )


def artifact_content(opened: OpenArtifact, platform: Platform | None) -> Content:
    """Return the content of an artifact, as it is for `platform` or for its first one.

    Raises:
        ToolhiveError: it is damaged, or has nothing for that platform.
    """
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


def file_chunks(origin: Origin, tree: FileTree, path: str) -> Iterator[bytes]:
    """Yield the content of one file.

    Raises:
        TargetNotFoundError: there is no such file.
    """
    if path.removeprefix("./") not in tree.files:
        raise TargetNotFoundError(
            f"there is no file {shown(path)!r} in it",
            where=shown(origin.name),
            remedy="Name one of its files",
            hint=Hint.LIST_FILES,
        )
    yield from tree.chunks(path.removeprefix("./"))
