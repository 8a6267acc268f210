"""Debian's docker-registry (distribution 2.8), started on a free loopback port with its storage in a temporary folder."""

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
def running_registry(folder: Path, *, certificate: Path | None = None, login: bool = False) -> Iterator[RealRegistry]:
    """Run a registry within the block."""
    program = required("docker-registry")
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([program, "serve", str(folder / "config.yml")], stdout=log, stderr=log) as process,
    ):
        try:
            _wait_until_it_listens(port, process, folder / "log")
            yield RealRegistry(f"127.0.0.1:{port}", folder)
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
    pytest.fail(f"docker-registry did not start: {log.read_text(errors='replace')[-2000:]}")
