"""The journal of our own tags, so that a program without our lock cannot lose them.

A running `thv` reads index.json once and writes all of it from memory at each change of its own, which drops what we
tagged and brings back what we deleted. The journal says what each tag of ours was before and is now, and what we
deleted. `reconciliation` compares it with index.json.

`.toolhive/journal` is text: a header, then a group of lines for each change of index.json, appended and flushed before
the change:

    <checksum> tag <time> <digests that the tag named before, or -> <the entry, in JSON>
    <checksum> untagged <time> <the same> <the entry as it was, in JSON>
    <checksum> deleted <time> <the same> <the tag, in JSON>
    <checksum> forgotten <time> - <the tag, in JSON>
    <checksum> end <lines> <bytes of the group> <new index.json> <old index.json> <settled or open> <right or wrong>

An unfinished group, which a killed writer leaves, does not count. If index.json is still the old one of the last group,
that group's change did not happen. A journal that is missing, damaged or of a newer version counts as
empty; groups after the damage count again. It may be deleted at any time.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from toolhive_artifact import Digest, InvalidDigestError
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreError
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import Identity
from toolhive_plugins_store.layout import MAX_INDEX_SIZE, Layout, read_plain_file

HEADER: Final = b"toolhive-plugins journal 1 "
HEADER_SIZE: Final = len(HEADER) + 11
_TAIL_SIZE: Final = 1024
"""Size in bytes that holds the last line, at least."""

SETTLED: Final = "settled"
OPEN: Final = "open"
RIGHT: Final = "right"
WRONG: Final = "wrong"

MOST_PAST: Final = 8
"""How many digests that a tag named before are kept, the latest ones."""


class Action(StrEnum):
    """What happened to a tag of ours."""

    TAG = "tag"
    """It was given to a build."""

    UNTAGGED = "untagged"
    """It was deleted, and the build is kept without a tag."""

    DELETED = "deleted"
    """It was deleted."""

    FORGOTTEN = "forgotten"
    """Another program has the last word; what we knew about the tag no longer counts."""


class Note(NamedTuple):
    """What the journal says about a tag."""

    action: Action
    tag: str

    past: tuple[Digest, ...] = ()
    """The digests that it named before, the latest last."""

    entry: IndexEntry | None = None
    """Its entry in index.json or, if it is UNTAGGED, its last one; None otherwise."""

    time: int = 0
    """When, in nanoseconds since the epoch."""


class Left(NamedTuple):
    """How we left index.json the last time."""

    published: Identity | None
    """Which file it is."""

    replaced: Identity | None
    """Which file it replaced; that one is `index.spare` now."""

    settled: bool
    """Whether all tags in it were as we left them. If not, the notes say more about it."""

    replaced_was_right: bool
    """Whether the replaced file needed no correction."""

    group: int
    """Size in bytes of the group of lines that says so."""


class Journal:
    """Reads the journal of one store; `journal_writer` writes it."""

    def __init__(self, layout: Layout) -> None:
        self.path = layout.journal

    def left(self) -> Left | None:
        """Return how we left index.json, by the last line alone; None if the journal does not say."""
        return self.ends()[1]

    def notes(self, *, without: Left | None = None) -> dict[str, Note]:
        """Return what is known about each tag; empty if the journal is missing, damaged or of a newer version.

        Args:
            without: what the last group says, if that group does not count.
        """
        try:
            data = read_plain_file(self.path, MAX_INDEX_SIZE) or b""
        except StoreError:
            return {}
        if without is not None and _parse_end(data) == without:
            data = data[: -without.group]
        return _replay(data)

    def ends(self) -> tuple[int, Left | None]:
        """Read the first and the last line; return the size in bytes that the first one tells, and what the last one tells."""
        try:
            file = os.open(self.path, _fs.READ_ONLY)
        except OSError:
            return 0, None
        try:
            base = _header_base(os.read(file, HEADER_SIZE))
            size = os.fstat(file).st_size
            os.lseek(file, max(0, size - _TAIL_SIZE), os.SEEK_SET)
            left = _parse_end(os.read(file, _TAIL_SIZE))
        except OSError:
            return 0, None
        finally:
            os.close(file)
        if base is None or left is None or left.group >= size:
            return 0, None
        return base, left


def line_checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()


def _unsealed(line: bytes) -> bytes | None:
    """Return the text of a line; None if it is damaged."""
    checksum, _, text = line.partition(b" ")
    return text if checksum == line_checksum(text) else None


def _header_base(line: bytes) -> int | None:
    """Return the size in bytes that the journal had when it was written as a whole; None if it is not one of ours."""
    number = line[len(HEADER) : HEADER_SIZE - 1]
    return int(number) if line.startswith(HEADER) and line.endswith(b"\n") and number.isdigit() else None


def _parse_end(data: bytes) -> Left | None:
    """Return what the last line of a journal says; None if it is not the end of a group."""
    if not data.endswith(b"\n"):
        return None
    fields = (_unsealed(data[:-1].rpartition(b"\n")[2]) or b"").split(b" ")
    if len(fields) != 7 or fields[0] != b"end":
        return None
    try:
        return Left(
            published=_identity(fields[3]),
            replaced=_identity(fields[4]),
            settled=fields[5] == SETTLED.encode(),
            replaced_was_right=fields[6] == RIGHT.encode(),
            group=int(fields[2]),
        )
    except ValueError:
        return None


def _identity(text: bytes) -> Identity | None:
    if text == b"-":
        return None
    inode, size, modified = map(int, text.split(b"/"))
    return inode, size, modified


def _replay(data: bytes) -> dict[str, Note]:
    """Return what a journal's groups add up to."""
    header, _, rest = data.partition(b"\n")
    if _header_base(header + b"\n") is None:
        return {}
    notes: dict[str, Note] = {}
    group: list[Note] = []
    *lines, _ = rest.split(b"\n")  # what follows the last newline is unfinished
    for line in lines:
        text = _unsealed(line)
        if text is None:
            notes.clear()
            group = []
        elif text.startswith(b"end "):
            if text.split(b" ", 2)[1] == b"%d" % len(group):
                _apply(group, notes)
            group = []
        else:
            group += _read_note(text)
    return notes


def _apply(group: list[Note], notes: dict[str, Note]) -> None:
    for note in group:
        old = notes.pop(note.tag, None)
        if note.action is not Action.FORGOTTEN:
            past = (*(old.past if old is not None else ()), *note.past)
            notes[note.tag] = note._replace(past=tuple(dict.fromkeys(reversed(past)))[:MOST_PAST][::-1])


def _read_note(text: bytes) -> Iterator[Note]:
    try:
        action, when, past, rest = text.split(b" ", 3)
        digests = tuple(Digest(digest) for digest in past.decode().split(",") if digest != "-")
        kind = Action(action.decode())
        if kind in (Action.TAG, Action.UNTAGGED):
            entry = IndexEntry.parse(rest)
            if entry.tag and entry.digest is not None:
                yield Note(kind, entry.tag, digests, entry, int(when))
        else:
            tag = json.loads(rest)
            if isinstance(tag, str):
                yield Note(kind, tag, digests, None, int(when))
    except (ValueError, RecursionError, InvalidDigestError):
        return  # sealed by us and yet not understood: the count of its group is wrong, and the group does not count
