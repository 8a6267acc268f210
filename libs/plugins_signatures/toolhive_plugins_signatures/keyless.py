"""Signatures without keys, by the `sigstore` library: certificates, the log, its times. No cryptography here is ours.

A bundle is verified against a trusted root: a file, without any network; or the public Sigstore's, which its library keeps up to date by
TUF. Importing this module needs the `keyless` extra.
"""

import logging
from typing import TYPE_CHECKING, Final

from toolhive_plugins import shown
from toolhive_plugins_signatures.bundles import Bundle
from toolhive_plugins_signatures.errors import InvalidSignatureError, TrustError
from toolhive_plugins_signatures.key_files import read_small_file
from toolhive_plugins_signatures.statements import PAYLOAD_TYPE
from toolhive_plugins_signatures.trust import keyless_unavailable
from toolhive_plugins_signatures.verification import Signer, SignerKind

try:
    import sigstore.models as sigstore_models
    from sigstore.verify import Verifier
    from sigstore.verify.policy import UnsafeNoOp
except ImportError:
    raise keyless_unavailable() from None

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ISSUER_V2: Final = "1.3.6.1.4.1.57264.1.8"
"""Fulcio's certificate extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md."""
_ISSUER: Final = "1.3.6.1.4.1.57264.1.1"
_RUNNER: Final = "1.3.6.1.4.1.57264.1.11"
_REPOSITORY_URI: Final = "1.3.6.1.4.1.57264.1.12"
_REPOSITORY_REF: Final = "1.3.6.1.4.1.57264.1.14"
_OTHER_NAME: Final = "1.3.6.1.4.1.57264.1.7"

MAX_TRUST_FILE: Final = 4 * 1024 * 1024
"""Bytes of a trusted root, or a signing config."""

logging.getLogger("sigstore").setLevel(logging.ERROR)


class KeylessVerifier:
    """Verifies bundles with certificates.

    Args:
        trusted_root: the path of a trusted root; empty for the public Sigstore's.

    Raises:
        TrustError: the trusted root cannot be used.
    """

    def __init__(self, trusted_root: str) -> None:
        try:
            self._verifier = (
                Verifier(trusted_root=load_trusted_root(trusted_root)) if trusted_root else Verifier.production()
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
        return _signer(parsed.signing_certificate)


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


def _signer(certificate: "Certificate") -> Signer:
    """Return whom a certificate is for.

    Raises:
        InvalidSignatureError: it is for nobody, or for several.
    """
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [
            *names.get_values_for_type(x509.RFC822Name),
            *names.get_values_for_type(x509.UniformResourceIdentifier),
        ]
        others = names.get_values_for_type(x509.OtherName)
        found += [_decoded(name.value) for name in others if name.type_id.dotted_string == _OTHER_NAME]
        count = len(list(names))
    except (ValueError, x509.ExtensionNotFound, x509.UnsupportedGeneralNameType):
        found, count = [], 0
    if count != 1 or len(found) != 1:
        raise InvalidSignatureError(f"its certificate is for {count} names, and one is expected")
    return Signer(
        SignerKind.KEYLESS,
        identity=found[0],
        issuer=_extension(certificate, _ISSUER_V2) or _extension(certificate, _ISSUER, raw=True),
        repository_uri=_extension(certificate, _REPOSITORY_URI),
        repository_ref=_extension(certificate, _REPOSITORY_REF),
        runner_environment=_extension(certificate, _RUNNER),
    )


def _extension(certificate: "Certificate", oid: str, *, raw: bool = False) -> str:
    """Return the text of an extension, empty where there is none; the first six of Fulcio's are not in DER."""
    from cryptography import x509

    try:
        value = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(oid)).value
    except x509.ExtensionNotFound:
        return ""
    data = value.value if isinstance(value, x509.UnrecognizedExtension) else b""
    return data.decode("utf-8", "replace") if raw else _decoded(data)


def _decoded(data: bytes) -> str:
    """Return the text in a DER UTF8String."""
    from cryptography.hazmat import asn1

    try:
        return asn1.decode_der(str, data)
    except ValueError:
        raise InvalidSignatureError("its certificate is malformed") from None
