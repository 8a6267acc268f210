"""Verifies an artifact's signatures: every one is tried, in both layouts, and none hides another."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve

from toolhive_plugins import Digest, JsonObject, parse_reference
from toolhive_plugins_signatures.bundles import Bundle, parse_bundle
from toolhive_plugins_signatures.discovery import Candidate, SignatureReader, find_bundles, find_classic
from toolhive_plugins_signatures.documents import decode_base64
from toolhive_plugins_signatures.errors import InvalidSignatureError
from toolhive_plugins_signatures.keys import PublicKey
from toolhive_plugins_signatures.simple_signing import ANNOTATION_CERTIFICATE, ANNOTATION_SIGNATURE, parse_payload
from toolhive_plugins_signatures.statements import PREDICATE_SIGNATURE
from toolhive_plugins_signatures.trust import Trust
from toolhive_plugins_signatures.verification import FoundSignature, Layout, Signer, SignerKind, Verification

_HINT: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
"""A SHA-256 in base64."""


def verify_signatures(reader: SignatureReader, repository: str, digest: Digest, trust: Trust) -> Verification:
    """Look for an artifact's signatures in its repository, and verify each.

    Args:
        reader: reads the registry.
        repository: `registry/repository`.
        digest: of the artifact: its index, or its one manifest.
        trust: whose signature is enough; one of them is.

    Raises:
        TrustError: nobody is trusted.
        KeylessUnavailableError: an identity is trusted, and the extra is not installed.
        RegistryError: the registry did not say what there is: that is never the same as unsigned.
        SizeLimitError: there is more than is read.
    """
    trust.check_not_empty()
    judge = Judge(trust, digest)
    found = [judge.bundle(candidate) for candidate in find_bundles(reader, repository, digest)]
    signatures = [signature for signature in found if signature is not None]
    signatures += [judge.classic(candidate) for candidate in find_classic(reader, repository, digest)]
    return Verification(repository, digest, tuple(signatures))


def find_signers(
    reader: SignatureReader, repository: str, digest: Digest, keys: Sequence[PublicKey] = (), trusted_root: str = ""
) -> Verification:
    """Look for an artifact's signatures, and find out whose they are: every certificate is verified, and every key of `keys` is tried.

    Nobody counts as trusted. The public Sigstore's certificates are verified without a network, if it cannot be reached.

    Args:
        reader: reads the registry.
        repository: `registry/repository`.
        digest: of the artifact: its index, or its one manifest.
        keys: those that are known; a signature by another cannot be verified, since it does not hold the key.
        trusted_root: see `Trust`.

    Raises:
        KeylessUnavailableError: there is a signature with a certificate, and the extra is not installed.
        TrustError: the trusted root cannot be used.
        RegistryError, SizeLimitError: as `verify_signatures`.
    """
    judge = Judge(Trust(tuple(keys), trusted_root=trusted_root), digest, verifies_all=True)
    found = [judge.bundle(candidate) for candidate in find_bundles(reader, repository, digest)]
    signatures = [signature for signature in found if signature is not None]
    signatures += [judge.classic(candidate) for candidate in find_classic(reader, repository, digest)]
    return Verification(repository, digest, tuple(evolve(signature, trusted=False) for signature in signatures))


def verify_attestations(
    reader: SignatureReader, repository: str, digest: Digest, trust: Trust, predicate_type: str
) -> tuple[Verification, tuple[JsonObject, ...]]:
    """Look for statements of one kind about an artifact; return what was found, and the predicates of those that are trusted.

    Raises: as `verify_signatures`.
    """
    trust.check_not_empty()
    judge = Judge(trust, digest, predicate_type)
    signatures: list[FoundSignature] = []
    predicates: list[JsonObject] = []
    for candidate in find_bundles(reader, repository, digest):
        found = judge.bundle(candidate)
        if found is not None:
            signatures.append(found)
            if found.trusted:
                predicates.append(parse_bundle(candidate.content).statement.predicate)
    return Verification(repository, digest, tuple(signatures)), tuple(predicates)


def repository_of(ref: str) -> str:
    """Return the repository of a reference, `registry/repository`."""
    reference = parse_reference(ref)
    return f"{reference.registry}/{reference.repository}"


class Judge:
    """Judges the candidates for one artifact.

    Args:
        trust: who is trusted.
        digest: of the artifact.
        predicate_type: what the statements of bundles must say; others are not meant.
        verifies_all: whether certificates are verified also where no identity is trusted.

    Raises:
        KeylessUnavailableError: an identity is trusted, and the extra is not installed.
        TrustError: the trusted root cannot be used.
    """

    def __init__(
        self, trust: Trust, digest: Digest, predicate_type: str = PREDICATE_SIGNATURE, *, verifies_all: bool = False
    ) -> None:
        self._trust = trust
        self._digest = digest
        self._predicate_type = predicate_type
        self._verifies_all = verifies_all
        self._verify_keyless: Callable[[Bundle], Signer] | None = None
        if trust.identities:
            self._load_keyless()

    def bundle(self, candidate: Candidate) -> FoundSignature | None:
        """Return what is to be said of a bundle; None if it says something else than what is meant."""
        found = FoundSignature(Layout.BUNDLE, candidate.digest, problem=candidate.problem)
        if candidate.problem:
            return found
        try:
            bundle = parse_bundle(candidate.content)
            if bundle.statement.predicate_type != self._predicate_type:
                return None
            bundle.statement.check_subject(self._digest)
        except InvalidSignatureError as error:
            return evolve(found, problem=error.problem)
        if bundle.hint is None:
            return self._keyless(bundle, found)
        return self._by_key(bundle.envelope.signature, bundle.envelope.signed, found, bundle.hint)

    def classic(self, candidate: Candidate) -> FoundSignature:
        """Return what is to be said of a signature in the classic layout."""
        found = FoundSignature(Layout.CLASSIC, candidate.digest, problem=candidate.problem)
        if candidate.problem:
            return found
        try:
            payload = parse_payload(candidate.content)
            found = evolve(found, repository=_without_tag(payload.reference))
            if payload.digest != self._digest:
                raise InvalidSignatureError(f"it is a signature of another artifact: {payload.digest}")
            signature = decode_base64(candidate.annotations.get(ANNOTATION_SIGNATURE, ""), "the signature")
        except InvalidSignatureError as error:
            return evolve(found, problem=error.problem)
        if ANNOTATION_CERTIFICATE in candidate.annotations:
            problem = (
                "it has a certificate and no bundle: signatures without keys are verified as Sigstore bundles only"
            )
            return evolve(found, problem=problem)
        return self._by_key(signature, candidate.content, found)

    def _by_key(self, signature: bytes, message: bytes, found: FoundSignature, hint: str = "") -> FoundSignature:
        """Try every trusted key: what a signature says of its key is a hint, and no more."""
        for key in self._trust.keys:
            try:
                key.verify(signature, message)
            except InvalidSignatureError:
                continue
            return evolve(found, signer=signer_of(key), valid=True, trusted=True)
        claimed = _claimed(hint)
        if not self._trust.keys:
            return evolve(found, signer=claimed, problem="it is by a key, and no key is trusted")
        if any(key.hint == hint for key in self._trust.keys):
            return evolve(found, signer=claimed, problem="it does not verify: the signature is not over this content")
        return evolve(found, signer=claimed, problem="it does not verify with any trusted key")

    def _load_keyless(self) -> "Callable[[Bundle], Signer]":
        from toolhive_plugins_signatures.keyless import KeylessVerifier

        self._verify_keyless = KeylessVerifier(self._trust.trusted_root, may_be_stale=self._verifies_all).verify
        return self._verify_keyless

    def _keyless(self, bundle: Bundle, found: FoundSignature) -> FoundSignature:
        if not self._trust.identities and not self._verifies_all:
            from toolhive_plugins_signatures.certificates import claimed_signer

            problem = "it is by an identity, and none is trusted; it was not verified"
            return evolve(found, signer=claimed_signer(bundle.certificate), problem=problem)
        try:
            signer = (self._verify_keyless or self._load_keyless())(bundle)
        except InvalidSignatureError as error:
            return evolve(found, problem=error.problem)
        if any(identity.matches(signer.identity, signer.issuer) for identity in self._trust.identities):
            return evolve(found, signer=signer, valid=True, trusted=True)
        return evolve(found, signer=signer, valid=True, problem="it is by an identity that is not trusted")


def signer_of(key: PublicKey) -> Signer:
    """Return the signer that a key makes known."""
    return Signer(SignerKind.KEY, fingerprint=key.fingerprint, public_key=key.encoded)


def _claimed(hint: str) -> Signer | None:
    """Return the key that a bundle names, None if it is not named by a SHA-256."""
    return Signer(SignerKind.KEY, fingerprint="SHA256:" + hint.rstrip("=")) if _HINT.fullmatch(hint) else None


def _without_tag(reference: str) -> str:
    """Return the repository that a payload names, without the tag or digest that it may have."""
    name, _, _ = reference.partition("@")
    head, colon, last = name.rpartition(":")
    return head if colon and "/" not in last else name
