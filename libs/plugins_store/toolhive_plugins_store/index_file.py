"""Reads and edits the text of index.json without touching what it does not understand.

The file is an OCI index (image-layout.md, "index.json file"). oras-go lists every manifest in it, with or without a
tag; we list builds. Either way an entry is kept as the bytes it was read as, and so is the text around the list.
Unknown fields survive our edits, and an edit costs what it changes, not what the file holds.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from toolhive_artifact import Digest, shown
from toolhive_plugins_store.errors import CorruptStoreError, Hint
from toolhive_plugins_store.index_entry import IndexEntry, Tag, decoder, folded

Identity = tuple[int, int, int]
"""Tells one state of a file from another: inode, size in bytes, and modification time in nanoseconds. We set the time
ourselves, from a precise clock, since the kernel's own time stamps may be milliseconds coarse."""

Changes = Mapping[int, IndexEntry | None]
"""Entries to replace, by their keys, or to drop (None)."""

_space = re.compile(r"[ \t\n\r]*")


class IndexFile:
    """The content of one index.json. A change is computed as an `Edit`, written to the disk, and then applied."""

    def __init__(self, head: bytes, entries: Iterable[IndexEntry], tail: bytes, *, canonical: bool = True) -> None:
        self.head = head
        """The text up to and including the list's opening bracket."""

        self.tail = tail
        """The text from the list's closing bracket on."""

        self.canonical = canonical
        """Whether the file is exactly head, entries separated by commas, and tail: no white space, no null."""

        self.entries: dict[int, IndexEntry] = dict(enumerate(entries))
        """The entries, in order, by a key that each keeps as long as it is in the file."""

        self.by_tag: dict[str, int] = {entry.tag: key for key, entry in self.entries.items() if entry.tag}
        """The key of a tag's entry: the last entry that has the tag, as in oras-go."""

        self._untagged: dict[Digest, int] = {
            entry.digest: key for key, entry in self.entries.items() if entry.digest and not entry.tag
        }
        self._is_one_to_one = len(self.by_tag) == sum(1 for entry in self.entries.values() if entry.tag)

        self.size = len(head) + len(tail) + sum(len(entry.raw) + 1 for entry in self.entries.values())
        """Size in bytes of the canonical file."""

        self.size -= 1 if self.entries else 0
        self.identity: Identity | None = None
        """Which state of which file this is; None if there is no file."""

        self.displaced: tuple[Tag, ...] = ()
        """Builds of ours whose tags another program has given to others; they are kept by digest."""

        self._next_key = len(self.entries)

    def find(self, tag: str) -> IndexEntry | None:
        """Return the entry of a tag."""
        key = self.by_tag.get(tag)
        return None if key is None else self.entries.get(key)

    def key_of(self, name: str) -> int | None:
        """Return the key of a tag's entry, else of the entry without a tag that points at a digest."""
        key = self.by_tag.get(name)
        return self.untagged(name) if key is None else key

    def untagged(self, digest: str) -> int | None:
        """Return the key of the entry without a tag that points at a digest."""
        return self._untagged.get(cast("Digest", digest))

    def place_for(self, tag: str, digest: Digest, taken: Changes) -> tuple[int, IndexEntry | None]:
        """Return the entry to replace by a tag's: the one with the tag, else one for the digest without a tag.

        Args:
            tag: the tag.
            digest: the digest it is to name.
            taken: the entries that are no longer available.
        """
        key = self.by_tag.get(tag)
        if key is None:
            key = self._untagged.get(digest)
        return (-1, None) if key is None or key in taken else (key, self.entries[key])

    def doubles(self, tag: str) -> list[int]:
        """Return the keys of the entries whose tag has no effect, since a later entry has the same one."""
        if self._is_one_to_one:
            return []
        last = self.by_tag.get(tag)
        return [key for key, entry in self.entries.items() if entry.tag == tag and key != last]

    def apply(self, edit: "Edit") -> None:
        """Apply an edit that has been written to the disk."""
        for key, entry in edit.changed.items():
            self._forget(key, self.entries.pop(key) if entry is None else self.entries[key])
            if entry is not None:
                self._remember(key, entry)
        for entry in edit.added:
            self._remember(self._next_key, entry)
            self._next_key += 1
        self.size = edit.size
        self.canonical = True

    def _remember(self, key: int, entry: IndexEntry) -> None:
        self.entries[key] = entry
        if entry.tag:
            self.by_tag[entry.tag] = key
        elif entry.digest:
            self._untagged[entry.digest] = key

    def _forget(self, key: int, entry: IndexEntry) -> None:
        if entry.tag and self.by_tag.get(entry.tag) == key:
            del self.by_tag[entry.tag]
        elif entry.digest and self._untagged.get(entry.digest) == key:
            del self._untagged[entry.digest]


