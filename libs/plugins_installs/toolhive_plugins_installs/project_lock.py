"""A project's lock file while it is changed: kept from other programs, ToolHive among them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from toolhive_plugins import StoreLock, StoreLockError, shown
from toolhive_plugins_clients import FileEdit
from toolhive_plugins_installs import disk
from toolhive_plugins_installs.block_yaml import MAX_SIZE
from toolhive_plugins_installs.errors import BusyError
from toolhive_plugins_installs.executor import EditFile
from toolhive_plugins_installs.lock_entries import LockEntry
from toolhive_plugins_installs.lock_file import LockFile, guard_path, lock_path, parse_lock_file, staging_name

_MODE = 0o644


def read_project_lock(project: Path) -> LockFile:
    """Return a project's lock file; one without entries where there is none.

    Raises:
        LockFileError: it is malformed.
        DiskError: it cannot be read, or is a link.
    """
    path = lock_path(project)
    return parse_lock_file(disk.read_file(path, MAX_SIZE) or b"", where=shown(path))


@frozen
class ProjectLock:
    """A project's lock file, held."""

    path: Path
    before: bytes | None
    file: LockFile

    def steps(self, put: Iterable[LockEntry] = (), drop: Iterable[str] = ()) -> list[EditFile]:
        """Return the step that changes it; none where nothing changes.

        Raises:
            LockFileError: as `LockFile.edited`.
        """
        after = self.file.edited(put, drop)
        if after == (self.before or b""):
            return []
        return [EditFile(FileEdit(self.path, self.before, after, _MODE), staging_name())]


@contextmanager
def held_lock(project: Path | None, timeout: float = 60.0) -> Iterator[ProjectLock | None]:
    """Hold a project's lock file within the block; None for a user's installation, which has none.

    Raises:
        BusyError: another program holds it for longer than the timeout.
        LockFileError: it is malformed.
        DiskError: it cannot be read, or is a link.
    """
    if project is None:
        yield None
        return
    try:
        with StoreLock(str(guard_path(project)), timeout).held():
            path = lock_path(project)
            before = disk.read_file(path, MAX_SIZE)
            yield ProjectLock(path, before, parse_lock_file(before or b"", where=shown(path)))
    except StoreLockError as error:
        raise BusyError(
            "another program is changing the project's lock file",
            where=shown(guard_path(project)),
            remedy="Wait for it, or end it if it hangs, then try again",
        ) from error
