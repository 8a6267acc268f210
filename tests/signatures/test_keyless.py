"""Signatures without keys, end to end against a whole Sigstore; and attacks on them."""

import base64
import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from signed_by_others import Published
from sigstore._internal.timestamp import TimestampAuthorityClient
from sigstore_services import Sigstore

from toolhive_plugins import Digest
from toolhive_plugins_signatures import (
    MEDIA_TYPE_BUNDLE,
    PREDICATE_SIGNATURE,
    Identity,
    KeylessSigner,
    SignerKind,
    SigningError,
    Trust,
    TrustError,
    Verification,
    sign_keyless,
    verify_signatures,
)
from toolhive_plugins_signatures.discovery import Candidate
from toolhive_plugins_signatures.statements import encode_statement
from toolhive_plugins_signatures.verification import FoundSignature, Layout
from toolhive_plugins_signatures.verifying import Judge

ANN = "ann@example.com"
DIGEST = Digest.of(b"an artifact")
EMAIL = x509.RFC822Name(ANN)


def signer(sigstore: Sigstore, email: str = ANN, **claims: object) -> KeylessSigner:
    return KeylessSigner(
        sigstore.issuer.token(email, **claims),
        trusted_root=str(sigstore.trusted_root),
        signing_config=str(sigstore.signing_config),
    )


def trust(sigstore: Sigstore, name: str = ANN, *, issuer: str = "", pattern: bool = False) -> Trust:
    identity = Identity(name, issuer or sigstore.issuer.url, is_pattern=pattern)
    return Trust(identities=(identity,), trusted_root=str(sigstore.trusted_root))


def verify(published: Published, whom: Trust) -> Verification:
    return verify_signatures(published.client, published.repository, published.digest, whom)


@pytest.fixture(scope="module")
def bundle(sigstore: Sigstore) -> bytes:
    """A good signature of DIGEST."""
    signer(sigstore, "first@example.com").sign_bundle(encode_statement(DIGEST, PREDICATE_SIGNATURE, {}))
    return signer(sigstore).sign_bundle(encode_statement(DIGEST, PREDICATE_SIGNATURE, {}))[0]


def judged(sigstore: Sigstore, data: bytes, digest: Digest = DIGEST, whom: Trust | None = None) -> FoundSignature:
    found = Judge(whom or trust(sigstore), digest).bundle(Candidate(Layout.BUNDLE, "sha256:x", data))
    assert found is not None
    return found


# End to end


def test_what_we_sign_is_verified_here_and_by_cosign(published: Published, sigstore: Sigstore) -> None:
    signed = sign_keyless(published.client, published.repository, published.digest, signer(sigstore), settling=0)
    assert (signed.signer.kind, signed.signer.identity) == (SignerKind.KEYLESS, ANN)
    found = verify(published, trust(sigstore))
    assert [(one.identity, one.issuer) for one in found.signers] == [(ANN, sigstore.issuer.url)]
    options = ("--trusted-root", str(sigstore.trusted_root), "--certificate-oidc-issuer", sigstore.issuer.url)
    assert published.cosign_takes("--certificate-identity", ANN, *options)
    assert not published.cosign_takes("--certificate-identity", "bob@example.com", *options)


def test_what_cosign_signs_is_verified_here(published: Published, sigstore: Sigstore, bundle: bytes) -> None:
    assert bundle  # so that cosign's is not the log's very first entry, which the library cannot read
    token = sigstore.token_file("carl@example.com", published.folder)
    config = ("--signing-config", str(sigstore.signing_config), "--trusted-root", str(sigstore.trusted_root))
    published.cosign_signs("--identity-token", str(token), *config)
    assert verify(published, trust(sigstore, "carl@example.com")).trusted
    refused = verify(published, trust(sigstore))
    assert not refused.trusted
    assert "carl@example.com, for whom http://localhost" in refused.refusal


