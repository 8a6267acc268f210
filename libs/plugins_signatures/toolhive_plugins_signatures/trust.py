"""Whom a caller trusts: keys, and identities that an issuer vouches for."""

from typing import Final

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_signatures.errors import Hint, KeylessUnavailableError, TrustError
from toolhive_plugins_signatures.keys import PublicKey

MAX_IDENTITY: Final = 2048
"""Characters of an identity or an issuer."""

MAX_PATTERN: Final = 512
"""Characters of a pattern."""


@frozen
class Identity:
    """Who may sign without a key: the name that a certificate is for, and who vouches for that name.

    Raises:
        TrustError: one of both is missing, or the pattern is malformed.
        KeylessUnavailableError: it is a pattern, and what matches patterns is not installed.
    """

    name: str = field()
    """An e-mail address or URI, as the certificate has it; or a pattern for the whole of it."""

    issuer: str = field()
    """The URL of the OIDC issuer, exactly."""

    is_pattern: bool = False

    @name.validator
    def _check_name(self, _: object, value: str) -> None:
        if not 0 < len(value) <= MAX_IDENTITY:
            raise TrustError("an identity is empty or too long", hint=Hint.NAME_A_SIGNER)

    @issuer.validator
    def _check_issuer(self, _: object, value: str) -> None:
        if not 0 < len(value) <= MAX_IDENTITY:
            raise TrustError(
                "an identity means nothing without its issuer",
                where=shown(self.name),
                remedy="Name who vouches for it",
                hint=Hint.NAME_A_SIGNER,
            )

    def __attrs_post_init__(self) -> None:
        if self.is_pattern:
            _compile(self.name)

    def matches(self, name: str, issuer: str) -> bool:
        """Tell whether a certificate's name and issuer are these."""
        if issuer != self.issuer or not 0 < len(name) <= MAX_IDENTITY:
            return False
        return _full_match(self.name, name) if self.is_pattern else name == self.name


@frozen
class Trust:
    """Any one of these is enough."""

    keys: tuple[PublicKey, ...] = ()
    identities: tuple[Identity, ...] = ()

    trusted_root: str = ""
    """The file that says which certificate authorities, logs and clocks count; empty for those of the public Sigstore."""

    def check_not_empty(self) -> None:
        """Return if somebody is trusted.

        Raises:
            TrustError: nobody is, and so nothing could pass.
        """
        if not self.keys and not self.identities:
            raise TrustError(
                "nothing says whose signature is wanted",
                remedy="Name a key, or an identity with its issuer",
                hint=Hint.NAME_A_SIGNER,
            )


def _full_match(pattern: str, text: str) -> bool:
    return _compile(pattern).fullmatch(text) is not None  # type: ignore[attr-defined]


def _compile(pattern: str) -> object:
    """Return the compiled pattern. RE2 matches in time that grows with the text alone, whatever the pattern is."""
    try:
        import re2  # type: ignore[import-untyped]
    except ImportError:
        raise keyless_unavailable() from None
    if len(pattern) > MAX_PATTERN:
        raise TrustError(f"the pattern has {len(pattern)} characters, and {MAX_PATTERN} is the limit")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: object = re2.compile(pattern, options)
    except re2.error as error:
        raise TrustError(
            f"is not a regular expression that RE2 accepts: {shown(error)}", where=shown(pattern)
        ) from None
    return compiled


def keyless_unavailable() -> KeylessUnavailableError:
    """Return the error for a missing extra."""
    return KeylessUnavailableError(
        "signatures without keys need the packages of the extra `keyless`, which are not installed",
        remedy="Install toolhive-plugins-signatures[keyless]",
        hint=Hint.INSTALL_KEYLESS,
    )
