"""Shell completion: the scripts parse, and complete commands, options and local tags."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from command_runner import ARGUMENTS, Command, write_plugin

from toolhive_plugins_cli.overview import names

SHELLS = ["bash", "zsh", "fish"]


def need(program: str) -> str:
    """Return a program's path; skip where it is absent, and fail there in CI."""
    path = shutil.which(program)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return path


@pytest.fixture
def shell_env(thv: Command, tmp_path: Path) -> dict[str, str]:
    """An environment in which `thv-plugin` is on the PATH, and whose store has two builds."""
    for name in ("alpha", "beta"):
        write_plugin(thv.folder / "src" / name, name=name)
        assert thv("build", f"src/{name}").status == 0
    write_plugin(thv.folder / "src" / "alpha", name="alpha")
    assert thv("build", "src/alpha", "--tag", "example.com/acme/alpha:v1").status == 0
    program = tmp_path / "bin" / "thv-plugin"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {" ".join(ARGUMENTS)} "$@"\n')
    program.chmod(0o755)
    return {**thv.env, "PATH": f"{program.parent}:{thv.env['PATH']}"}


@pytest.mark.parametrize("shell", SHELLS)
def test_script_names_every_command_and_its_options(thv: Command, shell: str) -> None:
    script = thv("completion", shell).out
    assert all(name in script for name in names())
    assert "toolhive-core" in script
    assert "plain-http" in script


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_script_parses(thv: Command, shell: str, check: str) -> None:
    script = thv.folder / "script"
    script.write_text(thv("completion", shell).out)
    done = subprocess.run([need(shell), check, str(script)], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def complete(thv: Command, env: dict[str, str], line: str) -> list[str]:
    """Return what bash would offer after `line`, whose words are separated by single spaces."""
    words = line.split(" ")
    body = f"""
        source <(thv-plugin completion bash)
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
        COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}
        _thv_plugin 2>&1
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [need("bash"), "--norc", "-c", body], cwd=thv.folder, env=env, capture_output=True, timeout=60, check=True
    )
    return done.stdout.decode().split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("thv-plugin ins", {"inspect", "install"}),
        ("thv-plugin re", {"repair"}),
        ("thv-plugin rm al", {"alpha"}),
        ("thv-plugin marketplace pu", {"push"}),
        ("thv-plugin marketplace push --mo", {"--move-tags"}),
        ("thv-plugin marketplace push sr", {"src"}),
        ("thv-plugin rm ", {"alpha", "beta", "example.com/acme/alpha:v1"}),
        ("thv-plugin push b", {"beta"}),
        ("thv-plugin inspect s", {"src"}),
        ("thv-plugin build s", {"src"}),
        ("thv-plugin build --compat t", {"toolhive-core"}),
        ("thv-plugin builds --format y", {"yaml"}),
        ("thv-plugin build --ep", {"--epoch"}),
        ("thv-plugin --store nowhere rm ", set()),
        ("thv-plugin completion f", {"fish"}),
    ],
)
def test_bash_offers(thv: Command, shell_env: dict[str, str], line: str, offered: set[str]) -> None:
    assert set(complete(thv, shell_env, line)) == offered


def test_bash_runs_nothing_that_a_hostile_tag_holds(thv: Command, shell_env: dict[str, str]) -> None:
    thv("build", "src/beta", "--tag", "$(touch pwned)")
    thv("build", "src/beta", "--tag", "`touch${IFS}pwned`")
    assert set(complete(thv, shell_env, "thv-plugin rm ")) == {"alpha", "beta", "example.com/acme/alpha:v1"}
    assert not (thv.folder / "pwned").exists()


def test_fish_offers_commands_and_tags(thv: Command, shell_env: dict[str, str]) -> None:
    def offered(line: str) -> set[str]:
        body = f"thv-plugin completion fish | source; complete -C '{line}'"
        done = subprocess.run(
            [need("fish"), "--no-config", "-c", body],
            env=shell_env,
            cwd=thv.folder,
            capture_output=True,
            timeout=60,
            check=True,
        )
        return {each.split("\t")[0] for each in done.stdout.decode().splitlines()}

    assert "inspect" in offered("thv-plugin ins")
    assert offered("thv-plugin rm al") == {"alpha"}
    assert "--epoch" in offered("thv-plugin build --ep")


def test_zsh_loads_the_completion_and_it_belongs_to_the_command(thv: Command, shell_env: dict[str, str]) -> None:
    folder = thv.folder / "functions"
    folder.mkdir()
    (folder / "_thv-plugin").write_text(thv("completion", "zsh").out)
    body = f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; echo $_comps[thv-plugin]; whence -w _thv-plugin"
    done = subprocess.run([need("zsh"), "-f", "-c", body], env=shell_env, capture_output=True, timeout=60, check=True)
    assert done.stdout.decode().split() == ["_thv-plugin", "_thv-plugin:", "function"]


def test_bash_offers_installed_plugins_where_those_are_named(thv: Command, shell_env: dict[str, str]) -> None:
    (thv.folder / ".claude").mkdir()
    assert thv("install", "beta", "--yes").status == 0
    assert complete(thv, shell_env, "thv-plugin uninstall ") == ["beta"]
    assert complete(thv, shell_env, "thv-plugin install al") == ["alpha"]
