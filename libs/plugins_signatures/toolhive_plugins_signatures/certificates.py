"""Reads whom a certificate of Fulcio's is for; whether it is genuine, the `sigstore` library says (`keyless`)."""

from typing import TYPE_CHECKING, Final

from toolhive_plugins_signatures.errors import InvalidSignatureError
from toolhive_plugins_signatures.verification import Signer, SignerKind

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ISSUER_V2: Final = "1.3.6.1.4.1.57264.1.8"
"""Fulcio's certificate extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md."""
_ISSUER: Final = "1.3.6.1.4.1.57264.1.1"
_RUNNER: Final = "1.3.6.1.4.1.57264.1.11"
_REPOSITORY_URI: Final = "1.3.6.1.4.1.57264.1.12"
_REPOSITORY_REF: Final = "1.3.6.1.4.1.57264.1.14"
_OTHER_NAME: Final = "1.3.6.1.4.1.57264.1.7"


def claimed_signer(der: bytes) -> Signer | None:
    """Return whom a certificate says it is for, unverified; None if it cannot be read."""
    from cryptography import x509

    try:
        return signer_of_certificate(x509.load_der_x509_certificate(der))
    except (ValueError, InvalidSignatureError):
        return None


def signer_of_certificate(certificate: "Certificate") -> Signer:
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
