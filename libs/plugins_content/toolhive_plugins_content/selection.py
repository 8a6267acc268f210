"""Chooses the files that belong to a plugin from what its source lists, and checks them.

Every file belongs to the plugin except hidden ones (a part of the path begins with a dot); of those, only the manifest, `.mcp.json` at
the root and, in the default profile, `.lsp.json` do. A special file is refused wherever the source looks, hidden or not; sources do not
look into hidden folders other than `.claude-plugin`. So is a link, but in the default profile one that leads to a file which is packaged
itself becomes a copy of that file, or is left out if the link is hidden. Sources list their entries in toolhive-core's order, so that the
first fault is the same; whether a link within the plugin can be packaged shows only after all entries.
"""

import enum
import stat
from collections.abc import Iterable
from typing import Final

from attrs import evolve, frozen

from toolhive_artifact import check_entry_path
from toolhive_artifact.errors import ToolhiveError, shown
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin import Irregular
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import PluginFile, Stamp, path_bytes
from toolhive_plugins_interfaces.errors import (
    InvalidPluginFileError,
    PluginError,
    PluginTooLargeError,
    TooManyFilesError,
)
from toolhive_plugins_interfaces.interfaces import Compat

MAX_FILES: Final = 1_000
"""The most files, not counting the manifest."""

MAX_TOTAL_SIZE: Final = 95 * 1024 * 1024
"""The largest total size of those files, in bytes."""

MAX_LEFT_OUT: Final = 1_000
"""The most left-out paths that are listed; there may be any number of them."""

MANIFEST_FOLDER: Final = MANIFEST_PATH.partition("/")[0]
MANIFEST_MODE: Final = 0o644
"""The permission bits that the artifact carries for the manifest, whatever the file has."""

_MANIFEST_PLACES: Final = (MANIFEST_FOLDER, MANIFEST_PATH)
_HIDDEN_BUT_TAKEN: Final = {Compat.TOOLHIVE_CORE: (".mcp.json",), Compat.NONE: (".mcp.json", ".lsp.json")}


class EntryKind(enum.Enum):
    """What a source has at a path. The value describes it, for kinds that cannot be packaged."""

    FILE = "a file"
    LEFT_OUT = "a hidden path"
    LINK = "a symbolic link"
    PIPE = "a named pipe"
    SOCKET = "a socket"
    DEVICE = "a device"
    SPECIAL = "not a regular file"
    SUBMODULE = "a submodule"
    """Of git: a commit of another repository, where a folder would be."""
    FAULT = "a fault"


@frozen
class Fault:
    """Something that a source could not list."""

    rule: Rule
    error: PluginError
    what: str
    """What is at the path, such as `a file that cannot be read`."""


@frozen
class Entry:
    """One thing that the source of a plugin lists."""

    path: str
    """From the plugin's root, with slashes; a folder that is left out ends in one."""

    kind: EntryKind
    size: int = 0
    """In bytes; for files."""

    mode: int = 0
    """The permission bits that the source has; for files."""

    stamp: Stamp | None = None
    """The state that a directory's file was listed in."""

    target: str = ""
    """The text of a link; it is not read in the toolhive-core profile."""

    copy_of: str = ""
    """The path of the file that is copied here, because a link leads to it."""

    fault: Fault | None = None
    """For FAULT."""


@frozen
class Selection:
    """The files that belong to a plugin, and what does not."""

    files: tuple[PluginFile, ...]
    """The plugin's files, sorted by the bytes of their paths."""

    left_out: tuple[str, ...]
    """The hidden paths that were left out, sorted, at most MAX_LEFT_OUT; a folder ends in a slash."""

    irregular: tuple[Irregular, ...]
    """What cannot be packaged, sorted."""


def is_taken(path: str, compat: Compat) -> bool:
    """Return whether a file belongs to a plugin by its path."""
    if path == MANIFEST_PATH or path in _HIDDEN_BUT_TAKEN[compat]:
        return True
    return not any(part.startswith(".") for part in path.split("/"))


def select(entries: Iterable[Entry], compat: Compat, findings: Findings) -> Selection:
    """Choose the files that belong to a plugin.

    Args:
        entries: what the source lists.
        compat: the profile, which says what is taken and with which permission bits.
        findings: takes what keeps the plugin from being packaged; it may end the selection by raising.
    """
    selector = _Selector(compat, findings)
    for entry in entries:
        selector.take(entry)
    return selector.selection()


def packaged_mode(path: str, mode: int, compat: Compat) -> int:
    """Return the permission bits that an artifact carries for a file whose source has `mode`."""
    if path == MANIFEST_PATH:
        return MANIFEST_MODE
    if compat is Compat.NONE:
        return 0o755 if mode & stat.S_IXUSR else 0o644
    return mode & 0o777


def refused_kind(path: str, kind: EntryKind) -> InvalidPluginFileError:
    """Return the error for something that is not a regular file."""
    if kind is not EntryKind.LINK:
        return InvalidPluginFileError(f"is {kind.value}", where=shown(path), remedy="Remove it from the plugin")
    if path in _MANIFEST_PLACES:
        what = "file" if path == MANIFEST_PATH else "folder"
        problem = f"is {kind.value}, and must be a {what} of its own"
        remedy = (
            f"Remove the link, then put a copy of the {what} in its place: writing through it would change its target"
        )
        return InvalidPluginFileError(problem, where=shown(path), remedy=remedy)
    return refused_link(path, f"is {kind.value}")


