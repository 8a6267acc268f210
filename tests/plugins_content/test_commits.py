"""A plugin read from a commit: the blobs' own bytes, whatever the work tree, the settings and the attributes say."""

import os
from pathlib import Path

import pytest
from git_repositories import WHEN, GitRepository, isolate_git
from plugin_folders import MANIFEST, make_plugin, write

from toolhive_plugins_content import (
    CommitNotFoundError,
    Findings,
    GitError,
    LastChange,
    Rule,
    ShallowHistoryError,
    find_commit_directory,
    find_last_change,
    open_plugin_commit,
    open_plugin_directory,
    report_on,
)
from toolhive_plugins_content.commit_listing import parse_listing
from toolhive_plugins_content.git import Repository, clone_bare
from toolhive_plugins_interfaces import (
    Compat,
    InvalidPluginDirError,
    InvalidPluginFileError,
    InvalidPluginManifestError,
    PluginError,
    PluginManifestMissingError,
    PluginTooLargeError,
    TooManyFilesError,
)

FILES = {
    "README.md": "read me\n",
    "run.sh": "#!/bin/sh\n",
    "docs/guide.md": "guide\r\n",
    ".mcp.json": "{}",
    ".lsp.json": "{}",
    ".env": "TOKEN=secret\n",
    ".hidden/x": "x",
    ".claude-plugin/other.json": "{}",
    ".claude-plugin/sub/x": "x",
    "big.bin": "0123456789" * 200_000,
}


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """A repository that has a plugin in `plugin` and another folder beside it, in one commit."""
    made = GitRepository(tmp_path / "repository")
    make_plugin(made.root / "plugin", FILES)
    (made.root / "plugin/run.sh").chmod(0o755)
    write(made.root, "other/file")
    made.commit()
    return made


def contents(root: Path, revision: str = "HEAD", compat: Compat = Compat.NONE) -> dict[str, bytes]:
    with open_plugin_commit(str(root), revision, compat) as plugin:
        return {path: b"".join(plugin.chunks(path)) for path in plugin.files}


def refusal(root: Path, revision: str = "HEAD", compat: Compat = Compat.NONE) -> PluginError:
    with pytest.raises(PluginError) as caught, open_plugin_commit(str(root), revision, compat):
        pass
    return caught.value


def last_change(root: Path, revision: str = "HEAD") -> LastChange:
    return find_last_change(find_commit_directory(str(root), revision))


@pytest.mark.parametrize("compat", list(Compat))
def test_clean_work_tree_and_its_commit_are_the_same(repository: GitRepository, compat: Compat) -> None:
    root = repository.root / "plugin"
    with open_plugin_directory(str(root), compat) as directory, open_plugin_commit(str(root), "HEAD", compat) as commit:
        assert tuple(commit.files.values()) == tuple(directory.files.values())
        assert commit.left_out == directory.left_out
        assert commit.irregular == directory.irregular == ()
        assert commit.manifest == directory.manifest
        for path in commit.files:
            assert commit.head(path) == directory.head(path)
            assert commit.digest(path) == directory.digest(path)


def test_root_of_a_repository_may_be_the_plugin(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "repository")
    make_plugin(repository.root, {"README.md": "x"})
    commit = repository.commit()
    repository.commit("nothing changes")
    assert contents(repository.root) == {MANIFEST: b'{"name": "demo"}', "README.md": b"x"}
    assert last_change(repository.root) == LastChange(commit, WHEN)


