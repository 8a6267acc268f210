"""Finds the signatures of an artifact in its repository, in both layouts, and reads them without judging.

Whatever is stored beside an artifact may be by anybody who can push: what is malformed becomes a `Candidate` that says so, and hides no
other. What cannot be *read* is an error, for a signature may be there.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from attrs import field, frozen

from toolhive_plugins import (
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    DigestMismatchError,
    Fetched,
    InvalidDocumentError,
    Manifest,
    RegistryNotFoundError,
    SizeLimitError,
    ToolhiveError,
    parse_manifest,
    shown,
)
from toolhive_plugins_signatures.bundles import MEDIA_TYPES_BUNDLE
from toolhive_plugins_signatures.documents import MAX_DOCUMENT
from toolhive_plugins_signatures.simple_signing import MEDIA_TYPE_SIMPLE_SIGNING
from toolhive_plugins_signatures.verification import Layout

MAX_REFERRERS_READ: Final = 256
"""Referrers of one artifact whose manifests are read; more are an error, since the signature may be among the rest."""

MAX_PAYLOAD: Final = 64 * 1024
"""Bytes of a simple signing payload."""

_UNUSABLE: Final = (DigestMismatchError, InvalidDocumentError, RegistryNotFoundError, SizeLimitError)
"""What is wrong with one signature, and not with the registry."""


class SignatureReader(Protocol):
    """Reads what is attached to an artifact; `toolhive_plugins.Registry` is one."""

    def fetch(self, ref: str) -> Fetched:
        """Return the manifest or index that a reference names."""
        ...

    def fetch_blob(self, repository: str, descriptor: Descriptor, *, limit: int = ...) -> bytes:
        """Return a small blob."""
        ...

    def referrers(self, ref: str, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """Return what refers to an artifact."""
        ...


@frozen
class Candidate:
    """What may be a signature."""

    layout: Layout

    digest: str
    """Of the manifest that holds it."""

    content: bytes = b""
    """The bundle, or the payload of the classic layout."""

    annotations: Mapping[str, str] = field(factory=dict)
    """Of the classic layout's layer."""

    problem: str = ""
    """Why it cannot be read; empty if it can."""


def classic_tag(digest: Digest) -> str:
    """Return the tag of the image that holds an artifact's signatures."""
    return f"{digest.algorithm}-{digest.encoded}.sig"


def find_bundles(reader: SignatureReader, repository: str, digest: Digest) -> Iterator[Candidate]:
    """Yield the Sigstore bundles that refer to an artifact, signatures and attestations alike.

    Raises:
        SizeLimitError: there are more referrers than are read.
        RegistryError: the registry did not say what there is.
    """
    listed = reader.referrers(f"{repository}@{digest}")
    if len(listed) > MAX_REFERRERS_READ:
        problem = f"{len(listed)} artifacts refer to it, and {MAX_REFERRERS_READ} is the limit"
        raise SizeLimitError(problem, where=f"{repository}@{digest}")
    for descriptor in listed:
        found = _bundle(reader, repository, digest, descriptor)
        if found is not None:
            yield found


def find_classic(reader: SignatureReader, repository: str, digest: Digest) -> Iterator[Candidate]:
    """Yield the signatures in the classic layout.

    Raises:
        RegistryError: the registry did not say what there is.
    """
    try:
        image = reader.fetch(f"{repository}:{classic_tag(digest)}")
    except RegistryNotFoundError:
        return
    holder = str(image.descriptor.digest)
    if image.descriptor.media_type == MEDIA_TYPE_IMAGE_INDEX:
        yield Candidate(Layout.CLASSIC, holder, problem="the tag for signatures names an index, and not an image")
        return
    try:
        manifest = parse_manifest(image.data, where=holder, strict=True)
    except ToolhiveError as error:
        yield Candidate(Layout.CLASSIC, holder, problem=f"the image with the signatures is malformed: {error.problem}")
        return
    for layer in manifest.layers:
        if layer.media_type != MEDIA_TYPE_SIMPLE_SIGNING:
            problem = f"is not a signature but {shown(layer.media_type)!r}"
            yield Candidate(Layout.CLASSIC, holder, problem=problem)
            continue
        try:
            content = reader.fetch_blob(repository, layer, limit=MAX_PAYLOAD)
        except _UNUSABLE as error:
            yield Candidate(Layout.CLASSIC, holder, problem=f"its payload is not to be had: {error.problem}")
            continue
        yield Candidate(Layout.CLASSIC, holder, content, layer.annotations or {})


def _bundle(reader: SignatureReader, repository: str, digest: Digest, listed: Descriptor) -> Candidate | None:
    """Read one referrer; None if it is something other than a bundle. Its manifest counts, not what the list says of it."""
    claimed = listed.artifact_type in MEDIA_TYPES_BUNDLE
    try:
        fetched = reader.fetch(f"{repository}@{listed.digest}")
        manifest = parse_manifest(fetched.data, where=listed.digest, strict=True)
    except _UNUSABLE as error:
        return (
            Candidate(Layout.BUNDLE, listed.digest, problem=f"it cannot be read: {error.problem}") if claimed else None
        )
    if fetched.descriptor.media_type not in ("", MEDIA_TYPE_IMAGE_MANIFEST) or not _holds_bundle(manifest):
        return None
    if manifest.subject is None or manifest.subject.digest != digest:
        subject = manifest.subject.digest if manifest.subject else "nothing"
        return Candidate(Layout.BUNDLE, listed.digest, problem=f"it is listed here, and its subject is {subject}")
    if len(manifest.layers) != 1:
        problem = f"it has {len(manifest.layers)} layers, and a bundle is one"
        return Candidate(Layout.BUNDLE, listed.digest, problem=problem)
    try:
        content = reader.fetch_blob(repository, manifest.layers[0], limit=MAX_DOCUMENT)
    except _UNUSABLE as error:
        return Candidate(Layout.BUNDLE, listed.digest, problem=f"its bundle is not to be had: {error.problem}")
    return Candidate(Layout.BUNDLE, listed.digest, content)


def _holds_bundle(manifest: Manifest) -> bool:
    types = {manifest.artifact_type, manifest.config.media_type, *(layer.media_type for layer in manifest.layers)}
    return not types.isdisjoint(MEDIA_TYPES_BUNDLE)
