"""Was this artifact built from this source? Build the source again as the artifact says it was built, and compare.

The compressor does not matter: toolhive-core's compressed bytes differ from one Go toolchain to the next. Compared are the
archive inside the layer (its diff ID, computed from the bytes that are really there), the configs byte for byte, and all that
manifests and index say.
"""

import enum
from collections.abc import Callable, Mapping
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

from toolhive_plugins import (
    ANNOTATION_PLUGIN_ADAPTED,
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    Artifact,
    Compat,
    Digest,
    ImageConfig,
    InvalidEpochError,
    NotAPluginError,
    PackageOptions,
    PackageResult,
    Platform,
    PluginError,
    PluginPackager,
    Store,
    Variant,
    format_epoch,
    load_artifact,
    open_layer,
    shown,
)
from toolhive_plugins_service.differences import Difference, distinct_layers, find_differences, find_oddities
from toolhive_plugins_service.opening import OpenArtifact
from toolhive_plugins_service.sources import Source, absolute, find_source
from toolhive_plugins_service.targets import Origin
from toolhive_plugins_signatures import Verification as SignatureVerification


class Verdict(enum.Enum):
    """What came of it."""

    IDENTICAL = "identical"
    """Built from this source, and every byte is what this project writes."""

    SAME_CONTENT = "same content"
    """Built from this source, but not bit for bit: another compressor, or what `oddities` names."""

    DIFFERENT = "different"
    """Not built from this source."""


@frozen
class Verification:
    """The answer, and what it rests on."""

    origin: Origin
    """The artifact."""
    directory: str
    verdict: Verdict
    compat: Compat
    """The profile under which the source gives this artifact, or comes nearest to it."""
    epoch: int
    platforms: tuple[Platform, ...]
    diff_id: Digest
    """Of the archive in the artifact's layer, as it really is."""
    layer_digest: Digest
    """Of the artifact's layer, compressed."""
    rebuilt_layer_digest: Digest
    differences: tuple[Difference, ...]
    unchecked: tuple[str, ...]
    """Annotations of the artifact that say where its source is, and that the given source could not be held to."""
    oddities: tuple[Difference, ...]
    """What no build writes, though the content is the same: bytes in a layer besides its content, a manifest that is listed twice."""
    signatures: SignatureVerification | None = None
    """Who has signed the artifact, if that was asked for."""
    attestations: tuple[dict[str, Any], ...] = ()
    """What trusted signers state of it, if that was asked for."""

    @property
    def verified(self) -> bool:
        """Whether the artifact was built from the source."""
        return self.verdict is not Verdict.DIFFERENT


def verify(
    opened: OpenArtifact, directory: str, packager_for: Callable[[Store], PluginPackager], source: Source
) -> Verification:
    """Compare an artifact with what the directory gives under either profile.

    Args:
        opened: the artifact.
        directory: the source; may be relative.
        packager_for: returns a packager that writes to the store it is given.
        source: where the directory's files are read from, and what the artifact should say of that.

    Raises:
        PluginError: the directory cannot be packaged under either profile.
        ToolhiveError: the artifact cannot be read.
    """
    artifact = opened.artifact
    diff_ids = {layer: _measure(opened.store, variant) for layer, variant in distinct_layers(artifact)}
    epoch = _epoch(artifact.variants[0].image_config)
    platforms = tuple(variant.platform for variant in artifact.variants)
    oddities = tuple(find_oddities(opened))
    commit, annotations, unchecked = _expected_source(artifact, absolute(directory), source)
    made = artifact.annotations.get(ANNOTATION_PLUGIN_ADAPTED, "")
    best: Verification | None = None
    refusal: PluginError | None = None
    for compat in (Compat.NONE, Compat.TOOLHIVE_CORE):
        with TemporaryDirectory(prefix="thv-plugin-") as folder:
            scratch = Store(folder)
            try:
                options = PackageOptions(
                    epoch=epoch, platforms=platforms, compat=compat, commit=commit, annotations=annotations
                )
                result = _package(scratch, packager_for, absolute(directory), options, made)
            except PluginError as error:
                refusal = refusal or error
                continue
            rebuilt = load_artifact(scratch, result.index_digest)
            differences = tuple(find_differences(opened, rebuilt, scratch, diff_ids))
        verdict = Verdict.DIFFERENT
        if not differences:
            same = [variant.layer.digest for variant in artifact.variants] == [result.layer_digest] * len(platforms)
            verdict = Verdict.IDENTICAL if same and not oddities else Verdict.SAME_CONTENT
        first = artifact.variants[0].layer.digest
        found = Verification(
            origin=opened.origin,
            directory=directory,
            verdict=verdict,
            compat=compat,
            epoch=epoch,
            platforms=platforms,
            diff_id=diff_ids[first],
            layer_digest=first,
            rebuilt_layer_digest=result.layer_digest,
            differences=differences,
            unchecked=unchecked,
            oddities=oddities,
        )
        if found.verified:
            return found
        if best is None or len(found.differences) < len(best.differences):
            best = found
    if best is None:
        raise refusal or NotAPluginError("cannot be built", where=shown(directory))
    return best


def _package(
    store: Store, packager_for: Callable[[Store], PluginPackager], directory: str, options: PackageOptions, made: str
) -> PackageResult:
    """Build the source, with the manifests made that the artifact says were made."""
    if made and options.compat is Compat.NONE:
        from toolhive_plugins_service.adapting import adapted_formats, package_adapted  # lazily: few have any

        return package_adapted(store, directory, options, adapted_formats(made))[0]
    return packager_for(store).package(directory, options)


def _expected_source(
    artifact: Artifact, directory: str, source: Source
) -> tuple[str, Mapping[str, str], tuple[str, ...]]:
    """Return the commit to build, what the artifact's annotations should say of the source, and which of them cannot be checked.

    What cannot be checked is expected to be as it is, so that all else is compared. An artifact that names no commit makes no claim of
    one.
    """
    commit = ""
    known = {ANNOTATION_SOURCE: source.url} if source.url else {}
    if source.revision is not None:
        commit, change = find_source(directory, source.revision)
        if ANNOTATION_REVISION in artifact.annotations:
            known[ANNOTATION_REVISION] = change.revision
    claimed = {
        name: artifact.annotations[name]
        for name in (ANNOTATION_REVISION, ANNOTATION_SOURCE)
        if name not in known and artifact.annotations.get(name)
    }
    return commit, {**claimed, **known}, tuple(claimed)


def _measure(store: Store, variant: Variant) -> Digest:
    with open_layer(store, variant) as tree:
        return tree.diff_id


def _epoch(config: ImageConfig) -> int:
    """Return the time that the artifact was built for, in seconds since 1970.

    Raises:
        NotAPluginError: it has none that a build could have written.
    """
    try:
        epoch = int(datetime.fromisoformat(config.created or "").timestamp())
        written = format_epoch(epoch)
    except (ValueError, OverflowError, InvalidEpochError):
        written = ""
    if written != config.created:
        raise NotAPluginError(
            f"it was created at {shown(config.created)!r}, which no build writes", remedy="It cannot be built again"
        )
    return epoch