def test_verifying_needs_no_network_when_a_trusted_root_is_given(
    sigstore: Sigstore, bundle: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("no network is needed")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert judged(sigstore, bundle).trusted


# Identities


@pytest.mark.parametrize(
    ("name", "pattern", "taken"),
    [
        (ANN, False, True),
        ("Ann@example.com", False, False),
        ("ann@example.com ", False, False),
        ("ann@example.co", False, False),
        ("ann@example.com.evil.test", False, False),
        ("\N{CYRILLIC SMALL LETTER A}nn@example.com", False, False),
        (".*", False, False),
        ("ann@example[.]com", True, True),
        ("[a-z]+@example[.]com", True, True),
        ("ann", True, False),
        ("example[.]com", True, False),
        ("ann@example[.]co", True, False),
        ("", True, None),
        ("(a+)+$" * 40, True, False),
        ("bob@example.com|nn@example.com", True, False),
    ],
)
def test_identity_matches_as_a_whole_or_not_at_all(
    sigstore: Sigstore, bundle: bytes, name: str, pattern: bool, taken: bool | None
) -> None:
    if taken is None:
        with pytest.raises(TrustError):
            trust(sigstore, name, pattern=pattern)
        return
    found = judged(sigstore, bundle, whom=trust(sigstore, name, pattern=pattern))
    assert found.valid
    assert found.trusted == taken


def test_look_alike_of_an_identity_does_not_match_a_pattern(sigstore: Sigstore) -> None:
    statement = encode_statement(DIGEST, PREDICATE_SIGNATURE, {})
    data, _ = signer(sigstore, "ann@example.com.evil.test").sign_bundle(statement)
    for pattern in ("ann@example.com", r"ann@example\.com", r"^ann@example\.com", r"ann@example\.com$|x"):
        assert not judged(sigstore, data, whom=trust(sigstore, pattern, pattern=True)).trusted


def test_same_name_by_another_issuer_is_somebody_else(sigstore: Sigstore, bundle: bytes) -> None:
    for issuer in ("https://accounts.example.com", sigstore.issuer.url + "/", sigstore.issuer.url.upper()):
        found = judged(sigstore, bundle, whom=trust(sigstore, issuer=issuer))
        assert (found.valid, found.trusted) == (True, False)


def test_identity_without_an_issuer_is_no_trust() -> None:
    with pytest.raises(TrustError, match="without its issuer"):
        Identity(ANN, "")


# Attacks


def edited(data: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(data)
    edit(document)
    return json.dumps(document).encode()


def test_signature_of_another_artifact_does_not_count(sigstore: Sigstore, bundle: bytes) -> None:
    found = judged(sigstore, bundle, Digest.of(b"another"))
    assert (found.valid, found.trusted) == (False, False)
    assert "another artifact" in found.problem


def test_statement_cannot_be_exchanged(sigstore: Sigstore, bundle: bytes) -> None:
    other = base64.b64encode(encode_statement(Digest.of(b"evil"), PREDICATE_SIGNATURE, {})).decode()
    data = edited(bundle, lambda document: document["dsseEnvelope"].update(payload=other))
    found = judged(sigstore, data, Digest.of(b"evil"))
    assert (found.valid, found.trusted) == (False, False)


def test_log_entry_of_another_signature_does_not_count(sigstore: Sigstore, bundle: bytes) -> None:
    other, _ = signer(sigstore).sign_bundle(encode_statement(Digest.of(b"other"), PREDICATE_SIGNATURE, {}))
    entries = json.loads(other)["verificationMaterial"]["tlogEntries"]
    found = judged(sigstore, edited(bundle, lambda d: d["verificationMaterial"].update(tlogEntries=entries)))
    assert (found.valid, found.trusted) == (False, False)


def test_timestamp_of_another_signature_does_not_count(sigstore: Sigstore, bundle: bytes) -> None:
    other, _ = signer(sigstore).sign_bundle(encode_statement(Digest.of(b"other"), PREDICATE_SIGNATURE, {}))
    times = json.loads(other)["verificationMaterial"]["timestampVerificationData"]
    data = edited(bundle, lambda d: d["verificationMaterial"].update(timestampVerificationData=times))
    assert not judged(sigstore, data).valid


@pytest.mark.parametrize("part", ["tlogEntries", "timestampVerificationData", "certificate"])
def test_nothing_of_what_proves_a_signature_may_be_missing(sigstore: Sigstore, bundle: bytes, part: str) -> None:
    for empty in ("null", "[]", "{}", '""'):
        material = {part: json.loads(empty)}
        data = edited(bundle, lambda d, material=material: d["verificationMaterial"].update(material))  # type: ignore[misc]
        assert not judged(sigstore, data).valid
    data = edited(bundle, lambda d: d["verificationMaterial"].pop(part))
    assert not judged(sigstore, data).valid


def test_certificate_of_somebody_else_does_not_count(sigstore: Sigstore, bundle: bytes) -> None:
    other, _ = signer(sigstore, "bob@example.com").sign_bundle(encode_statement(DIGEST, PREDICATE_SIGNATURE, {}))
    theirs = json.loads(other)["verificationMaterial"]["certificate"]
    data = edited(bundle, lambda d: d["verificationMaterial"].update(certificate=theirs))
    assert not judged(sigstore, data, whom=trust(sigstore, "bob@example.com")).trusted


def made_certificate(name: x509.GeneralName, start: datetime, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate that signs itself, and says what Fulcio's would."""
    subject = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(minutes=10))
        .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        .sign(key, hashes.SHA256())
    )


@pytest.mark.parametrize("age", [0, 30])
def test_certificate_by_another_authority_or_of_another_time_does_not_count(
    sigstore: Sigstore, bundle: bytes, age: int
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = made_certificate(EMAIL, datetime.now(UTC) - timedelta(days=age), key)
    raw = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()

    def forge(document: dict[str, Any]) -> None:
        document["verificationMaterial"]["certificate"] = {"rawBytes": raw}
        payload = base64.b64decode(document["dsseEnvelope"]["payload"])
        kind = document["dsseEnvelope"]["payloadType"].encode()
        signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        signature = base64.b64encode(key.sign(signed, ec.ECDSA(hashes.SHA256()))).decode()
        document["dsseEnvelope"]["signatures"] = [{"sig": signature}]

    found = judged(sigstore, edited(bundle, forge))
    assert (found.valid, found.trusted) == (False, False)


@pytest.mark.parametrize(("age", "said"), [(2, "chain"), (0, "SCT")])
def test_signature_made_after_its_certificate_expired_does_not_count(
    sigstore: Sigstore, bundle: bytes, age: int, said: str
) -> None:
    """The authority's own certificate, with a time of today over the signature. Of today, too, it lacks its entry in the log."""
    authority, authority_key = sigstore.authority()
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) - timedelta(days=age, minutes=1)
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(minutes=10))
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectAlternativeName([EMAIL]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )

    def forge(document: dict[str, Any]) -> None:
        material = document["verificationMaterial"]
        raw = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
        material["certificate"] = {"rawBytes": raw}
        payload = base64.b64decode(document["dsseEnvelope"]["payload"])
        kind = document["dsseEnvelope"]["payloadType"].encode()
        signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
        document["dsseEnvelope"]["signatures"] = [{"sig": base64.b64encode(signature).decode()}]
        time = TimestampAuthorityClient(sigstore.clock).request_timestamp(signature).as_bytes()
        times = [{"signedTimestamp": base64.b64encode(time).decode()}]
        material["timestampVerificationData"] = {"rfc3161Timestamps": times}

    found = judged(sigstore, edited(bundle, forge))
    assert (found.valid, found.trusted) == (False, False)
    assert said in found.problem


