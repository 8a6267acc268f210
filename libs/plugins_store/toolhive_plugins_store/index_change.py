"""A change of index.json, and what it does to tags."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from toolhive_artifact import Digest
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import Changes, Edit, IndexFile
from toolhive_plugins_store.journal import Action, Note

if TYPE_CHECKING:
    from toolhive_plugins_store.reconciliation import Reconciled

Plan = tuple[Changes, Iterable[IndexEntry]]
"""Entries to replace or to drop, and entries to add."""


class Change(NamedTuple):
    """A change of index.json, computed but not made."""

    found: IndexFile
    """What is on the disk."""

    file: IndexFile
    """What should be there by the journal; the same as a rule."""

    edit: Edit
    """What is to be changed in it."""

    reconciled: "Reconciled | None"
    """What the journal has to say, if index.json is not as we left it."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to write to index.json."""
        return bool(self.edit) or self.file is not self.found

    @property
    def is_settled(self) -> bool:
        """Whether all tags are as we leave them."""
        return self.reconciled is None or not (self.reconciled.displaced or self.reconciled.undecided)

    @property
    def forgotten(self) -> list[Note]:
        """What no longer counts."""
        tags = self.reconciled.forgotten if self.reconciled is not None else ()
        return [Note(Action.FORGOTTEN, tag, time=time.time_ns()) for tag in tags]

    def notes(self, known: Callable[[], Mapping[str, Note]]) -> list[Note]:
        """Return all that the journal needs to know; `known` gives what it says so far."""
        notes = notes_of(self.file, self.edit)
        gone = _gone(self.file, self.edit)
        ended = _ended(known(), gone, {note.tag for note in notes}) if gone else ()
        return [*self.forgotten, *notes, *ended]


def notes_of(file: IndexFile, edit: Edit) -> list[Note]:
    """Return what an edit does to tags."""
    now = time.time_ns()
    before = {file.entries[key].tag for key in edit.changed}
    after: dict[str, IndexEntry] = {}
    for entry in (*edit.changed.values(), *edit.added):
        if entry is not None and entry.tag:
            after[entry.tag] = entry
    notes: list[Note] = []
    for tag in sorted((before | after.keys()) - {""}):
        old, new = file.find(tag), after.get(tag)
        past = (old.digest,) if old is not None and old.digest is not None else ()
        if new is not None and new.digest is not None:
            notes.append(Note(Action.TAG, tag, past if past != (new.digest,) else (), new, now))
        elif new is None and file.by_tag[tag] in edit.changed:
            is_kept = edit.changed[file.by_tag[tag]] is not None
            action = Action.UNTAGGED if is_kept else Action.DELETED
            notes.append(Note(action, tag, past, old if is_kept else None, now))
    return notes


def _gone(file: IndexFile, edit: Edit) -> set[Digest]:
    """Return the digests that an edit leaves no entry for."""
    before = {file.entries[key].digest for key in edit.changed}
    kept = (edit.changed.get(key, entry) for key, entry in file.entries.items()) if before else ()
    after = {entry.digest for entry in (*kept, *edit.added) if entry is not None}
    return {digest for digest in before - after if digest is not None}


def _ended(known: Mapping[str, Note], gone: set[Digest], noted: set[str]) -> Iterator[Note]:
    """Say of deleted tags whose builds were kept that now the builds are deleted, too, so that nothing keeps their blobs."""
    now = time.time_ns()
    for note in known.values():
        is_kept = note.action is Action.UNTAGGED and note.entry is not None and note.entry.digest in gone
        if is_kept and note.tag not in noted:
            yield Note(Action.DELETED, note.tag, time=now)
