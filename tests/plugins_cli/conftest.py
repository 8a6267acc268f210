"""The command, in a folder of its own, and a real registry for it."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_runner import Command, hook, write_plugin


@pytest.fixture
def thv(tmp_path: Path) -> Command:
    """The command, with nothing in its store."""
    return Command(tmp_path)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The directory of a plugin with a hook that runs at session start, `./demo` to the command."""
    files = hook("${CLAUDE_PLUGIN_ROOT}/start.sh") | {
        "start.sh": "#!/bin/sh\n",
        "commands/go.md": "---\nallowed-tools: Bash\n---\nGo",
    }
    return write_plugin(tmp_path / "demo", files, executable=["start.sh"])


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a registry and return its host and port."""
    program = shutil.which("docker-registry")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("docker-registry is not installed")
        pytest.skip("docker-registry is not installed")
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config.yml").write_text(
        "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n"
    )
    process = subprocess.Popen(
        [program, "serve", str(folder / "config.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield f"localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=5):
            return
        time.sleep(0.05)
    pytest.fail("the registry did not start")
