"""Keys: which are taken, how they are kept, and that a signature fits one key, one algorithm and one content."""

import base64
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_signatures import (
    InvalidSignatureError,
    KeyFileError,
    PrivateKey,
    decrypt_private_key,
    encrypt_private_key,
    generate_key,
    load_private_key,
    load_public_key,
    parse_public_key,
    write_key_pair,
)
from toolhive_plugins_signatures.keys import parse_pkcs8

KEY = generate_key()
ENCRYPTED = encrypt_private_key(KEY, b"right")


def pkcs8(key: "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey") -> PrivateKey:
    return parse_pkcs8(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), where="k")


RSA = rsa.generate_private_key(65537, 2048)
KINDS = {
    "ECDSA P-256": KEY,
    "ECDSA P-384": pkcs8(ec.generate_private_key(ec.SECP384R1())),
    "ECDSA P-521": pkcs8(ec.generate_private_key(ec.SECP521R1())),
    "RSA 2048": pkcs8(RSA),
    "Ed25519": pkcs8(ed25519.Ed25519PrivateKey.generate()),
}


def public_pem(key: Any) -> bytes:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_verifies_with_its_key_over_its_content_alone(kind: str) -> None:
    key = KINDS[kind]
    assert key.public.algorithm == kind
    signature = key.sign(b"content")
    public = parse_public_key(key.public.pem(), where="pem")
    public.verify(signature, b"content")
    damaged = bytes([*signature[:-1], signature[-1] ^ 1])
    for wrong, content in ((signature, b"other"), (damaged, b"content"), (b"", b"content"), (b"\0" * 9000, b"content")):
        with pytest.raises(InvalidSignatureError):
            public.verify(wrong, content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_signature_of_one_kind_of_key_verifies_with_no_other(kind: str, other: str) -> None:
    if kind == other:
        return
    with pytest.raises(InvalidSignatureError):
        KINDS[other].public.verify(KINDS[kind].sign(b"content"), b"content")


def test_another_hash_or_padding_than_the_key_s_own_is_not_taken() -> None:
    weaker = RSA.sign(b"content", padding.PKCS1v15(), hashes.SHA1())
    other = RSA.sign(b"content", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    for signature in (weaker, other):
        with pytest.raises(InvalidSignatureError):
            KINDS["RSA 2048"].public.verify(signature, b"content")


def test_ed25519_itself_is_not_mistaken_for_ed25519ph() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(InvalidSignatureError):
        pkcs8(key).public.verify(key.sign(b"content"), b"content")


WEAK: dict[str, tuple[Any, str]] = {
    "RSA of too few bits": (rsa.generate_private_key(65537, 1024), "1024 bits"),
    "RSA with the exponent 3": (rsa.generate_private_key(3, 2048), "exponent"),
    "a curve of too few bits": (ec.generate_private_key(ec.SECP224R1()), "secp224r1"),
    "the curve of Bitcoin": (ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
    "DSA": (dsa.generate_private_key(2048), "neither"),
    "Ed448": (ed448.Ed448PrivateKey.generate(), "neither"),
}


@pytest.mark.parametrize("kind", WEAK)
def test_key_that_is_weak_or_of_another_kind_is_refused(kind: str) -> None:
    key, named = WEAK[kind]
    with pytest.raises(KeyFileError, match=named):
        parse_public_key(public_pem(key), where="weak.pub")
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyFileError):
        parse_pkcs8(private, where="weak.key")


@pytest.mark.parametrize(
    "data", [b"", b"x" * 1000, b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", ENCRYPTED]
)
def test_file_that_holds_no_public_key_is_refused(data: bytes) -> None:
    with pytest.raises(KeyFileError):
        parse_public_key(data, where="k.pub")


def test_key_pair_is_written_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    private, public = write_key_pair(str(tmp_path / "mine"), KEY, b"right")
    assert stat.S_IMODE(Path(private).stat().st_mode) == 0o600
    assert load_public_key(public) == parse_public_key(KEY.public.pem(), where=public)
    assert load_private_key(private, b"right").public.der == KEY.public.der


@pytest.mark.parametrize("taken", ["mine.key", "mine.pub"])
def test_key_is_never_overwritten_and_nothing_is_left_of_half_a_pair(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match="exists already"):
        write_key_pair(str(tmp_path / "mine"), KEY, b"right")
    assert [path.name for path in tmp_path.iterdir()] == [taken]


def test_wrong_password_opens_nothing_and_is_not_repeated() -> None:
    with pytest.raises(KeyFileError, match="does not open") as caught:
        decrypt_private_key(ENCRYPTED, b"wrong-password", where="k")
    assert "wrong-password" not in str(caught.value)


def test_empty_password_is_a_password() -> None:
    assert decrypt_private_key(encrypt_private_key(KEY, b""), b"", where="k").public == KEY.public


def edited(old: bytes, new: bytes) -> bytes:
    """The file of the private key with something in its JSON replaced."""
    lines = ENCRYPTED.splitlines()
    document = base64.b64decode(b"".join(lines[1:-1]))
    assert old in document
    return b"\n".join([lines[0], base64.b64encode(document.replace(old, new)), lines[-1], b""])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"N":65536', b'"N":1073741824'),
        (b'"N":65536', b'"N":2'),
        (b'"N":65536', b'"N":"65536"'),
        (b'"r":8', b'"r":1048576'),
        (b'"p":1', b'"p":0'),
        (b'"name":"scrypt"', b'"name":"none"'),
        (b"nacl/secretbox", b"none"),
        (b'"nonce":"', b'"nonce":"AA'),
        (b'"salt":"', b'"salt":"!'),
        (b'"ciphertext":"', b'"ciphertext":"AAAA'),
        (b'"kdf":{', b'"kdf":[{'),
    ],
)
def test_damaged_or_hostile_private_key_is_refused_at_once(old: bytes, new: bytes) -> None:
    with pytest.raises(KeyFileError):
        decrypt_private_key(edited(old, new), b"right", where="k")


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=300), st.integers(0, len(ENCRYPTED)))
def test_no_file_of_a_key_ends_in_another_error(junk: bytes, at: int) -> None:
    for data in (junk, ENCRYPTED[:at] + junk):
        with pytest.raises(KeyFileError):
            decrypt_private_key(data, b"", where="k")


@pytest.mark.parametrize("make", ["absent", "folder", "fifo", "huge"])
def test_path_that_names_no_key_is_an_error_that_names_it(tmp_path: Path, make: str) -> None:
    path = tmp_path / "k.pub"
    if make == "folder":
        path.mkdir()
    elif make == "fifo":
        os.mkfifo(path)
    elif make == "huge":
        path.write_bytes(b"-" * 100_000)
    with pytest.raises(KeyFileError) as caught:
        load_public_key(str(path))
    assert caught.value.where == str(path)


def test_private_key_shows_nothing_of_itself() -> None:
    assert repr(KEY) == f"PrivateKey({KEY.public.fingerprint})"
