"""Executes plans as an installer does, in ten lines and without a journal; and shows what a folder holds."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field

from toolhive_plugins_clients import FileEdit, FileRecord, Plan, followed


@define
class Executor:
    """What an installer remembers between plans."""

    records: dict[Path, FileRecord] = field(factory=dict)
    made: list[Path] = field(factory=list)
    """Folders that were made, outermost first."""

    def install(self, plan: Plan, plugin: Path) -> None:
        assert plan.folder is not None
        if plan.folder.exists():
            shutil.rmtree(plan.folder)
        self._make(plan.folder.parent)
        shutil.copytree(plugin, plan.folder)
        for edit in plan.edits:
            self._write(edit)

    def remove(self, plan: Plan) -> None:
        for edit in plan.edits:
            self._write(edit)
        if plan.folder is not None and plan.folder.exists():
            shutil.rmtree(plan.folder)
        for folder in list(reversed(self.made)):
            if not any(folder.iterdir()):
                folder.rmdir()
                self.made.remove(folder)

    def _write(self, edit: FileEdit) -> None:
        assert (edit.path.read_bytes() if edit.path.exists() else None) == edit.before
        assert edit.after != edit.before
        record = followed(self.records.pop(edit.path, None), edit)
        if record is not None:
            self.records[edit.path] = record
        if edit.after is None:
            edit.path.unlink()
        else:
            self._make(edit.path.parent)
            edit.path.write_bytes(edit.after)
            edit.path.chmod(edit.mode)

    def _make(self, folder: Path) -> None:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self.made += reversed(missing)


def snapshot(folder: Path) -> Mapping[str, object]:
    """Return all that is in a folder: links, modes, bytes."""
    return {
        path.relative_to(folder).as_posix(): (
            path.readlink() if path.is_symlink() else path.stat().st_mode,
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }
