"""Repairs a store. Nothing is deleted: what is taken out of the layout goes to the quarantine folder."""

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import evolve

from toolhive_artifact import MANIFEST_MEDIA_TYPES, Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.check import Findings, Problem, inspect
from toolhive_plugins_store.errors import CorruptStoreError, StoreError
from toolhive_plugins_store.graph import Graph
from toolhive_plugins_store.index_entry import IndexEntry, decoder
from toolhive_plugins_store.index_file import IndexFile, parse_index_file
from toolhive_plugins_store.layout import EMPTY_INDEX, MAX_INDEX_SIZE, Layout, blob_names, look, read_plain_file
from toolhive_plugins_store.workspace import Workspace


def repair(work: Workspace) -> tuple[Problem, ...]:
    """Repair the store and return what was found, with what was done about each.

    Blobs that do not match their digests are moved to `.toolhive/quarantine`, and index.json is copied to it before it
    is changed. Incomplete entries are dropped; complete builds that no entry reaches because of the damage get an
    entry without a tag. If index.json cannot be read, entries are recovered from what is left of it, from the
    journal, and from the version before it.

    Raises:
        StoreIOError: the store cannot be written.
        StoreLockError: the lock was not free within the timeout.
    """
    layout = work.layout
    if not Path(layout.top).exists():
        return ()
    with work.locked_as_it_is():
        graph = Graph(layout)
        findings = inspect(layout, graph, {})
        if findings.fatal:
            return findings.problems()
        report = _Report(findings)
        for digest, problem in findings.bad.items():
            report.fixed(problem, f"It was moved to {_set_aside(layout, layout.blob(digest), digest[7:])}")
        if findings.marker is not None:
            _repair_marker(work, report, findings.marker)
        if findings.index is not None:
            _rebuild_index(work, graph, findings.index, report)
        elif findings.file is not None and (findings.entries or findings.sizes):
            _repair_entries(work, graph, findings.file, findings, report)
        return report.problems()


class _Report:
    """What was found, and what was done about each problem."""

    def __init__(self, findings: Findings) -> None:
        self._problems = findings.problems()
        self._deeds: dict[int, str] = {}

    def fixed(self, problem: Problem, deed: str) -> None:
        self._deeds[id(problem)] = deed

    def problems(self) -> tuple[Problem, ...]:
        return tuple(
            evolve(problem, remedy=self._deeds[id(problem)], mended=True) if id(problem) in self._deeds else problem
            for problem in self._problems
        )


def _repair_marker(work: Workspace, report: _Report, problem: Problem) -> None:
    deed = "It was rewritten"
    if look(work.layout.marker) is not None:
        deed += f", and the damaged one moved to {_set_aside(work.layout, work.layout.marker, 'oci-layout')}"
    work.write_marker()
    report.fixed(problem, deed)


def _repair_entries(work: Workspace, graph: Graph, file: IndexFile, findings: Findings, report: _Report) -> None:
    """Drop the incomplete entries, and correct wrong sizes."""
    kept: list[IndexEntry] = []
    lost: list[IndexEntry] = []
    for key, entry in file.entries.items():
        if key in findings.entries:
            lost.append(entry)
        elif key in findings.sizes:
            kept.append(entry.with_size(findings.sizes[key][1]))
        else:
            kept.append(entry)
    orphans = graph.reach(_digests(lost), missing=[])
    restored = _restore(graph, orphans, kept)
    copy = _keep_copy(work.layout)
    work.keeper.replace(_text(file, [*kept, *restored]), dropped=[entry.tag for entry in lost if entry.tag])
    for problems in findings.entries.values():
        for problem in problems:
            report.fixed(problem, f"The entry was dropped; index.json as it was is {copy}")
    for problem, size in findings.sizes.values():
        report.fixed(problem, f"Its size is {size} now; index.json as it was is {copy}")


