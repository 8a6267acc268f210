"""Signing what is in a registry, and looking at who has signed it."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve, frozen

from toolhive_plugins import (
    Digest,
    InvalidReferenceError,
    JsonNumber,
    JsonObject,
    JsonValue,
    Progress,
    RegistryCatalog,
    RegistryClient,
    Store,
    parse_reference,
    shown,
)
from toolhive_plugins_service.errors import Hint, TargetNotFoundError
from toolhive_plugins_service.targets import LocalTarget, Origin, OriginKind, find_local, parse_artifact_target
from toolhive_plugins_service.transfer import Pushed, described_push
from toolhive_plugins_signatures import (
    ALL_LAYOUTS,
    PREDICATE_SIGNATURE,
    Layout,
    Policy,
    PrivateKey,
    SignatureWriter,
    Signed,
    StatementSigner,
    Subject,
    Trust,
    Verification,
    canonical_name,
    repository_of,
    sign_artifact,
    sign_keyless,
    verify_attestations,
    verify_signatures,
    wanted_signers,
)


@frozen
class SignatureCheck:
    """Who has signed a target."""

    origin: Origin

    trusted: bool
    """Whether one of those whom the caller trusts has."""

    signatures: Verification

    attestations: tuple[dict[str, Any], ...] = ()
    """What trusted signers state of it, if that was asked for: the predicates of their statements."""


@frozen
class Signing:
    """Signs, and looks at signatures.

    Args:
        store: where local builds are.
        registry: returns what reads and writes signatures; called once at most by each method.
    """

    store: Store
    registry: Callable[[], SignatureWriter]

    def sign(self, ref: str, key: PrivateKey, layouts: Sequence[Layout] = ALL_LAYOUTS) -> Signed:
        """Sign what a reference names now, by its digest.

        Raises: InvalidReferenceError, RegistryError, CredentialError, SigningError.
        """
        registry, repository, digest = self.resolve(ref)
        return sign_artifact(registry, repository, digest, key, layouts=layouts)

    def sign_keyless(self, ref: str, signer: StatementSigner) -> Signed:
        """Sign what a reference names now, by its digest, for an identity.

        Raises: as `sign`, and what the signer raises.
        """
        registry, repository, digest = self.resolve(ref)
        return sign_keyless(registry, repository, digest, signer)

    def check(self, target: str, trust: Trust, predicate_type: str = "") -> SignatureCheck:
        """Look for the signatures of a target, or for statements about it, in the registry that it is from.

        Args:
            target: a reference, or a local tag or digest of something that came from a registry.
            trust: whose signature is wanted.
            predicate_type: what the statements say; empty for signatures.

        Raises:
            TargetNotFoundError: there is no such target, or nobody knows which registry it is from.
            TrustError: nobody is trusted.
            RegistryError: the registry did not say what there is.
        """
        trust.check_not_empty()
        registry, repository, origin = self._find(target)
        return self._check(registry, repository, origin, trust, predicate_type)

    def check_by_policies(
        self, target: str, policies: Sequence[Policy], predicate_type: str = ""
    ) -> tuple[SignatureCheck, ...]:
        """Look for what each rule of policies wants that is about a target and names a signer; nothing if there is no such rule.

        Raises: as `check`.
        """
        registry, repository, origin = self._find(target)
        digest = str(origin.digest)
        subject = Subject(name=canonical_name(repository), digest=digest)
        checks = []
        for rule in wanted_signers(policies, subject):
            if rule.trust is not None:
                found = self._check(registry, repository, origin, rule.trust, predicate_type)
                narrowed = rule.narrowed(found.signatures)
                checks.append(evolve(found, trusted=narrowed.trusted, signatures=narrowed))
        return tuple(checks)

    def _find(self, target: str) -> tuple[SignatureWriter, str, Origin]:
        """Return the registry, the repository in it, and what a target names."""
        found = parse_artifact_target(self.store, target)
        registry = self.registry()
        if isinstance(found, LocalTarget):
            return registry, self._home(found), Origin(OriginKind.LOCAL, target, found.digest)
        digest = registry.fetch(target).descriptor.digest
        return registry, repository_of(target), Origin(OriginKind.REMOTE, target, digest)

    def _check(
        self, registry: SignatureWriter, repository: str, origin: Origin, trust: Trust, predicate_type: str
    ) -> SignatureCheck:
        digest = Digest.parse(str(origin.digest))
        if predicate_type in ("", PREDICATE_SIGNATURE):
            verification = verify_signatures(registry, repository, digest, trust)
            return SignatureCheck(origin, verification.trusted, verification)
        verification, predicates = verify_attestations(registry, repository, digest, trust, predicate_type)
        plain = tuple(plain_object(predicate) for predicate in predicates)
        return SignatureCheck(origin, verification.trusted, verification, plain)

    def resolve(self, ref: str) -> tuple[SignatureWriter, str, Digest]:
        """Return the registry, the repository and the digest of what a reference names now."""
        registry = self.registry()
        return registry, repository_of(ref), registry.fetch(ref).descriptor.digest

    def _home(self, build: LocalTarget) -> str:
        """Return the repository that a local build is from: its tag says so, or another tag of the same build."""
        same = [entry.tag for entry in self.store.tags() if entry.digest == build.digest]
        for tag in (build.name, *same):
            try:
                if parse_reference(tag).reference:
                    return repository_of(tag)
            except InvalidReferenceError:
                continue
        raise TargetNotFoundError(
            "the build came from no registry, and signatures are kept in registries",
            where=shown(build.name),
            remedy="Name it by the reference that it was pushed to",
        )


def plain_object(value: JsonObject) -> dict[str, Any]:
    """Return a parsed object in Python's own types."""
    return {key: _plain(item) for key, item in value.items()}


def _plain(value: JsonValue) -> Any:
    if isinstance(value, JsonObject):
        return plain_object(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, JsonNumber):
        return float(value.text) if value.int64 is None else value.int64
    return value


def push_signed(
    store: Store,
    registry: RegistryClient,
    catalog: RegistryCatalog,
    tag: str,
    ref: str,
    sign: Callable[[str], object],
    progress: Progress | None = None,
) -> Pushed:
    """Send a build by its digest, have it signed, and only then give it its tag: nobody sees the tag unsigned.

    Args:
        sign: signs what the reference that it is given names.

    Raises: as `transfer.push`, and what `sign` raises. The tag is then not set.
    """
    local = find_local(store, tag)
    if local is None:
        problem = "there is no local build of that name"
        raise TargetNotFoundError(problem, where=shown(tag), remedy="Build or pull it first", hint=Hint.LIST_BUILDS)
    reference = parse_reference(ref)
    pinned = f"{reference.registry}/{reference.repository}@{local.digest}"
    pushed = described_push(store, tag, ref, local.digest)
    registry.push(
        store, local.digest, ref if reference.is_digest or not reference.reference else pinned, progress=progress
    )
    sign(pinned)
    if not reference.is_digest:
        catalog.tag(pinned, reference.reference)
    return pushed
