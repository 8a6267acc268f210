"""Attacks on signatures. Whoever can push may put anything beside an artifact; a registry may answer anything."""

import base64
import json
from typing import Any

import pytest
from registry_artifacts import INDEX, MANIFEST, descriptor, encode, plugin
from registry_simulator import Answer, Exchange, digest_of
from signed_plugins import EMPTY, KEY, OTHER_KEY, Scene, signed_envelope

from toolhive_plugins import (
    Digest,
    RegistryAuthError,
    RegistryError,
    RegistryResponseError,
    SizeLimitError,
)
from toolhive_plugins_signatures import (
    MEDIA_TYPE_BUNDLE,
    PREDICATE_SIGNATURE,
    Layout,
    NotTrustedError,
    Trust,
    TrustError,
    generate_key,
    verify_signatures,
)
from toolhive_plugins_signatures.discovery import classic_tag
from toolhive_plugins_signatures.simple_signing import encode_payload

PAYLOAD_TYPE = "application/vnd.in-toto+json"
OTHER = plugin(b"something else\n")


def refused(scene: Scene, why: str) -> None:
    """Nothing is trusted, and the refusal says why."""
    found = scene.verify()
    assert not found.trusted
    assert why in found.refusal, found.refusal
    with pytest.raises(NotTrustedError):
        found.require_trust()


# Signatures of something else


def test_classic_signature_of_another_artifact_does_not_count(scene: Scene) -> None:
    payload = encode_payload(Digest.parse(OTHER.digest), scene.repository)
    scene.add_classic((payload, KEY.sign(payload)))
    refused(scene, "a signature of another artifact")


def test_bundle_of_another_artifact_does_not_count(scene: Scene) -> None:
    subject = [{"digest": {"sha256": Digest.parse(OTHER.digest).encoded}}]
    scene.add_bundle(scene.bundle(subject=subject))
    refused(scene, "a signature of another artifact")


def test_signatures_copied_whole_from_another_artifact_verify_at_none(scene: Scene) -> None:
    OTHER.serve(scene.simulator, tag="other")
    other = Scene(scene.simulator, scene.client, OTHER)
    other.sign()
    held = scene.simulator.manifests[scene.path, classic_tag(other.digest)]
    scene.simulator.manifests[scene.path, classic_tag(scene.digest)] = held
    copied = [
        {**descriptor(MANIFEST, data)} for _, data in dict(scene.simulator.manifests).values() if b'"subject"' in data
    ]
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode({"manifests": copied})))
    refused(scene, "its subject is")
    assert "a signature of another artifact" in scene.verify().refusal


def test_signature_of_one_platform_is_none_of_the_whole(scene: Scene) -> None:
    payload = encode_payload(Digest.of(scene.artifact.manifests[0]), scene.repository)
    scene.add_classic((payload, KEY.sign(payload)))
    refused(scene, "another artifact")


def test_statement_that_names_the_digest_by_another_algorithm_does_not_count(scene: Scene) -> None:
    scene.add_bundle(scene.bundle(subject=[{"digest": {"sha512": "0" * 128, "md5": scene.digest.encoded}}]))
    refused(scene, "another artifact")


def test_statement_without_subjects_is_about_nothing(scene: Scene) -> None:
    scene.add_bundle(scene.bundle(subject=[]))
    refused(scene, "another artifact")


def test_statement_with_thousands_of_subjects_is_not_read(scene: Scene) -> None:
    many = [{"digest": {"sha256": f"{number:064x}"}} for number in range(5000)]
    scene.add_bundle(scene.bundle(subject=[*many, {"digest": {"sha256": scene.digest.encoded}}]))
    refused(scene, "5001 elements")


def test_attestation_is_no_signature(scene: Scene) -> None:
    scene.add_bundle(scene.bundle(predicateType="https://slsa.dev/provenance/v1"))
    refused(scene, "it is not signed")


# Other types


def test_envelope_with_another_type_of_payload_does_not_count(scene: Scene) -> None:
    scene.add_bundle(signed_envelope("application/json", scene.statement()))
    refused(scene, "another type of payload")


def test_type_of_payload_cannot_be_changed_after_signing(scene: Scene) -> None:
    bundle = json.loads(signed_envelope("text/plain", scene.statement()))
    bundle["dsseEnvelope"]["payloadType"] = PAYLOAD_TYPE
    scene.add_bundle(encode(bundle))
    refused(scene, "it does not verify")


def test_payload_of_another_type_of_signature_does_not_count(scene: Scene) -> None:
    payload = scene.payload().replace(b"cosign container image signature", b"atomic container signature")
    scene.add_classic((payload, KEY.sign(payload)))
    refused(scene, "of another type")


