"""Changes folders and files, all of them or none: a failure restores everything, and after a kill the next run does.

All that needs space is staged first, beside its target and so on its file system. What then changes is renames only.
"""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from attrs import evolve, frozen

from toolhive_plugins import Digest, FileTree, shown
from toolhive_plugins_clients import FileEdit
from toolhive_plugins_installs import disk
from toolhive_plugins_installs.errors import ChangedMeanwhileError, DiskError, JournalError
from toolhive_plugins_installs.journal import (
    PREFIX,
    Identity,
    Journal,
    JournalFile,
    JournalStep,
    Phase,
    identity,
    is_folder,
)

MAX_FILE: Final = 16 * 1024 * 1024
"""Size in bytes of a file that is edited."""


@frozen
class PutTree:
    """Puts a plugin's files at a folder, in the place of what is there."""

    folder: Path
    tree: FileTree


@frozen
class TakeTree:
    """Takes a folder away, if it is there."""

    folder: Path


@frozen
class EditFile:
    """Writes or removes a file."""

    edit: FileEdit
    staging: str = ""
    """The name to write it under before it is renamed; one of ours by default."""


Step: TypeAlias = PutTree | TakeTree | EditFile


class Executor:
    """Executes changes. One at a time: whoever calls it holds the lock.

    Args:
        folder: a folder of ours for the journal, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._journal = JournalFile(folder)

    def execute(self, what: str, steps: Sequence[Step], empty: Iterable[Path] = ()) -> None:
        """Do all steps, in order.

        Args:
            what: in a few words, for people.
            steps: what to do.
            empty: folders to remove afterwards, if nothing is in them then.

        Raises:
            ChangedMeanwhileError: a file is not what it was when the edit was planned. Nothing was changed.
            DiskError: the system refused. All is as before; if even that failed, the next run tries again, and the error says so.
        """
        steps = [step for step in steps if not isinstance(step, TakeTree) or identity(step.folder) is not None]
        unique = secrets.token_hex(8)
        planned = tuple(_planned(step, f"{unique}-{number}") for number, step in enumerate(steps))
        made = tuple(str(folder) for folder in missing_folders(Path(step.target).parent for step in planned))
        removable = tuple(str(folder) for folder in sorted(empty, key=lambda path: len(path.parts), reverse=True))
        journal = Journal(phase=Phase.STAGING, what=what, steps=planned, made=made, empty=removable)
        try:
            self._journal.write(journal)
            for folder in made:
                disk.make_folder(Path(folder))
            journal = evolve(journal, steps=tuple(map(_staged, steps, planned)), phase=Phase.SWAPPING)
            _sync(journal)
            self._journal.write(journal)
            for step, entry in zip(steps, journal.steps, strict=True):
                _swap(step, entry)
            _sync(journal)
            self._journal.write(journal.at(Phase.DONE))
        except BaseException as error:
            self._restore(error)
            raise
        with suppress(DiskError):  # What is left over is hidden, and the next run removes it.
            self._finish(journal)

    def recover(self) -> str:
        """Finish or take back what a run that was killed had begun; return what was done, in words, empty where there was nothing.

        Raises:
            JournalError: the journal cannot be read.
            DiskError: the system refuses; the journal is kept.
        """
        journal = self._journal.read()
        if journal is None:
            return ""
        if journal.phase is Phase.DONE:
            self._finish(journal)
            return f"finished what an interrupted run had begun: {journal.what}"
        self._undo(journal)
        return f"took back what an interrupted run had begun: {journal.what}"

    def pending(self) -> str:
        """Return what a run that was killed had begun, in words; empty where there is nothing to finish or take back.

        Raises: JournalError, DiskError: the journal cannot be read.
        """
        journal = self._journal.read()
        return journal.what if journal is not None else ""

    def _restore(self, cause: BaseException) -> None:
        try:
            journal = self._journal.read()
            if journal is not None and journal.phase is Phase.DONE:
                self._finish(journal)  # Only the last flush failed: it is done, and the caller learns of the disk.
            elif journal is not None:
                self._undo(journal)
        except DiskError as error:
            raise JournalError(
                f"failed, and could not all be taken back: {error.problem}",
                where=error.where,
                remedy="Repair the disk, then run any command that installs or removes: it takes the rest back",
            ) from cause

    def _undo(self, journal: Journal) -> None:
        swapping = journal.phase is Phase.SWAPPING
        for step in reversed(journal.steps):
            if swapping:
                _put_back(step)
            _clear(step, keep=step.old if swapping else None)
        for folder in reversed(journal.made):
            disk.remove_empty_folder(Path(folder))
        _sync(journal)
        self._journal.remove()

    def _finish(self, journal: Journal) -> None:
        for step in journal.steps:
            _clear(step)
        for folder in journal.empty:
            disk.remove_empty_folder(Path(folder))
        self._journal.remove()


def missing_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the folders that are not there, with those above them that are not either, from the top down."""
    found: set[Path] = set()
    for folder in folders:
        while folder not in found and identity(folder) is None:
            found.add(folder)
            folder = folder.parent
    return sorted(found, key=lambda path: len(path.parts))


