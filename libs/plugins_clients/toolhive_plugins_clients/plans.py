"""What installing or removing a plugin changes on disk, as a value: an adapter plans, whoever executes the plan writes.

To execute a plan of an installation: put the plugin's tree at `Plan.folder` as a whole (staged beside it, under a name that begins with a
dot), then write each `FileEdit` in order. To execute a removal: the edits first, in order, then take `Plan.folder` away. Folders that are
missing on the way are made; whoever makes them remembers them, and removes them again once they are empty.

A `FileEdit` holds only while the file is as it was when the plan was made: if the bytes on disk are not `before`, plan again. What is kept
between an installation and its removal is one `FileRecord` a file (not one an installation, for two may edit the same file): `followed`
gives the next record from the last one and an edit. It is what lets the last removal give back the very bytes that the first installation
found.
"""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_plugins import Digest

MAX_KEPT: Final = 256 * 1024
"""How large a file's original may be to be kept in a record, in bytes. Of a larger one only our entries are cut out."""

NEW_FILE: Final = 0o644
PRIVATE_FILE: Final = 0o600


@frozen
class FileEdit:
    """One file of a client's, or of the user's, before and after."""

    path: Path
    """The file itself: the last target, where links lead to it. No part of it below the home or project is a link."""

    before: bytes | None = field(repr=False)
    """What it held when the plan was made; None where there was no file."""

    after: bytes | None = field(repr=False)
    """What it is to hold; None where the file goes."""

    mode: int = NEW_FILE
    """Its permission bits: those that it has, or those of a new file."""


@frozen
class FileRecord:
    """What is remembered of a file that we edited, from the first edit to the last."""

    path: Path
    """As in the edits."""

    created: bool
    """Whether there was no file before our first edit."""

    original: bytes | None = field(default=None, repr=False)
    """What it held before; None where there was none, or where it was too large to keep."""

    left: str = ""
    """The digest (`sha256:…`) of what we last left it as."""


def followed(record: FileRecord | None, edit: FileEdit) -> FileRecord | None:
    """Return the record of a file after an edit; None once there is nothing left to remember.

    Args:
        record: the last one, if any.
        edit: what was done to the file.
    """
    if edit.after is None:
        return None
    created = edit.before is None if record is None else record.created
    left = str(Digest.of(edit.after))
    if record is not None and edit.before is not None and record.left == str(Digest.of(edit.before)):
        if record.original == edit.after:
            return None
        return FileRecord(edit.path, created, record.original, left)
    kept = edit.before if edit.before is not None and len(edit.before) <= MAX_KEPT else None
    return FileRecord(edit.path, created, kept, left)


class OwedKind(StrEnum):
    """What the user still has to do."""

    COMMAND = "command"
    """Run a command."""

    TRUST = "trust"
    """Say in the client that they trust something."""

    RESTART = "restart"
    """Begin a new session."""


@frozen
class Owed:
    """One thing that only the user can do, and that we never do for them."""

    kind: OwedKind
    text: str
    """What to do and why, as a sentence without its full stop."""

    command: tuple[str, ...] = ()
    """The arguments of the command, for that kind."""

    @property
    def line(self) -> str:
        """The command, quoted for a shell; empty for the other kinds."""
        return shlex.join(self.command)


@frozen(kw_only=True)
class Plan:
    """What installing or removing one plugin in one client changes."""

    folder: Path | None = None
    """Where the plugin's tree goes, or is taken from; it may or may not be there."""

    edits: tuple[FileEdit, ...] = ()
    """In the order in which they are to be written. A file that is already as wanted is not among them."""

    owed: tuple[Owed, ...] = ()
    notes: tuple[str, ...] = ()
    """What to tell the user, each a sentence without its full stop."""
