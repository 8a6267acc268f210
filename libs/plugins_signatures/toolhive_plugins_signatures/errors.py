"""The errors that signing and verifying raise."""

import enum

from toolhive_plugins import ToolhiveError


@enum.unique
class Hint(enum.StrEnum):
    """Codes of the remedies that a program words with its own commands and options."""

    GIVE_PASSWORD = "give-password"  # noqa: S105 - not a password
    """The private key is encrypted, and its password was not given, or is another."""

    INSTALL_KEYLESS = "install-keyless"
    """Signatures without keys need packages that are not installed."""

    NAME_A_SIGNER = "name-a-signer"
    """Nothing says whose signature is wanted."""

    TEST_POLICY = "test-policy"
    """A policy forbids it; one can ask which, and why."""

    TRUST_SIGNER = "trust-signer"
    """Somebody else signed it, whom one may trust or not."""


class SignatureError(ToolhiveError):
    """The base of this library's errors."""


class KeyFileError(SignatureError):
    """A key, or the file that should hold it, cannot be used."""


class TrustError(SignatureError):
    """What says whom to trust is incomplete or malformed: an identity without an issuer, a malformed pattern."""


class KeylessUnavailableError(SignatureError):
    """Signatures without keys cannot be made or verified: the `keyless` extra is not installed."""


class SigningError(SignatureError):
    """A signature cannot be made, or cannot be stored beside its artifact."""


class InvalidSignatureError(SignatureError):
    """A signature is malformed, does not verify, or is of something else."""


class NotTrustedError(SignatureError):
    """Nobody whom the caller trusts has signed the artifact."""


class PolicyError(SignatureError):
    """A policy cannot be read, or is not understood."""


class PolicyRefusedError(NotTrustedError):
    """A policy forbids to use an artifact."""
