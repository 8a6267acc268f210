"""What accompanies a plugin goes along where the plugin is copied to, and verifies there."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from attrs import evolve
from real_registry import RealRegistry, running_crane_registry
from signed_by_others import NO_LOG, Published

from toolhive_plugins import (
    MEDIA_TYPE_IMAGE_INDEX,
    Descriptor,
    Digest,
    Registry,
    RegistryAuthError,
    RegistryNotFoundError,
)
from toolhive_plugins_service.tagging import copy
from toolhive_plugins_signatures import (
    Layout,
    PrivateKey,
    SigningError,
    Trust,
    carry,
    generate_key,
    load_private_key,
    sign_artifact,
    verify_signatures,
)

ONE, TWO = generate_key(), generate_key()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A registry of another kind, with the Referrers API."""
    with running_crane_registry(tmp_path_factory.mktemp("crane")) as running:
        yield running


def sign(published: Published, key: PrivateKey) -> None:
    sign_artifact(published.client, published.repository, published.digest, key, settling=0)


def at(published: Published, repository: str) -> Published:
    return evolve(published, repository=repository)


def layouts(published: Published, key: PrivateKey) -> set[Layout]:
    """Return the layouts in which a key's signature verifies."""
    trust = Trust(keys=(key.public,))
    found = verify_signatures(published.client, published.repository, published.digest, trust)
    return {each.layout for each in found.signatures if each.trusted}


@pytest.mark.parametrize("far", [False, True])
def test_signatures_of_every_writer_verify_where_a_plugin_was_copied_to(
    published: Published, other: RealRegistry, far: bool
) -> None:
    sign(published, ONE)
    assert published.cosign("generate-key-pair").returncode == 0
    published.cosign_signs("--key", "cosign.key", *NO_LOG)
    published.cosign_signs("--key", "cosign.key", *NO_LOG, "--new-bundle-format=false")
    name = published.repository.partition("/")[2]
    target = f"{other.host if far else published.repository.partition('/')[0]}/mirror/{name}"
    copied = copy(published.client, published.client, f"{published.repository}:1.0.0", f"{target}:1.0.0", None)
    assert copied.digest == published.digest
    there = at(published, target)
    cosigns = load_private_key(str(published.folder / "cosign.key"), b"correct horse")
    assert layouts(there, ONE) == layouts(there, cosigns) == {Layout.CLASSIC, Layout.BUNDLE}
    own = ("--key", "cosign.pub", "--insecure-ignore-tlog=true")
    assert there.cosign_takes(*own)
    assert there.cosign_takes(*own, "--new-bundle-format=false")


def test_signatures_that_the_target_has_of_its_own_stay(published: Published) -> None:
    there = at(published, f"{published.repository}-mirror")
    published.client.copy(published.ref, there.ref)
    sign(there, TWO)
    sign(published, ONE)
    for _ in range(2):  # the second time there is nothing to do
        carry(published.client, published.repository, there.repository, published.digest)
        assert layouts(there, ONE) == layouts(there, TWO) == {Layout.CLASSIC, Layout.BUNDLE}
        assert layouts(published, TWO) == set()
    tag = f"{there.repository}:sha256-{published.digest.encoded}.sig"
    before = published.client.resolve(tag)
    carry(published.client, published.repository, there.repository, published.digest)
    assert published.client.resolve(tag) == before


def test_a_plugin_that_nobody_signed_takes_nothing_along(published: Published) -> None:
    there = at(published, f"{published.repository}-mirror")
    published.client.copy(published.ref, there.ref)
    assert carry(published.client, published.repository, there.repository, published.digest) == 0
    with pytest.raises(RegistryNotFoundError):
        published.client.tags(there.repository)


def test_what_is_listed_and_refers_to_something_else_stays_behind(published: Published) -> None:
    """Whoever can push can put anything into the list."""
    listed = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE_IMAGE_INDEX,
            "manifests": [
                {"mediaType": MEDIA_TYPE_IMAGE_INDEX, "size": len(published.client.fetch(published.ref).data), "digest": published.digest}
            ],
        }
    )  # fmt: skip
    tag = f"sha256-{published.digest.encoded}"
    published.client.attach(published.repository, [], {tag: lambda current: None if current else listed.encode()})
    there = at(published, f"{published.repository}-mirror")
    published.client.copy(published.ref, there.ref)
    assert carry(published.client, published.repository, there.repository, published.digest) == 0
    with pytest.raises(RegistryNotFoundError):
        published.client.resolve(f"{there.repository}:{tag}")


def test_a_tag_for_signatures_that_names_an_index_is_an_error(published: Published) -> None:
    sign(published, ONE)
    there = at(published, f"{published.repository}-mirror")
    published.client.copy(published.ref, f"{there.repository}:sha256-{published.digest.encoded}.sig")
    with pytest.raises(SigningError, match="other than an image"):
        carry(published.client, published.repository, there.repository, published.digest)


def test_a_list_that_cannot_be_read_leaves_no_tag(published: Published, tmp_path: Path) -> None:
    """It may be of signatures. A copy without them would look unsigned."""

    class Refusing(Registry):
        def referrers(self, ref: str, artifact_type: str = "") -> tuple[Descriptor, ...]:
            raise RegistryAuthError("you may not list this", where=ref)

    with Refusing(plain_http=True) as client:
        target = f"{published.repository}-mirror:1.0.0"
        with pytest.raises(RegistryAuthError):
            copy(client, client, f"{published.repository}:1.0.0", target, None)
        with pytest.raises(RegistryNotFoundError):
            client.resolve(target)


def test_the_tag_is_set_last(published: Published, registry: RealRegistry) -> None:
    sign(published, ONE)
    target = f"{published.repository}-last"
    copy(published.client, published.client, f"{published.repository}:1.0.0", f"{target}:1.0.0", None)
    path = f"/{target.partition('/')[2]}/manifests/"
    puts: Sequence[str] = [where for method, where in registry.requests() if method == "PUT" and path in where]
    assert puts[-1].endswith("/manifests/1.0.0")
    assert any(where.endswith(".sig") for where in puts[:-1])
    assert Digest.parse(puts[0].rpartition("/")[2])
