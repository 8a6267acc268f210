"""keygen, sign and verify, as people and pipelines use them."""

import json
import os
import stat
from pathlib import Path

import pytest
from command_runner import Command

from toolhive_plugins_cli import exit_codes

PASSWORD = {"COSIGN_PASSWORD": "correct horse"}


@pytest.fixture
def keys(thv: Command) -> Path:
    """Make `release.key` and `release.pub`."""
    assert thv("keygen", "release", env=PASSWORD).status == exit_codes.OK
    return thv.folder / "release.pub"


def pushed(thv: Command, registry: str, repository: str) -> str:
    """Build and push the demo; return its reference."""
    ref = f"{registry}/{repository}/demo:1.0.0"
    assert thv("build", "demo").status == exit_codes.OK
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    return ref


def test_signed_plugin_verifies_with_its_key_and_no_other(thv: Command, demo: Path, registry: str, keys: Path) -> None:
    ref = pushed(thv, registry, "signed")
    done = thv("sign", ref, "--key", "release.key", "--plain-http", env=PASSWORD)
    assert done.status == exit_codes.OK, done.err
    assert "classic, bundle" in done.out

    good = thv("verify", ref, "--key", "release.pub", "--plain-http")
    assert (good.status, good.err) == (exit_codes.OK, "")
    assert good.out.startswith("trusted")
    fingerprint = json.loads(thv("keygen", "other", "--format", "json", env=PASSWORD).out)["fingerprint"]
    refused = thv("verify", ref, "--key", "other.pub", "--plain-http")
    assert refused.status == exit_codes.NOT_TRUSTED
    assert refused.out.startswith("not trusted")
    assert "none of its signatures is by a trusted signer" in refused.err
    assert fingerprint not in refused.err

    # Signatures first, then the source: one document has both.
    both = thv(
        *("verify", ref, "--key", "release.pub", "--source", "./demo", "--plain-http", "--format", "json"),
    )
    assert both.status == exit_codes.OK, both.err
    document = json.loads(both.out)
    assert document["verdict"] == "identical"
    assert {one["layout"] for one in document["signatures"]["signatures"] if one["trusted"]} == {"classic", "bundle"}

    # What was pulled is known by the registry that it is from: by its tag and by its digest.
    assert thv("pull", ref, "--plain-http").status == exit_codes.OK
    digest = document["origin"]["digest"]
    for target in (ref, digest, digest.removeprefix("sha256:")[:12]):
        assert thv("verify", target, "--key", "release.pub", "--plain-http", "--quiet").status == exit_codes.OK

    again = thv("sign", ref, "--key", "release.key", "--plain-http", env=PASSWORD)
    assert again.status == exit_codes.OK
    assert "already" in again.err


def test_unsigned_plugin_is_not_trusted(thv: Command, demo: Path, registry: str, keys: Path) -> None:
    ref = pushed(thv, registry, "unsigned")
    done = thv("verify", ref, "--key", "release.pub", "--source", "./demo", "--plain-http")
    assert done.status == exit_codes.NOT_TRUSTED
    assert "it is not signed" in done.err
    assert "bit for bit" not in done.out  # the source is not looked at


def test_source_alone_says_that_signatures_were_not_checked(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    done = thv("verify", "demo", "--source", "./demo")
    assert done.status == exit_codes.OK
    assert "signatures  not checked" in done.out


def test_former_form_of_verify_says_how_it_is_written_now(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    done = thv("verify", "./demo", "demo")
    assert (done.status, done.out) == (exit_codes.USAGE, "")
    assert "thv-plugin verify demo --source ./demo" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "whose signature is wanted"),
        (["--certificate-identity", "ann@example.com"], "needs its issuer"),
        (["--certificate-identity-regexp", ".*"], "needs its issuer"),
        (["--certificate-oidc-issuer", "https://example.com"], "only with --certificate-identity"),
        (["--trusted-root", "root.json", "--key", "release.pub"], "only with --certificate-identity"),
        (["--key", "release.key"], "private key"),
        (["--key", "absent.pub"], "absent.pub"),
        (["--git", "--key", "release.pub"], "only with --source"),
        (["--attestation", "surface", "--source", "./demo"], "--attestation needs"),
        (["--certificate-identity-regexp", "(", "--certificate-oidc-issuer", "https://x"], "regular expression"),
    ],
)
def test_verify_that_could_not_mean_anything_is_a_usage_error(
    thv: Command, demo: Path, keys: Path, options: list[str], said: str
) -> None:
    thv("build", "demo")
    done = thv("verify", "demo", *options)
    assert (done.status, done.out) == (exit_codes.USAGE, "")
    assert said in done.err


def test_local_build_that_came_from_no_registry_is_not_found_there(thv: Command, demo: Path, keys: Path) -> None:
    thv("build", "demo")
    done = thv("verify", "demo", "--key", "release.pub")
    assert done.status == exit_codes.NOT_FOUND
    assert "came from no registry" in done.err


def test_keys_are_their_owner_s_and_never_overwritten(thv: Command, keys: Path) -> None:
    assert stat.S_IMODE((thv.folder / "release.key").stat().st_mode) == 0o600
    before = keys.read_bytes()
    done = thv("keygen", "release", env=PASSWORD)
    assert done.status == exit_codes.USAGE
    assert "exists already" in done.err
    assert keys.read_bytes() == before


def test_password_comes_from_stdin_or_the_terminal_and_is_never_an_argument(thv: Command) -> None:
    assert thv("keygen", "piped", "--password-stdin", stdin=b"secret\n").status == exit_codes.OK
    typed = thv.on_terminal("keygen", "typed", typed="secret\nsecret\n")
    assert typed.status == exit_codes.OK
    assert "secret" not in typed.out
    differ = thv.on_terminal("keygen", "differ", typed="one\ntwo\n")
    assert differ.status == exit_codes.USAGE
    assert not (thv.folder / "differ.key").exists()
    nobody = thv("keygen", "nobody")
    assert nobody.status == exit_codes.USAGE
    assert "COSIGN_PASSWORD" in nobody.err
    assert thv("keygen", "open", env={"COSIGN_PASSWORD": ""}).err.startswith("warning: the password is empty")


def test_wrong_password_signs_nothing(thv: Command, demo: Path, registry: str, keys: Path) -> None:
    ref = pushed(thv, registry, "wrong-password")
    done = thv("sign", ref, "--key", "release.key", "--plain-http", env={"COSIGN_PASSWORD": "wrong"})
    assert done.status == exit_codes.USAGE
    assert "the password does not open the private key" in done.err
    assert "wrong" not in done.err.replace("wrong-password", "")
    assert thv("tags", ref.rpartition(":")[0], "--plain-http").out.split() == ["1.0.0"]
    assert os.environ.get("COSIGN_PASSWORD") is None
