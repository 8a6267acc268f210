"""Signs artifacts in a registry, and makes statements about them: in both layouts, added to what is there, once a key."""

import time
from collections.abc import Sequence
from typing import Final, Protocol

from attrs import field, frozen

from toolhive_plugins import (
    ANNOTATION_CREATED,
    MEDIA_TYPE_IMAGE_INDEX,
    MEDIA_TYPE_IMAGE_MANIFEST,
    Descriptor,
    Digest,
    Encodable,
    JsonObject,
    Manifest,
    Merge,
    format_epoch,
    parse_json,
    to_json,
)
from toolhive_plugins_signatures.bundles import (
    ANNOTATION_BUNDLE_CONTENT,
    ANNOTATION_PREDICATE_TYPE,
    MEDIA_TYPE_BUNDLE,
    encode_bundle,
)
from toolhive_plugins_signatures.classic import add_signature
from toolhive_plugins_signatures.discovery import SignatureReader, classic_tag, find_bundles, find_classic
from toolhive_plugins_signatures.errors import SigningError
from toolhive_plugins_signatures.keys import PrivateKey
from toolhive_plugins_signatures.statements import PREDICATE_SIGNATURE, encode_statement, sign_statement
from toolhive_plugins_signatures.trust import Trust
from toolhive_plugins_signatures.verification import Layout, Signer
from toolhive_plugins_signatures.verifying import Judge, signer_of

MEDIA_TYPE_EMPTY: Final = "application/vnd.oci.empty.v1+json"
ALL_LAYOUTS: Final = (Layout.CLASSIC, Layout.BUNDLE)


class SignatureWriter(SignatureReader, Protocol):
    """Reads and writes what is attached to an artifact; `toolhive_plugins.Registry` is one."""

    def put_blob(self, repository: str, data: bytes, media_type: str) -> Descriptor:
        """Store a small blob."""
        ...

    def attach(
        self,
        repository: str,
        documents: Sequence[bytes],
        edits: "dict[str, Merge] | None" = None,
        *,
        settling: float | None = None,
    ) -> object:
        """Store manifests beside their subjects, and change tags."""
        ...


class StatementSigner(Protocol):
    """Signs statements: a key, or an identity that an issuer vouches for."""

    def sign_bundle(self, statement: bytes) -> tuple[bytes, Signer]:
        """Return the Sigstore bundle of a statement, and who signed it."""
        ...


@frozen
class KeySigner:
    """Signs with a key."""

    key: PrivateKey

    def sign_bundle(self, statement: bytes) -> tuple[bytes, Signer]:
        """Return the Sigstore bundle of a statement, and who signed it."""
        public = self.key.public
        return encode_bundle(sign_statement(statement, self.key), public), signer_of(public)


@frozen
class Signed:
    """What came of signing."""

    repository: str
    """`registry/repository`."""

    digest: Digest
    """Of the artifact."""

    signer: Signer

    added: tuple[Layout, ...]
    """The layouts that the signature was added in."""

    present: tuple[Layout, ...] = ()
    """Those that had a signature of this key already."""

    predicate_type: str = field(default=PREDICATE_SIGNATURE)


def sign_artifact(
    registry: SignatureWriter,
    repository: str,
    digest: Digest,
    key: PrivateKey,
    *,
    layouts: Sequence[Layout] = ALL_LAYOUTS,
    settling: float | None = None,
) -> Signed:
    """Sign an artifact with a key, in each layout in which the key has not signed it.

    Args:
        registry: where the artifact is.
        repository: `registry/repository`.
        digest: of the artifact: its index, or its one manifest.
        key: signs.
        layouts: where the signature goes.
        settling: as for `Registry.attach`.

    Raises:
        SigningError: the signature cannot be stored.
        RegistryError, SizeLimitError: as `Registry.attach`.
    """
    present = _present(registry, repository, digest, key, layouts)
    wanted = tuple(layout for layout in layouts if layout not in present)
    documents: list[bytes] = []
    edits: dict[str, Merge] = {}
    if Layout.BUNDLE in wanted:
        bundle, _ = KeySigner(key).sign_bundle(encode_statement(digest, PREDICATE_SIGNATURE, {}))
        documents.append(_referrer(registry, repository, digest, bundle, PREDICATE_SIGNATURE))
    if Layout.CLASSIC in wanted:
        registry.fetch(f"{repository}@{digest}")  # a signature of nothing would be a mistake
        edits[classic_tag(digest)] = add_signature(registry.put_blob, repository, digest, key)
    if wanted:
        registry.attach(repository, documents, edits, settling=settling)
    return Signed(repository, digest, signer_of(key.public), wanted, present)


