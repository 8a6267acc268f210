"""Trust on first use, at a real registry: who signed is remembered, and who comes next is compared with that."""

import json
import re
from pathlib import Path

import pytest
from command_runner import Command, Ended, write_plugin

from toolhive_plugins_cli import exit_codes

PASSWORD = {"COSIGN_PASSWORD": "correct horse"}


@pytest.fixture
def user(thv: Command) -> Command:
    """A user of Claude Code with a project, and two key pairs, `one` and `two`."""
    for folder in (".claude", "project/.git"):
        (thv.folder / folder).mkdir(parents=True)
    for name in ("one", "two"):
        ok(thv("keygen", name, env=PASSWORD))
    return thv


def publish(thv: Command, ref: str, version: str, *keys: str) -> str:
    """Build a plugin, push it, sign it with keys, and return its digest."""
    files: dict[str, object] = {
        ".claude-plugin/plugin.json": {"name": "demo", "version": version},
        "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\nHi\n",
    }
    write_plugin(thv.folder / "source" / "demo", files)
    ok(thv("--store", "publisher", "build", "source/demo", "--tag", "demo"))
    digest = ok(thv("--store", "publisher", "push", "demo", ref, "--plain-http", "--quiet")).out.strip()
    for key in keys:
        ok(thv("sign", ref, "--key", f"{key}.key", "--plain-http", env=PASSWORD))
    return digest


def ok(done: Ended) -> Ended:
    assert done.status == exit_codes.OK, done
    return done


def refused(done: Ended, *words: str) -> None:
    assert done.status == exit_codes.NOT_TRUSTED, done
    for word in words:
        assert word in done.err


def public_key(thv: Command, name: str) -> str:
    lines = (thv.folder / f"{name}.pub").read_text().splitlines()
    return "".join(line for line in lines if not line.startswith("-"))


def fingerprint(thv: Command, name: str) -> str:
    from toolhive_plugins_signatures import load_public_key

    return load_public_key(str(thv.folder / f"{name}.pub")).fingerprint


def test_the_first_signer_is_in_the_lock_file_and_every_other_one_must_be_accepted(
    user: Command, registry: str
) -> None:
    ref = f"{registry}/first/demo:latest"
    lock = user.folder / "project" / "toolhive.lock.yaml"
    at = ("--project", "project", "--plain-http", "--yes")
    publish(user, ref, "1.0.0", "one")
    refused(user("install", ref, *at), "signed by nobody who is known", fingerprint(user, "one"))
    installed = ok(user("install", ref, "--key", "one.pub", *at))
    assert f"the key {fingerprint(user, 'one')}" in installed.out
    assert f"the key {fingerprint(user, 'one')}" in installed.err  # what a person is shown before
    pinned = f'      provenance:\n        signerIdentity: ""\n        certIssuer: ""\n        publicKey: {public_key(user, "one")}\n'
    assert pinned in lock.read_text()
    assert "unsigned" not in lock.read_text()

    publish(user, ref, "1.1.0", "one")
    assert "1.0.0 -> 1.1.0" in ok(user("upgrade", *at)).out  # the lock file has the key
    assert pinned in lock.read_text()

    publish(user, ref, "1.2.0", "two")
    before = lock.read_bytes()
    refused(user("upgrade", *at), "was signed by the key", fingerprint(user, "one"), fingerprint(user, "two"))
    refused(user("upgrade", "--key", "two.pub", *at), "--allow-signer-change")
    refused(user("upgrade", "--key", "two.pub", "--allow-unsigned", *at), "--allow-signer-change")
    assert lock.read_bytes() == before
    ok(user("upgrade", "--key", "two.pub", "--allow-signer-change", *at))
    assert f"publicKey: {public_key(user, 'two')}" in lock.read_text()

    publish(user, ref, "1.3.0")
    refused(user("upgrade", *at), "now is not signed", "--allow-unsigned")
    ok(user("upgrade", "--allow-unsigned", *at))
    assert "unsigned: true" in lock.read_text()
    assert "provenance" not in lock.read_text()

    publish(user, ref, "1.4.0")
    ok(user("upgrade", *at))  # that was said once


