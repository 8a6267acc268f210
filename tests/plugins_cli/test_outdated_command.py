"""`outdated`: what is newer in a real registry, as a person and a pipeline see it."""

import shutil

import pytest
from command_runner import Command, hook, write_plugin

from toolhive_plugins_cli import exit_codes


@pytest.fixture
def installed(thv: Command, registry: str) -> str:
    """A repository with one version of a plugin, which is installed."""
    (thv.folder / ".claude").mkdir()
    repository = f"{registry}/outdated/{thv.folder.name.lower().replace('_', '-').strip('-')}/demo"
    published(thv, f"{repository}:1.0.0", "1.0.0")
    done = thv("install", f"{repository}:1.0.0", "--plain-http", "--yes")
    assert done.status == exit_codes.OK, done.err
    return repository


def published(thv: Command, ref: str, version: str, command: str = "") -> None:
    shutil.rmtree(thv.folder / "demo", ignore_errors=True)
    files = hook(command) if command else {}
    manifest = {".claude-plugin/plugin.json": {"name": "demo", "version": version}}
    write_plugin(thv.folder / "demo", {**files, **manifest, "README.md": f"{version}\n"})
    assert thv("--store", "publisher", "build", "demo").status == exit_codes.OK
    assert thv("--store", "publisher", "push", "demo", ref, "--plain-http").status == exit_codes.OK


def test_nothing_newer_is_status_0(thv: Command, installed: str) -> None:
    done = thv("outdated", "--plain-http")
    assert (done.status, done.err) == (exit_codes.OK, "")
    assert done.out.splitlines()[1].split()[:4] == ["demo", "1.0.0", "current", "-"]
    assert thv("outdated", "--plain-http", "--quiet").out == ""


def test_a_newer_version_is_shown_with_its_target_and_changes_nothing(thv: Command, installed: str) -> None:
    published(thv, f"{installed}:1.1.0", "1.1.0")
    builds, listed = thv("builds").out, thv("list").out
    done = thv("outdated", "demo", "--plain-http")
    assert done.status == exit_codes.OK, done.err
    assert done.out.splitlines()[1].split() == ["demo", "1.0.0", "newer", "1.1.0", "no", f"{installed}:1.1.0"]
    assert thv("outdated", "--plain-http", "--quiet").out == "demo\n"
    assert (thv("builds").out, thv("list").out) == (builds, listed)


def test_one_that_can_do_more_is_status_4_and_says_what(thv: Command, installed: str) -> None:
    published(thv, f"{installed}:2.0.0", "2.0.0", "./evil.sh")
    done = thv("outdated", "--plain-http")
    assert done.status == exit_codes.SURFACE_GREW
    assert "can do more" in done.out
    assert "hook SessionStart" in done.out


def test_an_unknown_name_and_a_dead_registry_are_told(thv: Command, installed: str) -> None:
    assert thv("outdated", "absent", "--plain-http").status == exit_codes.NOT_FOUND
    done = thv("outdated", "--retries", "0", "--timeout", "5")  # over HTTPS, which that registry does not speak
    assert done.status == exit_codes.FAILED
    assert "failed" in done.out
    assert done.err.startswith("error: ")


def test_without_any_plugin_it_says_so(thv: Command) -> None:
    done = thv("outdated")
    assert (done.status, done.out) == (exit_codes.OK, "")
    assert "No plugin is installed" in done.err
