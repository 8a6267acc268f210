"""The real clients' programs, each run in a scratch home, with a clean environment and no network."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from npm_clients import CLIENTS, installed_program

HOMES: Final = Path.home() / ".cache" / "toolhive-plugins" / "homes"
"""Where the scratch homes are: Codex refuses a home under the temporary folder."""

_SECONDS: Final = 120


def required_client(name: str) -> Path:
    """Return the program of a client; skip the test where it is absent, but fail it under CI."""
    if program := installed_program(name):
        return program
    reason = f"{name} {CLIENTS[name].version} is not installed: build-support/ci/npm_clients.py does that"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def scratch_home() -> Iterator[Path]:
    """Give an empty home folder within the block."""
    HOMES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=HOMES, ignore_cleanup_errors=True) as home:
        yield Path(home)


def run_client(
    program: Path, *arguments: str | Path, home: Path, environment: Mapping[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a client to its end, whatever its exit status, and return its output.

    Args:
        home: the user's home, and the working directory unless `cwd` is given.
        environment: all that the client sees beside PATH and HOME.
    """
    return subprocess.run(
        [str(program), *map(str, arguments)],
        cwd=cwd or home,
        env={"PATH": os.defpath, "HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )
