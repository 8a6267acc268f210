"""What in an artifact a build of the source does not give, by part, platform and field."""

import enum
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve, frozen

from toolhive_plugins import (
    Artifact,
    Descriptor,
    Digest,
    ImageConfig,
    Index,
    Manifest,
    Store,
    Variant,
    open_layer,
    shown,
    to_json,
)
from toolhive_plugins_service.files import FileChangeKind, compare_trees
from toolhive_plugins_service.gzip_members import find_extras
from toolhive_plugins_service.opening import OpenArtifact

_BLANK: Final = Digest("sha256:" + "0" * 64)


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


def find_oddities(opened: OpenArtifact) -> Iterator[Difference]:
    """Yield what no build writes and what does not change the content."""
    for layer, variant in distinct_layers(opened.artifact):
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


def distinct_layers(artifact: Artifact) -> list[tuple[Digest, Variant]]:
    """Return the layers of an artifact by digest, each with one platform's documents."""
    return list({variant.layer.digest: variant for variant in artifact.variants}.items())


def find_differences(
    opened: OpenArtifact, rebuilt: Artifact, scratch: Store, diff_ids: Mapping[Digest, Digest]
) -> Iterator[Difference]:
    """Yield what the artifact has and a build of its source does not give.

    Args:
        opened: the artifact.
        rebuilt: the build.
        scratch: the store that the build is in.
        diff_ids: of the archives that the artifact's layers really hold, by the layers' digests.
    """
    artifact, store = opened.artifact, opened.store
    expected = rebuilt.variants[0].diff_id
    for layer, variant in distinct_layers(artifact):
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
