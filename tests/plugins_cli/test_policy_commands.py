"""Policies, as they keep the command from handing plugins on."""

import argparse
import json
from pathlib import Path

import pytest
from command_runner import Command, write_plugin

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.policy_options import policies_in_force
from toolhive_plugins_service import PolicyError

NO_HOOKS = 'version = 1\n[[rule]]\nreferences = ["**"]\n[rule.surface]\nforbid = ["hooks"]\n'
PASSWORD = {"COSIGN_PASSWORD": "secret"}


def configure(thv: Command, text: str) -> Path:
    """Put a policy into the folder of the configuration."""
    file = thv.folder / ".config" / "toolhive-plugins" / "policy.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.fixture
def pushed(thv: Command, demo: Path, registry: str) -> str:
    """The reference of the demo plugin, which has a hook."""
    ref = f"{registry}/{thv.folder.name.replace('_', '-').lower()}/demo:1"
    thv("build", "demo")
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    return ref


def test_pull_keeps_nothing_of_what_a_policy_forbids(thv: Command, pushed: str) -> None:
    configure(thv, NO_HOOKS)
    refused = thv("--store", "there", "pull", pushed, "--plain-http")
    assert refused.status == exit_codes.NOT_TRUSTED, refused
    assert "hooks are forbidden" in refused.err
    assert "thv-plugin policy test" in refused.err
    assert json.loads(thv("--store", "there", "builds", "--format", "json").out) == []


def test_a_refused_pull_leaves_the_tag_where_it_was(thv: Command, pushed: str) -> None:
    write_plugin(thv.folder / "other" / "demo", {"skills/s/SKILL.md": "---\nname: s\ndescription: d\n---\nx"})
    digest = thv("build", "other/demo", "--tag", pushed, "--quiet").out.strip()
    configure(thv, NO_HOOKS)
    assert thv("pull", pushed, "--plain-http").status == exit_codes.NOT_TRUSTED
    builds = {build["tag"]: build["digest"] for build in json.loads(thv("builds", "--format", "json").out)}
    assert builds[pushed] == digest


def test_extract_and_path_obey(thv: Command, pushed: str) -> None:
    assert thv("path", pushed, "--plain-http").status == exit_codes.OK
    configure(thv, NO_HOOKS)
    for arguments in (("extract", pushed, "out", "--plain-http"), ("path", pushed, "--plain-http")):
        refused = thv(*arguments)
        assert (refused.status, refused.out) == (exit_codes.NOT_TRUSTED, ""), refused
    assert not (thv.folder / "out").exists()


def test_a_digest_that_is_denied_later_is_handed_out_no_more(thv: Command, pushed: str) -> None:
    digest = thv("builds", "--format", "json").out and json.loads(thv("builds", "--format", "json").out)[0]["digest"]
    pinned = f"{pushed.rpartition(':')[0]}@{digest}"
    assert thv("path", pinned, "--plain-http").status == exit_codes.OK
    configure(thv, f'version = 1\ndefault = "allow"\ndeny = ["{digest}"]\n')
    refused = thv("path", pinned)
    assert (refused.status, refused.out) == (exit_codes.NOT_TRUSTED, "")


def test_verify_takes_the_signers_that_policies_name(thv: Command, pushed: str) -> None:
    """All that are found must hold, as for everything else; a mirror's policy names where the signature was made."""
    for name in ("one", "two"):
        thv("keygen", name, env=PASSWORD)
    nobody = thv("verify", pushed, "--plain-http")
    assert nobody.status == exit_codes.USAGE
    rule = '[[rule]]\nreferences = ["**"]\nkeys = ["{}"]\n'
    configure(thv, "version = 1\n" + rule.format("../../one.pub"))
    unsigned = thv("verify", pushed, "--plain-http")
    assert unsigned.status == exit_codes.NOT_TRUSTED
    assert thv("sign", pushed, "--key", "one.key", "--plain-http", env=PASSWORD).status == exit_codes.OK
    assert thv("verify", pushed, "--plain-http").status == exit_codes.OK
    assert thv("verify", pushed, "--source", "./demo", "--plain-http").status == exit_codes.OK
    digest = json.loads(thv("verify", pushed, "--plain-http", "--format", "json").out)["origin"]["digest"]
    (thv.folder / "deny.toml").write_text(f'version = 1\ndefault = "allow"\ndeny = ["{digest}"]\n')
    denied = thv("verify", pushed, "--key", "one.pub", "--policy", "deny.toml", "--plain-http")
    assert (denied.status, denied.out) == (exit_codes.NOT_TRUSTED, "")
    assert "denies" in denied.err

    (thv.folder / "more.toml").write_text("version = 1\n" + rule.format("two.pub"))
    refused = thv("verify", pushed, "--policy", "more.toml", "--plain-http")
    assert refused.status == exit_codes.NOT_TRUSTED
    assert "SHA256:" in refused.err  # who has signed it instead

    (thv.folder / "origin.toml").write_text("version = 1\n" + rule.format("one.pub") + 'origins = ["ghcr.io/**"]\n')
    elsewhere = thv("verify", pushed, "--policy", "origin.toml", "--plain-http")
    assert elsewhere.status == exit_codes.NOT_TRUSTED
    assert f"it was signed in {pushed.rpartition(':')[0]}" in elsewhere.err
    configure(thv, 'version = 1\n[[rule]]\nreferences = ["ghcr.io/**"]\nkeys = ["../../one.pub"]\n')
    assert thv("verify", pushed, "--plain-http").status == exit_codes.USAGE  # no rule is about it


