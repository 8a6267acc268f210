"""Reads a plugin from a repository on another machine: a bare clone in a scratch folder, of which only objects are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_plugins_content.commit_tree import CommitTree
from toolhive_plugins_content.commits import resolve_commit, resolve_object
from toolhive_plugins_content.errors import CommitNotFoundError, GitFailedError
from toolhive_plugins_content.git import MAX_CLONE, Repository, clone_bare
from toolhive_plugins_interfaces.interfaces import Compat

FETCH_TIMEOUT: Final = 120.0
"""The time that a clone of a plugin's repository may take, in seconds."""

_NO_SHALLOW: Final = "shallow"
"""A word of git's where a server cannot send one commit alone: a plain file server, say."""

_NO_BRANCH: Final = "not found in upstream"


@frozen
class ClonedPlugin:
    """A plugin as a commit of a repository has it."""

    commit: str
    """The commit's full ID."""

    tree: CommitTree


@contextmanager
def open_plugin_clone(
    address: str,
    *,
    branch: str = "",
    commit: str = "",
    subdir: str = "",
    max_size: int = MAX_CLONE,
    timeout: float = FETCH_TIMEOUT,
) -> Iterator[ClonedPlugin]:
    """Clone a repository into a scratch folder, which the context deletes, and read a plugin from it.

    Args:
        address: where the repository is: `https://…` or `ssh://…`.
        branch: a branch or tag; empty for the repository's own, or where a commit is given.
        commit: the full ID of a commit; empty for that of the branch.
        subdir: the plugin's folder, with slashes; empty for the repository's root.
        max_size: the most bytes that the clone may put on the disk.
        timeout: the most seconds that the clone may take.

    Raises:
        CommitNotFoundError: there is no such branch, tag, commit or folder.
        PluginError: it cannot be packaged; the subclass says why.
        GitError: git is not installed or failed, or the repository is too large or too slow.
    """
    from tempfile import TemporaryDirectory  # lazily: it imports a dozen modules

    with TemporaryDirectory(prefix="thv-plugin-") as scratch:
        folder = str(Path(scratch, "repository"))
        _clone(address, folder, branch, whole=bool(commit), max_size=max_size, timeout=timeout)
        repository = Repository(folder, bare=True)
        found = resolve_commit(repository, commit or "HEAD")
        if commit and found != commit:
            raise CommitNotFoundError("is not the ID of a commit", where=shown(commit), remedy="Name the commit itself")
        tree = resolve_object(repository, f"{found}:{subdir}")
        if tree is None or repository.run("cat-file", "-t", tree).strip() != b"tree":
            raise CommitNotFoundError(
                f"the commit {found} has no such folder", where=shown(subdir), remedy="Name a folder that it has"
            )
        with CommitTree(repository, tree, Compat.NONE, subdir or address) as plugin:
            yield ClonedPlugin(found, plugin)


def _clone(address: str, folder: str, branch: str, *, whole: bool, max_size: int, timeout: float) -> None:
    try:
        try:
            clone_bare(address, folder, branch=branch, shallow=not whole, max_size=max_size, timeout=timeout)
        except GitFailedError as error:
            if whole or _NO_SHALLOW not in error.problem:
                raise
            clone_bare(address, folder, branch=branch, max_size=max_size, timeout=timeout)
    except GitFailedError as error:
        if branch and _NO_BRANCH in error.problem:
            raise CommitNotFoundError(
                "the repository has no such branch or tag",
                where=shown(branch),
                remedy="Name one that it has, or all 40 digits of a commit",
            ) from error
        raise GitFailedError(error.problem, where=shown(address), remedy=error.remedy or _REMEDY) from error


_REMEDY: Final = "Check the address, and that git can log in there without asking"
