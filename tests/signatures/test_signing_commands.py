"""sign, push --sign, attest and verify, as commands, against a real registry and a real Sigstore."""

import json
from pathlib import Path

import pytest
from command_runner import Command, hook, write_plugin
from git_repositories import isolate_git
from real_registry import RealRegistry
from sigstore_services import Sigstore

from toolhive_plugins_cli import exit_codes

ANN = "ann@example.com"
PASSWORD = {"COSIGN_PASSWORD": "correct horse"}


@pytest.fixture
def thv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, with the directory of a plugin that has a hook, `demo`, built, and a pair of keys, `release`."""
    isolate_git(monkeypatch, tmp_path / "home")
    command = Command(tmp_path)
    write_plugin(tmp_path / "demo", hook("echo hello") | {"commands/go.md": "Go.\n"})
    assert command("build", "demo").status == exit_codes.OK
    assert command("keygen", "release", env=PASSWORD).status == exit_codes.OK
    return command


def reference(registry: RealRegistry, tmp_path: Path) -> str:
    name = tmp_path.name.lower().replace("_", "-").strip("-")
    return f"{registry.host}/{name}/demo:1.0.0"


def test_tag_is_set_after_all_signatures(thv: Command, registry: RealRegistry, tmp_path: Path) -> None:
    ref = reference(registry, tmp_path)
    done = thv("push", "demo", ref, "--sign", "--key", "release.key", "--plain-http", env=PASSWORD)
    assert done.status == exit_codes.OK, done.err
    name = ref.partition("/")[2].partition(":")[0]
    puts = [path for method, path in registry.requests() if method == "PUT" and f"/{name}/manifests/" in path]
    assert puts[-1].endswith("/manifests/1.0.0")
    assert any(path.endswith(".sig") for path in puts[:-1])
    assert thv("verify", ref, "--key", "release.pub", "--plain-http").status == exit_codes.OK


def test_without_a_signature_there_is_no_tag(
    thv: Command, registry: RealRegistry, sigstore: Sigstore, tmp_path: Path
) -> None:
    ref = reference(registry, tmp_path)
    (tmp_path / "bad.token").write_text(sigstore.issuer.token(ANN, exp=1))
    own = ("--trusted-root", str(sigstore.trusted_root), "--signing-config", str(sigstore.signing_config))
    done = thv("push", "demo", ref, "--sign", "--identity-token", "bad.token", *own, "--plain-http")
    assert done.status == exit_codes.FAILED
    assert thv("pull", ref, "--plain-http").status == exit_codes.NOT_FOUND


@pytest.mark.parametrize(
    "options",
    [
        ["--sign"],
        ["--key", "release.key"],
        ["--sign", "--key", "release.key", "--identity-token", "auto"],
        ["--sign", "--key", "release.key", "--trusted-root", "x", "--signing-config", "y"],
        ["--sign", "--identity-token", "auto", "--trusted-root", "x"],
    ],
)
def test_who_signs_is_said_once_and_wholly(thv: Command, options: list[str]) -> None:
    done = thv("push", "demo", "localhost:1/acme/demo:1", *options, "--plain-http", env=PASSWORD)
    assert (done.status, done.out) == (exit_codes.USAGE, "")


def test_identity_signs_and_is_verified_without_a_key(
    thv: Command, registry: RealRegistry, sigstore: Sigstore, tmp_path: Path
) -> None:
    ref = reference(registry, tmp_path)
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    sigstore.token_file(ANN, tmp_path)
    root = ("--trusted-root", str(sigstore.trusted_root))
    own = (*root, "--signing-config", str(sigstore.signing_config))
    done = thv("sign", ref, "--identity-token", f"{ANN}.token", *own, "--plain-http")
    assert done.status == exit_codes.OK, done.err
    assert ANN in done.out
    piped = thv(
        *("sign", ref, "--identity-token", "-", *own, "--plain-http"),
        stdin=sigstore.issuer.token("bob@example.com").encode(),
    )
    assert piped.status == exit_codes.OK, piped.err

    issuer = ("--certificate-oidc-issuer", sigstore.issuer.url)
    good = thv("verify", ref, "--certificate-identity", ANN, *issuer, *root, "--plain-http", "--format", "json")
    assert good.status == exit_codes.OK, good.err
    (signer,) = [one["signer"] for one in json.loads(good.out)["signatures"]["signatures"] if one["trusted"]]
    assert (signer["kind"], signer["identity"], signer["issuer"]) == ("keyless", ANN, sigstore.issuer.url)
    pattern = thv("verify", ref, "--certificate-identity-regexp", "ann@.*", *issuer, *root, "--plain-http")
    assert pattern.status == exit_codes.OK
    other = thv("verify", ref, "--certificate-identity", "carl@example.com", *issuer, *root, "--plain-http")
    assert other.status == exit_codes.NOT_TRUSTED
    assert ANN in other.err
    assert sigstore.issuer.url in other.err


def test_the_identity_that_signed_first_is_remembered(
    thv: Command, registry: RealRegistry, sigstore: Sigstore, tmp_path: Path
) -> None:
    ref = reference(registry, tmp_path).replace("1.0.0", "latest")
    root = ("--trusted-root", str(sigstore.trusted_root))
    for folder in (".claude", "project/.git"):
        (tmp_path / folder).mkdir(parents=True)

    def publish(email: str, text: str) -> None:
        (tmp_path / "demo" / "commands" / "go.md").write_text(text)
        sigstore.token_file(email, tmp_path)
        own = ("--identity-token", f"{email}.token", *root, "--signing-config", str(sigstore.signing_config))
        assert thv("build", "demo").status == exit_codes.OK
        done = thv("push", "demo", ref, "--sign", *own, "--plain-http")
        assert done.status == exit_codes.OK, done.err

    at = ("--project", "project", "--plain-http", "--yes", "--store", "elsewhere")
    publish("first@example.com", "Nothing.\n")  # the library cannot read the log's very first entry
    publish(ANN, "Go.\n")
    lacking = {"PYTHONPATH": f"{without_the_extra(tmp_path)}:{thv.env['PYTHONPATH']}"}
    cannot = thv("install", ref, "--allow-unsigned", *root, *at, env=lacking)
    assert cannot.status == exit_codes.FAILED
    assert "toolhive-plugins-signatures[keyless]" in cannot.err
    unknown = thv("install", ref, *at)  # as the public Sigstore knows it
    assert unknown.status == exit_codes.NOT_TRUSTED
    assert "it does not verify" in unknown.err

    done = thv("install", ref, *root, *at)
    assert done.status == exit_codes.OK, done.err
    lock = (tmp_path / "project" / "toolhive.lock.yaml").read_text()
    assert f"provenance:\n        signerIdentity: {ANN}\n        certIssuer: {sigstore.issuer.url}\n" in lock
    publish(ANN, "Go on.\n")
    assert thv("upgrade", *root, *at).status == exit_codes.OK
    publish("bob@example.com", "Go away.\n")
    refused = thv("upgrade", *root, *at)
    assert refused.status == exit_codes.NOT_TRUSTED
    assert f"was signed by {ANN}" in refused.err
    assert "is signed by bob@example.com" in refused.err
    assert "--allow-signer-change" in refused.err
    assert thv("upgrade", "--allow-signer-change", *root, *at).status == exit_codes.OK
    assert "signerIdentity: bob@example.com" in (tmp_path / "project" / "toolhive.lock.yaml").read_text()


def without_the_extra(tmp_path: Path) -> Path:
    """Return a folder for PYTHONPATH that hides the packages of the extra."""
    broken = tmp_path / "broken"
    for package in ("sigstore", "re2"):
        (broken / package).mkdir(parents=True)
        (broken / package / "__init__.py").write_text("raise ImportError('not installed')\n")
    return broken


def test_without_the_extra_an_identity_is_an_error_that_names_it(
    thv: Command, registry: RealRegistry, sigstore: Sigstore, tmp_path: Path
) -> None:
    ref = reference(registry, tmp_path)
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    sigstore.token_file(ANN, tmp_path)
    root = ("--trusted-root", str(sigstore.trusted_root))
    signed = thv(
        *("sign", ref, "--identity-token", f"{ANN}.token", *root),
        *("--signing-config", str(sigstore.signing_config), "--plain-http"),
    )
    assert signed.status == exit_codes.OK
    lacking = {"PYTHONPATH": f"{without_the_extra(tmp_path)}:{thv.env['PYTHONPATH']}"}
    issuer = ("--certificate-oidc-issuer", sigstore.issuer.url)
    for option in ("--certificate-identity", "--certificate-identity-regexp"):
        done = thv("verify", ref, option, ANN, *issuer, *root, "--plain-http", env=lacking)
        assert done.status == exit_codes.FAILED
        assert "toolhive-plugins-signatures[keyless]" in done.err
    # A key needs no extra, and the signature of an identity does not count for it.
    by_key = thv("verify", ref, "--key", "release.pub", "--plain-http", env=lacking)
    assert by_key.status == exit_codes.NOT_TRUSTED
    assert "by an identity" in by_key.err


def test_what_it_runs_and_how_it_was_built_are_stated_and_believed(
    thv: Command, registry: RealRegistry, tmp_path: Path
) -> None:
    ref = reference(registry, tmp_path)
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    done = thv(
        "attest", ref, "--source", "demo", "--key", "release.key", "--plain-http", "--format", "json", env=PASSWORD
    )
    assert done.status == exit_codes.OK, done.err
    assert len(json.loads(done.out)["signed"]) == 2

    def stated(kind: str) -> dict[str, object]:
        found = thv(*("verify", ref, "--attestation", kind, "--key", "release.pub", "--plain-http", "--format", "json"))
        assert found.status == exit_codes.OK, found.err
        (statement,) = json.loads(found.out)["attestations"]
        assert isinstance(statement, dict)
        return statement

    surface = stated("surface")
    inspected = json.loads(thv("inspect", "demo", "--format", "json").out)["surface"]
    assert surface["surface"] == inspected
    assert inspected["hooks"]
    definition = stated("provenance")["buildDefinition"]
    assert isinstance(definition, dict)
    assert definition["externalParameters"] == {
        "profile": "none",
        "epoch": 0,
        "platforms": ["linux/amd64", "linux/arm64"],
    }
    # A statement does not count as a signature, and nobody else's word counts.
    assert thv("verify", ref, "--key", "release.pub", "--plain-http").status == exit_codes.NOT_TRUSTED
    assert thv("keygen", "other", env=PASSWORD).status == exit_codes.OK
    other = thv("verify", ref, "--attestation", "surface", "--key", "other.pub", "--plain-http")
    assert other.status == exit_codes.NOT_TRUSTED


def test_what_was_built_from_another_source_is_stated_of_nothing(
    thv: Command, registry: RealRegistry, tmp_path: Path
) -> None:
    ref = reference(registry, tmp_path)
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    (tmp_path / "demo/commands/go.md").write_text("Go elsewhere.\n")
    done = thv("attest", ref, "--source", "demo", "--key", "release.key", "--plain-http", env=PASSWORD)
    assert done.status == exit_codes.NOT_VERIFIED
    found = thv("verify", ref, "--attestation", "surface", "--key", "release.pub", "--plain-http")
    assert found.status == exit_codes.NOT_TRUSTED
