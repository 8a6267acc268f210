"""The real registry (the CNCF distribution) on a loopback port, with storage of its own.

Version 3, `registry`, where it is installed, and else Debian's `docker-registry`.
"""

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}}}
http: {{addr: 127.0.0.1:{port}}}
"""


@contextmanager
def running_registry(folder: Path) -> Iterator[str]:
    """Run an empty registry on a folder and give its `host:port`."""
    port = _free_port()
    configuration = folder / "config.yml"
    configuration.write_text(CONFIGURATION.format(storage=folder / "storage", port=port), encoding="ascii")
    command = [shutil.which("registry") or "docker-registry", "serve", str(configuration)]
    environ = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_answer(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/v2/")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError("the registry did not start")
