"""`--git`, `--rev` and `--source-url`: build and verify take all three, validate, inspect and diff the first two."""

import json
from pathlib import Path

import pytest
from command_runner import Command
from git_repositories import WHEN, GitRepository
from plugin_folders import make_plugin, write

from toolhive_plugins_cli import exit_codes

URL = "https://example.com/x"
HOOKS = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "date"}]}]}}


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
    verified = thv("verify", "demo", "--source", "repository/plugin", "--git", "--source-url", URL)
    assert verified.status == exit_codes.OK
    assert "revision" not in verified.out.partition("not checked")[2]
    (repository.root / "plugin/new.md").unlink()
    unchecked = thv("verify", "demo", "--source", "repository/plugin")
    assert unchecked.status == exit_codes.OK
    assert "not checked" in unchecked.out
    assert "org.opencontainers.image.revision, org.opencontainers.image.source" in unchecked.out


def test_another_revision_is_built(thv: Command, repository: GitRepository) -> None:
    first = thv("build", "repository/plugin", "--git", "--quiet").out
    (repository.root / "plugin/README.md").write_text("changed")
    repository.commit()
    assert thv("build", "repository/plugin", "--git", "--quiet").out != first
    assert thv("build", "repository/plugin", "--git", "--rev", "HEAD~1", "--quiet").out == first
    assert thv("verify", "demo", "--source", "repository/plugin", "--git").status == exit_codes.NOT_VERIFIED
    assert thv("verify", "demo", "--source", "repository/plugin", "--git", "--rev", "HEAD~1").status == exit_codes.OK


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


def test_a_commit_is_validated_inspected_and_compared(thv: Command, repository: GitRepository) -> None:
    root, first = repository.root / "plugin", repository.git("rev-parse", "HEAD")
    write(root, "bin/run", "#!/bin/sh\n", 0o755)
    second = repository.commit()
    write(root, "hooks/hooks.json", HOOKS)
    write(root, "bad.pem")

    assert "bad.pem" in thv("validate", "repository/plugin").out
    validated = thv("validate", "repository/plugin", "--git")
    assert (validated.status, "bad.pem" in validated.out) == (exit_codes.OK, False)

    assert "SessionStart" in thv("inspect", "./repository/plugin").out
    inspected = json.loads(thv("inspect", "./repository/plugin", "--git", "--format", "json").out)
    assert inspected["origin"]["revision"] == second
    assert [program["path"] for program in inspected["surface"]["programs"]] == ["bin/run"]
    assert not inspected["surface"]["hooks"]
    shown = thv("inspect", "./repository/plugin", "--git", "--rev", "HEAD~1").out
    assert first in shown
    assert "runs nothing by itself" in shown

    thv("build", "repository/plugin", "--git", "--rev", first)
    compared = thv("diff", "demo", "./repository/plugin", "--git")
    assert (compared.status, f"./repository/plugin in the commit {second}" in compared.out) == (4, True)
    assert thv("diff", "demo", "./repository/plugin", "--git", "--rev", first).status == exit_codes.OK
    both = thv("diff", "./repository/plugin", "./repository/plugin", "--git")
    assert (both.status, "no difference" in both.out) == (exit_codes.OK, True)


def test_hidden_files_that_clients_read_count_in_a_commit_too(thv: Command, repository: GitRepository) -> None:
    root = repository.root / "plugin"
    write(root, ".codex-plugin/plugin.json", {"name": "demo", "hooks": "./.codex-plugin/more/hooks.json"})
    write(root, ".codex-plugin/more/hooks.json", HOOKS)
    write(root, ".npmrc", "git=/bin/evil\n")
    repository.commit()
    on_disk = json.loads(thv("inspect", "./repository/plugin", "--format", "json").out)
    committed = json.loads(thv("inspect", "./repository/plugin", "--git", "--format", "json").out)
    assert committed["surface"] == on_disk["surface"]
    assert [hook["event"] for hook in committed["surface"]["hooks"]] == ["SessionStart"]
    (root / ".npmrc").unlink()
    assert "git=/bin/evil" in thv("inspect", "./repository/plugin", "--git").out


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({".claude-plugin/plugin.json": "{"}, "json"),
        ({".claude-plugin/plugin.json": {"name": 5}}, "name"),
        ({".claude-plugin/plugin.json": {"name": "demo", "description": "x" * 70_000}}, "manifest-size"),
        ({"con.md": "x"}, "portable-name"),
        ({"model.bin": "version https://git-lfs.github.com/spec/v1\n"}, "lfs-pointer"),
    ],
)
def test_a_commit_is_validated_as_its_files_would_be(
    thv: Command, repository: GitRepository, files: dict[str, object], rule: str
) -> None:
    for path, content in files.items():
        write(repository.root / "plugin", path, content)
    repository.commit()
    on_disk = thv("validate", "repository/plugin", "--format", "json")
    committed = thv("validate", "repository/plugin", "--git", "--format", "json")
    assert (committed.status, json.loads(committed.out)) == (on_disk.status, json.loads(on_disk.out))
    assert rule in {problem["rule"] for problem in json.loads(committed.out)["problems"]}


def test_a_commit_without_a_manifest_or_with_too_much_is_invalid(thv: Command, repository: GitRepository) -> None:
    for number in range(1_002):
        write(repository.root / "plugin", f"docs/{number}")
    write(repository.root, "other/a.md")
    repository.commit()
    for folder, rule in (("plugin", "too-many-files"), ("other", "manifest-missing")):
        done = thv("validate", f"repository/{folder}", "--git")
        assert (done.status, f"[{rule}]" in done.out) == (exit_codes.INVALID_PLUGIN, True), done.out


def test_the_root_of_a_marketplace_is_recognised_in_a_commit(thv: Command, repository: GitRepository) -> None:
    write(
        repository.root,
        ".claude-plugin/marketplace.json",
        {"name": "m", "plugins": [{"name": "demo", "source": "./plugin"}]},
    )
    repository.commit()
    for command in (["validate", "repository"], ["build", "repository"]):
        done = thv(*command, "--git")
        assert done.status == exit_codes.INVALID_PLUGIN
        assert "this is a marketplace of 1 plugins" in done.out + done.err
        assert "./plugin" in done.out + done.err


def test_only_a_directory_has_commits(thv: Command, repository: GitRepository) -> None:
    thv("build", "repository/plugin")
    for command in (["inspect", "demo"], ["diff", "demo", "demo"]):
        done = thv(*command, "--git")
        assert (done.status, "only a directory" in done.err) == (exit_codes.USAGE, True)
    assert thv("validate", "repository/plugin", "--rev", "HEAD").status == exit_codes.USAGE
    assert thv("inspect", "./repository/plugin", "--git", "--rev", "gone").status == exit_codes.NOT_FOUND
