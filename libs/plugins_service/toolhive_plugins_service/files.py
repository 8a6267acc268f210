"""Which files differ between two trees."""

import enum

from attrs import frozen

from toolhive_plugins import FileTree, PluginFile, path_bytes


class FileChangeKind(enum.Enum):
    """How a file differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MADE_EXECUTABLE = "made executable"
    MADE_PLAIN = "no longer executable"


@frozen
class FileChange:
    """A file that is not the same in both trees. A file whose content and executable bit both differ has one of each."""

    path: str
    kind: FileChangeKind
    old_size: int = 0
    """In bytes; 0 where the file was added."""
    new_size: int = 0
    """In bytes; 0 where the file was removed."""
    executable: bool = False
    """Whether it is executable in the newer tree, or was in the older where it was removed."""


def compare_trees(old: FileTree, new: FileTree) -> tuple[FileChange, ...]:
    """Return what differs, by path."""
    changes: list[FileChange] = []
    for path in sorted({*old.files, *new.files}, key=path_bytes):
        before, after = old.files.get(path), new.files.get(path)
        same = (
            before is not None
            and after is not None
            and before.size == after.size
            and old.digest(path) == new.digest(path)
        )
        changes += _compare(path, before, after, same=same)
    return tuple(changes)


def _compare(path: str, old: PluginFile | None, new: PluginFile | None, *, same: bool) -> list[FileChange]:
    if new is None:
        return [FileChange(path, FileChangeKind.REMOVED, old.size, 0, old.executable)] if old else []
    if old is None:
        return [FileChange(path, FileChangeKind.ADDED, 0, new.size, new.executable)]
    found: list[FileChange] = []
    if not same:
        found.append(FileChange(path, FileChangeKind.CHANGED, old.size, new.size, new.executable))
    if old.executable != new.executable:
        kind = FileChangeKind.MADE_EXECUTABLE if new.executable else FileChangeKind.MADE_PLAIN
        found.append(FileChange(path, kind, old.size, new.size, new.executable))
    return found
