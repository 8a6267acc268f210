"""What an installed plugin's folder holds now, and how that differs from what was installed."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import Digest, FileTree, path_bytes, shown
from toolhive_plugins_installs.disk import disk_error
from toolhive_plugins_installs.errors import FolderLimitError
from toolhive_plugins_installs.installed_files import InstalledFile

MAX_FILES: Final = 20_000
"""Files and folders that are looked at in one plugin's folder."""

MAX_DEPTH: Final = 130
"""How deep they may be."""

MAX_LINE_END_CHECK: Final = 4 * 1024 * 1024
"""Size in bytes of the largest file that is asked whether only its line ends differ."""

_CHUNK: Final = 1024 * 1024
_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

_LEAVINGS: Final = frozenset(
    {"__pycache__", ".DS_Store", ".pytest_cache", ".mypy_cache", ".ruff_cache", "node_modules", ".git"}
)
_LOADED: Final = frozenset(
    {
        ".claude-plugin",
        ".codex-plugin",
        ".lsp.json",
        ".mcp.json",
        "agents",
        "bin",
        "commands",
        "hooks",
        "mcp.json",
        "monitors",
        "output-styles",
        "package.json",
        "plugin.json",
        "settings.json",
        "skills",
        "themes",
        "workflows",
    }
)
"""What clients load of a plugin, at its root."""


@frozen
class FolderState:
    """The files of a folder."""

    files: dict[str, InstalledFile]
    odd: tuple[str, ...] = ()
    """What is neither a file nor a folder: links, pipes."""


@frozen
class FolderChanges:
    """How a folder differs from what was installed there; paths, sorted."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    """Files whose content is the same, but that can be executed now and could not, or the other way round."""

    line_ends: tuple[str, ...] = ()
    """Those of the changed ones that differ in their line ends only."""

    added: tuple[str, ...] = ()
    """Files that were not installed and that a client could load."""

    leavings: tuple[str, ...] = ()
    """Other files that were not installed, such as those in `__pycache__`. They do not count as edits."""

    @property
    def edited(self) -> bool:
        """Whether somebody's work would be lost if the folder were replaced."""
        return bool(self.changed or self.missing or self.modes or self.added)

    @property
    def only_line_ends(self) -> bool:
        """Whether nothing but line ends differs."""
        return (
            self.edited and not (self.missing or self.modes or self.added) and set(self.changed) == set(self.line_ends)
        )


def files_of(tree: FileTree) -> dict[str, InstalledFile]:
    """Return what a tree is once it is installed."""
    return {path: InstalledFile(tree.digest(path), file.executable) for path, file in tree.files.items()}


def read_folder(folder: Path) -> FolderState | None:
    """Return the files of a folder, following no link; None where there is no folder.

    Raises:
        FolderLimitError: it has more in it, or is deeper, than is looked at.
        DiskError: it cannot be read.
    """
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise disk_error(error, "look at", folder) from error
    files: dict[str, InstalledFile] = {}
    odd: list[str] = []
    count = 0
    waiting = [("", 0)]
    while waiting:
        below, depth = waiting.pop()
        try:
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    count += 1
                    if count > MAX_FILES or depth > MAX_DEPTH:
                        raise FolderLimitError(
                            "has more files in it than are looked at", where=shown(folder), remedy="Move it away"
                        )
                    path = f"{below}/{entry.name}" if below else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((path, depth + 1))
                    elif entry.is_file(follow_symlinks=False):
                        files[path] = _file(folder / path)
                    else:
                        odd.append(path)
        except OSError as error:
            raise disk_error(error, "read", folder / below) from error
    return FolderState(files, tuple(sorted(odd, key=path_bytes)))


def _file(path: Path) -> InstalledFile:
    hasher = hashlib.sha256()
    with os.fdopen(os.open(path, _READ), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(None, "is not a regular file", str(path))
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
    return InstalledFile(Digest("sha256:" + hasher.hexdigest()), bool(mode & 0o100))


def without_leavings(files: dict[str, InstalledFile]) -> dict[str, InstalledFile]:
    """Return files without those that running a plugin leaves behind, such as those in `__pycache__`."""
    return {path: file for path, file in files.items() if not _is_leaving(path)}


def compare_folder(folder: Path, state: FolderState, installed: dict[str, InstalledFile]) -> FolderChanges:
    """Return how a folder differs from what was installed in it."""
    changed: list[str] = []
    missing: list[str] = []
    modes: list[str] = []
    line_ends: list[str] = []
    for path, was in installed.items():
        now = state.files.get(path)
        if now is None:
            (changed if path in state.odd else missing).append(path)
        elif now.digest != was.digest:
            changed.append(path)
            if _same_but_line_ends(folder / path, was.digest):
                line_ends.append(path)
        elif now.executable != was.executable:
            modes.append(path)
    extra = [path for path in (*state.files, *state.odd) if path not in installed]
    return FolderChanges(
        changed=_sorted(changed),
        missing=_sorted(missing),
        modes=_sorted(modes),
        line_ends=_sorted(line_ends),
        added=_sorted([path for path in extra if _is_loaded(path)]),
        leavings=_sorted([path for path in extra if not _is_loaded(path)]),
    )


def _sorted(paths: list[str]) -> tuple[str, ...]:
    return tuple(sorted(paths, key=path_bytes))


def _is_loaded(path: str) -> bool:
    return path.partition("/")[0] in _LOADED and not _is_leaving(path)


def _is_leaving(path: str) -> bool:
    return not _LEAVINGS.isdisjoint(path.split("/")) or path.endswith((".pyc", ".pyo"))


def _same_but_line_ends(path: Path, digest: Digest) -> bool:
    try:
        if path.stat().st_size > MAX_LINE_END_CHECK:
            return False
        data = path.read_bytes()
    except OSError:
        return False
    unix = data.replace(b"\r\n", b"\n")
    return Digest.of(unix) == digest or Digest.of(unix.replace(b"\n", b"\r\n")) == digest
