"""What signing writes: both layouts, added to what is there, once a key."""

import json

import pytest
from registry_artifacts import INDEX, MANIFEST, encode, plugin
from registry_simulator import Answer, Exchange
from signed_plugins import KEY, OTHER_KEY, Scene

from toolhive_plugins import Digest, RegistryNotFoundError, RegistryResponseError
from toolhive_plugins_signatures import (
    KeySigner,
    Layout,
    SigningError,
    Trust,
    attest,
    generate_key,
    sign_artifact,
    verify_attestations,
)
from toolhive_plugins_signatures.discovery import classic_tag

PREDICATE = "https://example.com/judged/v1"


def test_signature_is_found_in_both_layouts_and_names_its_key(scene: Scene) -> None:
    signed = scene.sign()
    assert signed.added == (Layout.CLASSIC, Layout.BUNDLE)
    found = scene.verify()
    assert found.trusted
    assert {one.layout for one in found.signatures} == {Layout.CLASSIC, Layout.BUNDLE}
    (signer,) = found.signers
    assert (signer.fingerprint, signer.public_key) == (KEY.public.fingerprint, KEY.public.encoded)
    assert found.warnings == ()


@pytest.mark.parametrize("layout", Layout)
def test_one_layout_alone_is_enough(scene: Scene, layout: Layout) -> None:
    assert scene.sign(KEY, layout).added == (layout,)
    assert [one.layout for one in scene.verify().signatures] == [layout]
    assert scene.verify().trusted


def test_key_signs_once_however_often_it_is_asked_to(scene: Scene) -> None:
    scene.sign()
    before = dict(scene.simulator.manifests)
    again = scene.sign()
    assert (again.added, again.present) == ((), (Layout.CLASSIC, Layout.BUNDLE))
    assert scene.simulator.manifests == before


def test_second_signature_is_added_and_replaces_nothing(scene: Scene) -> None:
    for key in (KEY, OTHER_KEY):
        scene.sign(key)
    for key in (KEY, OTHER_KEY):
        found = scene.verify(key)
        assert sum(one.trusted for one in found.signatures) == 2
        assert len(found.signatures) == 4


def test_without_the_referrers_api_a_list_by_tag_is_kept(scene: Scene) -> None:
    scene.simulator.referrers_api = False
    for key in (KEY, OTHER_KEY):
        scene.sign(key)
    assert scene.verify(KEY).trusted
    assert scene.verify(OTHER_KEY).trusted
    _, data = scene.simulator.manifests[scene.path, scene.digest.replace(":", "-")]
    assert len(json.loads(data)["manifests"]) == 2


def test_unknown_layers_of_the_image_with_signatures_stay_byte_for_byte(scene: Scene) -> None:
    scene.add_classic((b"not ours", b"signature"), annotations={"kept": "yes"})
    _, before = scene.simulator.manifests[scene.path, classic_tag(scene.digest)]
    scene.sign(KEY, Layout.CLASSIC)
    _, after = scene.simulator.manifests[scene.path, classic_tag(scene.digest)]
    assert json.loads(after)["layers"][0] == json.loads(before)["layers"][0]
    assert json.loads(after)["annotations"] == {"kept": "yes"}
    assert scene.verify().trusted


def test_index_under_the_tag_of_signatures_is_not_overwritten(scene: Scene) -> None:
    tag = classic_tag(scene.digest)
    scene.simulator.add_manifest(scene.path, tag, INDEX, encode({"schemaVersion": 2, "manifests": []}))
    with pytest.raises(SigningError, match="something other than an image"):
        scene.sign(KEY, Layout.CLASSIC)


def test_full_image_with_signatures_takes_no_more(scene: Scene) -> None:
    scene.add_classic(*((b"payload %d" % number, b"s") for number in range(64)))
    with pytest.raises(SigningError, match="64 signatures already"):
        scene.sign(KEY, Layout.CLASSIC)


def test_tag_that_may_not_change_is_named(scene: Scene) -> None:
    scene.sign(KEY, Layout.CLASSIC)
    scene.simulator.poison("PUT", r"\.sig$", lambda _: Answer(400, b'{"errors":[{"code":"IMMUTABLE"}]}'))
    with pytest.raises(RegistryResponseError) as caught:
        scene.sign(OTHER_KEY, Layout.CLASSIC)
    assert caught.value.where == classic_tag(scene.digest)


