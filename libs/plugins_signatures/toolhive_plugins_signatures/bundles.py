"""Sigstore bundles: a signature with all that it takes to verify it, stored as a referrer of its artifact.

Format: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto. A bundle that a key has signed is read here; one
with a certificate is read, too, for what it says, and verified by the `sigstore` library (`keyless`).
"""

from typing import Final

from attrs import frozen

from toolhive_plugins import encode_json, shown
from toolhive_plugins_signatures.documents import Fields, parse_fields
from toolhive_plugins_signatures.errors import InvalidSignatureError
from toolhive_plugins_signatures.keys import PublicKey
from toolhive_plugins_signatures.statements import Envelope, Statement, encode_envelope, parse_statement, read_envelope

MEDIA_TYPE_BUNDLE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
MEDIA_TYPES_BUNDLE: Final = frozenset(
    {
        MEDIA_TYPE_BUNDLE,
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
    }
)
_MAX_CHAIN: Final = 8
"""Certificates of one bundle."""

ANNOTATION_BUNDLE_CONTENT: Final = "dev.sigstore.bundle.content"
ANNOTATION_PREDICATE_TYPE: Final = "dev.sigstore.bundle.predicateType"


@frozen
class Bundle:
    """A bundle, read but not verified."""

    data: bytes
    """Its bytes."""

    envelope: Envelope
    statement: Statement

    hint: str | None
    """What names the public key that verifies it; None if it brings a certificate."""

    certificate: bytes = b""
    """The certificate that it brings, in DER; empty if that cannot be told."""


def encode_bundle(envelope: Envelope, key: PublicKey) -> bytes:
    """Return the bundle of an envelope that a key has signed."""
    return encode_json(
        {
            "mediaType": MEDIA_TYPE_BUNDLE,
            "verificationMaterial": {"publicKey": {"hint": key.hint}},
            "dsseEnvelope": encode_envelope(envelope),
        }
    )


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle.

    Raises:
        InvalidSignatureError: it is malformed, of an unknown version, or holds something other than a signed statement.
    """
    fields = parse_fields(data, "the bundle")
    media_type = fields.text("mediaType")
    if media_type not in MEDIA_TYPES_BUNDLE:
        raise InvalidSignatureError(f"the bundle is of an unknown type, {shown(media_type)!r}")
    material = fields.object("verificationMaterial")
    named = [name for name in ("publicKey", "certificate", "x509CertificateChain") if material.has(name)]
    if len(named) != 1:
        raise InvalidSignatureError(f"the bundle names {len(named)} keys and certificates, and one is expected")
    if not fields.has("dsseEnvelope") or fields.has("messageSignature"):
        raise InvalidSignatureError("the bundle holds no signed statement, and it takes one to sign an artifact")
    hint = None
    if named == ["publicKey"]:
        key = material.object("publicKey")
        hint = key.text("hint") if key.has("hint") else ""
    envelope = read_envelope(fields.object("dsseEnvelope"))
    certificate = b"" if hint is not None else _certificate(material, named[0])
    return Bundle(data, envelope, parse_statement(envelope.payload), hint, certificate)


def _certificate(material: Fields, name: str) -> bytes:
    """Return the certificate of the signer; bundles of older versions have a chain, which begins with it."""
    found = material.object(name)
    if name == "x509CertificateChain":
        chain = found.objects("certificates", limit=_MAX_CHAIN)
        return chain[0].data("rawBytes") if chain else b""
    return found.data("rawBytes")
