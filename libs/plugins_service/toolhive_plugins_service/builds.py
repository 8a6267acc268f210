"""Building, and the builds that the local store holds."""

from collections.abc import Mapping

from attrs import field, frozen

from toolhive_plugins import (
    Compat,
    Digest,
    PackageOptions,
    Platform,
    PluginPackager,
    Store,
    default_package_options,
    parse_platform,
)
from toolhive_plugins_service.errors import RequestError
from toolhive_plugins_service.paths import absolute


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


@frozen
class BuildRequest:
    """What to build, and how."""

    directory: str
    """The plugin's directory; may be relative to the working directory."""

    tag: str = ""
    """The tag to give the build; empty for the plugin's name."""

    epoch: int | None = field(default=None, converter=_epoch)
    """Seconds since 1970-01-01T00:00:00Z; None for what SOURCE_DATE_EPOCH says, else 0."""

    platforms: tuple[Platform, ...] = field(default=(), converter=_platforms)
    """The platforms of the index, or their written forms; empty for the default ones."""

    compat: Compat = Compat.NONE
    """The profile."""


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


def build(store: Store, packager: PluginPackager, request: BuildRequest) -> Build:
    """Package a directory, tag the result, and mark it as made on this machine.

    Raises:
        PluginError: the directory cannot be packaged; the subclass says why.
        InvalidTagError: the tag, or the plugin's name where none is given, cannot be a tag.
        ToolhiveError: the store cannot be written.
    """
    epoch = default_package_options().epoch if request.epoch is None else request.epoch
    options = PackageOptions(epoch=epoch, platforms=request.platforms, compat=request.compat)
    result = packager.package(absolute(request.directory), options)
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
    )
