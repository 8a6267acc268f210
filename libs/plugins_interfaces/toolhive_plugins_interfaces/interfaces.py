"""What packagers and registry clients promise: the Protocols that callers depend on, and that the mocks are generated from."""

import enum
import os
import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from attrs import field, frozen

from toolhive_artifact import (
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    DEFAULT_PLATFORMS,
    Descriptor,
    Digest,
    InvalidEpochError,
    Platform,
)
from toolhive_artifact.errors import shown
from toolhive_artifact.timestamps import check_epoch
from toolhive_plugins_interfaces.diagnostics import Diagnostic
from toolhive_plugins_interfaces.errors import InvalidAnnotationError
from toolhive_plugins_mediatypes import ANNOTATION_PLUGIN_ADAPTED, ANNOTATION_PLUGIN_MANIFEST, PluginConfig
from toolhive_plugins_store import Store


class Compat(enum.Enum):
    """Whose rules a build follows (docs/toolhive-core.md)."""

    NONE = "none"
    """Ours: modes are normalised, `.lsp.json` is packaged, and the inventory says what the client loads."""

    TOOLHIVE_CORE = "toolhive-core"
    """toolhive-core's, byte for byte except for the compressed layer."""


_GO_ZERO_TIME = -62_135_596_800
"""0001-01-01T00:00:00Z, Go's zero time, by which toolhive-core means that no time was given."""


def _platforms(given: Sequence[Platform] | None) -> tuple[Platform, ...]:
    """Return the platforms as a tuple; none means the default ones."""
    return tuple(given or ()) or DEFAULT_PLATFORMS


def _epoch(given: int) -> int:
    """Check the epoch; Go's zero time means 0, as in toolhive-core."""
    if not isinstance(given, int):
        raise InvalidEpochError("the epoch must be an integer", remedy="Give whole seconds since 1970-01-01T00:00:00Z")
    return 0 if given == _GO_ZERO_TIME else check_epoch(int(given))


SOURCE_DATE_EPOCH: Final = "SOURCE_DATE_EPOCH"
"""The environment variable of https://reproducible-builds.org/specs/source-date-epoch/."""

_decimal = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII).fullmatch


_ADDED: Final = (ANNOTATION_REVISION, ANNOTATION_SOURCE, ANNOTATION_PLUGIN_MANIFEST, ANNOTATION_PLUGIN_ADAPTED)


def _annotations(given: Mapping[str, str]) -> Mapping[str, str]:
    """Check the annotations, and return a copy."""
    for name, value in given.items():
        if name not in _ADDED or not isinstance(value, str) or not value:
            raise InvalidAnnotationError(
                "cannot be given as an annotation", where=shown(name), remedy="Give " + " or ".join(_ADDED)
            )
    return dict(sorted(given.items()))


@frozen
class PackageOptions:
    """How to build: the same options and the same files give the same digests."""

    epoch: int = field(default=0, converter=_epoch)
    """Seconds since 1970-01-01T00:00:00Z, in the years 0000 to 9999, written wherever a time is recorded.

    0001-01-01T00:00:00Z becomes 0: toolhive-core takes it for "none given". InvalidEpochError for any other value.
    """

    platforms: tuple[Platform, ...] = field(default=DEFAULT_PLATFORMS, converter=_platforms)
    """The platforms of the index, in order."""

    compat: Compat = Compat.NONE
    """The profile."""

    commit: str = ""
    """Names the commit of the directory's git repository that the files are read from; empty for the files as they are on disk."""

    annotations: Mapping[str, str] = field(factory=dict, converter=_annotations, hash=False)
    """What manifests and index say of the source: a revision, an address, where the manifest comes from.

    Not written in the toolhive-core profile.

    InvalidAnnotationError for any other name, and for an empty value.
    """


def default_package_options() -> PackageOptions:
    """Return the default profile for the default platforms, at the epoch that SOURCE_DATE_EPOCH gives, or 0.

    Raises:
        InvalidEpochError: SOURCE_DATE_EPOCH is set, but is not an integer or outside the years that can be written.
            The specification asks that a build then fails, and does not silently use another date.
    """
    text = os.environ.get(SOURCE_DATE_EPOCH, "")
    if not text:
        return PackageOptions()
    if _decimal(text) is None:
        raise InvalidEpochError(
            f"{shown(text)!r} is not a whole number of seconds",
            where=SOURCE_DATE_EPOCH,
            remedy="Set it to seconds since 1970-01-01T00:00:00Z, as `date +%s` prints them, or unset it",
        )
    return PackageOptions(epoch=int(text))