def attest(
    registry: SignatureWriter,
    repository: str,
    digest: Digest,
    signer: StatementSigner,
    predicate_type: str,
    predicate: Encodable,
    *,
    settling: float | None = None,
) -> Signed:
    """Store a signed statement about an artifact beside it.

    Args:
        registry, repository, digest, settling: as for `sign_artifact`.
        signer: signs the statement.
        predicate_type: the URI of what is said.
        predicate: what is said, as JSON.

    Raises: as `sign_artifact`, and what the signer raises.
    """
    registry.fetch(f"{repository}@{digest}")  # before anything is written into a public log
    bundle, who = signer.sign_bundle(encode_statement(digest, predicate_type, predicate))
    registry.attach(
        repository, [_referrer(registry, repository, digest, bundle, predicate_type)], None, settling=settling
    )
    return Signed(repository, digest, who, (Layout.BUNDLE,), predicate_type=predicate_type)


def sign_keyless(
    registry: SignatureWriter,
    repository: str,
    digest: Digest,
    signer: StatementSigner,
    *,
    settling: float | None = None,
) -> Signed:
    """Sign an artifact without a key, as a Sigstore bundle: the classic layout has no place for what such a signature needs.

    Raises: as `attest`.
    """
    return attest(registry, repository, digest, signer, PREDICATE_SIGNATURE, {}, settling=settling)


def _present(
    registry: SignatureWriter, repository: str, digest: Digest, key: PrivateKey, layouts: Sequence[Layout]
) -> tuple[Layout, ...]:
    """Return the layouts in which a key has signed an artifact."""
    judge = Judge(Trust(keys=(key.public,)), digest)
    found = []
    if Layout.CLASSIC in layouts:
        found += [judge.classic(candidate) for candidate in find_classic(registry, repository, digest)]
    if Layout.BUNDLE in layouts:
        judged = (judge.bundle(candidate) for candidate in find_bundles(registry, repository, digest))
        found += [one for one in judged if one is not None]
    signed = {one.layout for one in found if one.trusted}
    return tuple(layout for layout in layouts if layout in signed)


def _referrer(registry: SignatureWriter, repository: str, digest: Digest, bundle: bytes, predicate_type: str) -> bytes:
    """Store a bundle as a blob, and return the manifest that makes it a referrer of an artifact, as cosign writes it."""
    subject = registry.fetch(f"{repository}@{digest}")
    config = registry.put_blob(repository, b"{}", MEDIA_TYPE_EMPTY)
    layer = registry.put_blob(repository, bundle, MEDIA_TYPE_BUNDLE)
    return to_json(
        Manifest(
            artifact_type=MEDIA_TYPE_BUNDLE,
            config=config,
            layers=(layer,),
            subject=Descriptor(_media_type(subject.data, subject.descriptor), digest, len(subject.data)),
            annotations={
                ANNOTATION_CREATED: format_epoch(int(time.time())),
                ANNOTATION_BUNDLE_CONTENT: "dsse-envelope",
                ANNOTATION_PREDICATE_TYPE: predicate_type,
            },
        )
    )


def _media_type(data: bytes, descriptor: Descriptor) -> str:
    """Return the media type of an artifact's manifest or index.

    Raises:
        SigningError: it is something else.
    """
    value = parse_json(data, where=str(descriptor.digest))
    own = value.get("mediaType") if isinstance(value, JsonObject) else None
    for said in (own, descriptor.media_type):
        if said in (MEDIA_TYPE_IMAGE_INDEX, MEDIA_TYPE_IMAGE_MANIFEST):
            return str(said)
    raise SigningError("is neither an OCI index nor an OCI manifest", where=str(descriptor.digest))
