"""Folders of plugins that are handed out to clients: read-only, one for each digest, beside the store.

A folder is checked against its record each time, and written again where anything differs. What was handed out is kept for KEEP after
the last time, since a session may still use it. Beside the folders it is remembered which digest a target that may change had last.

    STORE.folders/lock
    STORE.folders/digests/KEY/record.json       what the folder holds; its time is when it was last handed out
    STORE.folders/digests/KEY/NAME/             the plugin; files 0444 or 0555, folders 0555
    STORE.folders/targets/HASH.json             which digest a target had
"""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import field, frozen
from cattrs import BaseValidationError, Converter

from toolhive_plugins import Digest, FileModes, StoreLock, StoreLockError, is_plugin_name
from toolhive_plugins_installs import disk
from toolhive_plugins_installs.errors import BusyError, InstallsError
from toolhive_plugins_installs.folder_state import files_of, read_folder
from toolhive_plugins_installs.installed_files import InstalledFile
from toolhive_plugins_installs.provenance import Provenance
from toolhive_plugins_installs.supported import check_supported

if TYPE_CHECKING:
    from toolhive_plugins_installs.resolved import ResolvedPlugin

KEEP: Final = 30 * 24 * 3600.0
"""How long a folder is kept after it was last handed out, in seconds."""

READ_ONLY: Final = FileModes(file=0o444, program=0o555, folder=0o555)

_MAX_RECORD: Final = 16 * 1024 * 1024
_RECORD: Final = "record.json"

T = TypeVar("T")


@frozen(kw_only=True)
class FolderRecord:
    """What a folder holds."""

    name: str
    version: str
    digest: str
    """The artifact's; or a commit."""

    reference: str
    """Always names the same content."""

    files: dict[str, InstalledFile] = field(repr=False)


@frozen(kw_only=True)
class LastHandedOut:
    """What a target that may change had when it was last asked for."""

    source: str
    """The target."""

    key: str
    reference: str
    provenance: Provenance | None = None
    """Who signed it."""

    version: str = ""
    """The highest SemVer that was handed out since an older one was last accepted."""

    created: str = ""
    """And the latest time that such an artifact was made at."""


