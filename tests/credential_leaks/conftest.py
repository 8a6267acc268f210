"""A private home, an own folder for temporary files, and a log that keeps everything."""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from planted_secrets import IDENTITY, PASSWORD, REGISTRY_TOKEN, USER, ClientFor, Evidence, Kind
from registry_simulator import Login, Simulator

from toolhive_plugins_registry import DockerCredentialStore, Registry, RetryPolicy, Timeouts


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificates = ("requests_ca_bundle", "curl_ca_bundle", "ssl_cert_file", "ssl_cert_dir")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", *certificates):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("home", "tmp", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


class _Keeper(logging.Handler):
    def __init__(self, kept: list[logging.LogRecord]) -> None:
        super().__init__(logging.DEBUG)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(record)


_collecting: list[Evidence] = []


def _look_at_removals(event: str, arguments: tuple[object, ...]) -> None:
    """Have a file read before it is removed; the interpreter calls this for all that it does, and never forgets it."""
    if event == "os.remove" and _collecting:
        path, folder = arguments
        if isinstance(path, str | bytes | os.PathLike) and isinstance(folder, int):
            _collecting[-1].take_file(os.fspath(path), folder)


sys.addaudithook(_look_at_removals)


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Evidence]:
    """Collects what is written from now on, every logger at DEBUG."""
    docker_config = tmp_path / "home" / ".docker" / "config.json"
    kept = Evidence([tmp_path / "tmp", tmp_path / "work", tmp_path / "home"], meant=[docker_config])
    root = logging.getLogger()
    names = ["urllib3", "requests", "oras", "charset_normalizer", "filelock", "toolhive_plugins_registry"]
    loggers = [root, *map(logging.getLogger, names)]
    levels = [logger.level for logger in loggers]
    handler = _Keeper(kept.log)
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    _collecting.append(kept)
    yield kept
    _collecting.remove(kept)
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def write_docker_config(home: Path, kind: Kind, host: str, programs: Path) -> Path:
    """Write Docker's configuration, and the credential helper where one answers; return the file."""
    config: dict[str, object] = {"auths": {host: kind.entry}}
    if kind.helper:
        config = {"credHelpers": {host: "planted"}}
        program = programs / "docker-credential-planted"
        answer = json.dumps({"ServerURL": host, **kind.helper})
        asked = programs / "asked"
        program.write_text(
            f"#!/bin/sh\n{{ echo \"$0 $*\"; /bin/cat; /usr/bin/env; }} >> '{asked}'\n/bin/cat <<'END'\n{answer}\nEND\n"
        )
        program.chmod(0o755)
    path = home / ".docker" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps(config))
    return path


@pytest.fixture
def docker_login(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Kind], Path]:
    """Has a registry ask for one kind of login, and Docker's configuration, which it returns, know it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))

    def log_in(kind: Kind) -> Path:
        simulator.login = Login(USER, PASSWORD, IDENTITY, scheme=kind.scheme, anonymous_pull=False)
        simulator.login.tokens[REGISTRY_TOKEN] = "repository:acme/hello:pull,push"
        return write_docker_config(tmp_path / "home", kind, simulator.host, programs)

    return log_in


@pytest.fixture
def client_for(docker_login: Callable[[Kind], Path]) -> Iterator[ClientFor]:
    """Makes a client that takes one kind of credential from Docker's configuration, at a registry that asks for it."""
    made: list[Registry] = []

    def make(kind: Kind) -> Registry:
        made.append(
            Registry(
                plain_http=True,
                credential_store=DockerCredentialStore(docker_login(kind)),
                timeouts=Timeouts(connect=5, read=5, exchange=20, operation=60),
                retries=RetryPolicy(attempts=2, first_delay=0.0),
            )
        )
        return made[-1]

    yield make
    for client in made:
        client.close()
