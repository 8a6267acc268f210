"""Which files of a directory belong to a plugin, what is left out, and what is refused, in which order."""

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_folders import MANIFEST, make_plugin, write

from toolhive_plugins_content import Rule, open_plugin_directory
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

_ROOT_READS_ALL = os.geteuid() == 0


def _paths(plugin: Path, compat: Compat = Compat.NONE) -> tuple[str, ...]:
    with open_plugin_directory(str(plugin), compat) as directory:
        return directory.paths


def _left_out(plugin: Path) -> tuple[str, ...]:
    with open_plugin_directory(str(plugin)) as directory:
        return directory.left_out


def _modes(plugin: Path, compat: Compat = Compat.NONE) -> dict[str, int]:
    with open_plugin_directory(str(plugin), compat) as directory:
        return {path: file.mode for path, file in directory.files.items()}


def _fault(plugin: Path | str, compat: Compat = Compat.NONE) -> PluginError:
    with pytest.raises(PluginError) as caught, open_plugin_directory(str(plugin), compat):
        pass
    return caught.value


def test_files_are_sorted_by_the_bytes_of_their_paths(plugin: Path) -> None:
    make_plugin(plugin, dict.fromkeys(["b", "B", "a/b", "a-b", "a.b", "é", "\U0001f600", "\ue000"], ""))
    assert _paths(plugin) == (MANIFEST, "B", "a-b", "a.b", "a/b", "b", "é", "\ue000", "\U0001f600")


def test_hidden_paths_are_left_out_and_listed(plugin: Path) -> None:
    hidden = [".env", ".git/config", ".git/a/b", "a/.hidden", "a/.b/c", "..data", ".claude-plugin/extra.json"]
    make_plugin(plugin, dict.fromkeys(["a/kept.md", ".mcp.json", ".lsp.json", "sub/.mcp.json", *hidden], ""))
    write(plugin, ".claude-plugin/sub/deep/x.md")
    write(plugin, ".claude-plugin/.hidden/x.md")
    assert _paths(plugin) == (MANIFEST, ".lsp.json", ".mcp.json", "a/kept.md")
    assert _left_out(plugin) == (
        "..data",
        ".claude-plugin/.hidden/",
        ".claude-plugin/extra.json",
        ".claude-plugin/sub/",
        ".env",
        ".git/",
        "a/.b/",
        "a/.hidden",
        "sub/.mcp.json",
    )


def test_reference_profile_leaves_the_lsp_configuration_out(plugin: Path) -> None:
    make_plugin(plugin, {".lsp.json": {}, ".mcp.json": {}})
    with open_plugin_directory(str(plugin), Compat.TOOLHIVE_CORE) as directory:
        assert directory.paths == (MANIFEST, ".mcp.json")
        assert directory.left_out == (".lsp.json",)


def test_empty_folders_are_no_part_of_a_plugin(plugin: Path) -> None:
    make_plugin(plugin)
    (plugin / "a/b").mkdir(parents=True)
    assert _paths(plugin) == (MANIFEST,)
    assert _left_out(plugin) == ()


@pytest.mark.parametrize(
    ("mode", "default", "reference"),
    [
        (0o644, 0o644, 0o644),
        (0o664, 0o644, 0o664),
        (0o600, 0o644, 0o600),
        (0o755, 0o755, 0o755),
        (0o775, 0o755, 0o775),
        (0o700, 0o755, 0o700),
        (0o455, 0o644, 0o455),
        (0o4755, 0o755, 0o755),
        (0o2644, 0o644, 0o644),
    ],
)
def test_modes_are_normalised_as_git_does_or_kept_as_the_reference_does(
    plugin: Path, mode: int, default: int, reference: int
) -> None:
    make_plugin(plugin)
    write(plugin, "run.sh", mode=mode)
    assert _modes(plugin)["run.sh"] == default
    assert _modes(plugin, Compat.TOOLHIVE_CORE)["run.sh"] == reference


def test_manifest_is_never_executable(plugin: Path) -> None:
    make_plugin(plugin)
    (plugin / MANIFEST).chmod(0o777)
    assert _modes(plugin) == _modes(plugin, Compat.TOOLHIVE_CORE) == {MANIFEST: 0o644}


@pytest.mark.parametrize("name", ["b.md", ".hidden", "a/b.md", "a/.hidden", ".claude-plugin/x", ".claude-plugin/s/x"])
@pytest.mark.parametrize("target", [".", "/etc/passwd", "nowhere", "/"])
@pytest.mark.parametrize("compat", list(Compat))
def test_link_anywhere_that_the_walk_comes_is_refused(plugin: Path, name: str, target: str, compat: Compat) -> None:
    make_plugin(plugin, {"kept.md": ""})
    (plugin / name).parent.mkdir(parents=True, exist_ok=True)
    (plugin / name).symlink_to(target)
    error = _fault(plugin, compat)
    assert isinstance(error, InvalidPluginFileError)
    assert error.where == name
    assert "symbolic link" in error.problem


