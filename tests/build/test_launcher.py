"""`./pants`: what it finds on a machine, what it makes once, and how it follows pip."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import launcher
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "pants"


def executable(file: Path, content: str = "#!/bin/sh\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    file.chmod(0o755)
    return file


def run_script(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, "--version"], env=environ, capture_output=True, text=True, check=False)


# The interpreter for Pants


def test_says_what_to_do_where_no_interpreter_fits(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cat"):
        (tools / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    done = run_script(PATH=str(tools), HOME=str(tmp_path))
    assert done.returncode == 1
    assert "found no Python for Pants itself, which runs on CPython 3.7, 3.8 or 3.9" in done.stderr
    assert "uv python install 3.9" in done.stderr
    assert "PANTS_LAUNCHER_PYTHON=" in done.stderr


def test_does_not_take_a_python_that_is_too_new(tmp_path: Path) -> None:
    done = run_script(PATH="/usr/bin:/bin", HOME=str(tmp_path), PANTS_LAUNCHER_PYTHON=sys.executable)
    assert done.returncode == 1
    assert f"PANTS_LAUNCHER_PYTHON is {sys.executable}, which is not a CPython 3.7 to 3.9" in done.stderr


@pytest.mark.parametrize("place", ["bin", "pyenv/versions/3.9.18/bin"])
def test_hands_over_to_a_python_that_fits(tmp_path: Path, place: str) -> None:
    name = "python" if place.startswith("pyenv") else "python3.9"
    executable(tmp_path / place / name, '#!/bin/sh\ncase "$1" in -c) exit 0 ;; *) echo "$0 $*" ;; esac\n')
    done = run_script(PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin", HOME=str(tmp_path), PYENV_ROOT=str(tmp_path / "pyenv"))
    assert done.returncode == 0
    assert done.stdout.split() == [
        str(tmp_path / place / name),
        "-I",
        "-B",
        str(SCRIPT.parent / "build-support/launcher/launcher.py"),
        "--version",
    ]


# The Pythons for the code


def test_finds_pythons_on_path_with_pyenv_and_with_uv(tmp_path: Path) -> None:
    executable(tmp_path / "bin/python3.11")
    executable(tmp_path / "pyenv/versions/3.12.1/bin/python3.12")
    executable(tmp_path / "uv/cpython-3.13.0-linux-x86_64-gnu/bin/python3.13")
    executable(tmp_path / "pyenv/shims/python3.13")
    environ = {
        "PATH": f"{tmp_path / 'pyenv/shims'}:{tmp_path / 'bin'}",
        "PYENV_ROOT": str(tmp_path / "pyenv"),
        "UV_PYTHON_INSTALL_DIR": str(tmp_path / "uv"),
    }
    assert launcher.code_pythons(environ) == {
        "3.11": [str(tmp_path / "bin")],
        "3.12": [str(tmp_path / "pyenv/versions/3.12.1/bin")],
        "3.13": [str(tmp_path / "uv/cpython-3.13.0-linux-x86_64-gnu/bin")],
    }


def one_python(tmp_path: Path) -> dict[str, str]:
    executable(tmp_path / "bin/python3.12")
    return {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path), "UV_PYTHON_INSTALL_DIR": str(tmp_path)}


def test_tests_run_on_the_pythons_that_are_there_and_the_rest_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = launcher.pants_python_settings(one_python(tmp_path))
    assert settings["TOOLHIVE_TEST_PYTHONS"] == "3.12"
    assert str(tmp_path / "bin") in json.loads(settings["PANTS_PYTHON_BOOTSTRAP_SEARCH_PATH"])
    assert "no Python 3.11 or 3.13 here: the tests run on 3.12 alone" in capsys.readouterr().err


def test_a_python_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(launcher.LauncherError, match=r"asks for Python 3\.13, which is not"):
        launcher.pants_python_settings({**one_python(tmp_path), "TOOLHIVE_TEST_PYTHONS": "3.12 3.13"})


def test_no_python_for_the_code_is_an_error_with_its_remedy(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path), "UV_PYTHON_INSTALL_DIR": str(tmp_path)}
    with pytest.raises(launcher.LauncherError, match=r"found no Python for the project's code.*uv python install"):
        launcher.pants_python_settings(nothing)


# pip's own configuration


def test_the_environment_goes_before_pips_files(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text(
        "[global]\nindex-url = https://files.test/simple\ncert = /files.pem\n[install]\nfind_links = /links\n"
    )
    settings = launcher.pip_settings({"PIP_CONFIG_FILE": str(conf), "PIP_INDEX_URL": "https://environ.test/simple"})
    assert settings["index-url"] == "https://environ.test/simple"
    assert settings["cert"] == "/files.pem"
    assert settings["find-links"] == "/links"


def test_no_file_is_read_where_pip_would_read_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip/pip.conf").write_text("[global]\nindex-url = https://home.test/simple\n")
    assert launcher.pip_settings({})["index-url"] == "https://home.test/simple"
    assert "index-url" not in launcher.pip_settings({"PIP_CONFIG_FILE": os.devnull})


def test_pips_settings_become_pantss(tmp_path: Path) -> None:
    given = {
        "index-url": "https://index.test/simple",
        "extra-index-url": f"https://extra.test/simple\nfile://{tmp_path}/absent",
        "find-links": f"{tmp_path} {tmp_path}/absent",
        "cert": "/etc/ca.pem",
    }
    assert launcher.pants_index_settings(given) == {
        "PANTS_PYTHON_REPOS_INDEXES": '["https://index.test/simple", "https://extra.test/simple"]',
        "PANTS_PYTHON_REPOS_FIND_LINKS": json.dumps([str(tmp_path)]),
        "PANTS_CA_CERTS_PATH": "/etc/ca.pem",
    }


@pytest.mark.parametrize(
    ("given", "indexes"),
    [
        ({}, None),
        ({"no-index": "true", "index-url": "https://index.test/simple"}, "[]"),
        ({"extra-index-url": "https://extra.test/simple"}, '+["https://extra.test/simple"]'),
    ],
)
def test_the_indexes_for_pants(given: dict[str, str], indexes: str | None) -> None:
    assert launcher.pants_index_settings(given).get("PANTS_PYTHON_REPOS_INDEXES") == indexes


def test_an_unreadable_pip_file_is_named(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text("not an ini file")
    with pytest.raises(launcher.LauncherError, match=str(conf)):
        launcher.pip_settings({"PIP_CONFIG_FILE": str(conf)})


# The environment that is made once


class Workshop:
    """Stands in for the steps that make the environment: each leaves what the real one does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int = 99) -> None:
        self.steps: list[list[str]] = []
        self.fail_at = fail_at
        monkeypatch.setattr(subprocess, "call", self.call)

    def call(self, command: list[str], **_: object) -> int:
        self.steps.append(command)
        if len(self.steps) == self.fail_at:
            return 7
        if "venv" in command:
            folder = Path(command[-1])
            executable(folder / "bin/python")
            executable(folder / "bin/pants")
        elif "download" in command:
            executable(Path(command[-1]) / "pex-1-py3-none-any.whl")
        elif "--target" in command:
            Path(command[-1]).mkdir()
        elif "-o" in command:
            Path(command[command.index("-o") + 1]).with_name("pex-root").mkdir()
            executable(Path(command[-1]), "the pex tool")
        return 0