def test_what_is_denied_later_is_named_wherever_it_is_loaded_with_what_removes_it(thv: Command, pushed: str) -> None:
    for folder in (".claude", "project/.git"):
        (thv.folder / folder).mkdir(parents=True)
    at = ("--client", "claude-code", "--yes", "--plain-http")
    digest = json.loads(thv("install", pushed, *at, "--format", "json").out)["digest"]
    assert thv("install", pushed, "--project", "project", "--allow-unsigned", *at).status == exit_codes.OK
    (blob,) = thv.folder.rglob(f"blobs/sha256/{digest.removeprefix('sha256:')}")
    index = json.loads(blob.read_text())
    for denied in (digest, index["manifests"][0]["digest"]):
        file = configure(thv, f'version = 1\ndefault = "allow"\ndeny = ["{denied}"]\n')
        listed = thv("list")
        assert listed.status == exit_codes.OK
        assert listed.out.count("  denied") == 2
        assert f"{file} denies {digest}" in listed.err.replace("\n", " ")
        assert "\n  thv-plugin uninstall demo\n" in listed.err
        assert f"\n  thv-plugin uninstall demo --project {thv.folder / 'project'}\n" in listed.err
        (for_user, for_project) = json.loads(thv("list", "--format", "json").out)
        assert for_user["clients"][0]["denied_by"] == for_project["clients"][0]["denied_by"] == str(file)
        checked = thv("sync", "--check", "--project", "project")
        assert checked.status == exit_codes.DRIFTED
        assert "denies" in checked.out
        assert f"thv-plugin uninstall demo --project {thv.folder / 'project'}" in checked.err
        assert thv("sync", "--project", "project", "--yes", "--plain-http").status == exit_codes.NOT_TRUSTED
        if denied != digest:  # also where the store no longer has it
            assert thv("rm", pushed).status == exit_codes.OK
            assert json.loads(thv("list", "--format", "json").out)[0]["clients"][0]["denied_by"] == str(file)
    assert thv("uninstall", "demo").status == exit_codes.OK
    assert thv("uninstall", "demo", "--project", "project").status == exit_codes.OK
    assert json.loads(thv("list", "--format", "json").out) == []


def test_what_was_handed_out_under_the_same_policy_needs_no_network(thv: Command, pushed: str) -> None:
    thv("keygen", "release", env=PASSWORD)
    configure(thv, 'version = 1\n[[rule]]\nreferences = ["**"]\nkeys = ["../../release.pub"]\n')
    digest = json.loads(thv("builds", "--format", "json").out)[0]["digest"]
    pinned = f"{pushed.rpartition(':')[0]}@{digest}"
    unsigned = thv("path", pinned, "--plain-http")
    assert (unsigned.status, unsigned.out) == (exit_codes.NOT_TRUSTED, ""), unsigned
    assert "not signed" in unsigned.err
    assert thv("sign", pushed, "--key", "release.key", "--plain-http", env=PASSWORD).status == exit_codes.OK
    assert thv("path", pinned, "--plain-http").status == exit_codes.OK
    again = thv("path", pinned, env={"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"})
    assert again.status == exit_codes.OK, again


