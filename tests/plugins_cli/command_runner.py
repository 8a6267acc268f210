"""Runs the command as people and pipelines do: as a process, with pipes or on a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from plugin_folders import MANIFEST, write_files

ARGUMENTS = (sys.executable, "-m", "toolhive_plugins_cli")


@frozen
class Ended:
    """A run that is over."""

    status: int
    out: str
    err: str


class Command:
    """The command, in a working directory and on a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "data" / "toolhive" / "plugins"
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "DOCKER_CONFIG": str(folder / "docker"),
            # Absolute, for the command runs in another folder than the tests.
            "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path),
            "LANG": "C.UTF-8",
        }

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes | None = None) -> Ended:
        """Run with pipes and return what came of it."""
        done = subprocess.run(
            [*ARGUMENTS, *arguments],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            input=stdin or b"",
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        """Start it, and leave the rest to the caller."""
        return subprocess.Popen([*ARGUMENTS, *arguments], cwd=self.folder, env=self.env, **options)

    def on_terminal(
        self,
        *arguments: str,
        width: int = 80,
        env: Mapping[str, str] | None = None,
        typed: str = "",
        answered_after: str = ": ",
    ) -> Ended:
        """Run on a terminal of `width` columns and return what it showed; stdout and stderr are one there.

        Each line of `typed` is typed when the command asks for something, which it ends with `answered_after`.
        """
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.chdir(self.folder)
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
                os.execve(
                    sys.executable, [*ARGUMENTS, *arguments], {**self.env, "TERM": "xterm-256color", **(env or {})}
                )
            finally:
                os._exit(127)
        shown = b""
        waiting = [f"{line}\n".encode() for line in typed.splitlines()]
        while True:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not chunk:
                break
            shown += chunk
            if waiting and shown.endswith(answered_after.encode()):
                os.write(terminal, waiting.pop(0))
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return Ended(status, shown.decode("utf-8", "replace").replace("\r\n", "\n"), "")


def write_plugin(
    root: Path, files: Mapping[str, object] | None = None, *, name: str = "demo", executable: Iterable[str] = ()
) -> Path:
    """Write a plugin below `root`: a manifest with every field that a build asks for, and `files`."""
    manifest = {"name": name, "version": "1.0.0", "description": "A demonstration", "license": "MIT"}
    return write_files(root, {MANIFEST: manifest, **(files or {})}, executable=executable)


def hook(command: str, event: str = "SessionStart") -> dict[str, object]:
    """Return the files of a hook."""
    handler = {"type": "command", "command": command}
    return {"hooks/hooks.json": {"hooks": {event: [{"hooks": [handler]}]}}}
