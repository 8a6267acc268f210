"""Building, and the builds that the local store holds."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from toolhive_plugins import (
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    SOURCE_DATE_EPOCH,
    Compat,
    Digest,
    PackageOptions,
    PackageResult,
    Platform,
    PluginManifestMissingError,
    PluginPackager,
    Store,
    default_package_options,
    parse_platform,
    shown,
)
from toolhive_plugins_service.errors import RequestError
from toolhive_plugins_service.sources import Source, absolute, find_source

if TYPE_CHECKING:
    from toolhive_plugins import PluginFormat


def _platforms(given: tuple[Platform | str, ...]) -> tuple[Platform, ...]:
    return tuple(parse_platform(platform) if isinstance(platform, str) else platform for platform in given)


def _epoch(given: int | str | None) -> int | None:
    if given is None or isinstance(given, int):
        return given
    try:
        return int(given)
    except ValueError:
        raise RequestError(
            "the epoch is not a whole number",
            remedy="Give whole seconds since 1970-01-01T00:00:00Z, for example 1735689600",
        ) from None


def _formats(given: tuple[str, ...]) -> "tuple[PluginFormat, ...]":
    from toolhive_plugins import PluginFormat

    known = {each.value: each for each in PluginFormat}
    for name in given:
        if name not in known:
            raise RequestError("is no format that a plugin can be given", where=shown(name), remedy=", ".join(known))
    return tuple(known[name] for name in given)


@frozen
class BuildRequest:
    """What to build, and how."""

    directory: str
    """The plugin's directory; may be relative to the working directory."""

    tag: str = ""
    """The tag to give the build; empty for the plugin's name."""

    epoch: int | None = field(default=None, converter=_epoch)
    """Seconds since 1970-01-01T00:00:00Z; None for what SOURCE_DATE_EPOCH says, else the time of the commit that last changed the
    directory if it is built from one, else 0."""

    platforms: tuple[Platform, ...] = field(default=(), converter=_platforms)
    """The platforms of the index, or their written forms; empty for the default ones."""

    compat: Compat = Compat.NONE
    """The profile."""

    source: Source = field(factory=Source)
    """Where the files come from."""

    adapt: tuple[str, ...] = ()
    """The formats that the plugin is to have, by the values of PluginFormat: what it lacks is made. Not in the toolhive-core profile."""


@frozen
class Build:
    """The result of a build."""

    tag: str
    name: str
    version: str
    description: str
    license: str
    digest: Digest
    """The index: what the tag names."""
    manifest_digest: Digest
    config_digest: Digest
    layer_digest: Digest
    diff_id: Digest
    """The layer's tar, before compression."""
    platforms: tuple[Platform, ...]
    epoch: int
    compat: Compat
    files: int
    content_size: int
    """Size in bytes of all files together."""
    layer_size: int
    """Size in bytes of the compressed layer."""
    components: Mapping[str, int]
    requires: tuple[str, ...]
    left_out: tuple[str, ...]
    """Hidden files and directories that are not part of the artifact."""
    warnings: tuple[str, ...]
    revision: str = ""
    """The ID of the commit that last changed the directory; empty if it was not built from a commit."""
    source_url: str = ""
    """The address of the source code; empty if it was not given."""
    made: tuple[str, ...] = ()
    """The paths of manifests that were made, since the source has none of their format."""
    left_behind: tuple[str, ...] = ()
    """What the formats that were made cannot carry."""


def build(store: Store, packager: PluginPackager, request: BuildRequest) -> Build:
    """Package a directory, tag the result, and mark it as made on this machine.

    Raises:
        PluginError: the directory cannot be packaged; the subclass says why.
        GitError: the directory is built from a commit, and git is not installed or failed.
        InvalidTagError: the tag, or the plugin's name where none is given, cannot be a tag.
        ToolhiveError: the store cannot be written.
    """
    directory = absolute(request.directory)
    options = _options(request, directory)
    made: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()
    if request.adapt:
        from toolhive_plugins_service.adapting import package_adapted  # lazily: most builds need nothing made

        result, adapted = package_adapted(store, directory, options, _formats(request.adapt))
        made, left_behind = adapted.made, adapted.left_behind
    else:
        result = _package(packager, directory, options)
    tag = request.tag or result.config.name
    store.tag(result.index_digest, tag, local_build=True)
    config = result.config
    return Build(
        tag=tag,
        name=config.name,
        version=config.version,
        description=config.description,
        license=config.license,
        digest=result.index_digest,
        manifest_digest=result.manifest_digest,
        config_digest=result.config_digest,
        layer_digest=result.layer_digest,
        diff_id=result.diff_id,
        platforms=result.platforms,
        epoch=options.epoch,
        compat=options.compat,
        files=len(config.files or ()),
        content_size=result.content_size,
        layer_size=result.layer_size,
        components=dict(config.components or {}),
        requires=tuple(config.requires or ()),
        left_out=result.left_out,
        warnings=tuple(map(str, result.warnings)),
        revision=options.annotations.get(ANNOTATION_REVISION, ""),
        source_url=options.annotations.get(ANNOTATION_SOURCE, ""),
        made=made,
        left_behind=left_behind,
    )


def _package(packager: PluginPackager, directory: str, options: PackageOptions) -> PackageResult:
    try:
        return packager.package(directory, options)
    except PluginManifestMissingError as error:
        if options.compat is not Compat.NONE or not os.path.isdir(directory):  # noqa: PTH112 - as text
            raise
        from toolhive_plugins_service.adapting import with_adapting_hint

        raise with_adapting_hint(error, options, directory) from error


def _options(request: BuildRequest, directory: str) -> PackageOptions:
    if request.compat is Compat.TOOLHIVE_CORE and request.source.url:
        raise RequestError(
            "toolhive-core writes no address of the source", remedy="Leave it out, or build in the default profile"
        )
    if request.compat is Compat.TOOLHIVE_CORE and request.adapt:
        raise RequestError("toolhive-core makes no manifests", remedy="Leave that out, or build in the default profile")
    commit, epoch = "", request.epoch
    annotations = {ANNOTATION_SOURCE: request.source.url} if request.source.url else {}
    if request.source.revision is not None:
        commit, change = find_source(directory, request.source.revision)
        if epoch is None and not os.environ.get(SOURCE_DATE_EPOCH):
            epoch = change.epoch
        if request.compat is Compat.NONE:
            annotations[ANNOTATION_REVISION] = change.revision
    return PackageOptions(
        epoch=default_package_options().epoch if epoch is None else epoch,
        platforms=request.platforms,
        compat=request.compat,
        commit=commit,
        annotations=annotations,
    )
