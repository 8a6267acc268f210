"""Finds a plugin's directory in a commit, and the commit that last changed it."""

import os
import re
from typing import Final

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_plugins_content.errors import CommitNotFoundError, GitFailedError, ShallowHistoryError
from toolhive_plugins_content.git import Repository
from toolhive_plugins_interfaces.errors import InvalidPluginDirError

_MAX_REVISION: Final = 1_000
_MAX_COMMIT: Final = 16 * 1024 * 1024
_object_id: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


@frozen
class CommitDirectory:
    """A directory as a commit has it."""

    repository: Repository

    commit: str
    """The commit's full ID."""

    tree: str
    """The ID of the tree that the directory is."""

    path: str = "."
    """The directory's path as `git log` takes it in the repository."""


@frozen
class LastChange:
    """The last commit that changed a directory."""

    revision: str
    """Its full ID."""

    epoch: int
    """When it was committed, in seconds since 1970-01-01T00:00:00Z."""


def find_commit_directory(directory: str, revision: str = "HEAD") -> CommitDirectory:
    """Find a directory in a commit of the repository that it is in.

    Args:
        directory: an absolute path.
        revision: names the commit: HEAD, a branch, a tag, an ID, or anything else that git takes for one.

    Raises:
        InvalidPluginDirError: the path is not that of a directory in a git work tree.
        CommitNotFoundError: there is no such commit, or the directory is not in it.
        GitError: git is not installed, or failed.
    """
    if "\0" in directory or not os.path.isabs(directory):  # noqa: PTH117 - as text
        raise InvalidPluginDirError("the plugin directory must be an absolute path", where=shown(directory))
    repository = Repository(directory)
    try:
        inside = repository.run("rev-parse", "--is-inside-work-tree")
    except GitFailedError as error:
        remedy = "Name a directory of a git work tree, or package the files as they are"
        raise InvalidPluginDirError(error.problem, where=shown(directory), remedy=remedy) from error
    if inside.strip() != b"true":
        raise InvalidPluginDirError("is not in a git work tree", where=shown(directory))
    commit = resolve_commit(repository, revision)
    tree = resolve_object(repository, f"{commit}:./")
    if tree is None or repository.run("cat-file", "-t", tree).strip() != b"tree":
        raise CommitNotFoundError(
            f"the directory is not in the commit {shown(revision)}",
            where=shown(directory),
            remedy="Commit it first, or name a commit that has it",
        )
    return CommitDirectory(repository, commit, tree)


def find_last_change(found: CommitDirectory) -> LastChange:
    """Return the last commit, up to that of `found`, that changed the directory: the same for everybody who has the history.

    Raises:
        ShallowHistoryError: the repository lacks the history that would tell.
        GitError: git failed.
    """
    repository = found.repository
    told = repository.run("log", "-1", "--format=%H %ct", found.commit, "--", found.path)
    match = re.fullmatch(rb"([0-9a-f]{40,64}) ([0-9]{1,20})\n", told)
    if match is None:
        raise ShallowHistoryError("no commit is known to have changed the directory", where=found.commit)
    revision = match[1].decode()
    if _written_parents(repository, revision) != _known_parents(repository, revision):
        raise ShallowHistoryError(
            "the history ends before the commit that last changed the directory",
            where=revision,
            remedy="Fetch the whole history: this is a shallow clone",
        )
    return LastChange(revision, int(match[2]))


def resolve_commit(repository: Repository, revision: str) -> str:
    """Return the full ID of the commit that a revision names.

    Raises:
        CommitNotFoundError: there is none.
        GitError: git failed.
    """
    commit = None
    if 0 < len(revision) <= _MAX_REVISION and revision.isprintable() and not revision.startswith("-"):
        commit = resolve_object(repository, revision + "^{commit}")
    if commit is None:
        raise CommitNotFoundError(
            "there is no such commit",
            where=shown(revision),
            remedy="Name a branch, a tag or a commit that the repository has",
        )
    return commit


def resolve_object(repository: Repository, name: str) -> str | None:
    """Return the ID of an object; None if there is none of that name."""
    try:
        answer = repository.run("rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except GitFailedError:
        return None
    return answer if _object_id.fullmatch(answer) else None


def _written_parents(repository: Repository, commit: str) -> list[str]:
    """Return the parents that are written in a commit."""
    head = repository.run("cat-file", "commit", commit, limit=_MAX_COMMIT).partition(b"\n\n")[0]
    return [line.removeprefix(b"parent ").decode() for line in head.split(b"\n") if line.startswith(b"parent ")]


def _known_parents(repository: Repository, commit: str) -> list[str]:
    """Return the parents that git follows, which a shallow clone has none of where its history ends."""
    return repository.run("rev-parse", commit + "^@").decode().split()
