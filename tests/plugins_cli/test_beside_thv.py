"""The command beside a running thv, which keeps the store open."""

import json
import os
import shutil
from pathlib import Path

import pytest
from command_runner import Command, write_plugin

from toolhive_plugins_cli import exit_codes

RUNS = f"thv is running (process {os.getpid()}) and sees this only after a restart\n"


@pytest.fixture
def running(thv: Command) -> Command:
    """The command, while thv serve runs: this process stands in for it."""
    file = thv.folder / ".local" / "state" / "toolhive" / "server" / "server.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"url": "http://127.0.0.1:8080", "pid": os.getpid()}))
    return thv


def test_what_sets_a_tag_says_that_thv_does_not_see_it_yet(running: Command, demo: Path, registry: str) -> None:
    ref = f"{registry}/beside/demo:1"
    assert running("build", "demo").err.endswith(RUNS)
    assert running("tag", "demo", "other").err.endswith(RUNS)
    assert running("push", "demo", ref, "--plain-http").status == exit_codes.OK
    assert running("pull", ref, "--plain-http").err.endswith(RUNS)
    for arguments in (["builds"], ["inspect", "demo"], ["push", "demo", ref, "--plain-http"], ["rm", "other"]):
        assert RUNS not in running(*arguments).err


def test_nothing_is_said_where_nobody_would_ask(running: Command, demo: Path) -> None:
    assert running("build", "demo", "--quiet").err == ""
    assert RUNS not in running("--store", "elsewhere", "build", "demo").err
    shutil.rmtree(running.folder / ".local")
    assert RUNS not in running("build", "demo").err


def test_a_build_whose_tag_another_program_took_is_listed_by_its_digest(thv: Command, demo: Path) -> None:
    ours = thv("build", "demo", "--tag", "plugin", "--quiet").out.strip()
    write_plugin(thv.folder / "theirs", name="theirs")
    index = thv.store / "index.json"
    before = index.read_bytes()
    theirs = thv("build", "theirs", "--quiet").out.strip()
    (entry,) = [entry for entry in json.loads(index.read_bytes())["manifests"] if entry["digest"] == theirs]
    entry["annotations"]["org.opencontainers.image.ref.name"] = "plugin"
    index.write_text(json.dumps({**json.loads(before), "manifests": [entry]}))
    thv("rm", "theirs")
    done = thv("builds", "--format", "json")
    assert [(build["tag"], build["digest"], build["name"]) for build in json.loads(done.out)] == [
        ("plugin", theirs, "theirs"),
        (ours, ours, "demo"),
    ]
    assert f"plugin: another program gave this tag to another build; yours is kept as {ours}" in done.err
    assert thv("inspect", ours).status == exit_codes.OK
    assert thv("rm", ours).status == exit_codes.OK
    assert "another program" not in thv("builds").err


def test_a_build_whose_content_another_program_removed_is_told_once(thv: Command, demo: Path) -> None:
    thv("build", "demo", "--tag", "gone")
    write_plugin(thv.folder / "other", name="other")
    index = thv.store / "index.json"
    for blob in (thv.store / "blobs" / "sha256").iterdir():
        blob.unlink()
    index.write_text(json.dumps({**json.loads(index.read_bytes()), "manifests": []}))
    assert "gone (sha256:" in (said := thv("build", "other").err)
    assert "was removed by another program" in said
    assert "another program" not in thv("build", "other").err
