"""What a change is about to do, written down before it does it: enough to finish it or to take it back after a kill.

A journal has three states. While *staging* nothing that anybody looks at has changed; while *swapping* any step may have been done; once
*done* only leftovers remain to be removed. The step that a kill interrupted is not guessed at: each thing is recognised by its inode,
wherever it is now.
"""

import json
import os
import stat
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final

from attrs import asdict, evolve, field, frozen
from cattrs import BaseValidationError, Converter

from toolhive_plugins_installs import disk
from toolhive_plugins_installs.errors import JournalError

PREFIX: Final = ".thv-plugin-"
"""How the names of our temporary folders begin. No client loads a folder whose name begins with a dot."""

MAX_SIZE: Final = 4 * 1024 * 1024
"""Size in bytes of a journal that is read."""

_VERSION: Final = 1


class Phase(StrEnum):
    """How far a change has come."""

    STAGING = "staging"
    SWAPPING = "swapping"
    DONE = "done"


Identity = tuple[int, int]
"""Device and inode: the same before and after a rename."""


def identity(path: Path) -> Identity | None:
    """Return what distinguishes the thing at a path from all others; None where there is none."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise disk.disk_error(error, "look at", path) from error
    return found.st_dev, found.st_ino


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder at a path, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _own_path(text: str) -> str:
    path = Path(text)
    if not path.is_absolute() or ".." in path.parts or "\0" in text:
        raise ValueError("not an absolute path")
    return text


def _own_paths(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_own_path, paths))


@frozen(kw_only=True)
class JournalStep:
    """One folder or file that changes."""

    target: str = field(converter=_own_path)
    staged: str = field(converter=_own_path)
    """Where the new one is made; afterwards, perhaps, where the old one is."""

    aside: str = field(converter=_own_path)
    """Where the old one goes; of a file, a copy of it that is made first, so that taking back needs no space."""

    is_tree: bool
    replaces: bool
    """Whether something was at the target."""

    puts: bool
    """Whether something is to be there afterwards."""

    old: Identity | None = None
    new: Identity | None = None
    copy: Identity | None = None
    after: str = ""
    """The digest of a file's new content."""

    def __attrs_post_init__(self) -> None:
        folder = Path(self.target).parent
        for path in (Path(self.staged), Path(self.aside)):
            if path.parent != folder or not path.name.startswith(".") or path == Path(self.target):
                raise ValueError("a temporary name is not a hidden one beside its target")


@frozen(kw_only=True)
class Journal:
    """One change, as far as it has come."""

    phase: Phase
    what: str
    """In a few words, for people."""

    steps: tuple[JournalStep, ...]
    made: tuple[str, ...] = field(converter=_own_paths)
    """Folders that the change makes, from the top down."""

    empty: tuple[str, ...] = field(default=(), converter=_own_paths)
    """Folders to remove once it is done, if they are empty, from the bottom up."""

    def at(self, phase: Phase) -> "Journal":
        """Return the journal in another phase."""
        return evolve(self, phase=phase)


class JournalFile:
    """The file that holds the journal of the change that is under way; absent while there is none.

    Args:
        folder: a folder of ours, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / "journal.json"

    def write(self, journal: Journal) -> None:
        """Replace the journal, durably.

        Raises:
            DiskError: it cannot be written.
        """
        fresh = self.path.with_name("journal.json.new")
        disk.remove(fresh)
        text = json.dumps({"version": _VERSION, **asdict(journal)}, indent=1)
        disk.write_file(fresh, text.encode(), 0o600)
        disk.rename(fresh, self.path)
        disk.sync(self._folder)

    def read(self) -> Journal | None:
        """Return the journal; None where there is none.

        Raises:
            JournalError: it is not one that we wrote.
            DiskError: it cannot be read.
        """
        data = disk.read_file(self.path, MAX_SIZE)
        if data is None:
            return None
        try:
            document = json.loads(data)
            if not isinstance(document, dict) or document.pop("version", None) != _VERSION:
                raise ValueError("another version")
            return _CONVERTER.structure(document, Journal)
        except (ValueError, TypeError, KeyError, RecursionError, BaseValidationError) as error:
            raise JournalError(
                "the journal of an interrupted run cannot be read",
                where=str(self.path),
                remedy="Look at what it names, then remove the file",
            ) from error

    def remove(self) -> None:
        """Remove the journal: nothing is under way any more."""
        disk.remove(self.path)
        disk.sync(self._folder)


_CONVERTER: Final = Converter(forbid_extra_keys=True)