@frozen
class PackageResult:
    """What a build wrote to the store."""

    index_digest: Digest
    """The index: what to tag and push."""

    manifest_digest: Digest
    """The manifest of the first platform."""

    config_digest: Digest
    """The image config of the first platform."""

    layer_digest: Digest
    """The one layer, shared by all platforms, compressed."""

    config: PluginConfig
    """The plugin's metadata, as the labels carry it."""

    platforms: tuple[Platform, ...]
    """The platforms of the index, in order."""

    diff_id: Digest
    """The digest of the layer's tar, before compression."""

    layer_size: int
    """Size of the compressed layer in bytes."""

    content_size: int
    """Total size of the packaged files in bytes."""

    left_out: tuple[str, ...] = ()
    """Paths in the directory that were not packaged because they are hidden; a directory ends in a slash."""

    warnings: tuple[Diagnostic, ...] = ()
    """What is wrong with the plugin but did not keep it from being packaged, by file and line."""


class PluginPackager(Protocol):
    """Turns plugin directories into artifacts."""

    def package(self, plugin_dir: str, options: PackageOptions | None = None) -> PackageResult:
        """Package the directory into the packager's store, untagged.

        Args:
            plugin_dir: an absolute path.
            options: how to build; None means `default_package_options()`.

        Raises:
            PluginError: the directory cannot be packaged; the subclass says why.
            ToolhiveError: the store cannot be written.
        """
        ...


class Progress(Protocol):
    """Receives the progress of a push or pull. Calls come from several threads, one at a time for each descriptor."""

    def started(self, descriptor: Descriptor) -> None:
        """A transfer of `descriptor.size` bytes begins. Another attempt calls it again and starts at zero."""
        ...

    def advanced(self, descriptor: Descriptor, count: int) -> None:
        """Another `count` bytes were transferred."""
        ...

    def finished(self, descriptor: Descriptor, *, skipped: bool) -> None:
        """The transfer is done; `skipped` if the other side already had the content."""
        ...


class RegistryClient(Protocol):
    """Moves artifacts between a store and remote registries."""

    def push(self, store: Store, digest: Digest, ref: str, *, progress: Progress | None = None) -> None:
        """Push the index or manifest `digest` and all that it refers to, then tag it as `ref` says.

        Raises:
            InvalidReferenceError: `ref` is malformed or names no tag or digest.
            RegistryError: the registry failed or refused; the subclass says how.
            CredentialError: credentials are configured but cannot be had.
            ToolhiveError: the store lacks or cannot read the content.
        """
        ...

    def pull(self, store: Store, ref: str, *, progress: Progress | None = None) -> Digest:
        """Pull the artifact that `ref` names, tag it locally with the full `ref`, and return its digest.

        Nothing that was not verified becomes visible in the store.

        Raises: as `push`, and DigestMismatchError, SizeLimitError or InvalidDocumentError for content that is not what it was
            promised to be.
        """
        ...


class RegistryCatalog(Protocol):
    """Reads and arranges what registries hold, without a store."""

    def copy(self, source: str, target: str, *, progress: Progress | None = None) -> Digest:
        """Copy the artifact that `source` names to `target`, by digest and byte for byte, and return its digest.

        Raises: as `RegistryClient.pull`, and InvalidReferenceError if `target` names another digest.
        """
        ...

    def resolve(self, ref: str) -> Digest:
        """Return the digest of what `ref` names.

        Raises:
            RegistryNotFoundError: there is no such tag or digest.
            InvalidReferenceError, RegistryError, CredentialError: as `RegistryClient.push`.
        """
        ...

    def tag(self, ref: str, tag: str) -> Digest:
        """Give what `ref` names another tag in its repository, byte for byte, and return its digest.

        Raises: as `resolve`.
        """
        ...

    def tags(self, repository: str) -> tuple[str, ...]:
        """Return the tags of a repository, `registry/repository`, in the registry's order.

        Raises: as `resolve`, and SizeLimitError if there are too many.
        """
        ...

    def referrers(self, ref: str, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """Return the descriptors of what refers to the artifact that `ref` names: its signatures, say.

        Args:
            ref: names it; a tag is resolved first.
            artifact_type: of the referrers to return; "" for all.

        Raises: as `tags`.
        """
        ...