def test_bare_signature_of_the_statement_is_no_envelope_s(scene: Scene) -> None:
    bundle = json.loads(scene.bundle())
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(KEY.sign(scene.statement())).decode()
    scene.add_bundle(encode(bundle))
    refused(scene, "it does not verify")


def test_bundle_of_a_message_signature_does_not_count(scene: Scene) -> None:
    digest = base64.b64encode(bytes.fromhex(scene.digest.encoded)).decode()
    signature = base64.b64encode(KEY.sign(scene.artifact.root)).decode()
    message = {"messageDigest": {"algorithm": "SHA2_256", "digest": digest}, "signature": signature}

    def edit(bundle: dict[str, Any]) -> None:
        del bundle["dsseEnvelope"]
        bundle["messageSignature"] = message

    scene.add_bundle(scene.edited_bundle(edit))
    refused(scene, "no signed statement")


def test_bundle_of_an_unknown_version_does_not_count(scene: Scene) -> None:
    kind = "application/vnd.dev.sigstore.bundle.v9.9+json"
    scene.add_bundle(scene.edited_bundle(lambda bundle: bundle.update(mediaType=kind)))
    refused(scene, "unknown type")


# Malformed bundles


def test_truncated_bundle_does_not_count(scene: Scene) -> None:
    scene.add_bundle(scene.bundle()[:-40])
    refused(scene, "the bundle")


def test_bundle_that_is_written_twice_does_not_count(scene: Scene) -> None:
    scene.add_bundle(scene.bundle() * 2)
    refused(scene, "the bundle")


def test_bundle_with_two_envelopes_under_one_key_does_not_count(scene: Scene) -> None:
    honest = scene.bundle()
    second = b'"dsseEnvelope":{"payload":"","payloadType":"x","signatures":[]},"dsseEnvelope":'
    scene.add_bundle(honest.replace(b'"dsseEnvelope":', second))
    refused(scene, "the bundle")


def test_huge_bundle_is_not_fetched(scene: Scene) -> None:
    scene.add_bundle(scene.bundle() + b" " * 2_000_000)
    refused(scene, "is the limit")
    assert not scene.simulator.seen.matching("GET", "/blobs/")


def test_bundle_whose_size_is_understated_does_not_count(scene: Scene) -> None:
    data = scene.bundle() + b" " * 2_000_000
    scene.add_bundle(data, layers=[{**descriptor(MEDIA_TYPE_BUNDLE, data), "size": 100}])
    assert not scene.verify().trusted


def test_deeply_nested_bundle_does_not_count(scene: Scene) -> None:
    scene.add_bundle(b'{"mediaType":' + b"[" * 200_000 + b"]" * 200_000 + b"}")
    refused(scene, "the bundle")


def test_envelope_with_two_signatures_does_not_count(scene: Scene) -> None:
    def double(bundle: dict[str, Any]) -> None:
        bundle["dsseEnvelope"]["signatures"] *= 2

    scene.add_bundle(scene.edited_bundle(double))
    refused(scene, "2 signatures")


@pytest.mark.parametrize(
    "material",
    [{}, {"publicKey": {"hint": "x"}, "certificate": {"rawBytes": ""}}, {"x509CertificateChain": None}, []],
)
def test_bundle_that_names_no_key_or_two_does_not_count(scene: Scene, material: object) -> None:
    scene.add_bundle(scene.edited_bundle(lambda bundle: bundle.update(verificationMaterial=material)))
    assert not scene.verify().trusted


def test_referrer_with_two_bundles_does_not_count(scene: Scene) -> None:
    data = scene.bundle()
    scene.add_bundle(data, layers=[descriptor(MEDIA_TYPE_BUNDLE, data)] * 2)
    refused(scene, "2 layers")


def test_bundle_of_other_bytes_than_the_manifest_promises_does_not_count(scene: Scene) -> None:
    honest = scene.bundle()
    scene.add_bundle(honest)
    scene.simulator.poison("GET", "/blobs/", lambda _: Answer(200, scene.bundle(OTHER_KEY)[: len(honest)]))
    refused(scene, "not to be had")


# Keys and algorithms


def test_signature_by_somebody_else_is_shown_and_does_not_count(scene: Scene) -> None:
    scene.sign(OTHER_KEY)
    refused(scene, OTHER_KEY.public.fingerprint)


def test_bundle_that_claims_the_trusted_key_does_not_count(scene: Scene) -> None:
    bundle = json.loads(scene.bundle(OTHER_KEY))
    bundle["verificationMaterial"]["publicKey"]["hint"] = KEY.public.hint
    scene.add_bundle(encode(bundle))
    refused(scene, "it does not verify")


def test_key_that_a_bundle_brings_along_is_not_used(scene: Scene) -> None:
    bundle = json.loads(scene.bundle(OTHER_KEY))
    bundle["verificationMaterial"]["publicKey"]["rawBytes"] = OTHER_KEY.public.encoded
    scene.add_bundle(encode(bundle))
    assert not scene.verify().trusted


