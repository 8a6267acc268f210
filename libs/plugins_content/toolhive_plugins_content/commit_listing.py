"""Lists what a plugin's directory has in a commit, as a walk of the directory would list it (git-ls-tree(1), "Output Format")."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.selection import (
    MANIFEST_FOLDER,
    Entry,
    EntryKind,
    Fault,
    is_taken,
    refused_link,
)
from toolhive_plugins_content.tree import path_bytes
from toolhive_plugins_content.walk import MAX_DEPTH, too_deep, too_many_entries
from toolhive_plugins_interfaces.errors import InvalidPluginFileError
from toolhive_plugins_interfaces.interfaces import Compat

MAX_TARGET: Final = 4096
"""Size in bytes of the longest symbolic link, as Linux has it."""

MAX_LISTING: Final = 16 * 1024 * 1024
"""The most bytes of a listing: more than 100,000 files of usual names."""

_MAX_PATH: Final = 4096
_KINDS: Final = {b"120000": EntryKind.LINK, b"160000": EntryKind.SUBMODULE}


@frozen
class GitObject:
    """A file, link or submodule that a tree lists."""

    path: str
    """From the plugin's root; `surrogateescape` for bytes that are not UTF-8."""

    kind: EntryKind

    executable: bool

    id: str
    """Of its blob, or of a submodule's commit."""


def parse_listing(listing: bytes) -> dict[str, GitObject]:
    """Return what `git ls-tree -r -z` listed by path, in the order of toolhive-core's walk.

    Raises:
        InvalidPluginFileError: the tree has a path twice, or a file in a folder's place, which git itself never writes.
    """
    objects: dict[str, GitObject] = {}
    for record in listing.split(b"\0")[:-1]:
        described, _, name = record.partition(b"\t")
        mode, _, object_id = described.split(b" ")
        path = name.decode("utf-8", "surrogateescape")
        if len(name) > _MAX_PATH:
            raise InvalidPluginFileError(f"has a path of {len(name)} bytes", where=shown(path), remedy="Shorten it")
        if path in objects:
            raise _odd_tree(path)
        kind = _KINDS.get(mode, EntryKind.FILE)
        objects[path] = GitObject(path, kind, mode.endswith(b"755"), object_id.decode())
    for path in objects:
        for folder in _folders(path):
            if folder in objects:
                raise _odd_tree(folder)
    return {path: objects[path] for path in sorted(objects, key=lambda path: path_bytes(path).split(b"/"))}


def is_looked_at(item: GitObject, compat: Compat) -> bool:
    """Return whether it matters to a plugin what the object contains."""
    return item.kind is EntryKind.LINK or is_taken(item.path, compat)


def entries_of(
    objects: Iterable[GitObject], sizes: Mapping[str, int], targets: Mapping[str, str], compat: Compat
) -> Iterator[Entry]:
    """Yield what a walk of the directory would.

    Args:
        objects: what the tree lists, in order.
        sizes: the sizes in bytes of the blobs that the repository has, by ID.
        targets: the texts of links, by ID.
        compat: the profile.
    """
    left_out: set[str] = set()
    counted: set[str] = set()
    for item in objects:
        hidden = _left_out_as(item, compat)
        if hidden and hidden not in left_out:
            left_out.add(hidden)
            yield Entry(hidden, EntryKind.LEFT_OUT)
        if hidden and not (item.kind is EntryKind.LINK and _is_walked(item.path)):
            continue
        folders = _folders(item.path)
        counted.update(folders)
        counted.add(item.path)
        if (fault := too_many_entries(len(counted))) is not None:
            yield fault
            return
        if len(folders) > MAX_DEPTH:
            yield too_deep(folders[-1])
        else:
            yield _entry(item, sizes, targets)


def _entry(item: GitObject, sizes: Mapping[str, int], targets: Mapping[str, str]) -> Entry:
    if item.kind is EntryKind.SUBMODULE:
        return Entry(item.path, item.kind)
    size = sizes.get(item.id)
    if size is None:
        error = InvalidPluginFileError(
            "is not in the repository", where=shown(item.path), remedy="Fetch it: this is a partial clone"
        )
        return Entry(item.path, EntryKind.FAULT, fault=Fault(Rule.UNREADABLE_FILE, error, "a file that is not fetched"))
    if item.kind is EntryKind.FILE:
        return Entry(item.path, item.kind, size, 0o755 if item.executable else 0o644)
    if size > MAX_TARGET:
        error = refused_link(item.path, f"is a symbolic link of {size} bytes")
        return Entry(item.path, EntryKind.FAULT, fault=Fault(Rule.IRREGULAR_FILE, error, EntryKind.LINK.value))
    return Entry(item.path, item.kind, target=targets[item.id])


def _left_out_as(item: GitObject, compat: Compat) -> str:
    """Return the hidden path under which a walk leaves something out; "" if it does not. A folder ends in a slash."""
    folders = _folders(item.path)
    for folder in folders:
        if folder.rpartition("/")[2].startswith(".") and folder != MANIFEST_FOLDER:
            return folder + "/"
    if folders and folders[0] == MANIFEST_FOLDER and len(folders) > 1:
        return folders[1] + "/"
    if item.kind is EntryKind.SUBMODULE:
        return item.path + "/" if item.path.rpartition("/")[2].startswith(".") else ""
    return item.path if item.kind is EntryKind.FILE and not is_taken(item.path, compat) else ""


def _is_walked(path: str) -> bool:
    """Return whether a walk enters all folders that the path is in."""
    return all(not folder.rpartition("/")[2].startswith(".") or folder == MANIFEST_FOLDER for folder in _folders(path))


def _folders(path: str) -> list[str]:
    """Return the folders that a path is in, the outermost first, at most one more than may be nested."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, min(len(parts), MAX_DEPTH + 2))]


def _odd_tree(path: str) -> InvalidPluginFileError:
    return InvalidPluginFileError(
        "is in the commit twice, which git itself never writes",
        where=shown(path),
        remedy="Check the repository's objects",
    )
