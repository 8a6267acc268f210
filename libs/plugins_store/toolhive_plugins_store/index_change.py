"""A change of index.json, and what it does to tags."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

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

    def notes(self) -> list[Note]:
        """Return all that the journal needs to know."""
        return [*self.forgotten, *notes_of(self.file, self.edit)]


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