def test_nothing_is_signed_that_is_not_there(scene: Scene) -> None:
    missing = Digest.of(b"missing")
    for layout in Layout:
        with pytest.raises(RegistryNotFoundError):
            sign_artifact(scene.client, scene.repository, missing, KEY, layouts=[layout], settling=0)
    with pytest.raises(RegistryNotFoundError):
        attest(scene.client, scene.repository, missing, KeySigner(KEY), PREDICATE, {}, settling=0)
    assert not scene.simulator.seen.matching("PUT", "/manifests/")


def test_one_manifest_without_an_index_is_signed_too(scene: Scene) -> None:
    digest = Digest.of(scene.artifact.manifests[0])
    sign_artifact(scene.client, scene.repository, digest, KEY, settling=0)
    assert not scene.verify().trusted  # the index is another artifact
    documents = [json.loads(data) for _, data in scene.simulator.manifests.values()]
    assert MANIFEST in {each["subject"]["mediaType"] for each in documents if "subject" in each}


def test_repository_of_a_mirror_is_told_and_does_not_matter(scene: Scene) -> None:
    scene.sign(KEY, Layout.CLASSIC)
    for (repository, name), held in list(scene.simulator.manifests.items()):
        scene.simulator.manifests["mirror/" + repository, name] = held
    for repository, digest in list(scene.simulator.linked):
        scene.simulator.linked.add(("mirror/" + repository, digest))
    mirror = Scene(scene.simulator, scene.client, scene.artifact, "mirror/acme/hello")
    found = mirror.verify()
    assert found.trusted
    assert found.warnings == (f"it was signed as {scene.repository}, and is {mirror.repository} here",)


def test_statement_about_an_artifact_is_found_by_its_type_and_is_no_signature(scene: Scene) -> None:
    attest(scene.client, scene.repository, scene.digest, KeySigner(KEY), PREDICATE, {"hooks": 2}, settling=0)
    trust = Trust(keys=(KEY.public,))
    verification, (predicate,) = verify_attestations(scene.client, scene.repository, scene.digest, trust, PREDICATE)
    assert verification.trusted
    assert dict(predicate).keys() == {"hooks"}
    other, none = verify_attestations(scene.client, scene.repository, scene.digest, trust, "https://example.com/other")
    assert (other.trusted, none) == (False, ())
    assert scene.verify().refusal == "it is not signed"


def test_somebody_else_s_statement_is_found_and_not_believed(scene: Scene) -> None:
    attest(scene.client, scene.repository, scene.digest, KeySigner(OTHER_KEY), PREDICATE, {"hooks": 0}, settling=0)
    trust = Trust(keys=(KEY.public,))
    verification, predicates = verify_attestations(scene.client, scene.repository, scene.digest, trust, PREDICATE)
    assert predicates == ()
    assert OTHER_KEY.public.fingerprint in verification.refusal


def test_signatures_of_two_at_once_are_all_there_at_the_end(scene: Scene) -> None:
    """The second signer writes between the first one's read and write of each tag."""
    scene.simulator.referrers_api = False
    late = generate_key()

    def other_first(exchange: Exchange) -> Answer:
        scene.sign(late)
        return exchange.honest()

    scene.simulator.poison("PUT", r"/manifests/sha256-[0-9a-f]+(\.sig)?$", other_first, times=1)
    sign_artifact(scene.client, scene.repository, scene.digest, KEY, settling=0.3)
    # The later writer overwrote what it had not seen; whoever reads again puts it back, which is what settling is for.
    sign_artifact(scene.client, scene.repository, scene.digest, late, settling=0.3)
    for key in (KEY, late):
        assert scene.verify(key).trusted


def test_plugins_of_other_names_share_nothing(scene: Scene) -> None:
    scene.sign()
    plugin(b"another\n").serve(scene.simulator, tag="v2")
    other = Scene(scene.simulator, scene.client, plugin(b"another\n"))
    assert other.verify().refusal == "it is not signed"
