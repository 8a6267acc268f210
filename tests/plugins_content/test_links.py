"""Symbolic links: one that leads to a file of the plugin becomes a copy of it, and no other is packaged."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugin_folders import MANIFEST, make_plugin

from toolhive_plugins_content import Findings, PluginDirectory, Rule, open_plugin_directory
from toolhive_plugins_content.links import LinkJudge
from toolhive_plugins_interfaces import (
    Compat,
    InvalidPluginFileError,
    PluginError,
    PluginManifestMissingError,
    PluginTooLargeError,
    Severity,
    TooManyFilesError,
)

FILES = {"README.md": "read me\n", "docs/guide.md": "guide\n", "docs/.draft": "secret\n", ".env": "TOKEN=secret\n"}


def link(root: Path, path: str, target: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(target)


def contents(root: Path, compat: Compat = Compat.NONE) -> dict[str, bytes]:
    with open_plugin_directory(str(root), compat) as plugin:
        return {path: b"".join(plugin.chunks(path)) for path in plugin.files}


def refusal(root: Path, compat: Compat = Compat.NONE) -> PluginError:
    with pytest.raises(PluginError) as caught, open_plugin_directory(str(root), compat):
        pass
    return caught.value


@pytest.mark.parametrize(
    ("path", "target", "file"),
    [
        ("AGENTS.md", "README.md", "README.md"),
        ("AGENTS.md", "./docs/../README.md", "README.md"),
        ("AGENTS.md", "docs//./guide.md", "docs/guide.md"),
        ("docs/AGENTS.md", "../README.md", "README.md"),
        ("alone/in/here.md", "../../docs/guide.md", "docs/guide.md"),
        ("alone/in/here.md", "../in/../../README.md", "README.md"),
        (".mcp.json", "README.md", "README.md"),
        (".lsp.json", "docs/guide.md", "docs/guide.md"),
        ("plugin.json", MANIFEST, MANIFEST),
    ],
)
def test_link_to_a_file_of_the_plugin_is_a_copy_of_it(plugin: Path, path: str, target: str, file: str) -> None:
    make_plugin(plugin, FILES)
    link(plugin, path, target)
    found = contents(plugin)
    assert found[path] == found[file] == (plugin / path).read_bytes()
    with open_plugin_directory(str(plugin), findings=Findings()) as tree:
        assert tree.files[path].size == tree.files[file].size
        assert tree.head(path) == found[file]
        assert tree.digest(path) == tree.digest(file)
        (warning,) = tree.findings.sorted()
    assert (warning.rule, warning.path, warning.severity) == (Rule.LINK_COPIED, path, Severity.WARNING)
    assert file in warning.problem


@pytest.mark.parametrize("mode", [0o755, 0o644])
def test_copy_is_executable_if_the_file_is(plugin: Path, mode: int) -> None:
    make_plugin(plugin, {"run.sh": "#!/bin/sh\n"})
    (plugin / "run.sh").chmod(mode)
    link(plugin, "bin/run", "../run.sh")
    with open_plugin_directory(str(plugin)) as tree:
        assert tree.files["bin/run"].mode == mode


@pytest.mark.parametrize(
    ("path", "target", "problem"),
    [
        ("a", "/etc/passwd", "absolute path"),
        ("a", "{root}/README.md", "absolute path"),
        ("a", "../README.md", "leads out"),
        ("a", "../plugin/README.md", "leads out"),
        ("docs/a", "../../plugin/README.md", "leads out"),
        ("a", ".env", "hidden"),
        ("a", "docs/.draft", "hidden"),
        ("a", ".git/config", "hidden"),
        ("a", ".claude-plugin/other.json", "hidden"),
        (".env.local", ".env", "hidden"),
        ("a", "docs", "to a folder"),
        ("a", ".", "to a folder"),
        ("a", "docs/", "to a folder"),
        ("docs/a", "..", "to a folder"),
        (".a", "docs", "to a folder"),
        (".claude-plugin/a", "../docs", "to a folder"),
        ("a", "gone", "no file"),
        ("a", "README.md/", "no file"),
        ("a", "README.md/.", "no file"),
        ("a", "README.md/../README.md", "no file"),
        ("a", "gone/../README.md", "no file"),
        ("a", "a", "another link"),
        ("a", "ok", "another link"),
        ("a", "ok/../README.md", "another link"),
        ("a", "folder/guide.md", "another link"),
        ("a", "folder/../README.md", "another link"),
    ],
)
def test_any_other_link_is_refused(plugin: Path, path: str, target: str, problem: str) -> None:
    make_plugin(plugin, FILES | {".git/config": "", ".claude-plugin/other.json": ""})
    link(plugin, path, target.format(root=plugin))
    if "another" in problem and target != "a":
        link(plugin, "ok", "README.md")
        link(plugin, "folder", "docs")
    error = refusal(plugin)
    assert isinstance(error, InvalidPluginFileError)
    assert error.where == path
    assert "symbolic link" in error.problem
    assert problem in error.problem
    with open_plugin_directory(str(plugin), findings=Findings()) as tree:
        assert path not in tree.files
        assert (path, "a symbolic link") in [(item.path, item.what) for item in tree.irregular]
        assert error.problem in [found.problem for found in tree.findings.sorted() if found.path == path]


@pytest.mark.parametrize("path", [".cursorrules", "docs/.rules", ".claude-plugin/README.md"])
def test_hidden_link_is_left_out_as_a_hidden_file_is(plugin: Path, path: str) -> None:
    make_plugin(plugin, FILES)
    link(plugin, path, os.path.relpath("README.md", Path(path).parent))
    with open_plugin_directory(str(plugin)) as tree:
        assert path not in tree.files
        assert path in tree.left_out


def test_every_link_is_looked_at(plugin: Path) -> None:
    make_plugin(plugin, FILES)
    for number in range(300):
        link(plugin, f"links/{number}", "../README.md")
    assert len([path for path in contents(plugin) if path.startswith("links/")]) == 300
    link(plugin, "links/z", "../.env")
    assert refusal(plugin).where == "links/z"


@pytest.mark.parametrize("target", ["README.md", ".env", "/etc/passwd"])
def test_toolhive_core_refuses_all_links(plugin: Path, target: str) -> None:
    make_plugin(plugin, FILES)
    link(plugin, "AGENTS.md", target)
    assert refusal(plugin, Compat.TOOLHIVE_CORE).where == "AGENTS.md"


def test_copies_count_towards_the_limits(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_plugin(plugin, {"a": "x" * 60})
    for name in ("b", "c"):
        link(plugin, name, "a")
    assert len(contents(plugin)) == 4
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_TOTAL_SIZE", 179)
    assert isinstance(refusal(plugin), PluginTooLargeError)
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_FILES", 2)
    assert isinstance(refusal(plugin), TooManyFilesError)
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 3)
    assert isinstance(refusal(plugin), TooManyFilesError)


@pytest.mark.parametrize("compat", list(Compat))
def test_manifest_that_is_a_link_is_told_as_that(plugin: Path, compat: Compat) -> None:
    make_plugin(plugin, {"plugin.json": '{"name": "demo"}'})
    (plugin / MANIFEST).unlink()
    link(plugin, MANIFEST, "../plugin.json")
    error = refusal(plugin, compat)
    assert (error.where, error.problem) == (MANIFEST, "is a symbolic link, and must be a file of its own")
    assert error.remedy.startswith("Remove the link")


@pytest.mark.parametrize("compat", list(Compat))
def test_manifest_folder_that_is_a_link_is_told_as_that(plugin: Path, compat: Compat) -> None:
    make_plugin(plugin)
    (plugin / ".claude-plugin").rename(plugin / "real")
    link(plugin, ".claude-plugin", "real")
    assert refusal(plugin, compat).problem == "is a symbolic link, and must be a folder of its own"
    (plugin / ".claude-plugin").unlink()
    link(plugin, ".claude-plugin", "gone")
    error = refusal(plugin, compat)
    assert isinstance(error, PluginManifestMissingError)
    assert ".claude-plugin is a symbolic link: remove it first" in error.remedy


def test_link_to_a_manifest_that_cannot_be_read_is_no_crash(plugin: Path) -> None:
    make_plugin(plugin, description="x" * 70_000)
    link(plugin, "plugin.json", MANIFEST)
    with open_plugin_directory(str(plugin), findings=Findings()) as tree:
        assert len(b"".join(tree.chunks("plugin.json"))) == (plugin / MANIFEST).stat().st_size


def _opened(plugin: Path) -> PluginDirectory:
    with open_plugin_directory(str(plugin)) as tree:
        (plugin / "README.md").write_text("other\n")
        b"".join(tree.chunks("AGENTS.md"))
        return tree


def test_file_that_changes_after_it_was_listed_is_not_copied(plugin: Path) -> None:
    make_plugin(plugin, FILES)
    link(plugin, "AGENTS.md", "README.md")
    with pytest.raises(InvalidPluginFileError, match="changed"):
        _opened(plugin)


_PARTS = st.sampled_from(["a", "b", "x", ".h", "..", ".", ""])


@given(st.lists(_PARTS, min_size=1, max_size=6).map("/".join), st.sampled_from(["l", "a/l", "a/b/l", "e/l"]))
def test_what_is_copied_is_what_the_system_would_follow_the_link_to(
    tmp_path_factory: pytest.TempPathFactory, target: str, path: str
) -> None:
    root = tmp_path_factory.mktemp("links")
    files = ["x", "a/x", "a/b/x", "b/a"]
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(file)
    (root / path).parent.mkdir(exist_ok=True)
    found = LinkJudge(files, [path]).target_of(path, target)
    if found is None:
        assert LinkJudge(files, [path]).problem_of(path, target)
    else:
        (root / path).symlink_to(target)
        assert (root / path).read_text() == found
