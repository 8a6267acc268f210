"""Files that git ignores or does not track are warned of; what git cannot tell is no fault of the plugin."""

import os
from pathlib import Path

import pytest
from git_repositories import GitRepository, isolate_git
from plugin_folders import make_plugin, write

from toolhive_plugins_content import Findings, git, open_plugin_commit, open_plugin_directory, report_on, tracking
from toolhive_plugins_content.rules import Rule

_RULES = {Rule.GIT_IGNORED, Rule.NOT_TRACKED, Rule.GIT_NOT_CHECKED}


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository that has a plugin in `plugin`, in one commit."""
    made = GitRepository(tmp_path / "repository")
    make_plugin(made.root / "plugin", {"README.md": "read me\n", "skills/s/SKILL.md": "x"})
    write(made.root, ".gitignore", "*.local\ncache/\n")
    made.commit()
    return made


def found(root: Path) -> list[tuple[str, str, str]]:
    """Return what is said of git: each rule, place and problem."""
    with open_plugin_directory(str(root), findings=Findings()) as plugin:
        problems = report_on(plugin, str(root)).problems
    return [(each.rule, each.path, each.problem) for each in problems if each.rule in _RULES]


def test_a_clean_work_tree_has_nothing_to_warn_of(repository: GitRepository) -> None:
    assert found(repository.root / "plugin") == []


def test_files_and_whole_folders_are_told(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    for path in (
        "a.local",
        "new.md",
        "cache/a",
        "cache/b",
        "more/x/a",
        "more/x/b",
        "more/c.local",
        "skills/t/SKILL.md",
    ):
        write(root, path)
    write(root, "näme ü.md")
    write(root, ".env", "hidden files are not packaged")
    assert found(root) == [
        ("git-ignored", "a.local", "git ignores it"),
        ("git-ignored", "cache/", "holds 2 files that git ignores"),
        ("git-ignored", "more/c.local", "git ignores it"),
        ("not-tracked", "more/x/", "holds 2 files that git does not track"),
        ("not-tracked", "new.md", "git does not track it"),
        ("not-tracked", "näme ü.md", "git does not track it"),
        ("not-tracked", "skills/t/SKILL.md", "git does not track it"),
    ]


def test_what_is_staged_or_tracked_in_spite_of_a_pattern_is_not_told(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    write(root, "staged.md")
    write(root, "forced.local")
    repository.git("add", "--force", "plugin")
    write(root, "README.md", "changed\n")
    assert found(root) == []


def test_a_directory_that_git_does_not_know_is_told_once(repository: GitRepository) -> None:
    new = make_plugin(repository.root / "new", {"a": "x", "b": "x", "c.local": "x"})
    assert found(new) == [
        ("not-tracked", ".", "git tracks nothing in the directory"),
        ("git-ignored", "c.local", "git ignores it"),
    ]
    ignored = make_plugin(repository.root / "cache/plugin", {"a": "x"})
    assert found(ignored) == [("git-ignored", ".", "holds 2 files that git ignores")]


@pytest.mark.parametrize("name", [b"latin-\xe9", b"new\nline", b" tab\t", b"\xc3\xa9"])
def test_any_name_is_compared_as_bytes(repository: GitRepository, name: bytes) -> None:
    root = repository.root / "plugin"
    write(root, os.fsdecode(b"tracked-" + name))
    repository.commit()
    write(root, os.fsdecode(b"new-" + name))
    assert [(rule, path) for rule, path, _ in found(root)] == [("not-tracked", os.fsdecode(b"new-" + name))]


def test_a_name_in_another_unicode_form_is_the_same_file(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    write(root, "caf\u00e9.md")
    repository.commit()
    (root / "caf\u00e9.md").rename(root / "cafe\u0301.md")
    assert found(root) == []


def test_a_commit_has_only_what_is_tracked(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    write(root, "new.md")
    with open_plugin_commit(str(root)) as plugin:
        assert not plugin.directory
        assert not _RULES & {each.rule for each in report_on(plugin, str(root)).problems}


def test_a_linked_work_tree_and_a_link_to_the_directory_are_looked_into(
    repository: GitRepository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "--quiet", str(tmp_path / "other"))
    write(tmp_path / "other", "plugin/new.md")
    (tmp_path / "link").symlink_to(tmp_path / "other/plugin")
    expected = [("not-tracked", "new.md", "git does not track it")]
    assert found(tmp_path / "other/plugin") == found(tmp_path / "link") == expected


def test_nothing_is_said_without_a_repository_or_without_git(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(git, "_run")  # It is not even called where no folder above has a .git.
        assert found(make_plugin(tmp_path / "elsewhere")) == []
    write(repository.root, "plugin/new.md")
    monkeypatch.setenv("PATH", "/nowhere")
    assert found(repository.root / "plugin") == []


@pytest.mark.parametrize("content", ["", "gitdir: /nowhere", "nonsense"])
def test_a_false_repository_is_none(tmp_path: Path, content: str) -> None:
    root = make_plugin(tmp_path / "outer/plugin")
    write(tmp_path, "outer/.git", content)
    assert [rule for rule, _, _ in found(root)] in ([], ["git-not-checked"])


def test_inside_a_repositorys_own_folder_nothing_is_said(repository: GitRepository) -> None:
    assert found(make_plugin(repository.root / ".git/plugin")) == []


@pytest.mark.parametrize(("limit", "value"), [("TIMEOUT", 0.0), ("MAX_LISTING", 10)])
def test_what_takes_too_long_or_is_too_much_is_told_in_one_line(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(tracking, limit, value)
    write(repository.root, "plugin/new.md")
    ((rule, path, problem),) = found(repository.root / "plugin")
    assert (rule, path) == ("git-not-checked", ".")
    assert "not checked for files that git ignores" in problem


def test_a_damaged_index_is_told_in_one_line(repository: GitRepository) -> None:
    (repository.root / ".git/index").write_bytes(b"DIRC nonsense")
    ((rule, _, problem),) = found(repository.root / "plugin")
    assert rule == "git-not-checked"
    assert "git failed" in problem
