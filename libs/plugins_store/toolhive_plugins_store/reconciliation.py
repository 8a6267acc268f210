"""Compares index.json with the journal, and says what to change in it so that nobody's tag is lost.

For each tag of ours, by what index.json has under it:

- What we left: nothing to do.
- Nothing: another program dropped it. It comes back if its documents and blobs are all there. If its content is gone,
  another program removed the build; that is reported once, then forgotten. (If the other program only removed the tag, that
  looks the same as a lost one: it comes back, and deleting it with this library ends it.)
- What it was before: another program wrote what it had read long ago. It becomes ours again.
- Something else: another program tagged it. The tag is the other program's, and our build is kept by its digest.

A tag that we deleted is dropped again if it comes back as it was, unless its content was stored anew since. A build
whose tag we deleted, but not the build, stays listed without a tag. Entries without a tag whose document is gone, which
a program lists that does not know that we deleted it, are dropped.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from toolhive_artifact import Digest
from toolhive_plugins_store.errors import StoreError, StoreNotFoundError
from toolhive_plugins_store.index_entry import IndexEntry, Tag
from toolhive_plugins_store.index_file import IndexFile
from toolhive_plugins_store.journal import Action, Note
from toolhive_plugins_store.layout import Layout, look

if TYPE_CHECKING:
    from toolhive_plugins_store.graph import Graph


class Reconciled(NamedTuple):
    """What is to be changed in an index.json, and what is to be said about it."""

    changed: dict[int, IndexEntry | None]
    """Entries to replace, by their keys, or to drop (None)."""

    added: list[IndexEntry]
    """Entries to add."""

    displaced: list[Tag]
    """Builds of ours whose tags are another program's now."""

    lost: list[Tag]
    """Builds of ours whose content another program removed."""

    undecided: list[str]
    """Tags that cannot be judged, since documents are damaged."""

    forgotten: list[str]
    """Tags that the journal has nothing more to say about."""


def reconcile(file: IndexFile, notes: Mapping[str, Note], layout: Layout, graph: "Graph") -> Reconciled:
    """Compare an index.json with the journal's notes."""
    return _Comparison(file, notes, layout, graph).result


class _Comparison:
    def __init__(self, file: IndexFile, notes: Mapping[str, Note], layout: Layout, graph: "Graph") -> None:
        self._file = file
        self._notes = notes
        self._layout = layout
        self._graph = graph
        self._kept: list[IndexEntry] = []
        self.result = Reconciled({}, [], [], [], [], [])
        for note in notes.values():
            found = file.find(note.tag)
            digest = found.digest if found is not None else None
            if note.entry is None or note.action is Action.UNTAGGED:
                self._compare_deleted(note, found, digest)
            elif digest != note.entry.digest:
                self._compare(note, note.entry, found, digest)
        self._drop_what_is_missing()
        for entry in self._kept:  # even if it has another tag here: deleting that one must not take this one along
            self._keep(entry, beside_tags=True)

    def _compare(self, note: Note, ours: IndexEntry, found: IndexEntry | None, digest: Digest | None) -> None:
        is_whole = self._is_whole(ours.digest)
        if is_whole is None:
            self.result.undecided.append(note.tag)
            return
        tag = Tag(note.tag, ours.digest, ours.local_build) if ours.digest is not None else None
        if not is_whole and tag is not None:
            if found is None or digest in note.past:
                self.result.lost.append(tag)
            self.result.forgotten.append(note.tag)
        elif found is None:
            self._bring_back(ours)
        elif digest in note.past:
            self._replace(note.tag, ours)
        elif tag is not None:
            self.result.displaced.append(tag)
            self._kept.append(ours.with_tag("", local_build=ours.local_build))

    def _compare_deleted(self, note: Note, found: IndexEntry | None, digest: Digest | None) -> None:
        kept = note.entry.with_tag("", local_build=note.entry.local_build) if note.entry is not None else None
        if found is None:
            if kept is not None and self._is_whole(kept.digest):
                self._keep(kept)
            return
        if digest is None or digest not in note.past or self._was_stored_since(digest, note.time):
            self.result.forgotten.append(note.tag)
            return
        self._replace(note.tag, None)
        if kept is not None and kept.digest == digest and self._is_whole(digest):
            self._keep(kept)

    def _is_whole(self, digest: Digest | None) -> bool | None:
        """Return whether all that a build reaches is in the store; None if that cannot be told."""
        try:
            return digest is not None and bool(self._graph.complete(digest))
        except StoreNotFoundError:
            return False
        except StoreError:
            return None

    def _was_stored_since(self, digest: Digest, time: int) -> bool:
        """Return whether another program stored a document again after we deleted it: a pull by `thv`, for example."""
        found = look(self._layout.blob(digest))
        if found is None or found.st_mtime_ns <= time:
            return False
        tagged = (note for note in self._notes.values() if note.action is Action.TAG and note.time >= time)
        return not any(
            note.entry is not None and note.entry.digest == digest for note in tagged
        )  # we did it ourselves, for another tag

    def _bring_back(self, entry: IndexEntry) -> None:
        key = self._file.untagged(str(entry.digest))
        if key is None or key in self.result.changed:
            self.result.added.append(entry)
        else:
            self.result.changed[key] = entry

    def _replace(self, tag: str, entry: IndexEntry | None) -> None:
        self.result.changed.update(dict.fromkeys(self._file.doubles(tag)))
        self.result.changed[self._file.by_tag[tag]] = entry

    def _keep(self, entry: IndexEntry, *, beside_tags: bool = False) -> None:
        """Keep a build by its digest: add its entry, which has no tag, unless it is listed (without a tag, if `beside_tags`)."""
        is_listed = any(
            other.digest == entry.digest and key not in self.result.changed and not (other.tag and beside_tags)
            for key, other in self._file.entries.items()
        )
        is_added = any(other.digest == entry.digest and not (other.tag and beside_tags) for other in self.result.added)
        if not is_listed and not is_added:
            self.result.added.append(entry)

    def _drop_what_is_missing(self) -> None:
        """Drop untagged entries without a document: what another program still lists of builds that were deleted."""
        for key, entry in self._file.entries.items():
            if not entry.tag and entry.digest is not None and look(self._layout.blob(entry.digest)) is None:
                self.result.changed[key] = None