def test_link_within_a_hidden_folder_matters_to_nobody(plugin: Path) -> None:
    make_plugin(plugin, {".git/x": ""})
    (plugin / ".git/link").symlink_to("/etc")
    assert _paths(plugin) == (MANIFEST,)


def test_fifo_and_socket_are_refused_without_waiting_for_them(plugin: Path) -> None:
    make_plugin(plugin)
    os.mkfifo(plugin / "pipe")
    assert isinstance(_fault(plugin), InvalidPluginFileError)
    (plugin / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        (plugin / ".s").mkdir()
        listener.bind(os.path.relpath(plugin / ".claude-plugin/s"))
        assert isinstance(_fault(plugin), InvalidPluginFileError)


@pytest.mark.parametrize("special", ["fifo", "folder", "link"])
def test_manifest_must_be_a_regular_file(plugin: Path, special: str) -> None:
    make_plugin(plugin, {"real.json": {"name": "x"}})
    manifest = plugin / MANIFEST
    manifest.unlink()
    if special == "fifo":
        os.mkfifo(manifest)
    elif special == "folder":
        manifest.mkdir()
    else:
        manifest.symlink_to("../real.json")
    assert isinstance(_fault(plugin), InvalidPluginFileError)


def test_linked_manifest_folder_is_refused_and_never_entered(plugin: Path, tmp_path: Path) -> None:
    outside = make_plugin(tmp_path / "outside", name="secret")
    plugin.mkdir()
    (plugin / ".claude-plugin").symlink_to(outside / ".claude-plugin")
    assert isinstance(_fault(plugin), InvalidPluginFileError)


@pytest.mark.parametrize("kind", ["nothing", "empty folder", "file", "dangling link", "link to a folder without one"])
def test_manifest_that_is_not_there_is_missing(plugin: Path, kind: str) -> None:
    plugin.mkdir()
    folder = plugin / ".claude-plugin"
    if kind == "empty folder":
        folder.mkdir()
    elif kind == "file":
        folder.write_text("")
    elif kind == "dangling link":
        folder.symlink_to("nowhere")
    elif kind == "link to a folder without one":
        folder.symlink_to("/")
    assert isinstance(_fault(plugin), PluginManifestMissingError)


def test_faults_of_the_manifest_come_before_those_of_the_files(plugin: Path) -> None:
    make_plugin(plugin, name="")
    (plugin / "a").symlink_to("b")
    assert isinstance(_fault(plugin), InvalidPluginManifestError)


def test_manifest_beyond_64_kib_is_refused(plugin: Path) -> None:
    make_plugin(plugin)
    write(plugin, MANIFEST, '{"name":"x"}'.ljust(64 * 1024))
    assert _paths(plugin) == (MANIFEST,)
    write(plugin, MANIFEST, '{"name":"x"}'.ljust(64 * 1024 + 1))
    assert isinstance(_fault(plugin), InvalidPluginManifestError)


@pytest.mark.parametrize("path", ["", "plugin", "./plugin", "/nowhere/at/all", "/etc/passwd", "/etc/passwd/x", "/a\0b"])
def test_directory_must_be_absolute_and_there(path: str) -> None:
    assert isinstance(_fault(path), InvalidPluginDirError)


def test_directory_that_the_caller_names_by_a_link_is_followed(plugin: Path, tmp_path: Path) -> None:
    make_plugin(plugin, {"a.md": ""})
    (tmp_path / "link").symlink_to(plugin)
    assert _paths(tmp_path / "link") == _paths(plugin)


def test_first_fault_in_the_order_of_paths_is_the_one_reported(plugin: Path) -> None:
    make_plugin(plugin, {f"f{number:04}": "" for number in range(1001)})
    assert isinstance(_fault(plugin), TooManyFilesError)
    (plugin / "z").symlink_to("/f0000")
    assert isinstance(_fault(plugin), TooManyFilesError)
    (plugin / "a").symlink_to("/f0000")
    assert isinstance(_fault(plugin), InvalidPluginFileError)


def test_a_thousand_files_and_any_number_of_hidden_ones_fit(plugin: Path) -> None:
    make_plugin(plugin, {f"f{number}": "" for number in range(1000)})
    for number in range(20):
        write(plugin, f".h{number}")
    assert len(_paths(plugin)) == 1001


def test_95_mib_fit_and_one_byte_more_does_not(plugin: Path) -> None:
    make_plugin(plugin)
    with (plugin / "a").open("wb") as file:
        file.truncate(95 * 1024 * 1024)
    assert _paths(plugin) == (MANIFEST, "a")
    write(plugin, "b", "1")
    assert isinstance(_fault(plugin), PluginTooLargeError)


def test_listed_left_out_paths_are_bounded_and_the_rest_is_said(plugin: Path) -> None:
    make_plugin(plugin)
    for number in range(3000):
        (plugin / f".h{number:04}").touch()
    with open_plugin_directory(str(plugin)) as directory:
        assert directory.left_out == tuple(f".h{number:04}" for number in range(1000))
        assert [str(found) for found in directory.findings.sorted()] == [
            "3000 hidden paths were left out; the first 1000 are listed"
        ]


def test_more_files_and_folders_than_any_plugin_has_end_the_walk(plugin: Path) -> None:
    make_plugin(plugin)
    for number in range(10_001):
        (plugin / str(number)).mkdir()
    assert isinstance(_fault(plugin), TooManyFilesError)


def test_folders_nested_beyond_reason_are_refused(plugin: Path) -> None:
    make_plugin(plugin, {"d/" * 128 + "x": ""})
    assert len(_paths(plugin)) == 2
    write(plugin, "d/" * 129 + "x")
    assert isinstance(_fault(plugin), InvalidPluginFileError)


def test_deep_plugin_needs_few_file_descriptors(plugin: Path) -> None:
    make_plugin(plugin, {"d/" * 100 + "x": "", "e/" * 100 + "x": ""})
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        with open_plugin_directory(str(plugin)) as directory:
            assert [len(directory.read(path, 100)) for path in directory.paths[1:]] == [0, 0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_file_descriptor_outlives_the_directory(plugin: Path) -> None:
    make_plugin(plugin, {"a/b/c": "1", "z/y": "2"})
    before = len(list(Path("/dev/fd").iterdir()))
    with open_plugin_directory(str(plugin)) as directory:
        for file in directory.files:
            next(directory.chunks(file))
    (plugin / "link").symlink_to("a")
    _fault(plugin)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_directory_that_was_closed_is_not_read(plugin: Path) -> None:
    make_plugin(plugin, {"a.md": ""})
    with open_plugin_directory(str(plugin)) as directory:
        pass
    with pytest.raises(InvalidPluginFileError):
        directory.read("a.md", 100)


def test_hidden_files_in_a_folder_whose_name_is_not_utf8_are_left_out(plugin: Path) -> None:
    make_plugin(plugin, {"\udcff/.hidden": "", "\udcff/.claude-plugin/plugin.json": ""})
    assert _left_out(plugin) == ("\udcff/.claude-plugin/", "\udcff/.hidden")


def test_names_that_are_not_utf8_keep_their_bytes(plugin: Path) -> None:
    make_plugin(plugin, {"\udcff.md": "1", "é": "composed", "e\u0301": "decomposed", "A": "", "a": ""})
    assert _paths(plugin) == (MANIFEST, "A", "a", "e\u0301", "é", "\udcff.md")


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C.UTF-8"}]
)
def test_names_do_not_depend_on_the_locale(plugin: Path, locale: dict[str, str]) -> None:
    make_plugin(plugin, {"é.md": "", "\udcff.md": ""})
    script = (
        "import sys; from toolhive_plugins_content import open_plugin_directory\n"
        "with open_plugin_directory(sys.argv[1]) as d: print(ascii(d.paths))"
    )
    environment = {**os.environ, **locale, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, plugin], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == ascii((MANIFEST, "é.md", "\udcff.md")), done.stderr


@pytest.mark.parametrize("path", ["a\\b.md", "a\\..\\x", "\\\\server", "d/\\"])
def test_path_that_readers_refuse_is_refused_by_default_and_a_warning_for_the_reference(
    plugin: Path, path: str
) -> None:
    make_plugin(plugin, {path: "x"})
    error = _fault(plugin)
    assert isinstance(error, InvalidPluginFileError)
    assert path in error.where
    with open_plugin_directory(str(plugin), Compat.TOOLHIVE_CORE) as directory:
        assert directory.paths == (MANIFEST, path)
        assert [found.rule for found in directory.findings.sorted()] == [Rule.PATH]


def test_hidden_path_with_a_backslash_is_left_out_like_any_other(plugin: Path) -> None:
    make_plugin(plugin, {".a\\b": "x"})
    assert _left_out(plugin) == (".a\\b",)


@pytest.mark.skipif(_ROOT_READS_ALL, reason="root may read every file")
@pytest.mark.usefixtures("restore_modes")
@pytest.mark.parametrize("path", ["a.md", "folder", MANIFEST, ".claude-plugin"])
def test_what_may_not_be_read_is_named(plugin: Path, path: str) -> None:
    make_plugin(plugin, {"a.md": "", "folder/b.md": ""})
    (plugin / path).chmod(0)
    error = _fault(plugin)
    assert path in error.where
    assert "Permission denied" in error.problem
