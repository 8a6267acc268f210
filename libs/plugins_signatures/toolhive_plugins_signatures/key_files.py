"""Key pairs as cosign writes them: an encrypted private key and a public one, both in PEM.

The private key is PKCS #8, sealed with NaCl's secretbox under a key that scrypt makes of a password; around it JSON, around that PEM. The
format is that of go-securesystemslib's `encrypted`, and cosign's programs read what is written here.
"""

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import InvalidDocumentError, JsonNumber, JsonObject, ToolhiveError, encode_json, parse_json
from toolhive_plugins_signatures.errors import Hint, KeyFileError, SignatureError
from toolhive_plugins_signatures.keys import PrivateKey, PublicKey, parse_pkcs8, parse_public_key

MAX_KEY_FILE: Final = 64 * 1024
"""Bytes of a key's file; RSA of 8192 bits has about seven thousand."""

_LABELS: Final = ("ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY")
"""The second is what cosign wrote before version 2."""

_COSTS: Final = (2**15, 2**16, 2**17)
"""The values of scrypt's N that are taken; any other would let a file name its own, in gigabytes."""

_COST: Final = 2**16
_BLOCK, _PARALLEL, _SALT, _KEY, _NONCE = 8, 1, 32, 32, 24


@frozen
class Sealed:
    """What the JSON in a private key's file holds."""

    cost: int
    salt: bytes
    nonce: bytes
    ciphertext: bytes


def encrypt_private_key(key: PrivateKey, password: bytes) -> bytes:
    """Return the file of a private key, encrypted; an empty password is one, as with cosign."""
    from nacl.secret import SecretBox

    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    box = SecretBox(_derive(password, salt, _COST))
    document = encode_json(
        {
            "kdf": {
                "name": "scrypt",
                "params": {"N": _COST, "r": _BLOCK, "p": _PARALLEL},
                "salt": base64.b64encode(salt).decode(),
            },
            "cipher": {"name": "nacl/secretbox", "nonce": base64.b64encode(nonce).decode()},
            "ciphertext": base64.b64encode(box.encrypt(key.pkcs8(), nonce).ciphertext).decode(),
        }
    )
    text = base64.b64encode(document).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {_LABELS[0]}-----", *lines, f"-----END {_LABELS[0]}-----", ""]).encode()


def decrypt_private_key(data: bytes, password: bytes, *, where: str) -> PrivateKey:
    """Read the file of a private key.

    Raises:
        KeyFileError: it is not such a file, the password is another, or the key is not of a kind that may be used.
    """
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    sealed = parse_sealed(data, where)
    box = SecretBox(_derive(password, sealed.salt, sealed.cost))
    try:
        plain = box.decrypt(sealed.ciphertext, sealed.nonce)
    except CryptoError:
        raise KeyFileError(
            "the password does not open the private key",
            where=where,
            remedy="Give its password",
            hint=Hint.GIVE_PASSWORD,
        ) from None
    return parse_pkcs8(plain, where=where)


def is_private_key(data: bytes) -> bool:
    """Tell whether the file of a key holds a private one of this format."""
    return any(f"-----BEGIN {label}-----".encode() in data for label in _LABELS)


def read_key_file(path: str) -> bytes:
    """Return the bytes of a key's file.

    Raises:
        KeyFileError: it cannot be read, is not a regular file, or is too large.
    """
    return read_small_file(path, MAX_KEY_FILE, KeyFileError)


