"""`--git`, `--rev` and `--source-url` of build and verify."""

import json
from pathlib import Path

import pytest
from command_runner import Command
from git_repositories import WHEN, GitRepository
from plugin_folders import make_plugin

from toolhive_plugins_cli import exit_codes

URL = "https://example.com/x"


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """The plugin `repository/plugin`, committed."""
    made = GitRepository(tmp_path / "repository")
    make_plugin(made.root / "plugin", {"README.md": "read me\n"}, version="1.0.0")
    made.commit()
    return made


def test_a_commit_is_built_and_verified(thv: Command, repository: GitRepository) -> None:
    head = repository.git("rev-parse", "HEAD")
    done = thv("build", "repository/plugin", "--git", "--source-url", URL)
    assert done.status == exit_codes.OK, done.err
    assert head in done.out
    assert URL in done.out
    built = json.loads(thv("build", "repository/plugin", "--git", "--source-url", URL, "--format", "json").out)
    assert (built["revision"], built["source_url"], built["epoch"]) == (head, URL, WHEN)
    (repository.root / "plugin/new.md").write_text("new")
    verified = thv("verify", "repository/plugin", "demo", "--git", "--source-url", URL)
    assert verified.status == exit_codes.OK
    assert "not checked" not in verified.out
    (repository.root / "plugin/new.md").unlink()
    unchecked = thv("verify", "repository/plugin", "demo")
    assert unchecked.status == exit_codes.OK
    assert "not checked" in unchecked.out
    assert "org.opencontainers.image.revision, org.opencontainers.image.source" in unchecked.out


def test_another_revision_is_built(thv: Command, repository: GitRepository) -> None:
    first = thv("build", "repository/plugin", "--git", "--quiet").out
    (repository.root / "plugin/README.md").write_text("changed")
    repository.commit()
    assert thv("build", "repository/plugin", "--git", "--quiet").out != first
    assert thv("build", "repository/plugin", "--git", "--rev", "HEAD~1", "--quiet").out == first
    assert thv("verify", "repository/plugin", "demo", "--git").status == exit_codes.NOT_VERIFIED
    assert thv("verify", "repository/plugin", "demo", "--git", "--rev", "HEAD~1").status == exit_codes.OK


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--rev", "HEAD"], exit_codes.USAGE),
        (["--git", "--rev=--help"], exit_codes.NOT_FOUND),
        (["--git", "--rev", "gone"], exit_codes.NOT_FOUND),
        (["--source-url", "https://ann:secret@example.com/x"], exit_codes.USAGE),
        (["--git", "--source-url", URL, "--compat", "toolhive-core"], exit_codes.USAGE),
    ],
)
def test_what_cannot_be_built_is_told(
    thv: Command, repository: GitRepository, arguments: list[str], status: int
) -> None:
    done = thv("build", "repository/plugin", *arguments)
    assert done.status == status, done.err
    assert "secret" not in done.err
    assert "Traceback" not in done.err


def test_a_directory_outside_git_and_a_missing_git_are_told(
    thv: Command, demo: Path, repository: GitRepository
) -> None:
    assert thv("build", "demo", "--git").status == exit_codes.NOT_FOUND
    done = thv("build", "repository/plugin", "--git", env={"PATH": "/nowhere"})
    assert (done.status, "git is not on the PATH" in done.err) == (exit_codes.FAILED, True)
    assert thv("build", "repository/plugin", env={"PATH": "/nowhere"}).status == exit_codes.OK
