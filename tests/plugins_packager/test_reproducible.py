"""The same files give the same digests: on every Python, under any umask, locale and time zone, however they got there.

The golden digests hold the artifact still from one release to the next as well, the compressed layer included. They
were taken once and must not change but with the format: a new one breaks `verify` for everything published before.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from plugin_folders import MANIFEST, write

from toolhive_artifact import Platform
from toolhive_plugins_interfaces import Compat, PackageOptions
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store

_GOLDEN = "sha256:4167bbc2a1580ee25c953ba5d410426647e138f6dc344572b47878ec1a4621e6"
_GOLDEN_REFERENCE = "sha256:a84c5870d3725eb2e996396fe1a36ad86e6a4369e71898010c891aeaf8d285a5"
_GOLDEN_LARGE = "sha256:af6faaec5dd4fb9bb96c58e83f228ee50c404671fd0cacf468793dc2ff446ff3"

_FILES: Mapping[str, tuple[str, int]] = {
    MANIFEST: ('{"name": "golden", "version": "1.0.0", "license": "MIT", "description": "<b> \\u2028"}', 0o644),
    "commands/a.md": ("---\ndescription: a\n---\nDo it.\n" * 50, 0o644),
    "commands/B/b.md": ("b\n", 0o644),
    "hooks/hooks.json": ('{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "run.sh"}]}]}}', 0o644),
    "hooks/run.sh": ("#!/bin/sh\nexit 0\n", 0o755),
    ".mcp.json": ('{"one": {"command": "x"}, "two": {"url": "https://example.com"}}', 0o644),
    "é/\U0001f600": ("non-ASCII names\n", 0o644),
    "empty": ("", 0o644),
}
_OPTIONS = PackageOptions(epoch=1_700_000_000, platforms=[Platform("linux", "amd64"), Platform("linux", "arm64", "v8")])

_SCRIPT = """
import sys
from toolhive_artifact import Platform
from toolhive_plugins_interfaces import PackageOptions
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store
platforms = [Platform("linux", "amd64"), Platform("linux", "arm64", "v8")]
options = PackageOptions(epoch=1_700_000_000, platforms=platforms)
print(Packager(Store(sys.argv[2])).package(sys.argv[1], options).index_digest)
"""


def _make(root: Path, *, backwards: bool = False) -> Path:
    """Write the golden plugin, its files in one order or the other."""
    for path, (content, mode) in sorted(_FILES.items(), reverse=backwards):
        write(root, path, content, mode)
    return root


def _digest(plugin: Path, store: Path) -> str:
    return Packager(Store(store)).package(plugin, _OPTIONS).index_digest


def _digest_in_another_process(plugin: Path, store: Path, environment: Mapping[str, str], umask: int = 0o022) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, plugin, store],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_digest_is_the_golden_one_on_this_python(tmp_path: Path) -> None:
    assert _digest(_make(tmp_path / "plugin"), tmp_path / "store") == _GOLDEN


def test_digest_in_the_profile_of_the_reference_is_golden_too(tmp_path: Path) -> None:
    options = PackageOptions(epoch=1, compat=Compat.TOOLHIVE_CORE)
    result = Packager(Store(tmp_path / "store")).package(_make(tmp_path / "plugin"), options)
    assert result.index_digest == _GOLDEN_REFERENCE


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_digest_of_a_layer_of_many_pieces_is_golden_for_any_number_of_workers(tmp_path: Path, workers: int) -> None:
    plugin = _make(tmp_path / "plugin")
    for number in range(40):
        text = " ".join(str(number * i * i % 9973) for i in range(50_000))
        write(plugin, f"data/{number}.txt", text)
    result = Packager(Store(tmp_path / "store"), workers=workers).package(plugin, _OPTIONS)
    assert result.layer_size < result.content_size
    assert result.index_digest == _GOLDEN_LARGE


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077])
def test_umask_of_whoever_made_the_files_or_packages_them_does_not_matter(tmp_path: Path, umask: int) -> None:
    plugin = _make(tmp_path / "plugin")
    for path in [plugin, *plugin.rglob("*")]:
        path.chmod(path.stat().st_mode & 0o777 & ~umask | (0o700 if path.is_dir() else 0o600))
    assert _digest_in_another_process(plugin, tmp_path / "store", {}, umask) == _GOLDEN


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/St_Johns", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "1", "PYTHONOPTIMIZE": "2"},
        {"PYTHONHASHSEED": "4294967295", "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "12"},
    ],
    ids=str,
)
def test_environment_does_not_matter(tmp_path: Path, environment: dict[str, str]) -> None:
    plugin = _make(tmp_path / "plugin")
    assert _digest_in_another_process(plugin, tmp_path / "store", environment) == _GOLDEN


def test_order_and_time_of_creation_and_place_do_not_matter(tmp_path: Path) -> None:
    plugin = _make(tmp_path / "else" / "where", backwards=True)
    for path in plugin.rglob("*"):
        os.utime(path, (1, 2))
    assert _digest(plugin, tmp_path / "store") == _GOLDEN


def test_clone_and_archive_of_one_commit_give_one_digest(tmp_path: Path) -> None:
    git = _git()
    source = _make(tmp_path / "source")
    clone, archive = tmp_path / "clone", tmp_path / "archive"
    archive.mkdir()
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    _run(git, "init", "--quiet", cwd=source)
    _run(git, "add", "--all", cwd=source)
    _run(git, *identity, "commit", "--quiet", "--message=x", cwd=source)
    _run(git, "clone", "--quiet", str(source), str(clone), cwd=tmp_path, umask=0o002)
    _run(git, "archive", "--format=tar", "--output", str(tmp_path / "x.tar"), "HEAD", cwd=source)
    shutil.unpack_archive(tmp_path / "x.tar", archive, filter="fully_trusted")
    digests = {_digest(folder, tmp_path / "store") for folder in (source, clone, archive)}
    assert digests == {_GOLDEN}


def _git() -> str:
    git = shutil.which("git")
    if git is None:
        if os.environ.get("CI"):
            pytest.fail("git is not installed")
        pytest.skip("git is not installed")
    return git


def _run(*command: str, cwd: Path, umask: int = 0o022) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(command, cwd=cwd, env=environment, umask=umask, check=True, capture_output=True)
