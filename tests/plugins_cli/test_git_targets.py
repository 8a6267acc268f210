"""Plugins in git repositories, by the command: installed, handed out, seeded, looked at for newer ones, from a real server."""

import json
import shutil
from pathlib import Path

import pytest
from certificates import Authority
from command_runner import Command
from git_repositories import GitRepository
from git_server import running_git_server
from plugin_folders import make_plugin, write

from toolhive_plugins_cli import exit_codes

HOOKS = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "./run.sh"}]}]}}


def test_a_plugin_from_a_branch_is_installed_handed_out_and_found_outdated(thv: Command, tmp_path: Path) -> None:
    (tmp_path / "authority").mkdir()
    authority = Authority.make(tmp_path / "authority")
    repository = GitRepository(tmp_path / "source")
    make_plugin(repository.root / "demo", version="1.0.0")
    first = repository.commit()
    write(thv.folder, ".gitconfig", f"[http]\n\tsslCAInfo = {authority.ca_file}\n")
    (thv.folder / ".claude").mkdir()
    with running_git_server(tmp_path / "served", authority.certificate("127.0.0.1")) as server:
        server.publish(repository.root, "acme/plugins")
        target = f"git://{server.host}/acme/plugins@main#demo"
        assert thv("install", target, "--yes").status == exit_codes.OK
        (installed,) = json.loads(thv("list", "--format", "json").out)
        assert (installed["source"], installed["digest"]) == (target, first)
        assert installed["reference"] == f"git://{server.host}/acme/plugins@{first}#demo"
        assert json.loads(thv("outdated", "--format", "json").out)[0]["status"] == "current"
        handed_out = thv("path", target)
        assert (handed_out.status, handed_out.err) == (exit_codes.OK, "")
        assert thv("seed", "seed", target).status == exit_codes.OK
        make_plugin(repository.root / "demo", {"hooks/hooks.json": HOOKS}, version="1.1.0")
        second = repository.commit()
        shutil.rmtree(server.folder)
        server.publish(repository.root, "acme/plugins")
        done = thv("outdated", "--format", "json")
        (found,) = json.loads(done.out)
        assert (done.status, found["status"], found["grew"]) == (exit_codes.SURFACE_GREW, "moved", True)
        assert found["available"] == f"git://{server.host}/acme/plugins@{second}#demo"
        refused = thv("path", target)
        assert (refused.status, refused.out) == (exit_codes.SURFACE_GREW, "")
        pinned = f"git://{server.host}/acme/plugins@{first}#demo"
    again = thv("path", pinned)  # the server is gone
    assert (again.status, again.out) == (exit_codes.OK, handed_out.out)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("git://user:secret-word@127.0.0.1:1/a/demo", exit_codes.USAGE),
        ("git://127.0.0.1/demo", exit_codes.USAGE),
        ("git://127.0.0.1:1/a/demo", exit_codes.FAILED),
    ],
)
def test_a_git_address_that_cannot_be_used_is_told_without_what_is_secret(
    thv: Command, target: str, status: int
) -> None:
    (thv.folder / ".claude").mkdir()
    for command in (["path", target], ["install", target, "--yes"], ["seed", "seed", target]):
        done = thv(*command)
        assert (done.status, done.out) == (status, "")
        assert done.err.startswith("error: ")
        assert "secret-word" not in done.err
