"""Keeps one process's view of index.json, and changes it.

Reading costs three calls of `stat` if nothing changed. What readers see is index.json as the journal corrects it, in
memory: they take no lock and write nothing. Whoever changes index.json writes the corrections first.
"""

import contextlib
import time
from _thread import allocate_lock  # what threading.Lock is; a list loads two modules fewer
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from toolhive_plugins_store.errors import CorruptStoreError, Hint, StoreError, StoreIOError
from toolhive_plugins_store.index_file import Edit, Identity, IndexFile, parse_index_file
from toolhive_plugins_store.index_reader import identity, read_index
from toolhive_plugins_store.journal import Action, Journal, Left, Note
from toolhive_plugins_store.layout import EMPTY_INDEX, Layout, check_marker, has_blobs, look

if TYPE_CHECKING:
    from toolhive_plugins_store.graph import Graph
    from toolhive_plugins_store.index_change import Change, Plan
    from toolhive_plugins_store.index_entry import IndexEntry
    from toolhive_plugins_store.index_writer import IndexWriter, Prepared
    from toolhive_plugins_store.journal_writer import JournalWriter
    from toolhive_plugins_store.notices import Notify
    from toolhive_plugins_store.reconciliation import Reconciled

_ATTEMPTS: Final = 10
"""How often a change is computed again because index.json changed meanwhile."""

_CORRECTIONS: Final = 3
"""How often index.json is corrected because another program writes it meanwhile."""

_State = tuple[Identity | None, ...]