def _rebuild_index(work: Workspace, graph: Graph, problem: Problem, report: _Report) -> None:
    """Write a new index.json from what is left of the old one, the journal, the one before it, and the blobs."""
    layout = work.layout
    kept: dict[tuple[str, Digest | None], IndexEntry] = {}
    tags: set[str] = set()
    for entries in (_salvage(layout.index), reversed(work.keeper.restored()), _salvage(layout.index_spare)):
        for entry in entries:
            if _is_whole(graph, entry.digest) and not (entry.tag and entry.tag in tags):
                tags.add(entry.tag)
                kept[entry.tag, entry.digest] = entry
    restored = _restore(graph, set(blob_names(layout)), kept.values())
    deed = (
        f"It was rebuilt from {len(kept)} entries that could be read and {len(restored)} builds found among the blobs"
    )
    if look(layout.index) is not None:
        deed += f"; the damaged one is {_keep_copy(layout)}"
    empty = parse_index_file(EMPTY_INDEX, layout.index)
    work.keeper.replace(_text(empty, [*kept.values(), *restored]), dropped=())
    report.fixed(problem, deed)


def _salvage(path: str) -> Iterator[IndexEntry]:
    """Yield all that can be read as an entry from the text of an index.json, however damaged, the last first."""
    try:
        data = read_plain_file(path, MAX_INDEX_SIZE)
    except StoreError:
        return
    text = (data or b"").decode("utf-8", "surrogateescape")
    found: list[IndexEntry] = []
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value, end = None, at + 1
        entry = IndexEntry.read(text[at:end].encode("utf-8", "surrogateescape"), value)
        if entry.digest is not None and isinstance(entry.field("mediaType"), str) and entry.size is not None:
            found.append(entry)
        else:
            end = at + 1
        at = text.find("{", end)
    yield from reversed(found)


def _restore(graph: Graph, orphans: Iterable[Digest], kept: Iterable[IndexEntry]) -> list[IndexEntry]:
    """Return untagged entries for the complete builds among the orphans that nothing else reaches."""
    reached = graph.reach(_digests(kept), missing=[])
    builds = {
        digest
        for digest in set(orphans) - reached
        if _media_type(graph, digest) in MANIFEST_MEDIA_TYPES and _is_whole(graph, digest)
    }
    for digest in sorted(builds):
        builds -= graph.reach(graph.links(digest).documents)
    return [IndexEntry.of(graph.links(digest).descriptor, "", local_build=False) for digest in sorted(builds)]


def _media_type(graph: Graph, digest: Digest) -> str:
    try:
        return graph.links(digest).descriptor.media_type
    except StoreError:
        return ""


def _is_whole(graph: Graph, digest: Digest | None) -> bool:
    try:
        return digest is not None and bool(graph.complete(digest))
    except StoreError:
        return False


def _text(around: IndexFile, entries: Iterable[IndexEntry]) -> bytes:
    return around.head + b",".join(entry.raw for entry in entries) + around.tail


def _digests(entries: Iterable[IndexEntry]) -> list[Digest]:
    return [entry.digest for entry in entries if entry.digest is not None]


def _set_aside(layout: Layout, path: str, name: str) -> str:
    """Move something into the quarantine folder; return its new path."""
    target = _free_name(layout, name)
    _fs.rename(path, target)
    return target


def _keep_copy(layout: Layout) -> str:
    """Copy index.json to the quarantine folder; return the path."""
    try:
        data = read_plain_file(layout.index, MAX_INDEX_SIZE)
    except CorruptStoreError:
        data = None
    if data is None:  # not a file, or too large to be an index
        return _set_aside(layout, layout.index, "index.json")
    target = _free_name(layout, "index.json")
    file = _fs.create(target)
    try:
        _fs.write(file, data, target)
        _fs.sync(file, target)
    finally:
        os.close(file)
    return target


def _free_name(layout: Layout, name: str) -> str:
    _fs.make_folder(layout.quarantine)
    numbered = (f"{name}.{number}" for number in itertools.count(2))
    paths = (str(Path(layout.quarantine, candidate)) for candidate in itertools.chain([name], numbered))
    return next(path for path in paths if look(path) is None)
