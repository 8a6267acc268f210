"""Warns of files that git ignores or does not track: they are in the directory, so they are packaged, and perhaps not meant to be.

What cannot be found out is not the plugin's fault. Without a repository, or without git, nothing is said; where git fails or takes too
long, one line says that it was not checked. The module `git` runs it, so that nothing of the repository's runs.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from toolhive_plugins_content.errors import GitError, GitFailedError, GitMissingError
from toolhive_plugins_content.findings import WHOLE_PLUGIN, Findings
from toolhive_plugins_content.git import Repository
from toolhive_plugins_content.rules import Rule

TIMEOUT: Final = 10.0
"""The time that one listing may take, in seconds."""

MAX_LISTING: Final = 16 * 1024 * 1024
"""The most bytes of one listing."""

_NO_WORK_TREE: Final = ("not a git repository", "must be run in a work tree", "cannot use bare repository")
"""What git says of a directory that is in no work tree."""


class _Status(enum.Enum):
    """Why a file is in no commit."""

    IGNORED = "git ignores"
    UNTRACKED = "git does not track"


_RULES: Final = {_Status.IGNORED: Rule.GIT_IGNORED, _Status.UNTRACKED: Rule.NOT_TRACKED}
_REMEDIES: Final = {
    _Status.IGNORED: "Delete it, or package what is committed and nothing else",
    _Status.UNTRACKED: "Add it to git if it belongs to the plugin, else delete it",
}


def check_tracking(directory: str, paths: Iterable[str], findings: Findings) -> None:
    """Warn of the files that git ignores or does not track: a folder that holds nothing else once.

    Args:
        directory: an absolute path, the plugin's.
        paths: the plugin's files, from there.
        findings: takes the warnings.
    """
    files = tuple(paths)
    try:
        untracked = _untracked(directory, files)
    except GitMissingError:
        return
    except GitError as error:
        if not (isinstance(error, GitFailedError) and any(words in error.problem for words in _NO_WORK_TREE)):
            problem = f"not checked for files that git ignores or does not track: {error.problem}"
            findings.warning(Rule.GIT_NOT_CHECKED, problem)
        return
    if len(untracked) == len(files) and (_Status.UNTRACKED in untracked.values()):
        findings.warning(Rule.NOT_TRACKED, "git tracks nothing in the directory", remedy=_REMEDIES[_Status.UNTRACKED])
        untracked = {path: status for path, status in untracked.items() if status is _Status.IGNORED}
    for place, status, count in _places(files, untracked):
        problem = f"holds {count} files that {status.value}" if count > 1 else f"{status.value} it"
        findings.warning(_RULES[status], problem, place, remedy=_REMEDIES[status])


def _untracked(directory: str, paths: tuple[str, ...]) -> Mapping[str, _Status]:
    """Return those paths that are in no commit to come, with the reason.

    Raises:
        GitError: git is not installed, failed, or broke a limit.
    """
    repository = Repository(directory)

    def listed(*options: str) -> frozenset[str]:
        answer = repository.run("ls-files", "-z", *options, limit=MAX_LISTING, timeout=TIMEOUT)
        return frozenset(_normalised(name) for name in answer.decode("utf-8", "surrogateescape").split("\0"))

    tracked = listed("--cached")
    missing = [path for path in paths if _normalised(path) not in tracked]
    ignored = listed("--others", "--ignored", "--exclude-standard") if missing else frozenset()
    return {path: _Status.IGNORED if _normalised(path) in ignored else _Status.UNTRACKED for path in missing}


def _places(paths: tuple[str, ...], untracked: Mapping[str, _Status]) -> Iterator[tuple[str, _Status, int]]:
    """Yield each file, or the outermost folder all of whose files have the same status, with the number of these files."""
    all_files = Counter(folder for path in paths for folder in _folders(path))
    alike = Counter((folder, status) for path, status in untracked.items() for folder in _folders(path))
    seen: set[str] = set()
    for path, status in untracked.items():
        whole = (folder for folder in _folders(path) if alike[folder, status] == all_files[folder] > 1)
        place = next(whole, path)
        if place not in seen:
            seen.add(place)
            yield place, status, alike.get((place, status), 1)


def _folders(path: str) -> list[str]:
    """Return the folders that a path is in, the outermost first, which is the plugin itself; each other one ends in a slash."""
    parts = path.split("/")
    return [WHOLE_PLUGIN, *("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))]


def _normalised(name: str) -> str:
    """Return a name as git lists it where a file system stores it in another Unicode form."""
    if name.isascii():
        return name
    from unicodedata import normalize

    return normalize("NFC", name)