class IndexKeeper:
    """Reads and changes the index.json of one store. To change it, the caller holds the store's lock."""

    def __init__(self, layout: Layout, notify: "Notify | None" = None) -> None:
        self._layout = layout
        self._notify = notify
        self._journal = Journal(layout)
        self._mutex = allocate_lock()
        self._known: IndexFile | None = None
        self._view: tuple[_State, IndexFile] | None = None
        self._is_settled = True

    @cached_property
    def graph(self) -> "Graph":
        """Follows the documents of the store. It is made on first use, so that listing builds imports little."""
        from toolhive_plugins_store.graph import Graph

        return Graph(self._layout)

    @cached_property
    def _writer(self) -> "IndexWriter":
        from toolhive_plugins_store.index_writer import IndexWriter

        return IndexWriter(self._layout)

    @cached_property
    def _journal_writer(self) -> "JournalWriter":
        from toolhive_plugins_store.journal_writer import JournalWriter

        return JournalWriter(self._layout)

    # --- reading ---

    @contextlib.contextmanager
    def reading(self) -> Iterator[IndexFile]:
        """Give the index as `load` does; no thread changes it while the context lasts. For callers without the lock."""
        with self._mutex:
            yield self._load()

    def load(self) -> IndexFile:
        """Return the index as the journal corrects it; a missing one is empty.

        Raises:
            CorruptStoreError: index.json, or the `oci-layout` beside it, is damaged, or is missing although there are
                blobs.
        """
        with self._mutex:
            return self._load()

    def _load(self) -> IndexFile:
        for last in (False, False, True):
            state = self._state()
            if self._view is not None and self._view[0] == state and state[0] is not None:
                return self._view[1]
            found = self._read()
            if last or found.identity == self._state()[0]:
                break
        view, _ = self._corrected(found)
        self._view = (state, view)
        return view

    def _state(self) -> _State:
        """Return what tells whether anything changed that the view depends on."""
        return tuple(map(_identity_of, (self._layout.index, self._layout.journal, self._layout.index_spare)))

    def _read(self) -> IndexFile:
        """Return index.json as it is on the disk."""
        found = look(self._layout.index)
        if found is not None and self._known is not None and self._known.identity == identity(found):
            return self._known
        self._known = None
        self._writer_forgets()
        check_marker(self._layout)
        self._known = read_index(self._layout.index)
        if self._known is not None:
            return self._known
        if has_blobs(self._layout):
            raise CorruptStoreError(
                "it is missing, and there are blobs", where=self._layout.index, hint=Hint.REPAIR_STORE
            )
        return parse_index_file(EMPTY_INDEX, self._layout.index)

    def _corrected(self, found: IndexFile, foreign: IndexFile | None = None) -> "tuple[IndexFile, Reconciled | None]":
        """Return what index.json should be by the journal, usually as it was found, and what the journal has to say.

        Args:
            found: index.json as it is on the disk.
            foreign: what a program without our lock wrote to an index.json that we replaced at the same moment.
        """
        base = found
        left = self._journal.left()
        undone = left if left is not None and None is not left.replaced == found.identity else None
        if left is None and _identity_of(self._layout.journal) is None:
            reconciled = None
        elif undone is not None and undone.replaced_was_right:
            reconciled = None  # the last change did not happen, or has yet to
        else:
            if left is not None and left.published == found.identity:
                base = foreign or self._written_to_spare(left.replaced) or found
            if base is found and left is not None and left.published == found.identity and left.settled:
                reconciled = None
            else:
                reconciled = self._reconcile(base, undone)
        if reconciled is None:
            found.displaced = ()
            return found, None
        edit = Edit(base, reconciled.changed, reconciled.added)
        if edit or base is not found:
            base = parse_index_file(edit.text_from(0), self._layout.index)
            base.canonical = False  # so that all of it is written, not what differs from the file on the disk
        base.displaced = tuple(reconciled.displaced)
        return base, reconciled

    def _reconcile(self, file: IndexFile, undone: Left | None) -> "Reconciled":
        from toolhive_plugins_store.reconciliation import reconcile

        return reconcile(file, self._journal.notes(without=undone), self._layout, self.graph)

    def _written_to_spare(self, replaced: Identity | None) -> IndexFile | None:
        found = _identity_of(self._layout.index_spare)
        if found is None or replaced is None or found[0] != replaced[0] or found == replaced:
            return None
        from toolhive_plugins_store.index_writer import spare_written_since

        return spare_written_since(self._layout, replaced)

    # --- writing ---

    def change(
        self, plan: "Callable[[IndexFile], Plan]", *, before_publish: Callable[[], object] | None = None
    ) -> None:
        """Change the index durably, as `plan` says for the index as the journal corrects it.

        A program that takes no lock may write between our reading and our renaming. So index.json is looked at again
        right before the rename, and the change is computed again if it was written. What is written during the rename
        is found afterwards, and the journal corrects that.

        Args:
            plan: called, once or more, with the index; returns its entries to replace or to drop, and those to add.
            before_publish: called once, after the new text is on the disk and before it becomes index.json.
        """
        for last in (*[False] * (_ATTEMPTS - 1), True):
            change = self._computed(plan)
            prepared = self._writer.prepare(change.edit) if change.is_needed else None
            if before_publish is not None:
                before_publish()
                before_publish = None
            if prepared is None:
                self._writer.settle(unflushed=True)  # who wrote index.json may have been killed before flushing it
                self._forget(change)
                return
            if last or _identity_of(self._layout.index) == change.found.identity:
                self._correct(self._publish(change, prepared))
                return

    def _computed(self, plan: "Callable[[IndexFile], Plan]", foreign: IndexFile | None = None) -> "Change":
        from toolhive_plugins_store.index_change import Change

        with self._mutex:
            found = self._read()
        left = self._journal.left()
        if left is not None and None is not left.replaced == found.identity:
            # Its writer was killed before the rename, or could not undo it itself.
            file, reconciled = self._corrected(found, foreign)
            self._journal_writer.undo()
        else:
            file, reconciled = self._corrected(found, foreign)
        return Change(found, file, Edit(file, *plan(file)), reconciled)

    def _correct(self, foreign: IndexFile | None) -> None:
        """Correct what a program without our lock wrote while we renamed."""
        for _ in range(_CORRECTIONS):
            if foreign is None:
                return
            with contextlib.suppress(StoreError):  # our change is done, and the next reader corrects the rest, too
                change = self._computed(lambda _: ({}, ()), foreign)
                if not change.is_needed:
                    return
                foreign = self._publish(change, self._writer.prepare(change.edit))

    def make_empty(self) -> None:
        """Create an index.json without entries if there is none."""
        self._writer.make_empty()

    def replace(self, text: bytes, dropped: Iterable[str]) -> None:
        """Put a new index.json in place of one that may be unreadable.

        Args:
            text: the new one.
            dropped: the tags of builds that are given up.
        """
        self._known = self._view = None
        self._writer.replace(text)
        notes = [Note(Action.FORGOTTEN, tag, time=time.time_ns()) for tag in dropped]
        self._journal_writer.append(notes, index=None, replaced=None, settled=False)

    def restored(self) -> "list[IndexEntry]":
        """Return the entries of our own builds as the journal has them, the tagged ones last."""
        notes = self._journal.notes().values()
        kept = [note.entry.with_tag("", local_build=note.entry.local_build) for note in notes if note.entry is not None]
        tagged = [note.entry for note in notes if note.entry is not None and note.action is Action.TAG]
        return [*kept, *tagged]

    def _publish(self, change: "Change", prepared: "Prepared") -> IndexFile | None:
        """Publish a new index.json; return what a program without our lock wrote to the old one at the same moment."""
        self._record(change, prepared)
        with self._mutex:
            self._known = self._view = None
        try:
            foreign = self._writer.publish(prepared, change.found.identity)
        except BaseException:
            if _identity_of(self._layout.index) != prepared.identity:
                self._journal_writer.undo()
            raise
        with self._mutex:
            change.file.apply(change.edit)
            if change.file.size == prepared.identity[1]:
                change.file.identity = prepared.identity
                self._known = change.file
        self._tell(change)
        # What it wrote to the new one since is newer than what it wrote to the old one.
        return foreign if _identity_of(self._layout.index) == prepared.identity else None

    def _record(self, change: "Change", prepared: "Prepared") -> None:
        """Write to the journal what is about to happen. A full disk does not prevent a deletion."""

        def record() -> None:
            self._journal_writer.append(
                change.notes(self._journal.notes),
                index=prepared.identity,
                replaced=change.found.identity,
                settled=change.is_settled,
                replaced_was_right=change.reconciled is None,
            )

        try:
            record()
        except StoreIOError as error:
            from toolhive_plugins_store.index_writer import is_full

            if not is_full(error):
                self._writer.discard()
                raise
            self._writer.make_room()
            try:
                record()
            except StoreIOError as error:
                if not is_full(error) or change.edit.added or any(change.edit.changed.values()):
                    self._writer.discard()
                    raise
                self._journal_writer.clear()

    def _forget(self, change: "Change") -> None:
        """Write to the journal what no longer counts, where index.json is right as it is."""
        if change.forgotten:
            self._journal_writer.append(
                change.forgotten, index=change.found.identity, replaced=None, settled=change.is_settled
            )
        self._tell(change)

    def _tell(self, change: "Change") -> None:
        if self._notify is not None and change.reconciled is not None:
            from toolhive_plugins_store.notices import Notice, NoticeKind

            for tag in change.reconciled.lost:
                self._notify(Notice(NoticeKind.REMOVED_ELSEWHERE, tag=tag.tag, digest=tag.digest))

    def _writer_forgets(self) -> None:
        """What the writer knows about the spare holds as long as index.json is what it wrote."""
        if "_writer" in self.__dict__:
            self._writer.forget_spare()


def _identity_of(path: str) -> Identity | None:
    try:
        found = look(path)
    except StoreIOError:
        return None
    return None if found is None else identity(found)
