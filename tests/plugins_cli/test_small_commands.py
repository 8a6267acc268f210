"""Tagging, listing tags and copying."""

import json
from pathlib import Path

from command_runner import Command

from toolhive_plugins_cli import exit_codes


def test_a_build_gets_another_tag(thv: Command, demo: Path) -> None:
    digest = thv("build", "demo", "--quiet").out.strip()
    done = thv("tag", "demo", "example.com/acme/demo:1")
    assert (done.status, done.out.strip()) == (exit_codes.OK, digest)
    builds = json.loads(thv("builds", "--format", "json").out)
    assert [(build["tag"], build["digest"], build["local_build"]) for build in builds] == [
        ("demo", digest, True),
        ("example.com/acme/demo:1", digest, True),
    ]
    assert thv("tag", digest[:20].removeprefix("sha256:"), "short").status == exit_codes.OK


def test_tagging_what_is_not_there_or_with_what_is_no_tag_fails(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    missing = thv("tag", "gone", "other")
    assert (missing.status, missing.out) == (exit_codes.NOT_FOUND, "")
    assert "thv-plugin builds" in missing.err
    assert thv("tag", "demo", " ").status == exit_codes.USAGE


def test_a_pulled_plugin_that_is_tagged_does_not_count_as_built_here(thv: Command, demo: Path, registry: str) -> None:
    ref = f"{registry}/small/demo:1"
    thv("build", "demo")
    assert thv("push", "demo", ref, "--plain-http").status == exit_codes.OK
    assert thv("--store", "there", "pull", ref, "--plain-http").status == exit_codes.OK
    assert thv("--store", "there", "tag", ref, "mine").status == exit_codes.OK
    builds = json.loads(thv("--store", "there", "builds", "--format", "json").out)
    assert {build["tag"]: build["local_build"] for build in builds} == {ref: False, "mine": False}


def test_tags_of_a_repository_are_listed(thv: Command, demo: Path, registry: str) -> None:
    repository = f"{registry}/small/tags"
    thv("build", "demo")
    thv("push", "demo", f"{repository}:1.0.0", f"{repository}:1", "--plain-http")
    done = thv("tags", repository, "--plain-http")
    assert (done.status, sorted(done.out.split())) == (exit_codes.OK, ["1", "1.0.0"])
    found = json.loads(thv("tags", repository, "--plain-http", "--format", "json").out)
    assert (found["repository"], sorted(found["tags"])) == (repository, ["1", "1.0.0"])
    assert thv("tags", f"{registry}/small/nothing", "--plain-http").status == exit_codes.NOT_FOUND
    assert thv("tags", f"{repository}:1", "--plain-http").status == exit_codes.USAGE


def test_a_plugin_is_copied_byte_for_byte_and_kept_nowhere(thv: Command, demo: Path, registry: str) -> None:
    digest = thv("build", "demo", "--quiet").out.strip()
    thv("push", "demo", f"{registry}/small/from:1", "--plain-http")
    target = f"{registry}/other/demo:2"
    done = thv("--store", "there", "copy", f"{registry}/small/from:1", target, "--plain-http", "--format", "json")
    assert done.status == exit_codes.OK, done
    assert json.loads(done.out) == {
        "source": f"{registry}/small/from:1",
        "ref": target,
        "digest": digest,
        "pinned": f"{registry}/other/demo@{digest}",
    }
    assert not (thv.folder / "there").exists()
    assert thv("pull", target, "--plain-http", "--quiet").out.strip() == digest
    again = thv("copy", target, f"{registry}/other/demo:3", "--plain-http", "--quiet")
    assert again.out.strip() == digest
    assert "copied to" in thv("copy", target, f"{registry}/other/demo:4", "--plain-http").out
