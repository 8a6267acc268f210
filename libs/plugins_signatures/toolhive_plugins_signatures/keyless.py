"""Signatures without keys, by the `sigstore` library: certificates, the log, its times. No cryptography here is ours.

A bundle is verified against a trusted root: a file, without any network; or the public Sigstore's, which its library keeps up to date by
TUF. Importing this module needs the `keyless` extra.
"""

import logging
from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_signatures.bundles import Bundle
from toolhive_plugins_signatures.certificates import signer_of_certificate
from toolhive_plugins_signatures.errors import InvalidSignatureError, TrustError
from toolhive_plugins_signatures.key_files import read_small_file
from toolhive_plugins_signatures.statements import PAYLOAD_TYPE
from toolhive_plugins_signatures.trust import keyless_unavailable
from toolhive_plugins_signatures.verification import Signer

try:
    import sigstore.models as sigstore_models
    from sigstore.errors import TUFError
    from sigstore.verify import Verifier
    from sigstore.verify.policy import UnsafeNoOp
except ImportError:
    raise keyless_unavailable() from None

MAX_TRUST_FILE: Final = 4 * 1024 * 1024
"""Bytes of a trusted root, or a signing config."""

logging.getLogger("sigstore").setLevel(logging.ERROR)


class KeylessVerifier:
    """Verifies bundles with certificates.

    Args:
        trusted_root: the path of a trusted root; empty for the public Sigstore's.
        may_be_stale: whether the public Sigstore's may be the one that was fetched last, or that its library brings, where it cannot be
            reached.

    Raises:
        TrustError: the trusted root cannot be used.
    """

    def __init__(self, trusted_root: str, *, may_be_stale: bool = False) -> None:
        try:
            self._verifier = (
                Verifier(trusted_root=load_trusted_root(trusted_root)) if trusted_root else _public(may_be_stale)
            )
        except TrustError:
            raise
        except Exception as error:  # noqa: BLE001 - a file of the user's, or a mirror of it, in a library's hands
            raise TrustError(f"the trusted root cannot be used: {shown(error)}", where=trusted_root) from None

    def verify(self, bundle: Bundle) -> Signer:
        """Return whose signature it is.

        Raises:
            InvalidSignatureError: it does not verify.
        """
        try:
            parsed = sigstore_models.Bundle.from_json(bundle.data)
            # Whose it is, is compared below: a person must be told who signed, even if it is somebody else.
            kind, payload = self._verifier.verify_dsse(parsed, UnsafeNoOp())
        except Exception as error:  # noqa: BLE001 - hostile content in a library's hands: whatever it raises, it does not verify
            raise InvalidSignatureError(f"it does not verify: {shown(error) or type(error).__name__}") from None
        if kind != PAYLOAD_TYPE or payload != bundle.envelope.payload:
            raise InvalidSignatureError("it does not verify: what was verified is not what was read")
        return signer_of_certificate(parsed.signing_certificate)


def _public(may_be_stale: bool) -> "Verifier":
    try:
        return Verifier.production()
    except TUFError:
        if not may_be_stale:
            raise
        return Verifier.production(offline=True)


def load_trusted_root(path: str) -> "sigstore_models.TrustedRoot":
    """Read a trusted root.

    Raises:
        TrustError: there is none.
    """
    read_small_file(path, MAX_TRUST_FILE, TrustError)  # is it a file, and not a large one?
    try:
        return sigstore_models.TrustedRoot.from_file(path)
    except Exception as error:  # noqa: BLE001 - as above
        raise TrustError(f"is not a trusted root: {shown(error)}", where=path) from None
