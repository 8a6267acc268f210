"""What came of looking for signatures: every one that was found, whose it is, and why it does not count."""

import enum

from attrs import frozen

from toolhive_plugins import Digest, shown
from toolhive_plugins_signatures.errors import Hint, NotTrustedError


@enum.unique
class Layout(enum.StrEnum):
    """Where a signature is kept in a registry."""

    CLASSIC = "classic"
    """A layer of the image that the tag `sha256-<hex>.sig` names."""

    BUNDLE = "bundle"
    """A Sigstore bundle in an artifact whose subject is the signed one."""


@enum.unique
class SignerKind(enum.StrEnum):
    """How a signer is known."""

    KEY = "key"
    KEYLESS = "keyless"
    """By a certificate of a few minutes, for a name that an issuer vouches for."""


@frozen
class Signer:
    """Who made a signature."""

    kind: SignerKind

    identity: str = ""
    """The name that the certificate is for."""

    issuer: str = ""
    """Who vouches for that name."""

    fingerprint: str = ""
    """Of the key."""

    public_key: str = ""
    """The key, in DER and base64."""

    repository_uri: str = ""
    """The source repository that the certificate names, where a build service signed."""

    repository_ref: str = ""
    """The branch or tag that was built."""

    runner_environment: str = ""
    """Where it was built: `github-hosted`, `self-hosted`."""

    def __str__(self) -> str:
        if self.kind is SignerKind.KEY:
            return f"the key {self.fingerprint}"
        return f"{shown(self.identity)}, for whom {shown(self.issuer)} vouches"


@frozen
class FoundSignature:
    """One signature, or what should be one."""

    layout: Layout

    digest: str
    """Of the manifest that holds it."""

    signer: Signer | None = None
    """Whose it is if it is valid; else whose it claims to be, where it says so."""

    valid: bool = False
    """Whether it was verified, and is of this very artifact."""

    trusted: bool = False
    """Whether it is valid, and its signer one of those whom the caller trusts."""

    problem: str = ""
    """Why it is not valid, or not trusted."""

    repository: str = ""
    """The repository that it was made in, where it says so."""


@frozen
class Verification:
    """What is known of an artifact's signatures."""

    repository: str
    """Where they were looked for, `registry/repository`."""

    digest: Digest
    """Of the artifact."""

    signatures: tuple[FoundSignature, ...]

    @property
    def trusted(self) -> bool:
        """Whether somebody whom the caller trusts has signed."""
        return any(signature.trusted for signature in self.signatures)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The trusted signers, each once."""
        return tuple(dict.fromkeys(s.signer for s in self.signatures if s.trusted and s.signer is not None))

    @property
    def valid_signers(self) -> tuple[Signer, ...]:
        """The signers of all signatures that verify, each once, whoever they are."""
        return tuple(dict.fromkeys(s.signer for s in self.signatures if s.valid and s.signer is not None))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What does not change the answer, and a person should know."""
        return tuple(
            dict.fromkeys(
                f"it was signed as {shown(signature.repository)}, and is {self.repository} here"
                for signature in self.signatures
                if signature.trusted and canonical(signature.repository) not in ("", canonical(self.repository))
            )
        )

    @property
    def refusal(self) -> str:
        """Why it is not trusted, with the signers that were found; empty if it is."""
        if self.trusted:
            return ""
        if not self.signatures:
            return "it is not signed"
        found = dict.fromkeys(f"{s.signer}: {s.problem}" if s.signer else s.problem for s in self.signatures)
        return "none of its signatures is by a trusted signer: " + "; ".join(found)

    def require_trust(self) -> None:
        """Return if it is trusted.

        Raises:
            NotTrustedError: it is not; the message names the signers that were found.
        """
        if not self.trusted:
            raise NotTrustedError(
                self.refusal,
                where=f"{self.repository}@{self.digest}",
                hint=Hint.TRUST_SIGNER if self.signatures else "",
            )


def canonical(repository: str) -> str:
    """Return a repository by one name: Docker Hub has several."""
    registry, slash, path = repository.partition("/")
    return "docker.io" + slash + path if registry in ("index.docker.io", "registry-1.docker.io") else repository
