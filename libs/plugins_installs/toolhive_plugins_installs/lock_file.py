"""`toolhive.lock.yaml`: what a project has installed, pinned, for everybody who works on it. ToolHive's own format, key for key.

An edit changes the lines of the entries that it is about and no others, so that comments, unknown keys and the entries of other
programs stay as they are.
"""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import frozen

from toolhive_plugins import shown
from toolhive_plugins_installs.block_yaml import Mapping, Node, Scalar, Sequence, parse_block_yaml
from toolhive_plugins_installs.errors import LockFileError
from toolhive_plugins_installs.lock_entries import KEYS, READ, LockEntry, blocks_of, entry_from

LOCK_FILE: Final = "toolhive.lock.yaml"
"""Its name, in the root of the project."""

MAX_ENTRIES: Final = 1000
"""Plugins that a lock file may have."""

_VERSION: Final = "1"
_SECTION: Final = "plugins"
_REMEDY: Final = "Correct the file, or take it from git again"


def lock_path(project: Path) -> Path:
    """Return the path of a project's lock file."""
    return project / LOCK_FILE


def guard_path(project: Path) -> Path:
    """Return the file that ToolHive locks (`flock`) while it changes a project's lock file."""
    return project / f"{LOCK_FILE}.lock"


def staging_name() -> str:
    """Return a name for a lock file that is being written, as ToolHive's own."""
    return f".toolhive.lock.{secrets.token_hex(8)}.tmp"


