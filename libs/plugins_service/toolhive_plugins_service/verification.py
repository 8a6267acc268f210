"""Was this artifact built from this source? Build the source again as the artifact says it was built, and compare.

The compressor does not matter: toolhive-core's compressed bytes differ from one Go toolchain to the next. Compared are the
archive inside the layer (its diff ID, computed from the bytes that are really there), the configs byte for byte, and all that
manifests and index say.
"""

import enum
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Final

from attrs import evolve, frozen

from toolhive_plugins import (
    ANNOTATION_REVISION,
    ANNOTATION_SOURCE,
    Compat,
    Descriptor,
    Digest,
    ImageConfig,
    Index,
    InvalidEpochError,
    Manifest,
    PackageOptions,
    Platform,
    PluginError,
    PluginPackager,
    Store,
    format_epoch,
    shown,
    to_json,
)
from toolhive_plugins_service.artifacts import Artifact, Variant, load_artifact, open_layer
from toolhive_plugins_service.errors import NotAPluginError
from toolhive_plugins_service.files import FileChangeKind, compare_trees
from toolhive_plugins_service.gzip_members import find_extras
from toolhive_plugins_service.opening import OpenArtifact
from toolhive_plugins_service.paths import absolute
from toolhive_plugins_service.sources import Source, find_source
from toolhive_plugins_service.targets import Origin

_BLANK = Digest("sha256:" + "0" * 64)


class Verdict(enum.Enum):
    """What came of it."""

    IDENTICAL = "identical"
    """Built from this source, and every byte is what this project writes."""

    SAME_CONTENT = "same content"
    """Built from this source, but not bit for bit: another compressor, or what `oddities` names."""

    DIFFERENT = "different"
    """Not built from this source."""


class Aspect(enum.StrEnum):
    """The part of an artifact that is not the same."""

    FILE = "file"
    LAYER = "layer"
    CONFIG = "config"
    MANIFEST = "manifest"
    INDEX = "index"


class DifferenceField(enum.StrEnum):
    """What is not the same about it."""

    PRESENCE = "presence"
    """A file is in one of the two only."""
    CONTENT = "content"
    MODE = "mode"
    """A file is executable in one of the two only."""
    ARCHIVE = "archive"
    """How the layer's tar was written, or which one the config promises."""
    LABEL = "label"
    ANNOTATION = "annotation"
    OTHER = "other"
    """A field of a document that is neither."""
    ENCODING = "encoding"
    """How a document is written, or fields in it that no build writes."""


@frozen
class Difference:
    """Something in the artifact that a build of the source does not give."""

    aspect: Aspect

    platform: str
    """`os/architecture`; empty where the difference is not in one platform's documents alone."""

    field: DifferenceField

    subject: str
    """The file, label or annotation; empty where it is the whole layer or document."""

    problem: str
    """What is different about it."""


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
    diff_ids = {layer: _measure(opened.store, variant) for layer, variant in _distinct_layers(artifact)}
    epoch = _epoch(artifact.variants[0].image_config)
    platforms = tuple(variant.platform for variant in artifact.variants)
    oddities = tuple(_oddities(opened))
    commit, annotations, unchecked = _expected_source(artifact, absolute(directory), source)
    best: Verification | None = None
    refusal: PluginError | None = None
    for compat in (Compat.NONE, Compat.TOOLHIVE_CORE):
        with TemporaryDirectory(prefix="thv-plugin-") as folder:
            scratch = Store(folder)
            try:
                result = packager_for(scratch).package(
                    absolute(directory),
                    PackageOptions(
                        epoch=epoch, platforms=platforms, compat=compat, commit=commit, annotations=annotations
                    ),
                )
            except PluginError as error:
                refusal = refusal or error
                continue
            rebuilt = load_artifact(scratch, result.index_digest)
            differences = tuple(_differences(opened, rebuilt, scratch, diff_ids))
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


def _oddities(opened: OpenArtifact) -> Iterator[Difference]:
    """Yield what no build writes and what does not change the content."""
    for layer, variant in _distinct_layers(opened.artifact):
        extras = find_extras(opened.store.blob_chunks(layer))
        where = (Aspect.LAYER, str(variant.platform), DifferenceField.ENCODING, "")
        if extras.header_bytes:
            yield Difference(*where, f"has {extras.header_bytes} bytes in gzip headers that no build writes")
        if extras.empty_members:
            yield Difference(*where, f"has {extras.empty_members} empty gzip members, which no build writes")
    listed = Counter(variant.manifest_digest for variant in opened.artifact.variants)
    for digest, count in listed.items():
        if count > 1:
            yield Difference(Aspect.INDEX, "", DifferenceField.OTHER, digest, f"is listed {count} times")


def _distinct_layers(artifact: Artifact) -> list[tuple[Digest, Variant]]:
    return list({variant.layer.digest: variant for variant in artifact.variants}.items())


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


