"""Chooses the files that belong to a plugin from what its source lists, and checks them.

Every file belongs to the plugin except hidden ones (a part of the path begins with a dot); of those, only the manifest, `.mcp.json` at
the root and, in the default profile, `.lsp.json` do. A link or a special file is refused wherever the source looks, hidden or not; sources
do not look into hidden folders other than `.claude-plugin`. They list their entries in toolhive-core's order, so that the first fault
is the same.
"""

import enum
import stat
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from toolhive_artifact import check_entry_path
from toolhive_artifact.errors import ToolhiveError, shown
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.first_names import FirstNames
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
    remedy = "Put a copy of the file in its place" if kind is EntryKind.LINK else "Remove it from the plugin"
    return InvalidPluginFileError(f"is {kind.value}", where=shown(path), remedy=remedy)


class _Selector:
    def __init__(self, compat: Compat, findings: Findings) -> None:
        self._compat = compat
        self._findings = findings
        self._files: list[PluginFile] = []
        self._left_out = FirstNames(MAX_LEFT_OUT)
        self._irregular: list[Irregular] = []
        self._count = 0
        self._total_size = 0

    def take(self, entry: Entry) -> None:
        if entry.kind is EntryKind.FILE:
            self._file(entry)
        elif entry.kind is EntryKind.LEFT_OUT:
            self._left_out.add(path_bytes(entry.path))
        elif entry.fault is not None:
            self._findings.refuse(entry.fault.rule, entry.fault.error, entry.path)
            self._irregular.append(Irregular(entry.path, entry.fault.what))
        else:
            self._findings.refuse(Rule.IRREGULAR_FILE, refused_kind(entry.path, entry.kind), entry.path)
            self._irregular.append(Irregular(entry.path, entry.kind.value))

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
        self._files.append(PluginFile(entry.path, entry.size, mode, entry.stamp))

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
        left_out = self._left_out
        if left_out.count > MAX_LEFT_OUT:
            problem = f"{left_out.count} hidden paths were left out; the first {MAX_LEFT_OUT} are listed"
            self._findings.warning(Rule.LEFT_OUT, problem)
        return Selection(
            tuple(sorted(self._files, key=lambda file: path_bytes(file.path))),
            tuple(name.decode("utf-8", "surrogateescape") for name in left_out.first()),
            tuple(sorted(self._irregular, key=lambda item: path_bytes(item.path))),
        )
