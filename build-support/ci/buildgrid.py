"""BuildGrid, an engine for the shared cache, in an environment of its own: exactly what 3rdparty/python/buildgrid.lock pins."""

import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from machine import ROOT, CheckError, pythons, run

LOCK = ROOT / "3rdparty" / "python" / "buildgrid.lock"
CONFIGURATION = ROOT / "build-support" / "shared-cache" / "buildgrid.yml"
PROXY = ROOT / "build-support" / "shared-cache" / "engine_proxy.py"
STARTS_WITHIN = 60
"""Seconds."""


def environment() -> Path:
    """Return the folder of the programs; made once for each lock, in the user's cache.

    Raises:
        CheckError: there is no Python 3.13, or the index cannot be reached.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "toolhive-plugins"
    python = pythons()["3.13"]
    key = hashlib.sha256(LOCK.read_bytes() + str(python).encode()).hexdigest()[:16]
    folder = cache / f"buildgrid-{key}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run(python, "-m", "venv", folder)
        pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--no-deps", "--require-hashes", "-r", LOCK)
        (folder / "complete").touch()
    return folder / "bin"


@dataclass(frozen=True)
class Engine:
    """A running engine, or a proxy before one."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def address(self) -> str:
        """What TOOLHIVE_CACHE_ADDRESS is to be."""
        return f"grpc://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def running_engine(folder: Path, *, size: str = "4G", instance: str = "") -> Iterator[Engine]:
    """Run BuildGrid within the block, with its configuration and log in a folder.

    Args:
        size: how much it keeps, in the configuration's words.
        instance: the name of its instance.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    text = CONFIGURATION.read_text(encoding="utf-8").replace(":50051", f":{port}").replace("size: 4G", f"size: {size}")
    text = text.replace('name: ""', f'name: "{instance}"')
    configuration = folder / "buildgrid.yml"
    configuration.write_text(text, encoding="utf-8")
    with _started(port, folder / "log", environment() / "bgd", "server", "start", configuration) as engine:
        yield engine


@contextmanager
def running_proxy(engine: Engine, folder: Path, **manner: object) -> Iterator[Engine]:
    """Run a proxy before an engine within the block; `manner` is what engine_proxy.py takes."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    options = [f"--{name.replace('_', '-')}={value}" for name, value in manner.items()]
    python = environment() / "python"
    with _started(port, folder / "log", python, PROXY, str(port), engine.host, *options) as proxy:
        yield proxy


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _started(port: int, log: Path, *command: str | Path) -> Iterator[Engine]:
    with log.open("wb") as out, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as process:
        try:
            deadline = time.monotonic() + STARTS_WITHIN
            while not _listens(port):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise CheckError(f"{command[0]} did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
                time.sleep(0.1)
            yield Engine(port, process, log)
        finally:
            process.kill()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
