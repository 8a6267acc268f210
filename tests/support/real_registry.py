"""Real registries, started on a free loopback port with their storage in a temporary folder."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from programs import required

from toolhive_plugins_registry import Credential

USERNAME = "ann"
PASSWORD = "correct-horse-battery"
_HTPASSWD = "ann:$2y$05$.dAqh6KvYmAxflZjnZPO8u4dGfNX2pQsM/gs6ghpJMLwz/MvqUyZ2\n"
"""Made by `htpasswd -nbB`; the registry takes bcrypt only."""

_START_SECONDS = 30


class KnownLogin:
    """A credential store that knows one user everywhere."""

    def get(self, registry_host: str) -> Credential:
        return Credential(USERNAME, PASSWORD)


@frozen
class RealRegistry:
    """A running registry."""

    host: str
    """Host and port, as a reference names them."""

    folder: Path
    """Its storage and its log."""

    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request so far."""
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [
            (e["http.request.method"], e["http.request.uri"]) for e in entries if e.get("msg") == "response completed"
        ]


@contextmanager
def running_registry(
    folder: Path, *, program: str = "docker-registry", certificate: Path | None = None, login: bool = False
) -> Iterator[RealRegistry]:
    """Run a registry of the distribution project within the block.

    `docker-registry` is Debian's (2.8); `registry` is version 3, which has no Referrers API either.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    config: dict[str, Any] = {
        "version": "0.1",
        "log": {"formatter": "json", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "made up"},
    }
    if certificate is not None:
        config["http"]["tls"] = {"certificate": str(certificate), "key": str(certificate)}
    if login:
        (folder / "htpasswd").write_text(_HTPASSWD)
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
    (folder / "config.yml").write_text(json.dumps(config))  # JSON is YAML
    with _listening([required(program), "serve", str(folder / "config.yml")], port, folder / "log"):
        yield RealRegistry(f"127.0.0.1:{port}", folder)


@contextmanager
def running_crane_registry(folder: Path) -> Iterator[RealRegistry]:
    """Run the registry that is a part of crane, with its storage in memory, within the block."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    command = [required("crane"), "registry", "serve", "--address", f"127.0.0.1:{port}"]
    with _listening(command, port, folder / "log"):
        yield RealRegistry(f"127.0.0.1:{port}", folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


@contextmanager
def _listening(command: list[str], port: int, log_file: Path) -> Iterator[None]:
    """Run a server within the block, which begins when it listens."""
    with log_file.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait_until_it_listens(port, process, log_file)
            yield
        finally:
            process.terminate()


def _wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            os.sched_yield()
        else:
            return
    pytest.fail(f"{process.args!r} did not start: {log.read_text(errors='replace')[-2000:]}")