def test_without_a_clock_that_is_trusted_nothing_passes(sigstore: Sigstore, bundle: bytes, tmp_path: Path) -> None:
    root = json.loads(sigstore.trusted_root.read_text())
    for authority in root["timestampAuthorities"]:
        authority["validFor"] = {"start": "2001-01-01T00:00:00Z", "end": "2002-01-01T00:00:00Z"}
    expired = tmp_path / "expired-root.json"
    expired.write_text(json.dumps(root))
    whom = Trust(identities=(Identity(ANN, sigstore.issuer.url),), trusted_root=str(expired))
    found = judged(sigstore, bundle, whom=whom)
    assert (found.valid, found.trusted) == (False, False)
    assert "time" in found.problem


@pytest.mark.parametrize("part", ["certificateAuthorities", "tlogs", "ctlogs", "timestampAuthorities"])
def test_root_without_the_authority_or_a_log_lets_nothing_pass(
    sigstore: Sigstore, bundle: bytes, part: str, tmp_path: Path
) -> None:
    root = json.loads(sigstore.trusted_root.read_text())
    root[part] = []
    lacking = tmp_path / "root.json"
    lacking.write_text(json.dumps(root))
    whom = Trust(identities=(Identity(ANN, sigstore.issuer.url),), trusted_root=str(lacking))
    with contextlib.suppress(TrustError):  # a root that can be of no use is refused as it is read
        assert not judged(sigstore, bundle, whom=whom).trusted


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"mediaType": "x"}'])
def test_file_that_is_no_trusted_root_is_an_error(sigstore: Sigstore, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    path.write_bytes(content)
    whom = Trust(identities=(Identity(ANN, sigstore.issuer.url),), trusted_root=str(path))
    with pytest.raises(TrustError):
        Judge(whom, DIGEST)


def test_keyless_signature_is_none_of_a_key_and_says_so(published: Published, sigstore: Sigstore) -> None:
    from toolhive_plugins_signatures import generate_key

    sign_keyless(published.client, published.repository, published.digest, signer(sigstore), settling=0)
    found = verify(published, Trust(keys=(generate_key().public,)))
    assert not found.trusted
    assert f"{ANN}, for whom {sigstore.issuer.url} vouches: it is by an identity, and none is trusted" in found.refusal
    assert not any(one.valid for one in found.signatures)


@pytest.mark.parametrize("claims", [{"exp": 1}, {"aud": "another"}, {"iss": "https://accounts.example.com"}])
def test_token_that_is_not_for_sigstore_signs_nothing(sigstore: Sigstore, claims: dict[str, object]) -> None:
    with pytest.raises(SigningError):
        signer(sigstore, ANN, **claims).sign_bundle(encode_statement(DIGEST, PREDICATE_SIGNATURE, {}))


def test_text_that_is_no_token_signs_nothing(sigstore: Sigstore) -> None:
    with pytest.raises(SigningError) as caught:
        KeylessSigner(
            "secret-junk", trusted_root=str(sigstore.trusted_root), signing_config=str(sigstore.signing_config)
        )
    assert "secret-junk" not in str(caught.value)


def test_root_and_config_belong_together(sigstore: Sigstore) -> None:
    with pytest.raises(TrustError, match="belong together"):
        KeylessSigner(sigstore.issuer.token(ANN), trusted_root=str(sigstore.trusted_root))


def test_bundle_is_of_the_version_that_others_read(bundle: bytes) -> None:
    assert json.loads(bundle)["mediaType"] == MEDIA_TYPE_BUNDLE
