"""cosign and we read each other's keys and signatures, in both layouts."""

import pytest
from programs import run
from signed_by_others import NO_LOG, PASSWORD, Published

from toolhive_plugins_signatures import (
    Layout,
    PublicKey,
    Trust,
    generate_key,
    load_private_key,
    load_public_key,
    sign_artifact,
    verify_attestations,
    verify_signatures,
    write_key_pair,
)

IGNORE_LOG = "--insecure-ignore-tlog=true"
FORMATS = {Layout.CLASSIC: "--new-bundle-format=false", Layout.BUNDLE: "--new-bundle-format=true"}


def trusted_layouts(published: Published, key: PublicKey) -> set[Layout]:
    found = verify_signatures(published.client, published.repository, published.digest, Trust(keys=(key,)))
    return {one.layout for one in found.signatures if one.trusted}


def our_key(published: Published) -> PublicKey:
    write_key_pair(str(published.folder / "ours"), generate_key(), PASSWORD.encode())
    return load_public_key(str(published.folder / "ours.pub"))


def their_key(published: Published) -> PublicKey:
    assert published.cosign("generate-key-pair", "--output-key-prefix", "theirs").returncode == 0
    return load_public_key(str(published.folder / "theirs.pub"))


def test_key_pair_of_cosign_opens_here(published: Published) -> None:
    public = their_key(published)
    private = load_private_key(str(published.folder / "theirs.key"), PASSWORD.encode())
    assert private.public.der == public.der


@pytest.mark.parametrize("layout", Layout)
def test_what_we_sign_cosign_verifies(published: Published, layout: Layout) -> None:
    our_key(published)
    their_key(published)
    key = load_private_key(str(published.folder / "ours.key"), PASSWORD.encode())
    sign_artifact(published.client, published.repository, published.digest, key, layouts=[layout], settling=0)
    assert published.cosign_takes("--key", "ours.pub", IGNORE_LOG, FORMATS[layout])
    assert not published.cosign_takes("--key", "theirs.pub", IGNORE_LOG, FORMATS[layout])


@pytest.mark.parametrize("layout", Layout)
def test_what_cosign_signs_we_verify(published: Published, layout: Layout) -> None:
    theirs, ours = their_key(published), our_key(published)
    published.cosign_signs("--key", "theirs.key", *NO_LOG, FORMATS[layout])
    assert trusted_layouts(published, theirs) == {layout}
    assert trusted_layouts(published, ours) == set()


def test_our_key_signs_in_cosign(published: Published) -> None:
    ours = our_key(published)
    published.cosign_signs("--key", "ours.key", *NO_LOG)
    assert trusted_layouts(published, ours) == {Layout.BUNDLE}


def test_both_sign_one_plugin_and_keep_each_other_s_signatures(published: Published) -> None:
    theirs, ours = their_key(published), our_key(published)
    key = load_private_key(str(published.folder / "ours.key"), PASSWORD.encode())
    for option in FORMATS.values():
        published.cosign_signs("--key", "theirs.key", *NO_LOG, option)
    sign_artifact(published.client, published.repository, published.digest, key, settling=0)
    assert trusted_layouts(published, theirs) == trusted_layouts(published, ours) == set(Layout)
    for name in ("ours.pub", "theirs.pub"):
        for option in FORMATS.values():
            assert published.cosign_takes("--key", name, IGNORE_LOG, option), (name, option)


KINDS = {
    "rsa": (["genrsa", "-out", "x.pem", "3072"], True),
    "p384": (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "x.pem"], False),
    "p521": (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521", "-out", "x.pem"], False),
    "ed25519": (["genpkey", "-algorithm", "ed25519", "-out", "x.pem"], False),
}
"""What makes a key of each kind, and whether cosign 3.1.3 verifies what it signs itself with such a key."""


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_other_kinds(published: Published, kind: str) -> None:
    command, cosign_verifies = KINDS[kind]
    pem = str(published.folder / "x.pem")
    run("openssl", *[pem if argument == "x.pem" else argument for argument in command])
    done = published.cosign("import-key-pair", "--key", "x.pem", "--output-key-prefix", kind)
    assert done.returncode == 0, done.stderr
    public = load_public_key(str(published.folder / f"{kind}.pub"))
    for option in FORMATS.values():
        published.cosign_signs("--key", f"{kind}.key", *NO_LOG, option)
        assert published.cosign_takes("--key", f"{kind}.pub", IGNORE_LOG, option) == cosign_verifies
    assert trusted_layouts(published, public) == set(Layout)
    private = load_private_key(str(published.folder / f"{kind}.key"), PASSWORD.encode())
    private.public.verify(private.sign(b"content"), b"content")


def test_statement_by_cosign_is_read(published: Published) -> None:
    theirs = their_key(published)
    (published.folder / "predicate.json").write_text('{"hooks": 2}')
    kind = "https://example.com/judged/v1"
    done = published.cosign(
        *("attest", "--key", "theirs.key", *NO_LOG, "--predicate", "predicate.json", "--type", kind),
    )
    assert done.returncode == 0, done.stderr
    trust = Trust(keys=(theirs,))
    found, predicates = verify_attestations(published.client, published.repository, published.digest, trust, kind)
    assert found.trusted
    assert [set(predicate) for predicate in predicates] == [{"hooks"}]
    assert trusted_layouts(published, theirs) == set()  # a statement does not count as a signature