def _planned(step: Step, unique: str) -> JournalStep:
    if isinstance(step, EditFile):
        edit = step.edit
        _check_unchanged(edit)
        folder, name = edit.path.parent, f".{edit.path.name[:100]}.{unique}"
        return JournalStep(
            target=str(edit.path),
            staged=str(folder / (step.staging or f"{name}.tmp")),
            aside=str(folder / f"{name}.old"),
            is_tree=False,
            replaces=edit.before is not None,
            puts=edit.after is not None,
            old=identity(edit.path),
            after="" if edit.after is None else str(Digest.of(edit.after)),
        )
    folder = step.folder
    old = identity(folder)
    if old is not None and not is_folder(folder):
        raise DiskError("is not a folder", where=shown(folder), remedy="Move it away")
    name = f"{PREFIX}{unique}"
    return JournalStep(
        target=str(folder),
        staged=str(folder.with_name(f"{name}.new")),
        aside=str(folder.with_name(f"{name}.old")),
        is_tree=True,
        replaces=old is not None,
        puts=isinstance(step, PutTree),
        old=old,
    )


def _check_unchanged(edit: FileEdit) -> None:
    if disk.read_file(edit.path, MAX_FILE) != edit.before:
        raise ChangedMeanwhileError("was changed meanwhile", where=shown(edit.path), remedy="Try again")


def _staged(step: Step, entry: JournalStep) -> JournalStep:
    """Write what is new beside its target, and a copy of the file that it replaces."""
    staged, aside = Path(entry.staged), Path(entry.aside)
    match step:
        case PutTree():
            disk.write_tree(step.tree, staged)
            return evolve(entry, new=identity(staged))
        case TakeTree():
            return entry
        case EditFile(edit):
            if edit.after is None:
                return entry
            disk.write_file(staged, edit.after, edit.mode)
            if edit.before is not None:
                disk.write_file(aside, edit.before, edit.mode)
            return evolve(entry, new=identity(staged), copy=identity(aside))


def _swap(step: Step, entry: JournalStep) -> None:
    target, staged, aside = Path(entry.target), Path(entry.staged), Path(entry.aside)
    if isinstance(step, EditFile):
        _check_unchanged(step.edit)
    elif identity(target) != entry.old:
        raise ChangedMeanwhileError("was changed meanwhile", where=entry.target, remedy="Try again")
    if not entry.puts:
        disk.rename(target, aside)
    elif entry.is_tree and entry.replaces:
        disk.swap(staged, target, aside)
    else:
        disk.rename(staged, target)


def _put_back(step: JournalStep) -> None:
    """Put what was at the target there again. Each rename leaves a state from which this goes on."""
    target, staged, aside = Path(step.target), Path(step.staged), Path(step.aside)
    there = identity(target)
    if there is not None and there == step.new:
        if step.is_tree:
            if step.old is not None and identity(staged) == step.old:
                disk.rename(staged, aside)
            disk.rename(target, staged)
            there = None
        elif _holds(target, step.after):
            if step.replaces:
                if identity(aside) == step.copy:
                    disk.rename(aside, target)
            else:
                disk.remove(target)
    if there is None and step.old is not None:
        for place in (aside, staged):
            if identity(place) == step.old:
                disk.rename(place, target)
                return


def _holds(path: Path, digest: str) -> bool:
    """Tell whether a file still has the content that it was given; what somebody else wrote since is theirs."""
    try:
        data = disk.read_file(path, MAX_FILE)
    except DiskError:
        return False
    return data is not None and str(Digest.of(data)) == digest


def _clear(step: JournalStep, keep: Identity | None = None) -> None:
    """Remove what is left beside a target, but not what was there before and could not be put back."""
    if keep is not None and identity(Path(step.target)) == keep:
        keep = None
    for place in (Path(step.staged), Path(step.aside)):
        there = identity(place)
        if there is not None and there != keep:
            disk.remove_tree(place)


def _sync(journal: Journal) -> None:
    for folder in {Path(step.target).parent for step in journal.steps}:
        if is_folder(folder):
            disk.sync(folder)