def test_the_environment_is_made_once_with_hashes_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = Workshop(monkeypatch)
    environment = launcher.Environment(tmp_path / "key")
    facts = launcher.ensure(environment)
    assert facts["sha256"] == hashlib.sha256(b"the pex tool").hexdigest()
    installs = [step for step in workshop.steps if "pip" in step]
    assert len(installs) == 3
    assert all("--require-hashes" in step and "--no-deps" in step for step in installs)
    assert launcher.ensure(launcher.Environment(tmp_path / "key")) == facts
    assert len(workshop.steps) == 5


@pytest.mark.parametrize("step", range(1, 6))
def test_a_launch_that_broke_off_at_any_step_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    environment = launcher.Environment(tmp_path / "key")
    Workshop(monkeypatch, fail_at=step)
    with pytest.raises(launcher.LauncherError, match="this step failed with status 7"):
        launcher.ensure(environment)
    assert environment.facts() is None
    workshop = Workshop(monkeypatch)
    assert launcher.ensure(environment) == environment.facts()
    assert len(workshop.steps) == 5


@pytest.mark.parametrize("lost", ["venv/bin/python", "venv/bin/pants", "pex", "ready.json"])
def test_an_environment_that_lost_a_part_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    environment = launcher.Environment(tmp_path / "key")
    Workshop(monkeypatch)
    launcher.ensure(environment)
    (environment.folder / lost).unlink()
    workshop = Workshop(monkeypatch)
    launcher.ensure(environment)
    assert len(workshop.steps) == 5


def test_of_many_launches_at_once_one_makes_it_and_all_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = Workshop(monkeypatch)
    results: list[dict[str, str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(launcher.ensure(launcher.Environment(tmp_path / "key"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(workshop.steps) == 5
    assert len(results) == 8
    assert all(result == results[0] for result in results)


def test_a_step_that_outlives_its_launch_keeps_the_lock(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        launcher.Runner(tmp_path / "log", lock)(["sh", "-c", 'cat "$0" & :', str(tmp_path / "fifo")])
    with (tmp_path / "lock").open("w") as again:
        with pytest.raises(BlockingIOError):
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (tmp_path / "fifo").write_bytes(b"the end")
        fcntl.flock(again, fcntl.LOCK_EX)


def test_the_key_changes_with_what_the_environment_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pants.lock", "pex.lock"):
        (tmp_path / name).write_bytes((launcher.LOCKS / name).read_bytes())
    before = launcher.environment_key()
    monkeypatch.setattr(launcher, "LOCKS", tmp_path)
    assert launcher.environment_key() == before
    (tmp_path / "pex.lock").write_text((tmp_path / "pex.lock").read_text() + "# changed\n")
    assert launcher.environment_key() != before


def test_pants_gets_the_same_settings_from_every_launch(tmp_path: Path) -> None:
    environment = launcher.Environment(tmp_path)
    facts = {"version": "v1", "sha256": "0" * 64, "size": "3"}
    settings = launcher.pex_settings(environment, facts)
    assert settings == launcher.pex_settings(environment, facts)
    assert settings["PANTS_PEX_CLI_URL_TEMPLATE"] == (tmp_path / "pex").as_uri()
    assert f"v1|linux_x86_64|{'0' * 64}|3" in json.loads(settings["PANTS_PEX_CLI_KNOWN_VERSIONS"])