class PluginFolders:
    """The folders that are handed out. What changes or reads them is called with the lock held.

    Args:
        store_root: the folder of the store; these are in a folder beside it, named after it.
        timeout: seconds to wait for another process that has the lock.
        now: tells the time, in seconds since 1970.
    """

    def __init__(self, store_root: Path, timeout: float = 60.0, now: Callable[[], float] = time.time) -> None:
        self.folder = store_root.with_name(f"{store_root.name}.folders")
        self._digests = self.folder / "digests"
        self._targets = self.folder / "targets"
        self._lock = StoreLock(str(self.folder / "lock"), timeout)
        self._now = now

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing the folders within the block.

        Raises:
            BusyError: another process is at it for longer than the timeout.
            DiskError: the folder cannot be made.
            UnsupportedSystemError: this is Windows.
        """
        check_supported()
        for folder in (self.folder, self._digests, self._targets):
            disk.make_folders(folder, 0o700)
        try:
            with self._lock.held():
                yield
        except StoreLockError as error:
            raise BusyError(
                "another process is writing plugins there", where=str(self.folder), remedy="Try again later"
            ) from error

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep other processes from changing the folders within the block; on a read-only disk, where none can, hold no lock.

        Raises: as `locked`.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(self.locked())
            except OSError as error:
                if error.errno != errno.EROFS:
                    raise
            yield

    def find(self, key: str) -> tuple[Path, FolderRecord] | None:
        """Return a folder that is as it was written, and note that it is handed out; None where there is none."""
        entry = self._digests / key
        record = _read(entry / _RECORD, FolderRecord)
        if record is None or not is_plugin_name(record.name) or not _is_folder(entry):
            return None
        folder = entry / record.name
        try:
            state = read_folder(folder)
            if state is None or state.odd or state.files != record.files or not _has_modes(folder, record.files):
                return None
        except (InstallsError, OSError):
            return None
        moment = self._now()
        with contextlib.suppress(OSError):
            os.utime(entry / _RECORD, (moment, moment))
        return folder, record

    def put(self, key: str, plugin: "ResolvedPlugin") -> tuple[Path, FolderRecord]:
        """Write a plugin's folder, in the place of what is there if anything is; sweep what nobody asked for any more.

        Raises:
            DiskError: the disk refuses; what was there is as it was.
            ToolhiveError: the plugin cannot be read.
        """
        self.sweep()
        record = FolderRecord(
            name=plugin.name,
            version=plugin.version,
            digest=plugin.digest,
            reference=plugin.reference,
            files=files_of(plugin.tree),
        )
        entry, fresh, aside = self._digests / key, self._scratch("new"), self._scratch("old")
        try:
            disk.make_folder(fresh, 0o700)
            disk.write_tree(plugin.tree, fresh / plugin.name, READ_ONLY)
            disk.write_file(fresh / _RECORD, _written(record), 0o600)
            disk.sync(fresh)
            if os.path.lexists(entry):
                disk.rename(entry, aside)
            disk.rename(fresh, entry)
            disk.sync(self._digests)
        finally:
            for leftover in (fresh, aside):
                if os.path.lexists(leftover):
                    disk.remove_tree(leftover)
        return entry / plugin.name, record

    def sweep(self) -> None:
        """Remove what interrupted runs left, and what was last handed out longer than KEEP ago."""
        with contextlib.suppress(OSError), os.scandir(self._digests) as entries:
            for entry in list(entries):
                if not entry.name.startswith("."):
                    if self._now() - _last_used(Path(entry.path)) <= KEEP:
                        continue
                    aside = self._scratch("old")
                    disk.rename(Path(entry.path), aside)
                    disk.remove_tree(aside)
                else:
                    disk.remove_tree(Path(entry.path))
        with contextlib.suppress(OSError), os.scandir(self._targets) as entries:
            for entry in list(entries):
                if entry.name.startswith("."):
                    disk.remove(Path(entry.path))

    def last_of(self, source: str) -> LastHandedOut | None:
        """Return what a target had when it was last asked for; None where it was not, or that cannot be read."""
        found = _read(self._target(source), LastHandedOut)
        return found if found is not None and found.source == source else None

    def remember(self, last: LastHandedOut) -> None:
        """Remember what a target has.

        Raises:
            DiskError: the disk refuses, and what was remembered is as it was.
        """
        path = self._target(last.source)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            disk.write_file(fresh, _written(last), 0o600)
            disk.rename(fresh, path)
            disk.sync(self._targets)
        finally:
            if os.path.lexists(fresh):
                disk.remove(fresh)

    def _scratch(self, what: str) -> Path:
        return self._digests / f".{what}-{secrets.token_hex(8)}"

    def _target(self, source: str) -> Path:
        return self._targets / f"{hashlib.sha256(source.encode('utf-8', 'surrogatepass')).hexdigest()}.json"


def folder_key(digest: str, subdir: str = "") -> str:
    """Return the key of a folder: 64 hexadecimal digits.

    Args:
        digest: of an artifact, or a commit.
        subdir: the plugin's folder in the commit.
    """
    if digest.startswith("sha256:"):
        return Digest.parse(digest).encoded
    return hashlib.sha256(f"{digest}#{subdir}".encode()).hexdigest()


def _has_modes(folder: Path, files: dict[str, InstalledFile]) -> bool:
    """Tell whether files and folders have exactly the permission bits that they were written with, and no folder is there besides."""
    if os.name != "posix":
        return True
    expected = {""}
    for path, file in files.items():
        if _mode(folder / path) != (READ_ONLY.program if file.executable else READ_ONLY.file):
            return False
        while path:
            path = path.rpartition("/")[0]
            expected.add(path)
    found = {os.path.relpath(each, folder) for each, _, _ in os.walk(folder)}
    if {"" if path == "." else path for path in found} != expected:
        return False
    return all(_mode(folder / path) == READ_ONLY.folder for path in expected)


def _mode(path: Path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _last_used(entry: Path) -> float:
    for path in (entry / _RECORD, entry):
        with contextlib.suppress(OSError):
            return os.lstat(path).st_mtime
    return 0.0


def _read(path: Path, kind: type[T]) -> T | None:
    """Return what one of our files says; None where it is not there, or not as we write it."""
    try:
        data = disk.read_file(path, _MAX_RECORD)
        return None if data is None else _CONVERTER.structure(json.loads(data), kind)
    except (InstallsError, ValueError, TypeError, KeyError, AttributeError, RecursionError, BaseValidationError):
        return None


def _written(value: object) -> bytes:
    return (json.dumps(_CONVERTER.unstructure(value), indent=1) + "\n").encode()


def _text(value: Any, _: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(Digest, lambda value, _: Digest.parse(_text(value, str)))
    converter.register_unstructure_hook(Digest, str)
    return converter


_CONVERTER: Final = _make_converter()