def refused_link(path: str, problem: str) -> InvalidPluginFileError:
    """Return the error for a link that cannot be packaged."""
    return InvalidPluginFileError(
        problem,
        where=shown(path),
        remedy="Remove the link, and put what it leads to in its place if the plugin needs it",
    )


class _Selector:
    def __init__(self, compat: Compat, findings: Findings) -> None:
        self._compat = compat
        self._findings = findings
        self._files: list[PluginFile] = []
        self._left_out = FirstNames(MAX_LEFT_OUT)
        self._irregular: list[Irregular] = []
        self._links: dict[str, Entry] = {}
        self._targets: dict[str, Entry] = {}
        self._count = 0
        self._total_size = 0

    def take(self, entry: Entry) -> None:
        if entry.kind is EntryKind.FILE:
            self._targets[entry.path] = entry
            self._file(entry)
        elif entry.kind is EntryKind.LEFT_OUT:
            self._left_out.add(path_bytes(entry.path))
        elif entry.fault is not None:
            self._findings.refuse(entry.fault.rule, entry.fault.error, entry.path)
            self._irregular.append(Irregular(entry.path, entry.fault.what))
        elif entry.kind is EntryKind.LINK and self._compat is Compat.NONE and entry.path not in _MANIFEST_PLACES:
            from toolhive_plugins_content.links import leaves  # lazily: few plugins have links

            if (problem := leaves(entry.path, entry.target)) is not None:
                self._refuse(entry, refused_link(entry.path, problem))
            else:
                self._links[entry.path] = entry
        else:
            self._refuse(entry, refused_kind(entry.path, entry.kind))

    def _refuse(self, entry: Entry, error: InvalidPluginFileError) -> None:
        self._findings.refuse(Rule.IRREGULAR_FILE, error, entry.path)
        self._irregular.append(Irregular(entry.path, entry.kind.value, entry.target))

    def _judge_links(self) -> None:
        if not self._links:
            return
        from toolhive_plugins_content.links import LinkJudge

        judge = LinkJudge(self._targets, self._links)
        for path, link in self._links.items():
            found = judge.target_of(path, link.target)
            if found is None:
                self._refuse(link, refused_link(path, judge.problem_of(path, link.target)))
            elif is_taken(path, self._compat):
                problem = f"is a symbolic link, and is packaged as a copy of {shown(found)!r}"
                self._findings.warning(Rule.LINK_COPIED, problem, path)
                self._file(evolve(self._targets[found], path=path, copy_of=found))
            else:
                self._left_out.add(path_bytes(path))

    def _file(self, entry: Entry) -> None:
        if entry.path != MANIFEST_PATH:
            self._check_path(entry.path)
            self._count += 1
            if self._count == MAX_FILES + 1:
                error = TooManyFilesError(
                    f"there are more than {MAX_FILES} files",
                    remedy="Leave out what the plugin does not need when it runs; hidden folders are left out anyway",
                )
                self._findings.refuse(Rule.TOO_MANY_FILES, error)
            fits_so_far = self._total_size <= MAX_TOTAL_SIZE
            self._total_size += entry.size
            if fits_so_far and self._total_size > MAX_TOTAL_SIZE:
                problem = f"the files are larger than {MAX_TOTAL_SIZE} bytes together"
                self._findings.refuse(Rule.TOO_LARGE, PluginTooLargeError(problem, where=shown(entry.path)))
        mode = packaged_mode(entry.path, entry.mode, self._compat)
        self._files.append(PluginFile(entry.path, entry.size, mode, entry.stamp, entry.copy_of))

    def _check_path(self, path: str) -> None:
        """Refuse a path that readers of artifacts, ours at least, would refuse."""
        try:
            check_entry_path(path)
        except ToolhiveError as error:
            if self._compat is Compat.NONE:
                refused = InvalidPluginFileError(error.problem, where=error.where, remedy="Rename the file")
                self._findings.refuse(Rule.PATH, refused, path)
            else:
                self._findings.warning(Rule.PATH, f"readers of the artifact may refuse it: {error.problem}", path)

    def selection(self) -> Selection:
        self._judge_links()
        left_out = self._left_out
        if left_out.count > MAX_LEFT_OUT:
            problem = f"{left_out.count} hidden paths were left out; the first {MAX_LEFT_OUT} are listed"
            self._findings.warning(Rule.LEFT_OUT, problem)
        return Selection(
            tuple(sorted(self._files, key=lambda file: path_bytes(file.path))),
            tuple(name.decode("utf-8", "surrogateescape") for name in left_out.first()),
            tuple(sorted(self._irregular, key=lambda item: path_bytes(item.path))),
        )


class FirstNames:
    """Counts names and keeps those that sort first, in bounded memory.

    Args:
        room: how many to keep.
    """

    def __init__(self, room: int) -> None:
        self.count = 0
        """The number of names added."""
        self._room = room
        self._names: list[bytes] = []

    def add(self, name: bytes) -> None:
        """Add a name."""
        self.count += 1
        self._names.append(name)
        if len(self._names) > 2 * self._room:
            self._cut()

    def first(self) -> list[bytes]:
        """Return the names that sort first, sorted."""
        self._cut()
        return list(self._names)

    def _cut(self) -> None:
        self._names.sort()
        del self._names[self._room :]
