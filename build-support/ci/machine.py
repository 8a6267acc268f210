"""What the checks share: the repository's root, the Pythons of this machine, running programs, and scratch copies."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launcher import CODE_PYTHONS, code_pythons

ROOT = Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
LIBRARIES = sorted(path.parent.name for path in ROOT.glob("libs/*/BUILD"))
"""The libraries' folders in `libs/`, by name."""

RELEASE = ("--no-remote-cache-read", "--no-remote-cache-write", "--no-remote-execution")
"""Options of Pants for whatever says something about a release: nothing comes from a cache that others can write."""

JOINING = (
    "PANTS_CONFIG_FILES",
    "TOOLHIVE_CACHE_ADDRESS",
    "TOOLHIVE_CACHE_INSTANCE",
    "TOOLHIVE_CACHE_TOKEN",
    "TOOLHIVE_CACHE_WRITE",
)
"""The variables that join a build to the shared cache, which nothing about a release sees."""


class CheckError(Exception):
    """Something that must hold does not."""


def pythons() -> dict[str, Path]:
    """Return an interpreter of each supported version.

    Raises:
        CheckError: one is absent.
    """
    found = code_pythons(os.environ)
    if absent := [version for version in CODE_PYTHONS if version not in found]:
        raise CheckError(f"there is no Python {' or '.join(absent)} on this machine")
    return {version: Path(folders[-1], f"python{version}") for version, folders in found.items()}


def run(
    *command: str | Path,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    may_fail: bool = False,
    joined: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return its output.

    Args:
        env: what to set in the environment, beside what is there.
        may_fail: whether a failure is the caller's to look at.
        joined: whether the variables that join a build to the shared cache reach it.

    Raises:
        CheckError: it failed, unless it may; the error holds its output.
    """
    environ = {**os.environ, **(env or {})}
    for name in ("PYTHONPATH", *(() if joined else JOINING)):
        environ.pop(name, None)
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode and not may_fail:
        shown = " ".join(map(str, command))
        raise CheckError(f"`{shown}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


@contextmanager
def scratch_copy() -> Iterator[Path]:
    """Clone the committed state into a folder that goes away, with the Pants daemon that was started there."""
    with tempfile.TemporaryDirectory(prefix="toolhive-check-") as temporary:
        copy = Path(temporary).resolve() / "checkout"
        run("git", "clone", "--quiet", "--no-hardlinks", ROOT, copy)
        try:
            yield copy
        finally:
            for pid_file in copy.glob(".pids/*/pantsd/pid"):
                run("kill", pid_file.read_text().strip(), may_fail=True)
            shutil.rmtree(copy, ignore_errors=True)


def report(problems: list[str], checked: int) -> int:
    """Say what does not hold and return the exit status."""
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    print(f"checked: {checked}, failed: {len(problems)}")
    return 1 if problems else 0
