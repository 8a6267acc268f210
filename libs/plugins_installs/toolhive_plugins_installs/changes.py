"""One plugin's change, in all its clients: gathered as steps, then executed with the records and the lock file as one."""

import os
from collections.abc import Iterable
from pathlib import Path

from attrs import Factory, define, evolve

from toolhive_plugins import shown
from toolhive_plugins_clients import FileEdit, Owed, Plan, followed
from toolhive_plugins_installs.errors import FolderTakenError, Hint
from toolhive_plugins_installs.executor import EditFile, Step, TakeTree, missing_folders
from toolhive_plugins_installs.folder_state import FolderChanges, compare_folder, read_folder
from toolhive_plugins_installs.installation import Installation, Records
from toolhive_plugins_installs.site import Site

_MAX_NAMED = 5


@define
class Transaction:
    """What is about to change for one plugin.

    Args:
        site: where.
        records: what is remembered now.
    """

    site: Site
    records: Records
    steps: list[Step] = Factory(list)
    owed: list[Owed] = Factory(list)
    notes: list[str] = Factory(list)
    _gone: set[Path] = Factory(set)

    def edit(self, edits: Iterable[FileEdit]) -> None:
        """Add edits of files, and what is remembered of them."""
        for edit in edits:
            self.steps.append(EditFile(edit))
            kept = {record.path: record for record in self.records.files}
            record = followed(kept.pop(edit.path, None), edit)
            if record is not None:
                kept[edit.path] = record
            if edit.after is None:
                self._gone.add(edit.path)
            self.records = evolve(self.records, files=tuple(kept.values()))

    def tell(self, plan: Plan) -> None:
        """Keep what a plan has to say."""
        self.owed += [owed for owed in plan.owed if owed not in self.owed]
        self.notes += [note for note in plan.notes if note not in self.notes]

    def take(self, folder: Path) -> None:
        """Take a folder away."""
        self.steps.append(TakeTree(folder))
        self._gone.add(folder)

    def remember(self, installation: Installation) -> None:
        """Remember an installation, in the place of the one that it replaces; so for each other home that has the same folder."""
        self.forget(installation)
        others = tuple(
            evolve(installation, home=each.home) if each.folder == installation.folder else each
            for each in self.records.installations
        )
        self.records = evolve(self.records, installations=(*others, installation))

    def is_shared(self, installation: Installation) -> bool:
        """Tell whether another home has an installation in the same folder, which then stays."""
        return any(
            each.folder == installation.folder and each.key != installation.key for each in self.records.installations
        )

    def forget(self, installation: Installation) -> None:
        """Forget an installation."""
        kept = tuple(each for each in self.records.installations if each.key != installation.key)
        self.records = evolve(self.records, installations=kept)

    def execute(self, what: str, lock_steps: Iterable[Step] = ()) -> bool:
        """Do it, all or nothing; return whether there was anything to do.

        Raises:
            ChangedMeanwhileError, DiskError: as `Executor.execute`.
        """
        made = [str(folder) for folder in missing_folders(_parents(self.steps))]
        empty = self._emptied()
        kept = [folder for folder in self.records.folders if Path(folder) not in empty]
        self.records = evolve(self.records, folders=(*kept, *(folder for folder in made if folder not in kept)))
        steps = [*self.steps, *lock_steps]
        record_edit = self.site.book.edit(self.records)
        if record_edit.before != record_edit.after and (
            steps or record_edit.before is not None or self.records != Records()
        ):
            steps.append(EditFile(record_edit))
        if steps:
            self.site.book.executor.execute(what, steps, empty)
        return bool(steps)

    def _emptied(self) -> list[Path]:
        """Return the folders of ours that will be empty, from the bottom up."""
        gone = set(self._gone)
        found: list[Path] = []
        for text in sorted(self.records.folders, key=lambda path: path.count("/"), reverse=True):
            folder = Path(text)
            try:
                names = {folder / name for name in os.listdir(folder)}  # noqa: PTH208 - names that are not UTF-8 too
            except OSError:
                continue
            if names <= gone and names:
                gone.add(folder)
                found.append(folder)
        return found


def _parents(steps: Iterable[Step]) -> list[Path]:
    return [
        (step.edit.path if isinstance(step, EditFile) else step.folder).parent
        for step in steps
        if not isinstance(step, TakeTree)
    ]


def check_folder(installed: Installation, *, force: bool, verb: str) -> FolderChanges | None:
    """Return how an installation's folder differs from what was installed; None where it is gone.

    Raises:
        FolderTakenError: it was edited, and is not to be lost.
        DiskError, FolderLimitError: it cannot be looked at.
    """
    folder = Path(installed.folder)
    state = read_folder(folder)
    if state is None:
        return None
    changes = compare_folder(folder, state, installed.files)
    if changes.edited and not force:
        raise FolderTakenError(
            describe(changes),
            where=shown(folder),
            remedy=f"Save what is yours, then {verb} it by force",
            hint=Hint.REPLACE_FOLDER,
        )
    return changes


def describe(changes: FolderChanges) -> str:
    """Return what was edited in a folder, as a sentence without its full stop."""
    if changes.only_line_ends:
        return f"only line ends are not as they were installed: {_some(changes.line_ends)}"
    parts = [
        f"{verb}: {_some(paths)}"
        for verb, paths in (
            ("changed", changes.changed),
            ("missing", changes.missing),
            ("executable or no longer so", changes.modes),
            ("added", changes.added),
        )
        if paths
    ]
    return "was edited since it was installed; " + "; ".join(parts)


def _some(paths: tuple[str, ...]) -> str:
    more = len(paths) - _MAX_NAMED
    return ", ".join(shown(path) for path in paths[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