def test_a_named_key_must_have_signed(user: Command, registry: str) -> None:
    ref = f"{registry}/named/demo:latest"
    publish(user, ref, "1.0.0", "one")
    at = ("--plain-http", "--yes")
    refused(user("install", ref, "--key", "two.pub", *at), fingerprint(user, "one"))
    refused(user("install", ref, "--key", "two.pub", "--allow-unsigned", *at))
    assert json.loads(ok(user("list", "--format", "json")).out) == []
    done = json.loads(ok(user("install", ref, "--key", "two.pub", "--key", "one.pub", "--format", "json", *at)).out)
    assert (done["signer"], done["unsigned"]) == (f"the key {fingerprint(user, 'one')}", False)
    (told,) = json.loads(ok(user("info", "demo", "--format", "json")).out)
    assert told["signer"] == done["signer"]


def test_a_user_hears_of_a_signature_that_does_not_count(user: Command, registry: str) -> None:
    ref = f"{registry}/unknown/demo:latest"
    publish(user, ref, "1.0.0", "one")
    done = ok(user("install", ref, "--plain-http", "--yes"))
    assert "signed by nobody who is known" in done.err
    assert fingerprint(user, "one") in done.err


def test_a_clone_is_verified_with_the_key_that_its_lock_file_names(user: Command, registry: str) -> None:
    ref = f"{registry}/clone/demo:latest"
    publish(user, ref, "1.0.0", "one")
    lock = user.folder / "project" / "toolhive.lock.yaml"
    ok(user("install", ref, "--key", "one.pub", "--project", "project", "--plain-http", "--yes"))
    for name, text in {
        "good": lock.read_text(),
        "evil": lock.read_text().replace(public_key(user, "one"), public_key(user, "two")),
    }.items():
        clone = user.folder / name
        (clone / ".git").mkdir(parents=True)
        (clone / "toolhive.lock.yaml").write_text(text)
    at = ("--client", "claude-code", "--plain-http", "--yes", "--store", "elsewhere")
    refused(user("sync", "--project", "evil", *at), fingerprint(user, "one"), fingerprint(user, "two"))
    assert not (user.folder / "evil" / ".claude").exists()
    ok(user("sync", "--project", "good", *at))
    assert (user.folder / "good" / ".claude" / "skills" / "demo").is_dir()


def test_a_lock_file_that_forgets_the_signer_is_refused_where_it_is_known(user: Command, registry: str) -> None:
    """Somebody pushed an unsigned version, and made the project's lock file say that this is meant."""
    ref = f"{registry}/forgets/demo:latest"
    at = ("--project", "project", "--plain-http", "--yes")
    publish(user, ref, "1.0.0", "one")
    ok(user("install", ref, "--key", "one.pub", *at))
    digest = publish(user, ref, "2.0.0")
    lock = user.folder / "project" / "toolhive.lock.yaml"
    text = re.sub(r"      provenance:\n(        .*\n)+", "      unsigned: true\n", lock.read_text())
    text = re.sub(r"(digest: )sha256:[0-9a-f]+", rf"\g<1>{digest}", text, count=1)
    lock.write_text(re.sub(r"      contentDigest: .*\n", "", text).replace("1.0.0", "2.0.0"))
    refused(user("sync", *at), "was signed by the key", "now is not signed")
    ok(user("sync", "--allow-unsigned", *at))


def test_path_hands_out_nothing_of_another_signer(user: Command, registry: str) -> None:
    ref = f"{registry}/handed/demo:latest"
    publish(user, ref, "1.0.0", "one")
    first = ok(user("path", ref, "--key", "one.pub", "--plain-http"))
    assert ok(user("path", ref, "--plain-http")).out == first.out
    publish(user, ref, "1.1.0", "one")
    assert Path(ok(user("path", ref, "--plain-http")).out.strip(), ".claude-plugin").is_dir()
    publish(user, ref, "1.2.0")
    stopped = user("path", ref, "--plain-http")
    refused(stopped, "was signed by the key", "--allow-unsigned")
    assert stopped.out == ""
    ok(user("path", ref, "--plain-http", "--allow-unsigned"))


