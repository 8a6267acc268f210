"""Targets: what is stored beside an artifact in a registry, and the files of keys."""

from typing import Final

from fuzz_laws import attempt

from toolhive_plugins import Digest
from toolhive_plugins_registry import merge_referrers
from toolhive_plugins_signatures import PublicKey, Trust, generate_key, parse_public_key
from toolhive_plugins_signatures.bundles import Bundle, parse_bundle
from toolhive_plugins_signatures.discovery import Candidate
from toolhive_plugins_signatures.key_files import Sealed, is_private_key, parse_sealed
from toolhive_plugins_signatures.simple_signing import Payload, encode_payload, parse_payload
from toolhive_plugins_signatures.verification import Layout
from toolhive_plugins_signatures.verifying import Judge

_DIGEST: Final = Digest.of(b"an artifact")
_JUDGE: Final = Judge(Trust(keys=(generate_key().public,)), _DIGEST)


def bundle(data: bytes) -> None:
    """Only a signature of the one key is trusted, and every refusal says why."""
    found = _JUDGE.bundle(Candidate(Layout.BUNDLE, "sha256:x", data))
    assert found is None or (not found.trusted and found.problem.isprintable())
    parsed = attempt(lambda: parse_bundle(data))
    if isinstance(parsed, Bundle):
        assert parsed.envelope.payload in parsed.envelope.signed


def signing_payload(data: bytes) -> None:
    """As for bundles; and what is read can be written again."""
    found = _JUDGE.classic(Candidate(Layout.CLASSIC, "sha256:x", data))
    assert not found.trusted
    assert found.problem.isprintable()
    parsed = attempt(lambda: parse_payload(data))
    if isinstance(parsed, Payload):
        assert parse_payload(encode_payload(parsed.digest, parsed.reference)) == parsed


def key_file(data: bytes) -> None:
    """A public key that is read is written the same; an encrypted one asks for no more work than cosign's does."""
    public = attempt(lambda: parse_public_key(data, where="k"))
    if isinstance(public, PublicKey):
        assert parse_public_key(public.pem(), where="k") == public
    sealed = attempt(lambda: parse_sealed(data, "k"))
    if isinstance(sealed, Sealed):
        assert is_private_key(data)
        assert sealed.cost <= 2**17


def referrer_merge(data: bytes) -> None:
    """What is merged holds what it adds, and nothing is missing from it."""
    merge = merge_referrers([])
    attempt(lambda: merge(data))
