"""Settings for registries: where they come from, and what is refused."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_runner import Command

from toolhive_plugins_cli import exit_codes


@pytest.fixture
def config(thv: Command) -> Path:
    """The configuration file, empty."""
    path = thv.folder / ".config" / "toolhive-plugins" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("")
    return path


def settings(thv: Command, *arguments: str, env: dict[str, str] | None = None) -> dict[str, tuple[Any, str, str]]:
    done = thv("config", *arguments, "--format", "json", env=env)
    assert done.status == exit_codes.OK, done
    return {each["name"]: (each["value"], each["source"], each["origin"]) for each in json.loads(done.out)["settings"]}


def test_without_a_file_the_defaults_hold(thv: Command) -> None:
    assert settings(thv) == {
        "ca-file": ("", "default", ""),
        "timeout": (60.0, "default", ""),
        "retries": (4, "default", ""),
        "token-host": ([], "default", ""),
        "catalogs": ([], "default", ""),
    }
    done = thv("config")
    assert "timeout     60     default" in done.out
    assert str(thv.folder / ".config" / "toolhive-plugins" / "config.toml") in done.err


def test_an_option_wins_over_the_environment_and_that_over_the_file(thv: Command, config: Path) -> None:
    config.write_text(
        'timeout = 5\nretries = 1\nca-file = "/mine.pem"\ntoken-host = ["sso.example.com", "b.test:8443"]\n'
        'catalogs = ["ghcr.io/acme/plugins", "localhost:5000/x/toolhive.catalog:1"]\n'
    )
    env = {"THV_PLUGIN_TIMEOUT": "7", "THV_PLUGIN_RETRIES": "2"}
    assert settings(thv, "--timeout", "9.5", env=env) == {
        "ca-file": ("/mine.pem", "file", str(config)),
        "timeout": (9.5, "option", "--timeout"),
        "retries": (2, "environment", "THV_PLUGIN_RETRIES"),
        "token-host": (["sso.example.com", "b.test:8443"], "file", str(config)),
        "catalogs": (["ghcr.io/acme/plugins", "localhost:5000/x/toolhive.catalog:1"], "file", str(config)),
    }


def test_another_file_can_be_named(thv: Command, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("\ufeffretries = 0\n")
    found = settings(thv, env={"THV_PLUGIN_CONFIG": str(tmp_path / "other.toml")})
    assert found["retries"] == (0, "file", str(tmp_path / "other.toml"))


@pytest.mark.parametrize(
    ("arguments", "env", "named"),
    [
        (["--timeout", "0"], {}, "--timeout"),
        (["--timeout", "nan"], {}, "--timeout"),
        (["--timeout", "soon"], {}, "--timeout"),
        (["--timeout", "1e9"], {}, "--timeout"),
        (["--retries", "1.5"], {}, "--retries"),
        (["--retries=-1"], {}, "--retries"),
        (["--token-host", "https://sso.example.com/"], {}, "--token-host"),
        (["--ca-file", ""], {}, "--ca-file"),
        ([], {"THV_PLUGIN_RETRIES": "many"}, "THV_PLUGIN_RETRIES"),
        ([], {"THV_PLUGIN_TOKEN_HOST": "a b"}, "THV_PLUGIN_TOKEN_HOST"),
    ],
)
def test_a_malformed_value_is_refused_and_its_place_named(
    thv: Command, arguments: list[str], env: dict[str, str], named: str
) -> None:
    for command in (["config"], ["pull", "localhost:1/a/b:1"]):
        done = thv(*command, *arguments, env=env)
        assert (done.status, done.out) == (exit_codes.USAGE, "")
        assert done.err.startswith(f"error: {named}: ")
        assert "\n  help: " in done.err


@pytest.mark.parametrize(
    "content",
    [
        "timeout = ",
        "timeout = true",
        "timeout = [1]",
        'retries = "x"',
        "catalogs = 1",
        "catalogs = [1]",
        'catalogs = ["a b"]',
        "catalogs = [" + '"ghcr.io/a",' * 21 + "]",
        "token-host = 1",
        "token-host = [1]",
        "ca-file = 1",
        "time-out = 1",
        "[timeout]\n",
        "a = " + "[" * 5000,
        "#" * 70_000,
        "\x00",
    ],
)
def test_a_malformed_file_is_refused_by_name(thv: Command, config: Path, content: str) -> None:
    config.write_text(content)
    done = thv("config")
    assert (done.status, done.out) == (exit_codes.USAGE, "")
    assert str(config) in done.err
    assert "Traceback" not in done.err


def test_a_misspelt_key_is_guessed(thv: Command, config: Path) -> None:
    config.write_text("time-out = 1")
    assert "Did you mean timeout" in thv("config").err


def test_bytes_that_are_not_text_are_refused(thv: Command, config: Path) -> None:
    config.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in thv("config").err


def test_a_pipe_or_directory_in_its_place_is_refused_at_once(thv: Command, config: Path) -> None:
    config.unlink()
    os.mkfifo(config)
    assert "not a regular file" in thv("config").err
    config.unlink()
    config.mkdir()
    assert thv("config").status == exit_codes.USAGE


def test_what_needs_no_registry_does_not_read_them(thv: Command, config: Path, demo: Path) -> None:
    config.write_text("broken")
    assert thv("build", "demo").status == exit_codes.OK
    assert thv("inspect", "demo").status == exit_codes.OK
    assert thv("push", "demo", "localhost:1/a/demo:1").status == exit_codes.USAGE


def test_the_timeout_ends_a_silent_registry(thv: Command) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        ref = f"localhost:{silent.getsockname()[1]}/acme/demo:1"
        done = thv("pull", ref, "--plain-http", "--timeout", "0.3", "--retries", "0")
    assert done.status == exit_codes.FAILED
    assert "attempts" not in done.err
