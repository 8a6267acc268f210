"""Other people's programs, found on PATH."""

import os
import shutil
import subprocess

import pytest

_RUN_SECONDS = 120


def required(program: str) -> str:
    """Return the path of a program; skip the test where it is absent, but fail it under CI."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed (README.md says what installs it)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def run(program: str, *arguments: str) -> str:
    """Run a program, which must succeed, and return what it wrote to stdout."""
    done = subprocess.run(
        [required(program), *arguments], capture_output=True, text=True, timeout=_RUN_SECONDS, check=False
    )
    assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stderr}"
    return done.stdout
