"""Makes git repositories for tests, with nothing of the machine's own configuration."""

import os
import subprocess
from pathlib import Path

import pytest
from programs import required

WHEN = 1_700_000_000
"""When the first commit of a repository is made; each further one is made a second later."""


class GitRepository:
    """A repository in a folder, which is made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._time = WHEN
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git in the repository, and return what it writes."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": f"{self._time} +0000",
            "GIT_COMMITTER_DATE": f"{self._time} +0000",
        }
        for role in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{role}_NAME": "Ann", f"GIT_{role}_EMAIL": "ann@example.com"}
        done = subprocess.run(
            [required("git"), *arguments], cwd=self.root, env=environment, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, message: str = "change") -> str:
        """Commit everything, and return the commit's ID."""
        self.git("add", "--all", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self._time += 1
        return self.git("rev-parse", "HEAD")

    def settings(self, text: str) -> None:
        """Add to the repository's own configuration file."""
        path = self.root / self.git("rev-parse", "--git-path", "config")
        path.write_text(path.read_text() + text)


def isolate_git(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Keep the machine's own configuration of git out of a test."""
    home.mkdir(exist_ok=True)
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