def test_a_project_policy_can_only_forbid_more(thv: Command, pushed: str) -> None:
    (thv.folder / ".git").mkdir()
    (thv.folder / "toolhive.policy.toml").write_text('version = 1\ndefault = "allow"\n')
    assert thv("pull", pushed, "--plain-http").status == exit_codes.OK
    configure(thv, NO_HOOKS)
    assert thv("pull", pushed, "--plain-http").status == exit_codes.NOT_TRUSTED


def test_a_policy_that_is_not_understood_forbids_everything(thv: Command, pushed: str) -> None:
    file = configure(thv, "version = 1\nalow = true\n")
    refused = thv("pull", pushed, "--plain-http")
    assert (refused.status, "'alow'" in refused.err, file.name in refused.err) == (exit_codes.USAGE, True, True)
    assert thv("builds").status == exit_codes.OK  # what hands nothing on does not ask
    assert thv("inspect", "demo").status == exit_codes.OK


def test_policy_test_says_what_each_policy_wants(thv: Command, pushed: str) -> None:
    named = thv.folder / "strict.toml"
    named.write_text(NO_HOOKS + 'licenses = []\n[[rule]]\nreferences = ["ghcr.io/**"]\n'.replace("licenses = []\n", ""))
    done = thv("policy", "test", pushed, "--plain-http", "--policy", "strict.toml", "--format", "json")
    answer = json.loads(done.out)
    assert (done.status, answer["allowed"]) == (exit_codes.NOT_TRUSTED, False)
    assert [(r["rule"], r["requirement"], r["holds"]) for r in answer["rulings"]] == [
        (1, "match", True),
        (1, "surface", False),
    ]
    table = thv("policy", "test", "demo", "--policy", "strict.toml")
    assert table.status == exit_codes.NOT_TRUSTED
    assert "rule 1, surface" in table.out
    assert "no policy is in force" in thv("policy", "test", "demo").out
    assert thv("policy", "test", "demo", "--policy", "gone.toml").status == exit_codes.USAGE


def test_a_policy_that_cannot_be_looked_for_is_not_the_same_as_none(tmp_path: Path) -> None:
    (tmp_path / "project").symlink_to(tmp_path / "project")
    with pytest.raises(PolicyError, match="cannot be looked for"):
        policies_in_force(argparse.Namespace(project=str(tmp_path / "project"), policy=[]))


@pytest.mark.parametrize("command", [("path",), ("install", "--client", "claude-code", "--yes")])
def test_the_name_of_a_trusted_repository_before_a_digest_from_elsewhere_says_nothing(
    thv: Command, pushed: str, command: tuple[str, ...]
) -> None:
    repository = pushed.rpartition(":")[0]
    trusted = repository.replace("/demo", "-trusted/demo")
    assert thv("--store", "there", "pull", pushed, "--plain-http").status == exit_codes.OK  # there was no policy yet
    digest = json.loads(thv("--store", "there", "builds", "--format", "json").out)[0]["digest"]
    configure(thv, f'version = 1\n[[rule]]\nreferences = ["{trusted}"]\n')
    refused = thv("--store", "there", *command, f"{trusted}@{digest}", "--plain-http")
    assert (refused.status, refused.out) == (exit_codes.NOT_FOUND, ""), refused
    assert thv("copy", pushed, f"{trusted}:1", "--plain-http").status == exit_codes.OK
    assert thv("--store", "there", *command, f"{trusted}@{digest}", "--plain-http").status == exit_codes.OK


def test_a_layer_that_is_denied_is_denied_in_every_wrapping(thv: Command, pushed: str) -> None:
    repository = pushed.rpartition(":")[0]
    digest = json.loads(thv("builds", "--format", "json").out)[0]["digest"]
    blobs = next(thv.folder.rglob(digest.removeprefix("sha256:"))).parent
    wrapped = json.loads((blobs / digest.removeprefix("sha256:")).read_text())["manifests"][0]["digest"]
    layer = json.loads((blobs / wrapped.removeprefix("sha256:")).read_text())["layers"][0]["digest"]
    alone = f"{repository}@{wrapped}"
    assert thv("path", alone, "--plain-http").status == exit_codes.OK
    configure(thv, f'version = 1\ndefault = "allow"\ndeny = ["{layer}"]\n')
    for arguments in (("path", alone), ("pull", alone), ("pull", pushed), ("extract", "demo", "out")):
        refused = thv(*arguments, *(() if arguments[0] == "extract" else ("--plain-http",)))
        assert (refused.status, refused.out) == (exit_codes.NOT_TRUSTED, ""), refused
        assert layer in refused.err
