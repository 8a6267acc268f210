"""Whole folders as values, and processes that are killed at a disk change."""

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

from toolhive_plugins_installs import disk

Snapshot = dict[str, tuple[str, int, bytes]]
"""By path: the kind, the permission bits and the content."""


def snapshot(root: Path) -> Snapshot:
    """Every path below a folder, with its kind, permission bits and content."""
    found: Snapshot = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            found[str(path.relative_to(root))] = ("link", 0, os.fsencode(path.readlink()))
        elif stat.S_ISDIR(status.st_mode):
            found[str(path.relative_to(root))] = ("folder", stat.S_IMODE(status.st_mode), b"")
        elif stat.S_ISREG(status.st_mode):
            found[str(path.relative_to(root))] = ("file", stat.S_IMODE(status.st_mode), path.read_bytes())
        else:
            found[str(path.relative_to(root))] = ("other", 0, b"")
    return found


def killed_at(number: int, act: Callable[[], object]) -> bool:
    """Run `act` in a process that is killed right before its `number`-th disk change; return whether it came to that."""
    child = os.fork()
    if child == 0:
        count = 0

        def watch(operation: str, path: Path) -> None:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

        disk.watcher = watch
        status = 0
        try:
            act()
        except BaseException:  # noqa: BLE001 - the child must not return into the tests
            status = 1
        finally:
            os._exit(status)
    ended = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
    return os.WIFSIGNALED(ended)


def failing_at(number: int, errno_: int, *, for_good: bool = False) -> list[str]:
    """Have the `number`-th disk change fail, and where it is for good all after it; return a list that says what failed."""
    failed: list[str] = []
    count = 0

    def watch(operation: str, path: Path) -> None:
        nonlocal count
        count += 1
        if count == number or (for_good and count > number):
            failed.append(f"{operation} {path}")
            raise OSError(errno_, os.strerror(errno_))

    disk.watcher = watch
    return failed