def read_small_file(path: str, limit: int, error: type[SignatureError]) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes.

    Raises:
        SignatureError: as `error`, if there is no such file.
    """
    try:
        # A FIFO would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise error("is not a file", where=path)
            data = file.read(limit + 1)
    except (OSError, ValueError) as reason:
        raise error(_reason(reason), where=path) from None
    if len(data) > limit:
        raise error(f"is larger than {limit} bytes", where=path)
    return data


def load_public_key(path: str) -> PublicKey:
    """Read a public key from a file.

    Raises:
        KeyFileError: there is none, or not one that may be used.
    """
    return parse_public_key(read_key_file(path), where=path)


def load_private_key(path: str, password: bytes) -> PrivateKey:
    """Read a private key from a file.

    Raises:
        KeyFileError: there is none, the password does not open it, or it may not be used.
    """
    return decrypt_private_key(read_key_file(path), password, where=path)


def write_key_pair(prefix: str, key: PrivateKey, password: bytes) -> tuple[str, str]:
    """Write `PREFIX.key`, which only its owner may read, and `PREFIX.pub`; return both paths. Neither may exist.

    Raises:
        KeyFileError: one exists, or cannot be written.
    """
    private, public = f"{prefix}.key", f"{prefix}.pub"
    for path in (private, public):
        if os.path.lexists(path):
            raise KeyFileError("exists already, and a key is never overwritten", where=path)
    _write_new(private, encrypt_private_key(key, password), 0o600)
    try:
        _write_new(public, key.public.pem(), 0o644)
    except KeyFileError:
        Path(private).unlink(missing_ok=True)
        raise
    return private, public


def _write_new(path: str, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except (OSError, ValueError) as error:
        raise KeyFileError(_reason(error), where=path) from None


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else ""
    return f"cannot be used: {reason or error}"


def _derive(password: bytes, salt: bytes, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=_KEY, n=cost, r=_BLOCK, p=_PARALLEL).derive(password)


def parse_sealed(data: bytes, where: str) -> Sealed:
    """Read the file of a private key, without opening it.

    Raises:
        KeyFileError: it is not such a file, or asks for other parameters than cosign's.
    """
    try:
        document = parse_json(_unwrapped(data, where), where=where, max_size=MAX_KEY_FILE, max_depth=8)
    except InvalidDocumentError:
        raise KeyFileError("holds no encrypted key: what is inside is not JSON", where=where) from None
    except ToolhiveError as error:
        raise KeyFileError(error.problem, where=where) from None
    kdf, cipher = _object(document, "kdf", where), _object(document, "cipher", where)
    params = _object(kdf, "params", where)
    if kdf.get("name") != "scrypt" or cipher.get("name") != "nacl/secretbox":
        raise KeyFileError("is encrypted by other means than scrypt and secretbox", where=where)
    cost = _number(params, "N")
    if cost not in _COSTS or (_number(params, "r"), _number(params, "p")) != (_BLOCK, _PARALLEL):
        raise KeyFileError("asks for other parameters of scrypt than cosign's", where=where)
    salt, nonce = _bytes(kdf, "salt", where), _bytes(cipher, "nonce", where)
    if len(nonce) != _NONCE or not 8 <= len(salt) <= 1024:
        raise KeyFileError("has a salt or nonce of another size", where=where)
    return Sealed(cost, salt, nonce, _bytes(document, "ciphertext", where))


def _unwrapped(data: bytes, where: str) -> bytes:
    """Return what the one PEM block of the file holds."""
    lines = [line.strip() for line in data.decode("ascii", "replace").strip().splitlines()]
    label = next((label for label in _LABELS if lines and lines[0] == f"-----BEGIN {label}-----"), None)
    if label is None or lines[-1] != f"-----END {label}-----":
        remedy = "Name a private key that this program or cosign has made"
        raise KeyFileError("holds no encrypted private key", where=where, remedy=remedy)
    try:
        return base64.b64decode("".join(lines[1:-1]), validate=True)
    except (binascii.Error, ValueError):
        raise KeyFileError("is damaged: its PEM is not base64", where=where) from None


def _object(value: object, name: str, where: str) -> JsonObject:
    found = value.get(name) if isinstance(value, JsonObject) else None
    if not isinstance(found, JsonObject):
        raise KeyFileError(f"is damaged: there is no {name}", where=where)
    return found


def _number(value: JsonObject, name: str) -> int | None:
    found = value.get(name)
    return found.int64 if isinstance(found, JsonNumber) else None


def _bytes(value: object, name: str, where: str) -> bytes:
    found = value.get(name) if isinstance(value, JsonObject) else None
    try:
        if isinstance(found, str):
            return base64.b64decode(found, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise KeyFileError(f"is damaged: {name} is not base64", where=where)