class Edit:
    """A change to an index file, computed but not applied.

    Attributes:
        offset: the first byte of the file that changes.
        size: the size in bytes of the file after the change.
    """

    def __init__(self, file: IndexFile, changed: Changes, added: Iterable[IndexEntry]) -> None:
        self._file = file
        self.changed = dict(changed)
        self.added = tuple(added)
        self._whole: bytes | None = None
        if not file.canonical:
            self.offset = 0
        elif self.changed:
            self.offset = self._first_change()
        else:
            self.offset = file.size - len(file.tail)
            self.size = file.size + sum(len(entry.raw) + 1 for entry in self.added)
            self.size -= 1 if self.added and not file.entries else 0
            return
        self._whole = file.head + b",".join(self._raws()) + file.tail
        self.size = len(self._whole)

    def __bool__(self) -> bool:
        return bool(self.changed or self.added)

    def text_from(self, offset: int) -> bytes:
        """Return the file after the change, from a byte on; quick at the end of a file that only grows."""
        if self._whole is not None:
            return self._whole[offset:]
        file = self._file
        parts = [entry.raw for entry in self.added]
        at = file.size - len(file.tail)  # where the first of the parts, or the comma before it, begins
        for entry in reversed(file.entries.values()):
            if at <= offset:
                break
            parts.insert(0, entry.raw)
            at -= len(entry.raw) + 1
        if min(at, offset) < len(file.head):  # there is no comma before the first entry
            return (file.head + b",".join(parts) + file.tail)[offset:]
        lead = b"," if parts and file.entries else b""
        return (lead + b",".join(parts) + file.tail)[offset - at :]

    def _first_change(self) -> int:
        offset = len(self._file.head)
        for key, entry in self._file.entries.items():
            if key in self.changed:
                break
            offset += len(entry.raw) + 1
        return max(len(self._file.head), offset - 1)  # the comma before it goes too, if it was the last

    def _raws(self) -> Iterator[bytes]:
        for key, entry in self._file.entries.items():
            kept = self.changed.get(key, entry)
            if kept is not None:
                yield kept.raw
        for entry in self.added:
            yield entry.raw


def parse_index_file(data: bytes, where: str) -> IndexFile:
    """Read the text of an index.json.

    Raises:
        CorruptStoreError: it is not JSON, or its `manifests` is not a list.
    """
    text = data.decode("utf-8", "surrogateescape")  # Go reads past bad UTF-8 in strings, so it is kept
    try:
        parsed = _parse(text)
    except (ValueError, RecursionError) as error:
        raise CorruptStoreError(f"not an OCI index: {shown(error)}", where=where, hint=Hint.REPAIR_STORE) from error
    head, tail = _bytes(parsed.head), _bytes(parsed.tail)
    file = IndexFile(head, (IndexEntry.read(raw, value) for raw, value in parsed.items), tail, canonical=False)
    file.canonical = file.size == len(data) and parsed.is_list
    return file


class _Parsed(NamedTuple):
    """The top of an index.json: the text before and after the list's items, and each item's text and value."""

    head: str
    items: list[tuple[bytes, object]]
    tail: str
    is_list: bool


def _parse(text: str) -> _Parsed:
    """Walk over the top object's members; the last list whose name Go matches to `manifests` counts."""
    found: _Parsed | None = None
    at = end = _expect(text, 0, "{")
    more = text[at : at + 1] != "}"
    is_empty = not more
    while more:
        if text[at : at + 1] != '"':
            raise ValueError(f"a name is missing at character {at}")
        key, at = decoder.raw_decode(text, at)
        at = _expect(text, at, ":")
        if folded(key) == "manifests":
            found, end = _parse_list(text, at)
        else:
            _, end = decoder.raw_decode(text, at)
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    at = _expect(text, at, "}")
    if at != len(text):
        raise ValueError(f"there is text after its end, at character {at}")
    comma = "" if is_empty else ","
    return found or _Parsed(f'{text[:end]}{comma}"manifests":[', [], "]" + text[end:], is_list=False)


def _parse_list(text: str, start: int) -> tuple[_Parsed, int]:
    """Read the list of manifests that begins at `start`; Go writes null for an empty one."""
    if text.startswith("null", start):
        end = start + 4
        return _Parsed(text[:start] + "[", [], "]" + text[end:], is_list=False), end
    at = _expect(text, start, "[")
    items: list[tuple[bytes, object]] = []
    more = text[at : at + 1] != "]"
    while more:
        value, end = decoder.raw_decode(text, at)
        items.append((_bytes(text[at:end]), value))
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    end = _expect(text, at, "]")
    return _Parsed(text[: start + 1], items, text[at:], is_list=True), at + 1


def _expect(text: str, at: int, mark: str) -> int:
    """Return where the text continues after `mark`, which must be next except for white space."""
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark!r} is missing at character {at}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    return cast("re.Match[str]", _space.match(text, at)).end()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
