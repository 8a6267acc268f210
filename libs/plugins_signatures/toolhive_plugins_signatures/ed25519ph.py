"""Ed25519 over a SHA-512 digest (RFC 8032, section 5.1: Ed25519ph), by libsodium: `cryptography` has Ed25519 itself only."""

from nacl import bindings
from nacl.exceptions import BadSignatureError

from toolhive_plugins_signatures.errors import InvalidSignatureError

_SIZE = 64


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the signature of the key that grows from `seed`, 32 bytes, over `message`."""
    _, secret = bindings.crypto_sign_seed_keypair(seed)
    state = bindings.crypto_sign_ed25519ph_state()
    bindings.crypto_sign_ed25519ph_update(state, message)
    signature: bytes = bindings.crypto_sign_ed25519ph_final_create(state, secret)
    return signature


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Return if `signature` is that of the key `public`, 32 bytes, over `message`.

    Raises:
        InvalidSignatureError: it is not.
    """
    if len(signature) == _SIZE:
        state = bindings.crypto_sign_ed25519ph_state()
        bindings.crypto_sign_ed25519ph_update(state, message)
        try:
            if bindings.crypto_sign_ed25519ph_final_verify(state, signature, public):
                return
        except BadSignatureError:
            pass
    raise InvalidSignatureError("the signature is not this key's, or not over this content")