@frozen
class LockFile:
    """A lock file, as it was read."""

    data: bytes
    """Its bytes; empty where there is none."""

    entries: tuple[LockEntry, ...]
    """Its plugins, in the order of the file."""

    document: Mapping
    where: str

    def entry(self, name: str) -> LockEntry | None:
        """Return the entry of a plugin; None where it has none."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def edited(self, put: Iterable[LockEntry] = (), drop: Iterable[str] = ()) -> bytes:
        """Return the bytes of the file with some entries put in, or in the place of those of their names, and others dropped.

        With nothing to change the bytes are those that were read.

        Raises:
            LockFileError: the entries to change are not each on lines of their own, or the result contradicts itself.
        """
        changed = {entry.name: entry for entry in put if self.entry(entry.name) != entry}
        gone = {name for name in drop if self.entry(name) is not None} - changed.keys()
        if not changed and not gone:
            return self.data
        data = _Edit(self, changed, gone).result()
        wanted = {**{entry.name: entry for entry in self.entries if entry.name not in gone}, **changed}
        if {entry.name: entry for entry in parse_lock_file(data, where=self.where).entries} != wanted:
            raise _not_in_lines(self.where)
        return data


def parse_lock_file(data: bytes, *, where: str = LOCK_FILE) -> LockFile:
    """Read a lock file.

    Args:
        data: its bytes; empty where there is none.
        where: its name in errors.

    Raises:
        LockFileError: it is malformed, has another version than 1, a plugin twice, or plugins that require each other in a circle.
    """
    document = parse_block_yaml(data, where=where)
    version = document.values.get("version")
    if data.strip() and (not isinstance(version, Scalar) or version.text != _VERSION):
        found = shown(version.text) if isinstance(version, Scalar) else "none"
        raise LockFileError(f"the version is {found}, and {_VERSION} is the one that is read", where=where)
    entries = tuple(entry_from(node, where) for node in _nodes(document, where))
    names = [entry.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise LockFileError(f"the plugin {name!r} is there twice", where=where, remedy=_REMEDY)
    _check_circles(entries, where)
    return LockFile(data, entries, document, where)


def _nodes(document: Mapping, where: str) -> tuple[Node, ...]:
    section = document.values.get(_SECTION)
    if section is None or (isinstance(section, Scalar) and section.plain and section.text in ("", "~", "null")):
        return ()
    if not isinstance(section, Sequence):
        raise LockFileError("plugins is not a list", where=where, remedy=_REMEDY)
    if len(section.items) > MAX_ENTRIES:
        raise LockFileError(f"it has more than {MAX_ENTRIES} plugins", where=where)
    return section.items


def _check_circles(entries: tuple[LockEntry, ...], where: str) -> None:
    waiting = {entry.name: set(entry.required_by) for entry in entries}
    while free := [name for name, required in waiting.items() if not required & waiting.keys()]:
        for name in free:
            del waiting[name]
    if waiting:
        circle = ", ".join(sorted(waiting)[:5])
        raise LockFileError(f"plugins require each other in a circle: {circle}", where=where, remedy=_REMEDY)


def _not_in_lines(where: str) -> LockFileError:
    problem = "cannot be changed: its plugins are not each on lines of their own"
    return LockFileError(problem, where=where, remedy="Write it in block style, as ToolHive does")


class _Edit:
    """One change of a lock file's lines."""

    def __init__(self, lock: LockFile, changed: dict[str, LockEntry], gone: set[str]) -> None:
        self._lock = lock
        self._changed = changed
        self._gone = gone
        text = lock.data.decode()
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.replace("\r\n", "\n").split("\n")
        if self._lines[-1] == "":
            self._lines.pop()

    def result(self) -> bytes:
        """Return the bytes of the changed file."""
        section = self._lock.document.values.get(_SECTION)
        if isinstance(section, Sequence) and section.items:
            self._check_lines(section)
            self._edit_section(section)
        else:
            self._add_section()
        return "".join(line + self._newline for line in self._lines).encode()

    def _check_lines(self, section: Sequence) -> None:
        if section.flow or self._lock.document.flow:
            raise _not_in_lines(self._lock.where)
        end = -1
        for item in section.items:
            if not isinstance(item, Mapping) or item.flow or item.span.start < end:
                raise _not_in_lines(self._lock.where)
            if len(set(item.lines)) != len(item.lines) or not self._lines[item.span.start].lstrip().startswith("- "):
                raise _not_in_lines(self._lock.where)
            end = item.span.end

    def _edit_section(self, section: Sequence) -> None:
        """Change the entries from the last to the first, so that the lines of those before stay where they are."""
        kept = [name for name in (entry.name for entry in self._lock.entries) if name not in self._gone]
        new = [name for name in self._changed if self._lock.entry(name) is None]
        if not kept and not new:
            self._drop_section()
            return
        places = {name: self._place_of(name, section) for name in new}
        edits: list[tuple[int, int, str, list[str]]] = [
            (at, at, name, _lines_of(self._changed[name])) for name, at in places.items()
        ]
        for entry, item in zip(self._lock.entries, section.items, strict=True):
            if entry.name in self._gone:
                edits.append((item.span.start, item.span.end, entry.name, []))
            elif entry.name in self._changed and isinstance(item, Mapping):
                edits.append((item.span.start, item.span.end, entry.name, self._merged(entry, item)))
        for start, end, _, lines in sorted(edits, reverse=True):
            self._lines[start:end] = lines

    def _place_of(self, name: str, section: Sequence) -> int:
        """Return the line to put a new entry before: that of the first entry whose name comes later, else the section's end."""
        for entry, item in zip(self._lock.entries, section.items, strict=True):
            if entry.name > name:
                return item.span.start
        return section.items[-1].span.end

    def _merged(self, old: LockEntry, item: Mapping) -> list[str]:
        """Return the lines of a changed entry: unchanged keys and unknown ones keep theirs."""
        new = self._changed[old.name]
        fresh = blocks_of(new)
        kept = {key: self._lines[item.block(at).start : item.block(at).end] for at, (key, _) in enumerate(item.pairs)}
        indent = len(self._lines[item.span.start]) - len(self._lines[item.span.start].lstrip()) + 2
        kept = {
            key: [" " * indent + lines[0].lstrip(" -"), *lines[1:]] if lines else lines for key, lines in kept.items()
        }
        lines: list[str] = []
        for key in KEYS:
            if key in kept and READ[key](old) == READ[key](new):
                lines += kept[key]
            elif key in fresh:
                lines += [" " * indent + line[6:] for line in fresh[key]]
        for key, block in kept.items():
            if key not in KEYS:
                lines += block
        return _with_dash(lines, indent)

    def _drop_section(self) -> None:
        at = [key for key, _ in self._lock.document.pairs].index(_SECTION)
        span = self._lock.document.block(at)
        section = self._lock.document.pairs[at][1]
        del self._lines[span.start : section.span.end]

    def _add_section(self) -> None:
        document = self._lock.document
        if document.flow:
            raise _not_in_lines(self._lock.where)
        if _SECTION in document.values:
            at = [key for key, _ in document.pairs].index(_SECTION)
            del self._lines[document.lines[at]]
        if not document.pairs:
            self._lines.append(f"version: {_VERSION}")
        self._lines.append(f"{_SECTION}:")
        for name in sorted(self._changed):
            self._lines += _lines_of(self._changed[name])


def _lines_of(entry: LockEntry) -> list[str]:
    return _with_dash([line for block in blocks_of(entry).values() for line in block], 6)


def _with_dash(lines: list[str], indent: int) -> list[str]:
    return [" " * (indent - 2) + "- " + lines[0][indent:], *lines[1:]]
