"""Removes blobs: those of a deleted build, and those that nothing reaches."""

import stat
import time
from collections.abc import Iterable

from attrs import frozen

from toolhive_artifact import Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CorruptStoreError, Hint
from toolhive_plugins_store.index_change import Plan
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import IndexFile
from toolhive_plugins_store.layout import blob_names, look
from toolhive_plugins_store.sessions import clear, survey
from toolhive_plugins_store.workspace import Workspace

_CLAIM_LIFE = 24 * 3600.0
"""Seconds after which a living process's claim on a blob that no tag reaches expires."""


@frozen
class GcReport:
    """What `Store.gc` removed."""

    blobs: tuple[Digest, ...] = ()
    """The blobs, sorted."""

    size: int = 0
    """Total size in bytes of the blobs."""

    files: int = 0
    """How many unfinished files of dead processes."""


def collect_garbage(work: Workspace, grace: float) -> GcReport:
    """Remove what nothing needs. The caller holds the store's lock.

    Raises:
        CorruptStoreError: a build is damaged, so what it reaches is unknown; nothing was removed.
    """
    work.keeper.change(lambda _: ({}, ()))  # what the journal corrects
    reached = _reached_by_all(work)
    own = work.open_session
    others = survey(work.layout, own)
    spared = set(others.claimed)
    if own is not None:
        own.forget(grace)
        spared |= own.claimed()
    now = time.time()
    removed: list[Digest] = []
    size = 0
    for digest in blob_names(work.layout):
        if digest in reached:
            continue
        found = look(work.layout.blob(digest))
        if found is None or not stat.S_ISREG(found.st_mode):
            continue
        age = now - found.st_mtime
        if digest in spared and age < _CLAIM_LIFE:
            continue
        if age >= grace or others.left_behind.get(digest) == found.st_mtime_ns:
            _fs.remove(work.layout.blob(digest))
            removed.append(digest)
            size += found.st_size
    files = clear(work.layout, others.dead)
    files += sum(_fs.remove(path) for path in work.layout.unfinished if look(path) is not None)
    return GcReport(tuple(removed), size, files)


def delete_tag(work: Workspace, tag: str) -> None:
    """Drop a tag, and keep its build listed without one. The caller holds the store's lock."""

    def plan(file: IndexFile) -> Plan:
        changed: dict[int, IndexEntry | None] = dict.fromkeys(file.doubles(tag))
        key = file.by_tag.get(tag)
        if key is None:
            return changed, ()
        entry = file.entries[key]
        is_listed = any(other.digest == entry.digest for at, other in file.entries.items() if at != key)
        changed[key] = None if is_listed else entry.with_tag("", local_build=entry.local_build)
        return changed, ()

    work.keeper.change(plan)


def delete_build(work: Workspace, name: str) -> bool:
    """Drop the entry of a tag, or of a digest without a tag, and the blobs that nothing else reaches.

    The caller holds the store's lock. Returns whether there was such an entry.

    All other entries are roots, except untagged ones that the build itself reaches: oras-go lists every manifest.

    Raises:
        CorruptStoreError: another build is damaged, so what it reaches is unknown; nothing was removed.
    """
    file = work.keeper.load()
    key = file.key_of(name)
    if key is None:
        return False
    digest = file.entries[key].digest
    rest = [entry for other, entry in file.entries.items() if other != key]
    doomed: set[Digest] = set()
    if digest is not None and all(entry.digest != digest for entry in rest):
        candidates = _reach_of_doomed(work, digest)
        roots = [entry for entry in rest if entry.tag or entry.digest not in candidates]
        doomed = candidates - work.graph.reach(_digests(roots), missing=[])
    others = survey(work.layout, work.open_session)
    own = work.open_session
    claimed = others.claimed | (own.claimed() if own is not None else set())

    def plan(file: IndexFile) -> Plan:
        key = file.key_of(name)
        if key is None:
            return {}, ()
        listed = [other for other, entry in file.entries.items() if not entry.tag and entry.digest in doomed]
        changed: dict[int, IndexEntry | None] = dict.fromkeys([*file.doubles(name), key, *listed])
        return changed, ()

    work.keeper.change(plan)
    for digest in sorted(doomed - claimed):
        found = look(work.layout.blob(digest))
        if found is not None and stat.S_ISREG(found.st_mode):
            _fs.remove(work.layout.blob(digest))
    return True


def _reached_by_all(work: Workspace) -> set[Digest]:
    """Return what all entries reach. An untagged one whose document is missing, such as `thv` leaves, reaches nothing."""
    entries = list(work.keeper.load().entries.values())
    entries = [*entries, *(entry.with_tag("", local_build=False) for entry in work.keeper.restored())]
    excused = {entry.digest for entry in entries if not entry.tag} - {entry.digest for entry in entries if entry.tag}
    missing: list[Digest] = []
    reached = work.graph.reach(_digests(entries), missing)
    for digest in missing:
        if digest not in excused:
            raise CorruptStoreError(
                "a build needs this document, which is missing, so what else the build needs is unknown",
                where=work.layout.blob(digest),
                hint=Hint.REPAIR_STORE,
            )
    return reached


def _reach_of_doomed(work: Workspace, digest: Digest) -> set[Digest]:
    """Return what a build to be deleted reaches. What it may reach through damaged documents is left to `repair`."""
    try:
        return work.graph.reach([digest], missing=[])
    except CorruptStoreError:
        return {digest}


def _digests(entries: Iterable[IndexEntry]) -> list[Digest]:
    return [entry.digest for entry in entries if entry.digest is not None]
