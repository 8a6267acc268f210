"""toolhive-core's signer and verifier, which ToolHive signs and verifies with, and we read each other's signatures."""

import os
import subprocess

import pytest
from programs import required
from signed_by_others import PASSWORD, Published

from toolhive_plugins_signatures import (
    Layout,
    PublicKey,
    Trust,
    generate_key,
    load_private_key,
    load_public_key,
    sign_artifact,
    verify_signatures,
    write_key_pair,
)

DRIVER = "toolhive-signatures-driver"


def key_pair(published: Published, name: str) -> PublicKey:
    write_key_pair(str(published.folder / name), generate_key(), PASSWORD.encode())
    return load_public_key(str(published.folder / f"{name}.pub"))


def driver(published: Published, verb: str, key: str) -> str:
    """Have toolhive-core sign or verify the plugin; return what it says."""
    done = subprocess.run(
        [required(DRIVER), verb, published.repository, published.digest, key],
        cwd=published.folder,
        env={"PATH": os.environ["PATH"], "HOME": str(published.folder), "COSIGN_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("layouts", [[Layout.CLASSIC], [Layout.BUNDLE], [Layout.CLASSIC, Layout.BUNDLE]])
def test_what_we_sign_toolhive_core_verifies(published: Published, layouts: list[Layout]) -> None:
    for name in ("ours", "other"):
        key_pair(published, name)
    key = load_private_key(str(published.folder / "ours.key"), PASSWORD.encode())
    sign_artifact(published.client, published.repository, published.digest, key, layouts=layouts, settling=0)
    found = len(layouts)
    assert driver(published, "verify", "ours.pub") == f"{found} {found}"
    assert driver(published, "verify", "other.pub") == f"0 {found}"


def test_what_toolhive_core_signs_we_verify(published: Published) -> None:
    ours, other = key_pair(published, "ours"), key_pair(published, "other")
    driver(published, "sign", "ours.key")
    for key, trusted in ((ours, True), (other, False)):
        trust = Trust(keys=(key,))
        found = verify_signatures(published.client, published.repository, published.digest, trust)
        assert [(one.layout, one.trusted) for one in found.signatures] == [(Layout.CLASSIC, trusted)]
    assert published.cosign_takes("--key", "ours.pub", "--insecure-ignore-tlog=true", "--new-bundle-format=false")