def _differences(
    opened: OpenArtifact, rebuilt: Artifact, scratch: Store, diff_ids: Mapping[Digest, Digest]
) -> Iterator[Difference]:
    artifact, store = opened.artifact, opened.store
    expected = rebuilt.variants[0].diff_id
    for layer, variant in _distinct_layers(artifact):
        if diff_ids[layer] != expected:
            yield from _file_differences(store, variant, scratch, rebuilt.variants[0])
    for ours, theirs in zip(rebuilt.variants, artifact.variants, strict=True):
        platform = str(theirs.platform)
        if theirs.diff_id != diff_ids[theirs.layer.digest]:
            yield Difference(
                Aspect.LAYER,
                platform,
                DifferenceField.ARCHIVE,
                "",
                "the config promises another archive than the layer holds",
            )
        if theirs.manifest.config.digest != ours.manifest.config.digest:
            yield from _config_differences(ours.image_config, theirs.image_config, platform)
        yield from _document_differences(
            Aspect.MANIFEST,
            platform,
            ours.manifest,
            theirs.manifest,
            to_json(theirs.manifest) == store.get_manifest(theirs.manifest_digest),
        )
    if artifact.is_index:
        ours_index, theirs_index = scratch.get_index(rebuilt.digest), store.get_index(artifact.digest)
        whole = to_json(theirs_index) == store.get_manifest(artifact.digest)
        yield from _document_differences(Aspect.INDEX, "", ours_index, theirs_index, whole)


_FILE_CHANGES: Final = {
    FileChangeKind.ADDED: (DifferenceField.PRESENCE, "is in the artifact, not in the source"),
    FileChangeKind.REMOVED: (DifferenceField.PRESENCE, "is in the source, not in the artifact"),
    FileChangeKind.CHANGED: (DifferenceField.CONTENT, "has other content in the artifact"),
    FileChangeKind.MADE_EXECUTABLE: (DifferenceField.MODE, "is executable in the artifact only"),
    FileChangeKind.MADE_PLAIN: (DifferenceField.MODE, "is executable in the source only"),
}


def _file_differences(store: Store, theirs: Variant, scratch: Store, ours: Variant) -> Iterator[Difference]:
    with open_layer(scratch, ours) as old, open_layer(store, theirs) as new:
        changes = compare_trees(old, new)
    for change in changes:
        field, problem = _FILE_CHANGES[change.kind]
        yield Difference(Aspect.FILE, "", field, change.path, problem)
    if not changes:
        yield Difference(
            Aspect.LAYER,
            str(theirs.platform),
            DifferenceField.ARCHIVE,
            "",
            "the files are the same, but the archive was written another way (modes, times)",
        )


def _config_differences(ours: ImageConfig, theirs: ImageConfig, platform: str) -> Iterator[Difference]:
    where = (Aspect.CONFIG, platform)
    yield from _map_differences(where, DifferenceField.LABEL, ours.config.labels, theirs.config.labels)
    blank_ours = evolve(ours, config=evolve(ours.config, labels=None), rootfs=evolve(ours.rootfs, diff_ids=()))
    blank_theirs = evolve(theirs, config=evolve(theirs.config, labels=None), rootfs=evolve(theirs.rootfs, diff_ids=()))
    if blank_ours != blank_theirs:
        yield Difference(*where, DifferenceField.OTHER, "", "differs in more than its labels")
    elif ours == theirs:
        yield Difference(*where, DifferenceField.ENCODING, "", "has fields, or an encoding, that no build writes")


def _document_differences(
    aspect: Aspect, platform: str, ours: Manifest | Index, theirs: Manifest | Index, canonical: bool
) -> Iterator[Difference]:
    where = (aspect, platform)
    yield from _map_differences(where, DifferenceField.ANNOTATION, ours.annotations, theirs.annotations)
    if _blanked(ours) != _blanked(theirs):
        yield Difference(*where, DifferenceField.OTHER, "", "differs in more than its annotations")
    elif not canonical:
        yield Difference(*where, DifferenceField.ENCODING, "", "has fields, or an encoding, that no build writes")


def _blanked(document: Manifest | Index) -> Manifest | Index:
    """Return the document without its annotations and without what the compressor decides."""
    if isinstance(document, Manifest):
        return evolve(
            document, annotations=None, config=_blank(document.config), layers=tuple(map(_blank, document.layers))
        )
    return evolve(document, annotations=None, manifests=tuple(map(_blank, document.manifests)))


def _blank(descriptor: Descriptor) -> Descriptor:
    return evolve(descriptor, digest=_BLANK, size=0)


def _map_differences(
    where: tuple[Aspect, str],
    field: DifferenceField,
    ours: Mapping[str, str] | None,
    theirs: Mapping[str, str] | None,
) -> Iterator[Difference]:
    ours, theirs = ours or {}, theirs or {}
    for key in sorted({*ours, *theirs}):
        if key not in theirs:
            yield Difference(*where, field, key, "is missing from the artifact")
        elif key not in ours:
            yield Difference(*where, field, key, "is not what a build writes")
        elif ours[key] != theirs[key]:
            problem = f"is {shown(theirs[key])!r}; the source gives {shown(ours[key])!r}"
            yield Difference(*where, field, key, problem)