def test_algorithm_that_an_envelope_names_is_not_used(scene: Scene) -> None:
    def edit(bundle: dict[str, Any]) -> None:
        bundle["dsseEnvelope"]["signatures"][0] |= {"sig": "AA==", "alg": "none", "keyid": KEY.public.hint}

    scene.add_bundle(scene.edited_bundle(edit))
    refused(scene, "it does not verify")


@pytest.mark.parametrize("signature", [b"", b"\0", b"0" * 64, b"0" * 5000])
def test_junk_in_place_of_a_signature_does_not_count(scene: Scene, signature: bytes) -> None:
    scene.add_classic((scene.payload(), signature))
    assert not scene.verify().trusted


def test_empty_trust_trusts_nobody(scene: Scene) -> None:
    scene.sign()
    with pytest.raises(TrustError, match="nothing says whose signature"):
        verify_signatures(scene.client, scene.repository, scene.digest, Trust())
    assert not scene.verify(generate_key()).trusted


# The classic layout


def test_index_in_place_of_the_image_with_signatures_does_not_count(scene: Scene) -> None:
    scene.sign(KEY, Layout.CLASSIC)
    _, image = scene.simulator.manifests[scene.path, classic_tag(scene.digest)]
    index = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(MANIFEST, image)]})
    scene.simulator.add_manifest(scene.path, classic_tag(scene.digest), INDEX, index)
    refused(scene, "names an index")


def test_malformed_image_with_signatures_hides_no_bundle(scene: Scene) -> None:
    scene.sign(KEY, Layout.BUNDLE)
    scene.simulator.add_manifest(scene.path, classic_tag(scene.digest), MANIFEST, b'{"layers": 7}')
    assert scene.verify().trusted


def test_junk_beside_a_signature_hides_it_in_neither_layout(scene: Scene) -> None:
    honest = scene.payload()
    scene.add_classic((b"junk", b"x"), (honest, b"x"), (honest + b" ", b"y"), (honest, KEY.sign(honest)))
    found = scene.verify()
    assert found.trusted
    assert len(found.signatures) == 4
    for junk in (b"", b"[]", b"null", b"\xff", b'{"mediaType":1}'):
        scene.add_bundle(junk or b" ")
    assert scene.verify().trusted


def test_huge_payload_is_not_fetched(scene: Scene) -> None:
    payload = scene.payload() + b" " * 100_000
    scene.add_classic((payload, KEY.sign(payload)))
    refused(scene, "is the limit")
    assert not scene.simulator.seen.matching("GET", "/blobs/")


def test_signature_in_an_annotation_of_the_image_is_not_one_of_a_layer(scene: Scene) -> None:
    payload = scene.payload()
    signature = base64.b64encode(KEY.sign(payload)).decode()
    scene.add_classic((payload, b""), annotations={"dev.cosignproject.cosign/signature": signature})
    assert not scene.verify().trusted


# Referrers


def test_referrer_whose_subject_is_another_does_not_count(scene: Scene) -> None:
    digest = scene.add_bundle(scene.bundle(), of=OTHER.root)
    _, data = scene.simulator.manifests[scene.path, digest]
    listed = {"manifests": [{**descriptor(MANIFEST, data), "artifactType": MEDIA_TYPE_BUNDLE}]}
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode(listed)))
    refused(scene, "its subject is")


def test_referrer_without_a_subject_does_not_count(scene: Scene) -> None:
    digest = scene.add_bundle(scene.bundle(), subject=None)
    _, data = scene.simulator.manifests[scene.path, digest]
    listed = {"manifests": [{**descriptor(MANIFEST, data), "artifactType": MEDIA_TYPE_BUNDLE}]}
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode(listed)))
    refused(scene, "its subject is nothing")


def test_what_a_registry_says_of_a_referrer_s_type_does_not_matter(scene: Scene) -> None:
    digest = scene.add_bundle(scene.bundle())
    _, data = scene.simulator.manifests[scene.path, digest]
    listed = {"manifests": [{**descriptor(MANIFEST, data), "artifactType": EMPTY}]}
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode(listed)))
    assert scene.verify().trusted


def test_other_things_that_refer_to_an_artifact_are_no_signatures(scene: Scene) -> None:
    scene.add_bundle(
        b"an inventory", artifactType="application/spdx+json", layers=[descriptor("text/spdx", b"an inventory")]
    )
    assert scene.verify().signatures == ()


def test_referrer_that_is_listed_and_not_there_is_told(scene: Scene) -> None:
    listed = {"manifests": [{**descriptor(MANIFEST, b"gone"), "artifactType": MEDIA_TYPE_BUNDLE}]}
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode(listed)))
    refused(scene, "cannot be read")


