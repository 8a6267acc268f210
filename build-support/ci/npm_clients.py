"""The AI clients that the tests ask, from the npm registry: exactly the pinned versions, kept in a cache folder.

Run it to install what is absent; `npm_clients.py lock` writes the lock files in `3rdparty/npm/` anew after a version changed here.
A lock file holds the integrity hash of every package for every platform, which npm checks, and no address: npm asks the registry
that it is configured for. Packages' own install scripts do not run.

A test finds a program with `installed_program`, which never installs anything. The cache folder is
`~/.cache/toolhive-plugins/clients`, or `TOOLHIVE_TEST_CLIENTS`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

LOCKS: Final = Path(__file__).resolve().parents[2] / "3rdparty" / "npm"


class Client(NamedTuple):
    """One client's package and the program in it."""

    package: str
    version: str
    program: str
    """A pattern in `node_modules` that only the program on this platform matches."""


CLIENTS: Final = {
    "claude-code": Client("@anthropic-ai/claude-code", "2.1.332", "@anthropic-ai/claude-code-*/claude"),
    "codex": Client("@openai/codex", "0.171.0", "@openai/codex-*/vendor/*/bin/codex"),
    "copilot": Client("@github/copilot", "1.0.102", "@github/copilot-*/copilot"),
    "gemini": Client("@google/gemini-cli", "0.61.0", "@google/gemini-cli/bundle/gemini.js"),
}


class ClientInstallError(Exception):
    """A client cannot be installed or locked."""


def installed_program(name: str) -> Path | None:
    """Return the program of a client at its pinned version, or None where it is not installed."""
    found = sorted((_folder(name) / "node_modules").glob(CLIENTS[name].program))
    return found[0] if found else None


def install(name: str) -> Path:
    """Install a client unless it is there, and return its program.

    Raises:
        ClientInstallError: npm is absent or failed, or the package has no program for this platform.
    """
    if program := installed_program(name):
        return program
    client, target = CLIENTS[name], _folder(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{client.version}-", dir=target.parent) as temporary:
        staged = Path(temporary) / "staged"
        shutil.copytree(LOCKS / name, staged)
        _npm(staged, "ci")
        try:
            staged.rename(target)
        except OSError:
            if not target.exists():  # else another process has installed it meanwhile
                raise
    if program := installed_program(name):
        return program
    raise ClientInstallError(
        f"{client.package}@{client.version} has no program for this platform: {target} is left for a look"
    )


def lock(name: str) -> None:
    """Write a client's `package.json` and `package-lock.json`.

    Raises:
        ClientInstallError: npm is absent or failed.
    """
    client, folder = CLIENTS[name], LOCKS / name
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"private": True, "dependencies": {client.package: client.version}}
    (folder / "package.json").write_text(json.dumps(asked, indent=2) + "\n", encoding="utf-8")
    (folder / "package-lock.json").unlink(missing_ok=True)
    _npm(folder, "install", "--package-lock-only", "--omit-lockfile-registry-resolved")


def _folder(name: str) -> Path:
    chosen = os.environ.get("TOOLHIVE_TEST_CLIENTS")
    cache = Path(chosen) if chosen else Path.home() / ".cache" / "toolhive-plugins" / "clients"
    return cache / name / CLIENTS[name].version


def _npm(folder: Path, command: str, *options: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ClientInstallError("npm is not installed")
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    done = subprocess.run([npm, command, *options, *quiet], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClientInstallError(
            f"`npm {command}` in {folder} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )


def main(arguments: list[str]) -> int:
    """Install all clients, or write their lock files."""
    try:
        for name, client in CLIENTS.items():
            if arguments == ["lock"]:
                lock(name)
            else:
                print(f"{name} {client.version}: {install(name)}")
    except ClientInstallError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
