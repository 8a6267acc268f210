"""Adds to what is attached to an artifact: manifests with a `subject`, and tags that list or hold what many writers add.

A tag has no lock. Whoever changes one reads it, adds, writes, and reads it again for longer than a registry's reads may lag, until all
that it ever saw there is there: then of two writers at once neither loses what the other wrote.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define, frozen

from toolhive_artifact import (
    MAX_MANIFEST_SIZE,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    Encodable,
    InvalidDocumentError,
    JsonObject,
    SizeLimitError,
    encode_json,
    parse_json,
    parse_manifest,
)
from toolhive_plugins_interfaces import (
    InvalidArtifactError,
    RegistryAuthError,
    RegistryNotFoundError,
    RegistryResponseError,
)
from toolhive_plugins_registry.deadlines import Deadline
from toolhive_plugins_registry.policies import Clock
from toolhive_plugins_registry.referrers import MAX_REFERRERS
from toolhive_plugins_registry.remote import RemoteRepository

SETTLING: Final = 2.5
"""Seconds for which a tag is read again after it was last written: more than twice what the reads of a registry may lag, one second."""

_INTERVAL: Final = 0.25
"""Seconds between two reads."""

_MAX_WRITES: Final = 50
"""How often one tag is written at most, if others keep overwriting it."""

Merge = Callable[[bytes | None], bytes | None]
"""Takes what a tag names, None for nothing, and returns what it should name; None if all that the merge ever saw and adds is there."""


@frozen
class Attached:
    """A manifest that was stored beside its subject."""

    descriptor: Descriptor
    subject: Digest


@define
class _Edit:
    """One tag, and how far its change has come."""

    tag: str
    merge: Merge
    written: float = 0.0
    writes: int = 0


class Attaching:
    """What one operation adds.

    Args:
        repository: where.
        deadline: of the operation.
        clock: tells the time.
        settling: seconds for which each tag is read again.
    """

    def __init__(self, repository: RemoteRepository, deadline: Deadline, clock: Clock, settling: float) -> None:
        self._repository = repository
        self._deadline = deadline
        self._clock = clock
        self._settling = settling

    def run(self, documents: Sequence[bytes], edits: Mapping[str, Merge]) -> tuple[Attached, ...]:
        """Store manifests by their digest, list them as their subjects' referrers, and change tags.

        Raises:
            InvalidArtifactError: a document is not a manifest with a subject.
            RegistryResponseError: the registry does not let a tag be changed.
            SizeLimitError: a list of referrers is full.
        """
        attached = [_read(data) for data in documents]
        lists: dict[str, list[Descriptor]] = {}
        for data, one in zip(documents, attached, strict=True):
            if not self._repository.put_manifest(one.descriptor.digest, data, one.descriptor):
                lists.setdefault(one.subject.replace(":", "-"), []).append(one.descriptor)
        merges = {**edits, **{tag: merge_referrers(added) for tag, added in lists.items()}}
        self._settle([_Edit(tag, merge) for tag, merge in merges.items()])
        return tuple(attached)

    def _settle(self, edits: list[_Edit]) -> None:
        """Write the tags, and read them again until nothing has been missing for the whole of the settling time."""
        waiting = [edit for edit in edits if self._write(edit)]
        while waiting:
            self._deadline.check(waiting[0].tag)
            # By chance, so that two writers do not go on in step.
            self._deadline.wait(_INTERVAL * (0.5 + self._clock.random()))
            for edit in waiting:
                self._write(edit)
            now = self._clock.monotonic()
            waiting = [edit for edit in waiting if now - edit.written < self._settling]

    def _write(self, edit: _Edit) -> bool:
        """Write a tag if something is missing in what it names; return whether it was written."""
        try:
            current = self._repository.fetch_manifest(edit.tag)
        except RegistryNotFoundError:
            current = None
        data = edit.merge(current.data if current else None)
        if data is None:
            return False
        if edit.writes == _MAX_WRITES:
            raise RegistryResponseError(
                f"others overwrite the tag as often as it is written, {_MAX_WRITES} times", where=edit.tag
            )
        if len(data) > MAX_MANIFEST_SIZE:
            raise SizeLimitError(f"would be {len(data)} bytes, and {MAX_MANIFEST_SIZE} is the limit", where=edit.tag)
        descriptor = Descriptor(_media_type(data), Digest.of(data), len(data))
        try:
            self._repository.put_manifest(edit.tag, data, descriptor)
        except (RegistryAuthError, RegistryResponseError) as error:
            if current is None:
                raise
            raise RegistryResponseError(
                f"the registry does not let this tag be changed, which names {current.descriptor.digest}: {error.problem}",
                where=edit.tag,
                remedy="Let the tags that begin with sha256- be changed there: what is added later is listed by them",
            ) from None
        edit.written = self._clock.monotonic()
        edit.writes += 1
        return True


def merge_referrers(added: Sequence[Descriptor]) -> Merge:
    """Return what adds manifests to an index that lists the referrers of a subject (distribution spec, "Referrers Tag Schema").

    Entries that are there stay byte for byte as they are, and in their order.
    """
    known: dict[str, Encodable] = {str(each.digest): _entry(each) for each in added}

    def merge(current: bytes | None) -> bytes | None:
        head, entries = _read_index(current)
        present = {}
        for entry in entries:
            digest = entry.get("digest")
            present[digest if isinstance(digest, str) else ""] = entry
        missing = {digest: entry for digest, entry in known.items() if digest not in present}
        known.update({digest: entry for digest, entry in present.items() if digest and digest not in known})
        if not missing:
            return None
        if len(entries) + len(missing) > MAX_REFERRERS:
            raise SizeLimitError(f"more than {MAX_REFERRERS} artifacts would refer to it, the limit")
        return encode_json({**head, "manifests": [*entries, *missing.values()]})

    return merge


def _read_index(data: bytes | None) -> tuple[dict[str, Encodable], list[JsonObject]]:
    """Return the fields of an index besides its entries, and those; an empty index for none."""
    head: dict[str, Encodable] = {"schemaVersion": 2, "mediaType": MEDIA_TYPE_IMAGE_INDEX}
    if data is None:
        return head, []
    document = parse_json(data, where="the list of referrers", unique_keys=True)
    listed = document.get("manifests") if isinstance(document, JsonObject) else None
    if not isinstance(document, JsonObject) or not isinstance(listed, tuple | None):
        raise InvalidArtifactError("the tag that lists referrers names something else", where="the list of referrers")
    entries = [entry for entry in listed or () if isinstance(entry, JsonObject)]
    return {**head, **{key: value for key, value in document.items() if key not in ("manifests", *head)}}, entries


def _entry(descriptor: Descriptor) -> dict[str, Encodable]:
    entry: dict[str, Encodable] = {
        "mediaType": descriptor.media_type,
        "size": descriptor.size,
        "digest": str(descriptor.digest),
        "artifactType": descriptor.artifact_type,
    }
    if descriptor.annotations:
        entry["annotations"] = dict(sorted(descriptor.annotations.items()))
    return entry


def _read(data: bytes) -> Attached:
    """Read a manifest that is to be stored beside its subject."""
    try:
        manifest = parse_manifest(data)
    except InvalidDocumentError as error:
        raise InvalidArtifactError(f"is not a manifest: {error.problem}", where=str(Digest.of(data))) from None
    if manifest.subject is None:
        raise InvalidArtifactError("has no subject", where=str(Digest.of(data)))
    kind = manifest.artifact_type or manifest.config.media_type
    descriptor = Descriptor(
        MEDIA_TYPE_IMAGE_MANIFEST, Digest.of(data), len(data), annotations=manifest.annotations, artifact_type=kind
    )
    return Attached(descriptor, manifest.subject.digest)


def _media_type(data: bytes) -> str:
    value = parse_json(data, where="the manifest")
    said = value.get("mediaType") if isinstance(value, JsonObject) else None
    return said if isinstance(said, str) else MEDIA_TYPE_IMAGE_MANIFEST