def test_more_referrers_than_are_read_are_an_error_and_not_unsigned(scene: Scene) -> None:
    listed = {"manifests": [descriptor(MANIFEST, b"%d" % number) for number in range(300)]}
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode(listed)))
    with pytest.raises(SizeLimitError, match="300 artifacts refer to it"):
        scene.verify()


# What a registry does


@pytest.mark.parametrize("place", ["/referrers/", r"\.sig$"])
@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_listing_that_cannot_be_read_is_never_unsigned(scene: Scene, place: str, status: int) -> None:
    scene.simulator.poison("GET", place, lambda _: Answer(status, b"{}"))
    with pytest.raises(RegistryError):
        scene.verify()


@pytest.mark.parametrize("place", ["/referrers/", r"\.sig$"])
def test_login_page_is_never_unsigned(scene: Scene, place: str) -> None:
    page = Answer(200, b"<html>Please log in</html>", (("Content-Type", "text/html"),))
    scene.simulator.poison("GET", place, lambda _: page)
    with pytest.raises(RegistryResponseError):
        scene.verify()


def test_signature_that_may_not_be_read_is_an_error(scene: Scene) -> None:
    scene.sign(KEY, Layout.BUNDLE)
    scene.simulator.poison("GET", "/blobs/", lambda _: Answer(403, b"{}"))
    with pytest.raises(RegistryAuthError):
        scene.verify()


def test_registry_that_hides_signatures_gets_nothing_trusted(scene: Scene) -> None:
    scene.sign()
    scene.simulator.poison("GET", "/referrers/", lambda _: Answer(200, encode({"manifests": []})))
    scene.simulator.poison("GET", r"\.sig$", lambda _: Answer(404, b"{}"))
    refused(scene, "it is not signed")


def test_registry_that_lists_signatures_in_another_order_changes_nothing(scene: Scene) -> None:
    for key in (OTHER_KEY, KEY, generate_key()):
        scene.sign(key, Layout.BUNDLE)

    def backwards(exchange: Exchange) -> Answer:
        answer = exchange.honest()
        assert isinstance(answer.body, bytes)
        listed = json.loads(answer.body)
        listed["manifests"].reverse()
        return Answer(200, encode(listed), (("Content-Type", INDEX),))

    scene.simulator.poison("GET", "/referrers/", backwards)
    assert scene.verify().signers == scene.verify().signers != ()


def test_registry_that_swaps_a_manifest_between_two_reads_is_caught(scene: Scene) -> None:
    scene.sign(OTHER_KEY, Layout.BUNDLE)
    ours = scene.add_bundle(scene.bundle())
    _, honest = scene.simulator.manifests[scene.path, ours]
    scene.simulator.poison("GET", "/manifests/sha256:", lambda _: Answer(200, honest, (("Content-Type", MANIFEST),)))
    assert sum(one.trusted for one in scene.verify().signatures) == 1
    scene.simulator.poison("GET", "/manifests/sha256:", lambda _: Answer(200, b"{}", (("Content-Type", MANIFEST),)))
    refused(scene, "promised")


def test_signed_digest_is_that_of_the_bytes_and_not_of_the_tag(scene: Scene) -> None:
    scene.sign()
    OTHER.serve(scene.simulator)  # the tag moves to something that nobody signed
    moved = Scene(scene.simulator, scene.client, OTHER)
    refused(moved, "it is not signed")
    assert scene.verify().trusted


def test_docker_hub_by_its_two_names_is_one_repository() -> None:
    from toolhive_plugins_signatures.classic import cosign_name
    from toolhive_plugins_signatures.verification import canonical

    assert cosign_name("docker.io/acme/hello") == "index.docker.io/acme/hello"
    assert canonical("index.docker.io/acme/hello") == "docker.io/acme/hello"


def test_key_that_a_bundle_names_by_something_odd_is_not_repeated(scene: Scene) -> None:
    bundle = json.loads(scene.bundle(OTHER_KEY))
    bundle["verificationMaterial"]["publicKey"]["hint"] = "\x1b[31mtrusted" + "A" * 5000
    scene.add_bundle(encode(bundle))
    (found,) = scene.verify().signatures
    assert (found.signer, found.trusted) == (None, False)


def test_text_of_strangers_is_shortened_and_shows_no_escapes(scene: Scene) -> None:
    payload = scene.payload().replace(b"cosign container image signature", b"\\u001b[31m" + b"x" * 5000)
    scene.add_classic((payload, KEY.sign(payload)))
    assert "\x1b" not in scene.verify().refusal
    assert len(scene.verify().refusal) < 1000
    assert PREDICATE_SIGNATURE not in scene.verify().refusal
    assert digest_of(b"") not in scene.verify().refusal
