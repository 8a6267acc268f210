"""Mends what can be mended. Nothing is deleted: what is taken out of the layout goes to the quarantine folder."""

import itertools
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import evolve

from toolhive_artifact import MANIFEST_MEDIA_TYPES, Digest, encode_json
from toolhive_plugins_store import _fs
from toolhive_plugins_store.checking import Findings, Problem, inspect
from toolhive_plugins_store.errors import CorruptStoreError, StoreError
from toolhive_plugins_store.graph import Graph
from toolhive_plugins_store.index_file import Entry, IndexFile, make_entry, new_entry, parse_index_file
from toolhive_plugins_store.layout import EMPTY_INDEX, MAX_INDEX_SIZE, Layout, blob_names, look, read_plain_file
from toolhive_plugins_store.workspace import Workspace


def repair(work: Workspace) -> tuple[Problem, ...]:
    """Mend the store and return what was found, with what was done about each.

    Blobs that are not what their names promise are moved to `.toolhive/quarantine`, and so is a copy of index.json
    before it is changed. Entries that lack something are dropped; whole builds that no entry reaches because of the
    damage get an entry without a tag. Where index.json cannot be read, its entries are picked out of what is left of
    it, and out of the version before it.

    Raises:
        StoreIOError: the store cannot be written.
        StoreLockError: the store was in use for too long.
    """
    layout = work.layout
    if not Path(layout.top).exists():
        return ()
    with work.locked_as_it_is():
        graph = Graph(layout)
        findings = inspect(layout, graph, {})
        if findings.fatal:
            return findings.problems()
        account = _Account(findings)
        for digest, problem in findings.bad.items():
            account.mended(problem, f"It was moved to {_set_aside(layout, layout.blob(digest), digest[7:])}")
        if findings.marker is not None:
            _mend_marker(work, account, findings.marker)
        if findings.index is not None:
            _rebuild_index(work, graph, findings.index, account)
        elif findings.file is not None and (findings.entries or findings.sizes):
            _mend_entries(work, graph, findings.file, findings, account)
        return account.report()


class _Account:
    """What was found, and what was done about each."""

    def __init__(self, findings: Findings) -> None:
        self._problems = findings.problems()
        self._deeds: dict[int, str] = {}

    def mended(self, problem: Problem, deed: str) -> None:
        self._deeds[id(problem)] = deed

    def report(self) -> tuple[Problem, ...]:
        return tuple(
            evolve(problem, remedy=self._deeds[id(problem)], mended=True) if id(problem) in self._deeds else problem
            for problem in self._problems
        )


def _mend_marker(work: Workspace, account: _Account, problem: Problem) -> None:
    deed = "It was written anew"
    if look(work.layout.marker) is not None:
        deed += f", and the damaged one moved to {_set_aside(work.layout, work.layout.marker, 'oci-layout')}"
    work.write_marker()
    account.mended(problem, deed)


def _mend_entries(work: Workspace, graph: Graph, file: IndexFile, findings: Findings, account: _Account) -> None:
    """Drop the entries that lack something, and set right those that state a wrong size."""
    kept: list[Entry] = []
    lost: list[Entry] = []
    for key, entry in file.entries.items():
        if key in findings.entries:
            lost.append(entry)
        elif key in findings.sizes:
            kept.append(_with_size(entry, findings.sizes[key][1]))
        else:
            kept.append(entry)
    orphans = graph.reach(_digests(lost), missing=[])
    restored = _restore(graph, orphans, kept)
    copy = _keep_copy(work.layout)
    work.keeper.replace(_text(file, [*kept, *restored]))
    for problems in findings.entries.values():
        for problem in problems:
            account.mended(problem, f"The entry was dropped; index.json as it was is {copy}")
    for problem, size in findings.sizes.values():
        account.mended(problem, f"It says {size} bytes now; index.json as it was is {copy}")


def _rebuild_index(work: Workspace, graph: Graph, problem: Problem, account: _Account) -> None:
    """Write a new index.json from what can be read of the old one, of the one before it, and of the blobs."""
    layout = work.layout
    kept: dict[tuple[str, Digest | None], Entry] = {}
    tags: set[str] = set()
    for path in (layout.index, layout.index_spare):
        for entry in _salvage(path):
            if _is_whole(graph, entry.digest) and not (entry.tag and entry.tag in tags):
                tags.add(entry.tag)
                kept[entry.tag, entry.digest] = entry
    restored = _restore(graph, set(blob_names(layout)), kept.values())
    deed = f"It was rebuilt with {len(kept)} entries that could be read, and {len(restored)} found among the blobs"
    if look(layout.index) is not None:
        deed += f"; the damaged one is {_keep_copy(layout)}"
    empty = parse_index_file(EMPTY_INDEX, layout.index)
    work.keeper.replace(_text(empty, [*kept.values(), *restored]))
    account.mended(problem, deed)


def _salvage(path: str) -> Iterator[Entry]:
    """Yield all that reads as an entry in the text of an index.json, however damaged the rest is; the last first."""
    try:
        data = read_plain_file(path, MAX_INDEX_SIZE)
    except StoreError:
        return
    text = (data or b"").decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder()
    found: list[Entry] = []
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value, end = None, at + 1
        if isinstance(value, dict) and isinstance(value.get("mediaType"), str) and isinstance(value.get("size"), int):
            found.append(make_entry(text[at:end].encode("utf-8", "surrogateescape"), value))
        else:
            end = at + 1
        at = text.find("{", end)
    yield from (entry for entry in reversed(found) if entry.digest is not None)


def _restore(graph: Graph, orphans: Iterable[Digest], kept: Iterable[Entry]) -> list[Entry]:
    """Return untagged entries for the whole builds among the orphans that nothing else reaches."""
    reached = graph.reach(_digests(kept), missing=[])
    builds = {
        digest
        for digest in set(orphans) - reached
        if _media_type(graph, digest) in MANIFEST_MEDIA_TYPES and _is_whole(graph, digest)
    }
    for digest in sorted(builds):
        builds -= graph.reach(graph.links(digest).documents)
    return [new_entry(graph.links(digest).descriptor, "", local_build=False) for digest in sorted(builds)]


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


def _with_size(entry: Entry, size: int) -> Entry:
    fields = json.loads(entry.raw.decode("utf-8", "surrogateescape"))
    fields["size"] = size
    return make_entry(encode_json(fields), fields)


def _text(around: IndexFile, entries: Iterable[Entry]) -> bytes:
    return around.head + b",".join(entry.raw for entry in entries) + around.tail


def _digests(entries: Iterable[Entry]) -> list[Digest]:
    return [entry.digest for entry in entries if entry.digest is not None]


def _set_aside(layout: Layout, path: str, name: str) -> str:
    """Move something into the quarantine folder; return where it is now."""
    target = _free_name(layout, name)
    _fs.rename(path, target)
    return target


def _keep_copy(layout: Layout) -> str:
    """Keep index.json as it is in the quarantine folder; return where."""
    try:
        data = read_plain_file(layout.index, MAX_INDEX_SIZE)
    except CorruptStoreError:
        data = None
    if data is None:  # no file, or one that is too large to be an index
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
