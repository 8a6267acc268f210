"""Finds damage: reads every blob, and follows every entry of index.json to the last layer."""

import stat
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field, frozen

from toolhive_artifact import MAX_BLOB_SIZE, Digest, SizeLimitError, shown
from toolhive_plugins_store.blobs import CHUNK_SIZE, BlobReader
from toolhive_plugins_store.errors import (
    CorruptStoreError,
    Hint,
    StoreError,
    StoreIOError,
    StoreLockError,
    StoreNotFoundError,
)
from toolhive_plugins_store.graph import Graph
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.index_file import IndexFile
from toolhive_plugins_store.index_reader import read_index
from toolhive_plugins_store.layout import Layout, blob_names, check_marker, describe, look, require_folder
from toolhive_plugins_store.workspace import Workspace

_REPAIR = "Repair the store to fix it"


@frozen
class Problem:
    """Damage to the store."""

    where: str
    """The file, or the file and the entry in it."""

    problem: str
    """What is wrong, as a sentence without its full stop."""

    remedy: str
    """What to do about it or, after a repair, what was done."""

    mended: bool = False
    """Whether a repair fixed it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}. {self.remedy}."


@define
class Findings:
    """All damage, grouped by how it is repaired."""

    fatal: list[Problem] = field(factory=list)
    """What only the user can fix, and what hides the rest: a folder that is a link or a file, for example."""

    marker: Problem | None = None
    """Damage to `oci-layout`."""

    index: Problem | None = None
    """Damage to index.json as a whole."""

    bad: dict[Digest, Problem] = field(factory=dict)
    """Blobs that do not match their digests."""

    unreadable: list[Problem] = field(factory=list)
    """Files that cannot be read, for lack of permission or because the disk fails."""

    entries: dict[int, list[Problem]] = field(factory=dict)
    """Incomplete entries of index.json, by their keys."""

    sizes: dict[int, tuple[Problem, int]] = field(factory=dict)
    """Entries with a wrong size, and the right one in bytes."""

    file: IndexFile | None = None
    """The index, if it can be read."""

    def problems(self) -> tuple[Problem, ...]:
        """Return all damage."""
        whole = [problem for problem in (self.marker, self.index) if problem is not None]
        entries = [problem for problems in self.entries.values() for problem in problems]
        sizes = [problem for problem, _ in self.sizes.values()]
        return (*self.fatal, *whole, *self.bad.values(), *self.unreadable, *entries, *sizes)


def check(work: Workspace) -> tuple[Problem, ...]:
    """Return all damage.

    The first pass takes no lock, so that checking gigabytes keeps nobody waiting. What it finds may be a change that
    another process is making, so a second pass looks again under the lock, if this user can take it.
    """
    sound: dict[Digest, tuple[int, ...]] = {}
    problems = inspect(work.layout, Graph(work.layout), sound).problems()
    if not problems or not look(work.layout.private):
        return problems
    try:
        with work.locked_as_it_is():
            return inspect(work.layout, Graph(work.layout), sound).problems()
    except (StoreIOError, StoreLockError):
        return problems


def inspect(layout: Layout, graph: Graph, sound: dict[Digest, tuple[int, ...]]) -> Findings:
    """Look at everything.

    Args:
        layout: the store.
        graph: follows its documents.
        sound: blobs that were read before and are sound, with the status of their files; added to.
    """
    findings = Findings()
    root = Path(layout.top)
    if not root.exists():
        return findings
    if not root.is_dir():
        findings.fatal.append(Problem(layout.top, "a folder should be here", "Move away what is in its place"))
        return findings
    try:
        require_folder(layout.private)
        names = blob_names(layout)
    except StoreError as error:
        findings.fatal.append(_problem(error))
        return findings
    for digest in names:
        _inspect_blob(layout, digest, sound, findings)
    _inspect_index(layout, findings, has_content=bool(names))
    _inspect_marker(layout, findings, has_content=bool(names or (findings.file and findings.file.entries)))
    if findings.file is not None:
        for number, (key, entry) in enumerate(list(findings.file.entries.items()), 1):
            _inspect_entry(layout, graph, findings, key, entry, number)
    return findings


def _inspect_blob(layout: Layout, digest: Digest, sound: dict[Digest, tuple[int, ...]], findings: Findings) -> None:
    path = layout.blob(digest)
    found = look(path)
    if found is None:
        return
    identity = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    if sound.get(digest) == identity:
        return
    if not stat.S_ISREG(found.st_mode):
        problem = f"{describe(found.st_mode)} is in a blob's place"
        findings.bad[digest] = Problem(path, problem, _REPAIR)
        return
    try:
        with BlobReader(layout, digest, max(MAX_BLOB_SIZE, found.st_size)) as reader:
            while reader.read(CHUNK_SIZE):
                pass
    except StoreNotFoundError:
        return
    except CorruptStoreError as error:
        findings.bad[digest] = _problem(error)
    except StoreIOError as error:
        findings.unreadable.append(_problem(error))
    else:
        sound[digest] = identity


def _inspect_marker(layout: Layout, findings: Findings, *, has_content: bool) -> None:
    try:
        if not check_marker(layout) and has_content:
            findings.marker = Problem(layout.marker, "it is missing", _REPAIR)
    except StoreIOError as error:
        findings.unreadable.append(_problem(error))
    except StoreError as error:
        findings.marker = _problem(error)


def _inspect_index(layout: Layout, findings: Findings, *, has_content: bool) -> None:
    try:
        findings.file = read_index(layout.index)
    except StoreIOError as error:
        findings.unreadable.append(_problem(error))
    except StoreError as error:
        findings.index = _problem(error)
    else:
        if findings.file is None and has_content:
            findings.index = Problem(layout.index, "it is missing, and there are blobs", _REPAIR)


def _inspect_entry(layout: Layout, graph: Graph, findings: Findings, key: int, entry: IndexEntry, number: int) -> None:
    where = f"{layout.index}: entry {number}" + (f" ({shown(entry.tag)})" if entry.tag else "")
    if entry.digest is None:
        if not _is_of_another_algorithm(entry):
            findings.entries[key] = [Problem(where, "its digest cannot be read", _REPAIR)]
        return
    lacking = list(_lacking(layout, graph, findings, entry.digest))
    if lacking:
        findings.entries[key] = [
            Problem(where, text, "Build or pull it again, or repair the store to drop the entry") for text in lacking
        ]
        return
    found = look(layout.blob(entry.digest))
    if found is not None and entry.size != found.st_size:
        stated = shown(entry.field("size"))
        problem = Problem(where, f"its size is {stated}, and the blob has {found.st_size} bytes", _REPAIR)
        findings.sizes[key] = (problem, found.st_size)


def _lacking(layout: Layout, graph: Graph, findings: Findings, root: Digest) -> Iterator[str]:
    """Yield what is missing or damaged of what an entry reaches."""
    missing: list[Digest] = []
    try:
        reached = graph.reach([root], missing)
    except (CorruptStoreError, SizeLimitError, StoreIOError):
        yield f"what it reaches is unknown, since a document of {root} is damaged or cannot be read"
        return
    for digest in sorted(reached):
        if digest in findings.bad:
            yield f"it needs {digest}, which is damaged"
        elif look(layout.blob(digest)) is None:
            yield f"it needs {digest}, which is missing"


def _is_of_another_algorithm(entry: IndexEntry) -> bool:
    """Return whether another program may be able to read the digest: sha512, for example, which is not damage."""
    digest = entry.field("digest")
    if not isinstance(digest, str):
        return False
    algorithm, _, rest = digest.partition(":")
    return algorithm in ("sha512", "sha384", "blake3") and rest.isalnum()


def _problem(error: StoreError) -> Problem:
    return Problem(error.where, error.problem, _REPAIR if error.hint == Hint.REPAIR_STORE else error.remedy)
