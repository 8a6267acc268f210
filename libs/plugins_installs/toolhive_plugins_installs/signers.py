"""Trust on first use: who signed a plugin is found out and remembered, and a new version must be by the same.

A certificate names its signer, so whoever holds one is found out. A signature by a key does not hold the key: it counts only if the key
is known, because the user, a policy or the lock file names it.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Digest
from toolhive_plugins_installs.errors import Hint, UntrustedError
from toolhive_plugins_installs.provenance import Provenance, signer_name
from toolhive_plugins_installs.resolved import ResolvedPlugin, SourceKind
from toolhive_plugins_installs.trust import Admission, Candidate, require_unsigned
from toolhive_plugins_signatures import (
    PublicKey,
    SignatureReader,
    Signer,
    SignerKind,
    Trust,
    Verification,
    find_signers,
    parse_public_key,
    repository_of,
)

_TAG_OF_WORKFLOW: Final = re.compile(r"(.+@refs/tags/)[^/]+", re.ASCII)
"""The identity of a workflow that ran for a git tag: it is another one for each release."""


@frozen
class SignatureJudge:
    """A `Judge` that looks for signatures in the repository that a plugin came from, once for each digest.

    Args:
        reader: returns what reads registries.
        trust: whose signature is wanted; if it names nobody, whoever signed is good enough the first time.
        keys: more keys that are known.
    """

    reader: Callable[[], SignatureReader] = field(repr=False)
    trust: Trust = field(factory=Trust)
    keys: tuple[PublicKey, ...] = ()
    _found: dict[tuple[str, str], Verification] = field(factory=dict, init=False, repr=False, eq=False)

    def admit(self, candidate: Candidate) -> Admission:
        """Return who signed a plugin that may be installed.

        Raises:
            UntrustedError: nobody whose signature is wanted has signed it, or somebody else than before, or nobody any more; or it
                is not signed, which a project wants said.
            KeylessUnavailableError: there is a signature with a certificate, and what verifies it is not installed.
            RegistryError: the registry did not say what there is: that is never the same as unsigned.
        """
        is_wanted = bool(self.trust.keys or self.trust.identities)
        if not is_wanted and (known := _judged_before(candidate)) is not None:
            return known
        verification = self._look(candidate)
        signers = verification.valid_signers if verification is not None else ()
        if is_wanted:
            signers = tuple(signer for signer in signers if _is_wanted(self.trust, signer))
            if not signers:
                raise UntrustedError(
                    _why_not(verification),
                    where=candidate.plugin.source,
                    remedy="Do not install it, or name another signer whom you trust",
                    hint=Hint.TRUST_SIGNER if verification is not None and verification.signatures else "",
                )
        for signer in signers:
            if all(is_same(before, signer) for before in candidate.signers):
                return Admission(_kept(candidate, provenance_of(signer)))
        if signers:
            return Admission(self._changed(candidate, signers))
        return self._unsigned(candidate, verification)

    def _changed(self, candidate: Candidate, signers: tuple[Signer, ...]) -> Provenance:
        found = provenance_of(signers[0])
        if not candidate.allow_signer_change:
            before = " and by ".join(signer_name(signer) for signer in candidate.signers)
            raise UntrustedError(
                f"was signed by {before}, and is signed by {signer_name(found)} now",
                where=candidate.plugin.source,
                remedy="Find out whether that is meant, then accept the other signer",
                hint=Hint.ALLOW_SIGNER_CHANGE,
            )
        return found

    def _unsigned(self, candidate: Candidate, verification: Verification | None) -> Admission:
        problem = _why_not(verification)
        if candidate.signers and not candidate.allow_unsigned:
            before = " and by ".join(signer_name(signer) for signer in candidate.signers)
            raise UntrustedError(
                f"was signed by {before}, and now {problem}",
                where=candidate.plugin.source,
                remedy="Find out why, then accept it without a signature",
                hint=Hint.ALLOW_UNSIGNED,
            )
        require_unsigned(candidate, problem)
        return Admission(note=problem if verification is not None and verification.signatures else "")

    def _look(self, candidate: Candidate) -> Verification | None:
        """Return what signatures there are; None where none can be."""
        plugin = candidate.plugin
        repository = _repository(plugin)
        if not repository:
            return None
        key = (repository, plugin.digest)
        if key not in self._found:
            pinned = tuple(_key_of(signer) for signer in candidate.signers if signer.public_key)
            keys = tuple(dict.fromkeys((*self.trust.keys, *pinned, *self.keys)))
            self._found[key] = find_signers(
                self.reader(), repository, Digest.parse(plugin.digest), keys, self.trust.trusted_root
            )
        return self._found[key]


def provenance_of(signer: Signer) -> Provenance:
    """Return a signer as a lock file holds it."""
    if signer.kind is SignerKind.KEY:
        return Provenance(public_key=signer.public_key)
    return Provenance(
        signer_identity=signer.identity,
        cert_issuer=signer.issuer,
        repository_uri=signer.repository_uri,
        repository_ref=signer.repository_ref,
        runner_environment=signer.runner_environment,
    )


def is_same(before: Provenance, signer: Signer) -> bool:
    """Tell whether a signer is the one that a lock file or a record names.

    A workflow that runs for git tags has another identity for each tag. It counts as the same, in the same repository.
    """
    if before.public_key or signer.kind is SignerKind.KEY:
        return bool(before.public_key) and before.public_key == signer.public_key
    if before.cert_issuer != signer.issuer or not signer.identity:
        return False
    if before.repository_uri and before.repository_uri != signer.repository_uri:
        return False
    return _without_tag(before.signer_identity) == _without_tag(signer.identity)


def _without_tag(identity: str) -> str:
    found = _TAG_OF_WORKFLOW.fullmatch(identity)
    return found[1] if found else identity


def _is_wanted(trust: Trust, signer: Signer) -> bool:
    if signer.kind is SignerKind.KEY:
        return any(key.encoded == signer.public_key for key in trust.keys)
    return any(identity.matches(signer.identity, signer.issuer) for identity in trust.identities)


def _judged_before(candidate: Candidate) -> Admission | None:
    """Return what was decided of this very artifact, where nothing says otherwise; None where it has to be looked for.

    A lock file's word that it is unsigned is taken: there is nothing to verify.
    """
    same = [each for each in candidate.known if each.digest == candidate.plugin.digest]
    if len(same) < len(candidate.known) or len({each.provenance for each in same}) != 1:
        return None
    if any(each.is_here or (each.unsigned and each.repository == candidate.repository) for each in same):
        return Admission(same[0].provenance)
    return None


def _kept(candidate: Candidate, found: Provenance) -> Provenance:
    """Return the signer as it stands in the lock file, where that says the same, so that a lock file's bytes stay."""
    for before in candidate.signers:
        if (before.signer_identity, before.public_key) == (found.signer_identity, found.public_key):
            return before
    return found


def _why_not(verification: Verification | None) -> str:
    if verification is None or not verification.signatures:
        return "is not signed"
    told = dict.fromkeys(f"{s.signer}: {s.problem}" if s.signer else s.problem for s in verification.signatures)
    return "is signed by nobody who is known: " + "; ".join(told)


def _key_of(signer: Provenance) -> PublicKey:
    where = "the key that the lock file or the record names"
    try:
        der = base64.b64decode(signer.public_key, validate=True)
    except (binascii.Error, ValueError):
        der = b""
    return parse_public_key(der, where=where)


def _repository(plugin: ResolvedPlugin) -> str:
    """Return where the registry keeps a plugin's signatures; empty for a build of this machine, or a commit."""
    return repository_of(plugin.reference) if plugin.kind is SourceKind.REGISTRY else ""