def test_work_tree_index_and_ignored_files_do_not_count(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    before = contents(root)
    write(root, "README.md", "changed\n")
    write(root, "new.md")
    write(root, "staged.md")
    repository.git("add", "plugin/staged.md")
    write(root, "ignored.log")
    write(repository.root, ".gitignore", "*.log\n")
    (root / "docs/guide.md").unlink()
    (root / "run.sh").chmod(0o644)
    assert contents(root) == before
    with open_plugin_commit(str(root)) as plugin:
        assert plugin.files["run.sh"].mode == 0o755


@pytest.mark.parametrize(
    "attributes",
    ["* text eol=crlf", "* ident", "* working-tree-encoding=UTF-16", "* filter=shout", "* export-ignore", "* -diff"],
)
def test_attributes_filters_and_line_ends_do_not_count(repository: GitRepository, attributes: str) -> None:
    root = repository.root / "plugin"
    before = contents(root)
    write(root, ".gitattributes", attributes)
    (repository.root / ".git/info").mkdir(exist_ok=True)
    (repository.root / ".git/info/attributes").write_text(attributes)
    repository.settings('[core]\n\tautocrlf = true\n[filter "shout"]\n\tsmudge = tr a-z A-Z\n')
    assert contents(root) == before


def test_any_name_of_a_commit_will_do(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    first = repository.git("rev-parse", "HEAD")
    repository.git("tag", "--annotate", "--message", "one", "v1")
    write(root, "README.md", "second\n")
    second = repository.commit()
    for name in (first, first[:12], "v1", "HEAD~1", "main~1"):
        assert contents(root, name)["README.md"] == b"read me\n"
        assert find_commit_directory(str(root), name).commit == first
    for name in ("HEAD", "main", second):
        assert contents(root, name)["README.md"] == b"second\n"


@pytest.mark.parametrize("name", ["", "gone", "--help", "-x", "HEAD:plugin", "a\nb", "HEAD\0", "x" * 2000, "\ud800"])
def test_name_of_no_commit_is_not_found(repository: GitRepository, name: str) -> None:
    assert isinstance(refusal(repository.root / "plugin", name), CommitNotFoundError)


def test_directory_that_the_commit_lacks_is_not_found(repository: GitRepository) -> None:
    make_plugin(repository.root / "later")
    assert isinstance(refusal(repository.root / "later"), CommitNotFoundError)


def test_directory_outside_a_repository_is_told(tmp_path: Path) -> None:
    make_plugin(tmp_path / "plain")
    for path in (tmp_path / "plain", tmp_path / "gone", Path("relative")):
        assert isinstance(refusal(path), InvalidPluginDirError)


def test_git_folder_itself_is_no_work_tree(repository: GitRepository) -> None:
    assert isinstance(refusal(repository.root / ".git"), InvalidPluginDirError)


def test_a_machine_without_git_is_told(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="not on the PATH"):
        find_commit_directory(str(repository.root / "plugin"))


def test_a_program_of_the_working_directory_is_not_taken_for_git(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository.root, "git", "#!/bin/sh\ntouch ran\n", 0o755)
    monkeypatch.chdir(repository.root)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    contents(repository.root / "plugin")
    assert not (repository.root / "ran").exists()


def test_environment_of_the_caller_does_not_reach_git(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository.root / "plugin"
    before = contents(root)
    other = GitRepository(tmp_path / "other")
    make_plugin(other.root / "plugin", {"README.md": "other\n"})
    other.commit()
    trace = tmp_path / "trace"
    for name, value in {
        "GIT_DIR": other.root / ".git",
        "GIT_WORK_TREE": other.root,
        "GIT_INDEX_FILE": tmp_path / "index",
        "GIT_OBJECT_DIRECTORY": other.root / ".git/objects",
        "GIT_COMMON_DIR": other.root / ".git",
        "GIT_NAMESPACE": "x",
        "GIT_TRACE": trace,
        "GIT_CONFIG_COUNT": "nonsense",
        "GIT_REPLACE_REF_BASE": "refs/heads/",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert contents(root) == before
    assert not trace.exists()


@pytest.mark.parametrize(
    ("path", "target", "copied"),
    [
        ("AGENTS.md", "README.md", True),
        ("docs/AGENTS.md", "../README.md", True),
        (".cursorrules", "README.md", False),
    ],
)
def test_links_are_judged_as_in_a_directory(repository: GitRepository, path: str, target: str, copied: bool) -> None:
    root = repository.root / "plugin"
    (root / path).symlink_to(target)
    repository.commit()
    with open_plugin_commit(str(root)) as plugin, open_plugin_directory(str(root)) as directory:
        assert tuple(plugin.files.values()) == tuple(directory.files.values())
        assert plugin.left_out == directory.left_out
        assert plugin.findings.sorted() == directory.findings.sorted()
        if copied:
            assert b"".join(plugin.chunks(path)) == b"read me\n"
    assert isinstance(refusal(root, compat=Compat.TOOLHIVE_CORE), InvalidPluginFileError)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a", "/etc/passwd"),
        ("a", "../other/file"),
        ("a", ".env"),
        ("a", "gone"),
        ("docs/a", ".."),
        (".a", "gone"),
        (".claude-plugin/sub/a", "gone"),
        (MANIFEST, "other.json"),
        ("a", "x" * 4000 + "/y"),
    ],
)
def test_other_links_are_refused_in_the_same_words(repository: GitRepository, path: str, target: str) -> None:
    root = repository.root / "plugin"
    (root / path).unlink(missing_ok=True)
    (root / path).symlink_to(target)
    repository.commit()
    error = refusal(root)
    with pytest.raises(InvalidPluginFileError) as caught, open_plugin_directory(str(root)):
        pass
    assert str(error) == str(caught.value)


def test_link_within_a_hidden_folder_matters_to_nobody(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    (root / ".hidden/link").symlink_to("/etc")
    repository.commit()
    assert "README.md" in contents(root)


def _index_entry(repository: GitRepository, mode: str, path: str, content: bytes) -> None:
    """Commit something that cannot be in a work tree."""
    name = repository.git("hash-object", "-w", "--stdin", stdin=content)
    repository.git("update-index", "--add", "--cacheinfo", f"{mode},{name},{path}")
    repository.git("commit", "--quiet", "--message", "odd")


def test_link_that_is_too_long_is_refused(repository: GitRepository) -> None:
    _index_entry(repository, "120000", "plugin/a", b"x" * 5000)
    assert "symbolic link of 5000 bytes" in refusal(repository.root / "plugin").problem


@pytest.mark.parametrize(("path", "is_refused"), [("plugin/module", True), ("plugin/.module", False)])
def test_submodules_are_refused_unless_hidden(repository: GitRepository, path: str, is_refused: bool) -> None:
    head = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{head},{path}")
    repository.git("commit", "--quiet", "--message", "a submodule")
    root = repository.root / "plugin"
    if is_refused:
        assert refusal(root).problem == "is a submodule"
    else:
        with open_plugin_commit(str(root)) as plugin:
            assert ".module/" in plugin.left_out


def test_lfs_pointers_are_warned_of_in_a_commit_and_in_a_directory(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    write(root, "model.bin", pointer)
    repository.commit()
    with open_plugin_commit(str(root)) as committed:
        assert b"".join(committed.chunks("model.bin")) == pointer.encode()
        assert (Rule.LFS_POINTER, "model.bin") in {
            (found.rule, found.path) for found in report_on(committed, "").problems
        }
    with open_plugin_directory(str(root), findings=Findings()) as plugin:
        assert (Rule.LFS_POINTER, "model.bin") in {(found.rule, found.path) for found in report_on(plugin, "").problems}


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"{}", InvalidPluginManifestError), (b'{"name":"x"}'.ljust(65_537), InvalidPluginManifestError), (None, None)],
)
def test_faults_of_the_manifest(
    repository: GitRepository, content: bytes | None, error: type[PluginError] | None
) -> None:
    file = repository.root / "plugin" / MANIFEST
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    repository.commit()
    assert type(refusal(repository.root / "plugin")) is (error or PluginManifestMissingError)


def test_limits_are_those_of_a_directory(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository.root / "plugin"
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_TOTAL_SIZE", 100)
    assert isinstance(refusal(root), PluginTooLargeError)
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_FILES", 2)
    assert isinstance(refusal(root), TooManyFilesError)
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 2)
    assert isinstance(refusal(root), TooManyFilesError)


@pytest.mark.parametrize("depth", [128, 129, 300])
def test_depth_is_that_of_a_directory(repository: GitRepository, depth: int) -> None:
    root = repository.root / "plugin"
    write(root, "d/" * depth + "x")
    repository.commit()
    if depth <= 128:
        assert "d/" * depth + "x" in contents(root)
        return
    with pytest.raises(InvalidPluginFileError) as caught, open_plugin_directory(str(root)):
        pass
    assert str(refusal(root)) == str(caught.value)


def _record(mode: str, path: bytes) -> bytes:
    return f"{mode} blob {'0' * 40}\t".encode() + path + b"\0"


@pytest.mark.parametrize("paths", [[b"a", b"a"], [b"a", b"a/b"], [b"a/b/c", b"a"], [b"x" * 5000]])
def test_trees_that_git_never_writes_are_refused(paths: list[bytes]) -> None:
    with pytest.raises(InvalidPluginFileError):
        parse_listing(b"".join(_record("100644", path) for path in paths))


def test_listing_is_in_the_order_of_a_walk() -> None:
    listing = b"".join(_record("100644", path) for path in (b"a.md", b"a/x", b"\xff", b"b"))
    assert list(parse_listing(listing)) == ["a/x", "a.md", "b", "\udcff"]


def test_damaged_blob_is_refused(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    name, other = (repository.git("rev-parse", f"HEAD:plugin/{path}") for path in ("README.md", ".lsp.json"))
    files = [repository.root / ".git/objects" / each[:2] / each[2:] for each in (name, other)]
    files[0].chmod(0o644)
    files[0].write_bytes(files[1].read_bytes())
    with pytest.raises(GitError):
        contents(root)


def test_last_commit_that_changed_the_directory_is_found(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    first = repository.git("rev-parse", "HEAD")
    write(repository.root, "other/file", "changed\n")
    repository.commit()
    repository.commit("nothing changes")
    assert last_change(root) == LastChange(first, WHEN)
    write(root, "README.md", "changed\n")
    second = repository.commit()
    write(repository.root, "other/file", "again\n")
    repository.commit()
    assert last_change(root) == LastChange(second, WHEN + 3)
    assert last_change(root, first) == LastChange(first, WHEN)


def test_merge_that_changes_nothing_is_not_the_last_change(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    first = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "-b", "side")
    write(repository.root, "other/side")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    write(repository.root, "other/main")
    repository.commit()
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "side")
    assert last_change(root).revision == first


def test_every_clone_gives_the_same(repository: GitRepository, tmp_path: Path) -> None:
    root = repository.root / "plugin"
    repository.git("clone", "--quiet", f"file://{repository.root}", str(tmp_path / "clone"))
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    for other in (tmp_path / "clone/plugin", tmp_path / "tree/plugin"):
        assert contents(other) == contents(root)
        assert last_change(other) == last_change(root)


def test_shallow_clone_that_hides_the_last_change_is_an_error(repository: GitRepository, tmp_path: Path) -> None:
    address = f"file://{repository.root}"
    write(repository.root, "other/file", "changed\n")
    repository.commit()
    repository.git("clone", "--quiet", "--depth", "1", address, str(tmp_path / "hidden"))
    with pytest.raises(ShallowHistoryError, match="whole history"):
        last_change(tmp_path / "hidden/plugin")
    assert contents(tmp_path / "hidden/plugin") == contents(repository.root / "plugin")
    write(repository.root, "plugin/README.md", "changed\n")
    change = repository.commit()
    repository.git("clone", "--quiet", "--depth", "2", address, str(tmp_path / "seen"))
    assert last_change(tmp_path / "seen/plugin").revision == change
    repository.git("clone", "--quiet", "--depth", "1", address, str(tmp_path / "edge"))
    with pytest.raises(ShallowHistoryError):
        last_change(tmp_path / "edge/plugin")


def test_grafts_and_replaced_objects_do_not_count(repository: GitRepository) -> None:
    root = repository.root / "plugin"
    first = repository.git("rev-parse", "HEAD")
    write(repository.root, "other/file", "changed\n")
    second = repository.commit()
    before = contents(root)
    (repository.root / ".git/info").mkdir(exist_ok=True)
    (repository.root / ".git/info/grafts").write_text(f"{second}\n")
    blob = repository.git("rev-parse", "HEAD:plugin/README.md")
    evil = repository.git("hash-object", "-w", "--stdin", stdin=b"replaced")
    repository.git("update-ref", f"refs/replace/{blob}", evil)
    assert last_change(root).revision == first
    assert contents(root) == before


def test_partial_clone_fetches_nothing(repository: GitRepository, tmp_path: Path) -> None:
    repository.settings("[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n")
    address = f"file://{repository.root}"
    repository.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", address, str(tmp_path / "partial"))
    (tmp_path / "partial/plugin").mkdir()
    packs = sorted((tmp_path / "partial/.git/objects").rglob("*"))
    with pytest.raises((GitError, InvalidPluginFileError), match="partial clone"):
        contents(tmp_path / "partial/plugin")
    assert sorted((tmp_path / "partial/.git/objects").rglob("*")) == packs


def test_output_and_time_are_bounded(repository: GitRepository) -> None:
    git = Repository(str(repository.root))
    with pytest.raises(GitError, match="more than 10 bytes"):
        git.run("cat-file", "blob", "HEAD:plugin/big.bin", limit=10)
    with pytest.raises(GitError, match="in time"):
        git.run("cat-file", "blob", "HEAD:plugin/big.bin", timeout=0)


@pytest.mark.parametrize(
    "address", ["{root}", "file://{root}", "ext::sh -c touch% {root}/ran", "--upload-pack=touch {root}/ran"]
)
def test_clone_is_over_the_network_alone(repository: GitRepository, tmp_path: Path, address: str) -> None:
    with pytest.raises(GitError):
        clone_bare(address.format(root=repository.root), str(tmp_path / "bare"))
    assert not (tmp_path / "bare").exists()
    assert not (repository.root / "ran").exists()