def test_a_root_alone_may_be_named_and_an_issuer_alone_may_not(user: Command, registry: str) -> None:
    ref = f"{registry}/root/demo:latest"
    publish(user, ref, "1.0.0")
    ok(user("install", ref, "--plain-http", "--yes", "--trusted-root", "nowhere.json"))  # nothing has to be verified
    done = user("install", ref, "--plain-http", "--yes", "--certificate-oidc-issuer", "https://example.com")
    assert done.status == exit_codes.USAGE


# --- an older version ---


def test_an_older_signed_version_under_a_moved_tag_is_refused(user: Command, registry: str) -> None:
    """Whoever may push, but not sign, moves the tag back to a version whose faults are known."""
    ref = f"{registry}/rollback/demo:latest"
    at = ("--project", "project", "--plain-http", "--yes")
    old = publish(user, ref, "1.9.0", "one")
    publish(user, ref, "1.10.0", "one")
    ok(user("install", ref, "--key", "one.pub", *at))
    handed = ok(user("path", ref, "--key", "one.pub", "--plain-http")).out
    ok(user("copy", f"{ref.rpartition(':')[0]}@{old}", ref, "--plain-http"))

    shown = json.loads(ok(user("upgrade", "--preview", "--format", "json", *at)).out)
    assert [(each["new_version"], each["older"]) for each in shown] == [("1.9.0", True)]
    refused(user("upgrade", *at), "1.9.0, which is older than 1.10.0", "--allow-downgrade")
    stopped = user("path", ref, "--plain-http")
    refused(stopped, "1.9.0, which is older than 1.10.0", "--allow-downgrade")
    assert stopped.out == ""
    ok(user("upgrade", "--allow-downgrade", *at))
    assert "version: 1.9.0" in (user.folder / "project" / "toolhive.lock.yaml").read_text()
    assert ok(user("path", ref, "--plain-http", "--allow-downgrade")).out != handed


def test_a_version_without_a_number_in_between_makes_nothing_forgotten(user: Command, registry: str) -> None:
    ref = f"{registry}/between/demo:latest"
    at = ("--plain-http", "--yes")
    publish(user, ref, "2.0.0")
    ok(user("install", ref, *at))
    ok(user("path", ref, "--plain-http"))
    publish(user, ref, "nightly")
    ok(user("upgrade", *at))
    ok(user("path", ref, "--plain-http"))
    publish(user, ref, "1.0.0")
    refused(user("upgrade", *at), "1.0.0, which is older than 2.0.0")
    refused(user("path", ref, "--plain-http"), "1.0.0, which is older than 2.0.0")
    ok(user("upgrade", "--allow-downgrade", *at))
    publish(user, ref, "1.1.0")
    ok(user("upgrade", *at))  # what was accepted is what counts from then on


def test_a_lock_file_that_goes_back_is_refused(user: Command, registry: str) -> None:
    ref = f"{registry}/back/demo:latest"
    at = ("--project", "project", "--plain-http", "--yes")
    publish(user, ref, "1.0.0")
    ok(user("install", ref, "--allow-unsigned", *at))
    lock = user.folder / "project" / "toolhive.lock.yaml"
    before = lock.read_bytes()
    publish(user, ref, "1.0.1")
    ok(user("upgrade", *at))
    lock.write_bytes(before)
    refused(user("sync", *at), "1.0.0, which is older than 1.0.1")
    ok(user("sync", "--allow-downgrade", *at))


def test_without_versions_the_older_one_is_the_one_that_was_made_earlier(user: Command, registry: str) -> None:
    ref = f"{registry}/undated/demo:latest"
    for epoch in ("2000", "1000"):
        write_plugin(
            user.folder / "source" / "demo", {".claude-plugin/plugin.json": {"name": "demo"}, "README.md": epoch}
        )
        ok(user("--store", "publisher", "build", "source/demo", "--tag", "demo", "--epoch", epoch))
        ok(user("--store", "publisher", "push", "demo", ref, "--plain-http"))
        if epoch == "2000":
            ok(user("install", ref, "--plain-http", "--yes"))
    refused(user("upgrade", "--plain-http", "--yes"), "1970-01-01T00:16:40Z, which is older than 1970-01-01T00:33:20Z")
