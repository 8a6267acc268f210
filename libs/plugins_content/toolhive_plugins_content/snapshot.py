"""A folder of a repository as a commit has it, from which several plugins are read: a marketplace."""

import re
from typing import Final

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_plugins_content.commit_tree import CommitTree
from toolhive_plugins_content.commits import CommitDirectory, LastChange, find_last_change, resolve_commit
from toolhive_plugins_content.errors import CommitNotFoundError, GitFailedError
from toolhive_plugins_content.git import Repository
from toolhive_plugins_content.tree import resolve_path
from toolhive_plugins_interfaces.errors import InvalidPluginDirError
from toolhive_plugins_interfaces.interfaces import Compat

_LINE: Final = re.compile(rb"([0-7]{6}) [a-z]+ ([0-9a-f]{40,64})\t", re.ASCII)
_KINDS: Final = {b"120000": "is a symbolic link, and not followed", b"160000": "is a submodule, and not fetched"}
_FOLDER: Final = b"040000"


@frozen
class Snapshot:
    """A folder of a repository as a commit has it."""

    repository: Repository

    commit: str
    """The commit's full ID."""

    folder: str
    """From the repository's root; "" for the root itself."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the content of a file of the folder; None if it has no file of that path.

        Raises:
            GitError: git failed, or the file is larger than `limit` bytes.
        """
        found = self._entry(self._resolved(path))
        if found is None or found[0] in (_FOLDER, *_KINDS):
            return None
        return self.repository.run("cat-file", "blob", found[1], limit=limit)

    def find(self, path: str) -> CommitDirectory:
        """Find a folder within this one.

        Args:
            path: from this folder, with slashes; "" for this folder.

        Raises:
            CommitNotFoundError: it is not there, leads out of this folder, or through a link or a submodule.
            GitError: git failed.
        """
        place = self._resolved(path)
        if not place:
            tree = self.repository.run("rev-parse", "--verify", "--end-of-options", f"{self.commit}^{{tree}}")
            return CommitDirectory(self.repository, self.commit, tree.decode().strip(), ".")
        found = self._entry(place)
        if found is None or found[0] != _FOLDER:
            raise CommitNotFoundError(self._why_not(place), where=shown(path))
        return CommitDirectory(self.repository, self.commit, found[1], self._log_path(place))

    def last_change(self, path: str) -> LastChange:
        """Return the last commit that changed a folder; raises as `find` and `find_last_change`."""
        return find_last_change(self.find(path))

    def open(self, path: str, *, needs_manifest: bool = True) -> CommitTree:
        """Read the plugin that is in a folder; raises as `find` and `CommitTree`."""
        found = self.find(path)
        return CommitTree(self.repository, found.tree, Compat.NONE, path, needs_manifest=needs_manifest)

    def within(self, path: str) -> "Snapshot":
        """Return the snapshot of a folder within this one; raises as `find`."""
        self.find(path)
        return Snapshot(self.repository, self.commit, self._resolved(path))

    def _resolved(self, path: str) -> str:
        resolved = resolve_path(path) if path else ""
        if resolved is None:
            raise CommitNotFoundError("leads out of the marketplace", where=shown(path))
        return "/".join(part for part in (self.folder, resolved) if part)

    def _log_path(self, place: str) -> str:
        """Return a path from the repository's root as git takes it in the directory that it runs in."""
        if self.repository.bare:
            return place
        prefix = self.repository.run("rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip("\n")
        return place.removeprefix(prefix) if place != prefix.rstrip("/") else "."

    def _entry(self, place: str) -> tuple[bytes, str] | None:
        """Return the mode and the ID of what is at a path from the repository's root."""
        answer = self.repository.run("ls-tree", "-z", "--full-tree", self.commit, "--", place)
        match = _LINE.match(answer)
        return None if match is None or answer.count(b"\0") != 1 else (match[1], match[2].decode())

    def _why_not(self, place: str) -> str:
        parts = place.split("/")
        for depth in range(1, len(parts) + 1):
            found = self._entry("/".join(parts[:depth]))
            if found is None:
                break
            if found[0] in _KINDS:
                return _KINDS[found[0]] if depth == len(parts) else f"leads through what {_KINDS[found[0]]}"
        return "is not a folder of the commit"


def open_snapshot(directory: str, revision: str = "HEAD") -> Snapshot | None:
    """Open a directory of a git work tree, or a bare repository, as a commit has it; None if it is neither.

    Args:
        directory: an absolute path.
        revision: names the commit: HEAD, a branch, a tag, an ID.

    Raises:
        CommitNotFoundError: there is no such commit.
        GitError: git is not installed, or failed.
        InvalidPluginDirError: the path is malformed.
    """
    if "\0" in directory or not directory.startswith("/"):
        raise InvalidPluginDirError("the directory must be an absolute path", where=shown(directory))
    for repository in (Repository(directory), Repository(directory, bare=True)):
        try:
            inside = repository.run("rev-parse", "--is-inside-work-tree", "--show-prefix")
        except GitFailedError:
            continue
        state, _, prefix = inside.partition(b"\n")
        if state != b"true" and not repository.bare:
            continue
        folder = prefix.decode("utf-8", "surrogateescape").strip("\n").rstrip("/")
        return Snapshot(repository, resolve_commit(repository, revision), folder)
    return None


def snapshot_of(repository: Repository, revision: str = "HEAD") -> Snapshot:
    """Return a repository's root as a commit has it; raises as `open_snapshot`."""
    return Snapshot(repository, resolve_commit(repository, revision), "")
