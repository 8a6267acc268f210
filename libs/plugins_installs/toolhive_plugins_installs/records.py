"""The file that remembers what is installed, beside the store: small, readable, written whole, and read by one program at a time.

It holds what files of the user's were before we edited them, so nobody else may read it.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cattrs import BaseValidationError, Converter

from toolhive_plugins import Digest, StoreLock, StoreLockError, shown
from toolhive_plugins_clients import FileEdit
from toolhive_plugins_installs import disk
from toolhive_plugins_installs.errors import BusyError, RecordsError
from toolhive_plugins_installs.executor import Executor
from toolhive_plugins_installs.installation import Records
from toolhive_plugins_installs.supported import check_supported

MAX_SIZE: Final = 64 * 1024 * 1024
"""Size in bytes of a records file that is read."""

_VERSION: Final = 1
_MODE: Final = 0o600


class RecordBook:
    """What is installed, on disk.

    Args:
        store_root: the folder of the store; the records are in a folder beside it, named after it.
        timeout: seconds to wait for another process that is installing or removing.
    """

    def __init__(self, store_root: Path, timeout: float = 60.0) -> None:
        self.folder = store_root.with_name(f"{store_root.name}.installs")
        self.path = self.folder / "installs.json"
        self.executor = Executor(self.folder)
        self._lock = StoreLock(str(self.folder / "lock"), timeout)

    def read(self) -> Records:
        """Return what is remembered; nothing where there is no file yet.

        Raises:
            RecordsError: the file is not one that we wrote.
            DiskError: it cannot be read.
        """
        return parse_records(self._bytes(), str(self.path))

    @contextmanager
    def locked(self) -> Iterator[str]:
        """Keep other processes from installing and removing within the block; what a killed run left is finished or taken back first.

        Yields what was done about that, in words; empty where there was nothing.

        Raises:
            BusyError: another process is at it for longer than the timeout.
            UnsupportedSystemError: this is Windows.
            JournalError, DiskError: what a killed run left cannot be taken back.
        """
        check_supported()
        disk.make_folders(self.folder, 0o700)
        try:
            with self._lock.held():
                yield self.executor.recover()
        except StoreLockError as error:
            raise BusyError(
                "another process is installing or removing plugins",
                where=str(self.folder),
                remedy="Wait for it, or end it if it hangs, then try again",
            ) from error

    def edit(self, records: Records) -> FileEdit:
        """Return the edit that remembers `records` and nothing else."""
        return FileEdit(self.path, self._bytes(), written(records), _MODE)

    def _bytes(self) -> bytes | None:
        return disk.read_file(self.path, MAX_SIZE)


def parse_records(data: bytes | None, where: str) -> Records:
    """Read a records file.

    Raises:
        RecordsError: it is malformed, or of another version.
    """
    if data is None:
        return Records()
    try:
        document = json.loads(data)
        version = document.pop("version", None)
        if isinstance(version, int) and version > _VERSION:
            raise RecordsError(
                f"the record of what is installed has version {version}, and {_VERSION} is the newest that is read here",
                where=shown(where),
                remedy="A newer program wrote it: use that one",
            )
        if version != _VERSION:
            raise ValueError("no version")
        return _CONVERTER.structure(document, Records)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BaseValidationError) as error:
        raise RecordsError(
            "the record of what is installed is damaged",
            where=shown(where),
            remedy="Restore it from a backup, or move it away and install again",
        ) from error


def written(records: Records) -> bytes:
    """Return the bytes of a records file."""
    document = {"version": _VERSION, **_CONVERTER.unstructure(records)}
    return (json.dumps(document, indent=1) + "\n").encode()


def _bytes_out(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes_in(value: Any, _: object) -> bytes:
    if "text" in value:
        return str(value["text"]).encode()
    return base64.b64decode(value["base64"], validate=True)


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(bytes, _bytes_out)
    converter.register_structure_hook(bytes, _bytes_in)
    converter.register_unstructure_hook(Path, str)
    converter.register_structure_hook(Path, lambda value, _: Path(value))
    converter.register_unstructure_hook(Digest, str)
    converter.register_structure_hook(Digest, lambda value, _: Digest.parse(value))
    return converter


_CONVERTER: Final = _make_converter()
