"""Keys that sign, and that verify: what each may be, and the one way in which each signs.

The algorithm follows from the key, never from what a signature says: ECDSA with the hash of its curve's size, RSA with PKCS #1 v1.5 and
SHA-256, Ed25519 over a SHA-512 digest (Ed25519ph, RFC 8032), as cosign 3 signs.
"""

import base64
import functools
import hashlib
from typing import TYPE_CHECKING, Final

from attrs import frozen

from toolhive_plugins import shown
from toolhive_plugins_signatures.errors import InvalidSignatureError, KeyFileError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    AnyPublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey
    AnyPrivateKey = EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey

MIN_RSA_BITS: Final = 2048
"""The smallest modulus of an RSA key."""

MAX_RSA_BITS: Final = 8192
"""The largest: verifying takes time that grows with it."""

MAX_SIGNATURE_SIZE: Final = 2048
"""Bytes of one signature; RSA of 8192 bits has 1024."""

_RSA_EXPONENT: Final = 65537
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


@frozen
class PublicKey:
    """A key that verifies signatures."""

    der: bytes
    """SubjectPublicKeyInfo in DER (RFC 5280, section 4.1): equal keys have equal bytes."""

    algorithm: str
    """`ECDSA P-256`, `RSA 3072`, `Ed25519`."""

    source: str = ""
    """Where it was read from, for messages."""

    @property
    def fingerprint(self) -> str:
        """`SHA256:` and the SHA-256 of `der` in base64: what a person compares."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.der).digest()).decode().rstrip("=")

    @property
    def hint(self) -> str:
        """What a Sigstore bundle names the key by: the SHA-256 of `der` in base64."""
        return base64.b64encode(hashlib.sha256(self.der).digest()).decode()

    @property
    def encoded(self) -> str:
        """`der` in base64, as the lock file of a project holds it."""
        return base64.b64encode(self.der).decode()

    @functools.cached_property
    def _key(self) -> "AnyPublicKey":
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        return _checked(load_der_public_key(self.der), self.source)

    def pem(self) -> bytes:
        """Return it as a PEM file holds it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if `signature` is this key's over `message`.

        Raises:
            InvalidSignatureError: it is not.
        """
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA256

        if not 0 < len(signature) <= MAX_SIGNATURE_SIZE:
            raise InvalidSignatureError(f"the signature has {len(signature)} bytes")
        key = self._key
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, ec.ECDSA(_hash_of(key.curve)))
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, message, padding.PKCS1v15(), SHA256())
            else:
                from toolhive_plugins_signatures.ed25519ph import verify

                verify(key.public_bytes_raw(), signature, message)
        except InvalidSignature:
            raise InvalidSignatureError("the signature is not this key's, or not over this content") from None


@frozen
class PrivateKey:
    """A key that signs."""

    _key: "AnyPrivateKey"

    @functools.cached_property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return _public(self._key.public_key(), "")

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`."""
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA256

        key = self._key
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(message, ec.ECDSA(_hash_of(key.curve)))
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, padding.PKCS1v15(), SHA256())
        from toolhive_plugins_signatures.ed25519ph import sign

        return sign(key.private_bytes_raw(), message)

    def pkcs8(self) -> bytes:
        """Return the key unencrypted, in DER (RFC 5958)."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.fingerprint})"


def generate_key() -> PrivateKey:
    """Return a new ECDSA key on the curve P-256, the kind that all of Sigstore's programs take."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return PrivateKey(ec.generate_private_key(ec.SECP256R1()))


def parse_public_key(data: bytes, *, where: str) -> PublicKey:
    """Read a public key from PEM, or from DER.

    Raises:
        KeyFileError: there is no key, or one of a kind that may not be used.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

    if b"PRIVATE KEY-----" in data:
        raise KeyFileError("holds a private key, and signatures are verified with the public one", where=where)
    load = load_pem_public_key if b"-----BEGIN" in data else load_der_public_key
    try:
        key = load(data)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError("holds no public key in PEM", where=where) from None
    return _public(_checked(key, where), where)


def parse_pkcs8(data: bytes, *, where: str) -> PrivateKey:
    """Read an unencrypted private key in DER.

    Raises:
        KeyFileError: there is no key, or one of a kind that may not be used.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        key = load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError("holds no private key", where=where) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise KeyFileError(f"holds a key of another kind, {type(key).__name__}", where=where)
    _checked(key.public_key(), where)
    return PrivateKey(key)


def _public(key: "AnyPublicKey", source: str) -> PublicKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(der, _algorithm(key), source)


def _algorithm(key: "AnyPublicKey") -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {_CURVES[key.curve.name]}"
    return f"RSA {key.key_size}" if isinstance(key, rsa.RSAPublicKey) else "Ed25519"


def _checked(key: object, where: str) -> "AnyPublicKey":
    """Refuse a key that is weak, or of a kind that cosign does not take."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise KeyFileError(
                f"is a key on the curve {shown(key.curve.name)}, and P-256, P-384 and P-521 are taken", where=where
            )
        return key
    if isinstance(key, rsa.RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            problem = f"is an RSA key of {key.key_size} bits, and {MIN_RSA_BITS} to {MAX_RSA_BITS} are taken"
            raise KeyFileError(problem, where=where)
        if key.public_numbers().e != _RSA_EXPONENT:
            raise KeyFileError(f"is an RSA key whose exponent is not {_RSA_EXPONENT}", where=where)
        return key
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    raise KeyFileError("is neither an ECDSA, nor an RSA, nor an Ed25519 key", where=where)


def _hash_of(curve: object) -> "HashAlgorithm":
    from cryptography.hazmat.primitives import hashes

    name = getattr(curve, "name", "")
    if name == "secp384r1":
        return hashes.SHA384()
    return hashes.SHA512() if name == "secp521r1" else hashes.SHA256()
