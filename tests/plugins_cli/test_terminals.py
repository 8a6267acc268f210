"""On terminals, wide and narrow, in colour and not; on pipes that close; and when someone presses Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_runner import ARGUMENTS, Command, hook, write_plugin

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.text import cells

LONG = "echo " + " ".join(f"word{number}" for number in range(60))


def lines_without_colors(shown: str) -> list[str]:
    import re

    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown).split("\n")


def test_colour_on_a_terminal_and_not_in_a_pipe(thv: Command, demo: Path) -> None:
    assert "\x1b[" in thv.on_terminal("inspect", "demo").out
    assert "\x1b[" not in thv("inspect", "demo").out
    assert "\x1b[" in thv("inspect", "demo", "--color", "always").out
    assert "\x1b[" in thv("inspect", "demo", env={"FORCE_COLOR": "1"}).out


@pytest.mark.parametrize("arguments", [["inspect", "demo"], ["inspect", "nothing"], ["--help"], ["build", "--help"]])
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_it_is_not_wanted(thv: Command, demo: Path, arguments: list[str], env: dict[str, str]) -> None:
    assert "\x1b" not in thv.on_terminal(*arguments, env=env).out


def test_no_colour_option_wins(thv: Command, demo: Path) -> None:
    assert "\x1b" not in thv.on_terminal("inspect", "demo", "--color", "never").out


def test_help_on_a_terminal_is_coloured_without_black_or_white(thv: Command) -> None:
    shown = thv.on_terminal("build", "--help").out
    assert "\x1b[" in shown
    assert not any(code in shown for code in ("\x1b[30m", "\x1b[37m", "\x1b[97m", "\x1b[90m"))


@pytest.mark.parametrize("width", [30, 48, 80, 120, 200])
@pytest.mark.parametrize("command", ["inspect", "builds", "build", "validate", "diff", "content"])
def test_no_line_is_wider_than_the_terminal(thv: Command, width: int, command: str) -> None:
    files = hook(LONG) | {"skills/s/SKILL.md": "x", "commands/日本語のとても長い名前のコマンド.md": "x"}
    write_plugin(thv.folder / "demo", files)
    write_plugin(thv.folder / "old")
    thv("build", "demo")
    arguments = {"diff": ["old", "demo"], "builds": [], "build": ["./demo"], "validate": ["demo"]}.get(
        command, ["demo"]
    )
    shown = lines_without_colors(thv.on_terminal(command, *arguments, width=width).out)
    if command == "content":  # paths are for copying, and are never cut off
        shown = [line for line in shown if ".md" not in line and ".json" not in line and "EXEC" not in line]
    assert [line for line in shown if cells(line) > width] == []
    assert len(shown) > 1


def test_columns_limits_the_width_of_a_pipe_and_without_it_no_line_is_broken(thv: Command) -> None:
    write_plugin(thv.folder / "demo", hook(LONG))
    assert any(line.strip() == f"$ {LONG}" for line in thv("inspect", "demo").out.split("\n"))
    narrow = thv("inspect", "demo", env={"COLUMNS": "60"}).out.split("\n")
    assert max(cells(line) for line in narrow) <= 60


def test_no_line_ends_in_spaces(thv: Command, demo: Path) -> None:
    thv("build", "demo")
    for arguments in (["inspect", "demo"], ["builds"], ["content", "demo"], ["diff", "demo", "./demo"], ["--help"]):
        assert not [line for line in thv(*arguments).out.split("\n") if line != line.rstrip()]


def test_a_terminal_without_utf8_gets_ascii(thv: Command, demo: Path) -> None:
    write_plugin(thv.folder / "odd", {"commands/é.md": "x", **hook("écho")})
    env = {"PYTHONIOENCODING": "ascii", "LANG": "C", "PYTHONUTF8": "0"}
    for arguments in (["inspect", "odd"], ["diff", "demo", "odd"], ["validate", "odd"]):
        done = thv(*arguments, env=env)
        assert done.status in (exit_codes.OK, exit_codes.SURFACE_GREW)
        assert done.out.isascii()
    assert "\\xe9cho" in thv("inspect", "odd", env=env).out


@pytest.mark.parametrize("command", [["inspect", "demo"], ["builds"], ["content", "demo", "big.txt"], ["--help"]])
def test_closed_pipe_is_quiet(thv: Command, command: list[str]) -> None:
    write_plugin(thv.folder / "demo", {"big.txt": "x" * 300_000})
    thv("build", "demo")
    read, write = os.pipe()
    os.close(read)
    process = thv.start(*command, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, errors = process.communicate(timeout=60)
    assert errors == b""
    assert process.returncode == exit_codes.CLOSED_PIPE


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_is_not_there_is_no_crash(thv: Command, demo: Path, stream: str) -> None:
    redirect = {"stdout": "1>&-", "stderr": "2>&-"}[stream]
    for arguments in (["--version"], ["builds"], ["inspect", "demo"], ["inspect", "nothing"]):
        process = subprocess.run(
            ["/bin/sh", "-c", f'"$@" {redirect}', "sh", *ARGUMENTS, *arguments],
            cwd=thv.folder,
            env=thv.env,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert b"Traceback" not in process.stdout + process.stderr
        assert process.returncode == (exit_codes.NOT_FOUND if "nothing" in arguments else exit_codes.OK)


def test_full_disk_on_stdout_is_an_error(thv: Command, demo: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        process = thv.start("inspect", "demo", stdout=full, stderr=subprocess.PIPE)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == exit_codes.FAILED
    assert b"No space left" in errors
    assert b"Traceback" not in errors


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, exit_codes.INTERRUPTED), (signal.SIGTERM, exit_codes.TERMINATED)]
)
def test_interruption_ends_cleanly_and_leaves_the_store_intact(
    thv: Command, number: signal.Signals, status: int
) -> None:
    write_plugin(thv.folder / "demo", {f"f{count}.md": "x" * 1000 for count in range(50)})
    # The test's own program stops the build in the middle, at a place where it tells that it has come there.
    paused = thv.folder / "paused.py"
    paused.write_text(
        "import os, sys, time\n"
        "import toolhive_plugins_packager.packager as p\n"
        "from toolhive_plugins_cli.cli import main\n"
        "real = p.Packager.package\n"
        "def package(self, *a, **k):\n"
        "    result = real(self, *a, **k)\n"
        "    os.write(int(sys.argv.pop()), b'!')\n"
        "    time.sleep(60)\n"
        "    return result\n"
        "p.Packager.package = package\n"
        "sys.exit(main(sys.argv[1:-1]))\n"
    )
    come_there, telling = os.pipe()
    process = subprocess.Popen(
        [sys.executable, str(paused), "build", "demo", str(telling)],
        cwd=thv.folder,
        env=thv.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[telling],
        # A shell that runs the tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(telling)
    assert os.read(come_there, 1) == b"!", process.communicate(timeout=30)
    os.close(come_there)
    process.send_signal(number)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == status
    assert out == b""
    assert b"Traceback" not in errors
    assert thv("check").status == exit_codes.OK
    assert thv("builds").out == ""
    assert thv("build", "demo").status == exit_codes.OK
