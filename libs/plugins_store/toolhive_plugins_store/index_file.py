"""Reads and edits the text of index.json without touching what it does not understand.

The file is an OCI index (image-layout.md, "index.json file"). oras-go lists every manifest in it, with or without a
tag; we list builds. Either way an entry is kept as the bytes it was read as, and so is all that stands around the
list, so that unknown fields outlive our edits and a change costs what it changes, not what is there.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn, cast

from toolhive_artifact import ANNOTATION_REF_NAME, Digest, InvalidDigestError, read_target, shown
from toolhive_plugins_store.errors import CHECK_OR_REPAIR, CorruptStoreError, InvalidTagError

if TYPE_CHECKING:
    from toolhive_artifact import Descriptor, Encodable

LOCAL_BUILD_ANNOTATION: Final = "dev.stacklok.toolhive.local-build"
"""Marks, with the value `true`, the entry of a build that was made on this machine. It never leaves index.json."""

MAX_TAG_LENGTH: Final = 1024
"""Bytes of a tag in UTF-8. The longest reference, host, repository, tag and digest, stays below."""

Identity = tuple[int, int, int]
"""What tells one state of a file from another: inode, size, and modification time in nanoseconds. We set the last from
a precise clock ourselves, since the kernel's own stamps may be milliseconds coarse."""

_space = re.compile(r"[ \t\n\r]*")


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


_decoder: Final = json.JSONDecoder(parse_constant=_refuse_constant)


class Entry(NamedTuple):
    """One descriptor of index.json. No attrs class: importing attrs, 24 ms, would nearly double a list of builds."""

    raw: bytes
    """The JSON text, as it stands in the file."""

    digest: Digest | None
    """What it points at; None where that cannot be read, and the entry is merely kept."""

    tag: str
    """The tag, a full reference perhaps; empty where there is none."""

    local_build: bool
    """Whether it is marked as built here."""

    def descriptor(self) -> "Descriptor":
        """Return all of it as a value.

        Raises:
            InvalidDocumentError: it is no descriptor.
        """
        from toolhive_artifact import parse_descriptor, parse_json

        return parse_descriptor(parse_json(self.raw, where="index.json"), where="index.json")

    def target(self) -> Digest:
        """Return the digest that `descriptor` gives, and raise as it does; mostly without making it."""
        return read_target(self.raw) or self.descriptor().digest


class IndexFile:
    """The content of one index.json. An edit is worked out as an `Edit`, reaches the disk, and is then applied."""

    def __init__(self, head: bytes, entries: Iterable[Entry], tail: bytes, *, canonical: bool = True) -> None:
        self.head = head
        """The text up to and with the list's opening bracket."""

        self.tail = tail
        """The text from the list's closing bracket on."""

        self.canonical = canonical
        """Whether the file is exactly head, entries with a comma between each two, and tail: no spaces, no null."""

        self.entries: dict[int, Entry] = dict(enumerate(entries))
        """The entries, in order, by a number that each keeps for as long as it stands here."""

        self.by_tag: dict[str, int] = {entry.tag: key for key, entry in self.entries.items() if entry.tag}
        """The entry that a tag stands for: the last one that carries it, as oras-go reads it."""

        self._untagged: dict[Digest, int] = {
            entry.digest: key for key, entry in self.entries.items() if entry.digest and not entry.tag
        }
        self._is_one_to_one = len(self.by_tag) == sum(1 for entry in self.entries.values() if entry.tag)

        self.size = len(head) + len(tail) + sum(len(entry.raw) + 1 for entry in self.entries.values())
        """Bytes of the canonical file."""

        self.size -= 1 if self.entries else 0
        self.identity: Identity | None = None
        """Which state of which file this is; None where there is no file."""

        self._next_key = len(self.entries)

    def find(self, tag: str) -> Entry | None:
        """Return the entry of a tag."""
        key = self.by_tag.get(tag)
        return None if key is None else self.entries.get(key)

    def place_for(self, tag: str, digest: Digest, taken: Mapping[int, Entry | None]) -> tuple[int, Entry | None]:
        """Return the entry that a tag is to go to: the one that carries it, else one for the digest that carries none.

        Args:
            tag: the tag.
            digest: what it is to stand for.
            taken: the entries that are not to be had any more.
        """
        key = self.by_tag.get(tag)
        if key is None:
            key = self._untagged.get(digest)
        return (-1, None) if key is None or key in taken else (key, self.entries[key])

    def doubles(self, tag: str) -> list[int]:
        """Return the keys of entries that carry the tag in vain, since a later one does."""
        if self._is_one_to_one:
            return []
        last = self.by_tag.get(tag)
        return [key for key, entry in self.entries.items() if entry.tag == tag and key != last]

    def apply(self, edit: "Edit") -> None:
        """Make an edit that has reached the disk."""
        for key, entry in edit.changed.items():
            self._forget(key, self.entries.pop(key) if entry is None else self.entries[key])
            if entry is not None:
                self._remember(key, entry)
        for entry in edit.added:
            self._remember(self._next_key, entry)
            self._next_key += 1
        self.size = edit.size
        self.canonical = True

    def _remember(self, key: int, entry: Entry) -> None:
        self.entries[key] = entry
        if entry.tag:
            self.by_tag[entry.tag] = key
        elif entry.digest:
            self._untagged[entry.digest] = key

    def _forget(self, key: int, entry: Entry) -> None:
        if entry.tag and self.by_tag.get(entry.tag) == key:
            del self.by_tag[entry.tag]
        elif entry.digest and self._untagged.get(entry.digest) == key:
            del self._untagged[entry.digest]


class Edit:
    """A change to an index file, worked out but not made.

    Attributes:
        offset: the first byte of the file that changes.
        size: bytes of the file after the change.
    """

    def __init__(self, file: IndexFile, changed: Mapping[int, Entry | None], added: Iterable[Entry]) -> None:
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
        if min(at, offset) < len(file.head):  # there is no comma before the first of all
            return (file.head + b",".join(parts) + file.tail)[offset:]
        lead = b"," if parts and file.entries else b""
        return (lead + b",".join(parts) + file.tail)[offset - at :]

    def _first_change(self) -> int:
        offset = len(self._file.head)
        for key, entry in self._file.entries.items():
            if key in self.changed:
                break
            offset += len(entry.raw) + 1
        return max(len(self._file.head), offset - 1)  # the comma before it goes too, where it was the last

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
        CorruptStoreError: it is not JSON, or has no list of manifests where one belongs.
    """
    text = data.decode("utf-8", "surrogateescape")  # Go reads past bad UTF-8 in strings, and so it is kept
    try:
        parsed = _parse(text)
    except (ValueError, RecursionError) as error:
        raise CorruptStoreError(
            f"it is not an OCI index: {shown(error)}", where=where, remedy=CHECK_OR_REPAIR
        ) from error
    head, tail = _bytes(parsed.head), _bytes(parsed.tail)
    file = IndexFile(head, (make_entry(raw, value) for raw, value in parsed.items), tail, canonical=False)
    file.canonical = file.size == len(data) and parsed.is_list
    return file


def make_entry(raw: bytes, value: object) -> Entry:
    """Return the entry of a JSON text and the value that Python's decoder gave for it."""
    fields = value if isinstance(value, dict) else {}
    digest = _field(fields, "digest")
    annotations = _field(fields, "annotations")
    if not isinstance(annotations, dict):
        annotations = {}
    tag = annotations.get(ANNOTATION_REF_NAME)
    return Entry(
        raw=raw,
        digest=_digest(digest),
        tag=_well_formed(tag) if isinstance(tag, str) else "",
        local_build=annotations.get(LOCAL_BUILD_ANNOTATION) == "true",
    )


def new_entry(descriptor: "Descriptor", tag: str, *, local_build: bool) -> Entry:
    """Return an entry with the fields, and in the order, that oras-go writes."""
    from toolhive_artifact import encode_json

    annotations = {LOCAL_BUILD_ANNOTATION: "true"} if local_build else {}
    if tag:
        annotations[ANNOTATION_REF_NAME] = tag
    fields: dict[str, Encodable] = {
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "size": descriptor.size,
    }
    if annotations:
        fields["annotations"] = annotations
    if descriptor.artifact_type:
        fields["artifactType"] = descriptor.artifact_type
    return Entry(raw=encode_json(fields), digest=descriptor.digest, tag=tag, local_build=local_build)


def retagged(entry: Entry, tag: str, *, local_build: bool) -> Entry:
    """Return the entry with another tag, or none where it is empty, and another mark; all else of it stays."""
    from toolhive_artifact import JsonObject, encode_json, parse_json, sorted_by_key

    value = parse_json(entry.raw, where="index.json", max_size=len(entry.raw))
    fields: dict[str, Encodable] = dict(value) if isinstance(value, JsonObject) else {}
    annotations: dict[str, Encodable] = {}
    for name in [name for name in fields if name.lower() == "annotations"]:  # in any case, as Go reads them
        old = fields.pop(name)
        annotations.update(old if isinstance(old, JsonObject) else {})
    annotations.pop(ANNOTATION_REF_NAME, None)
    annotations.pop(LOCAL_BUILD_ANNOTATION, None)
    if tag:
        annotations[ANNOTATION_REF_NAME] = tag
    if local_build:
        annotations[LOCAL_BUILD_ANNOTATION] = "true"
    ordered: dict[str, Encodable] = {
        name: fields.pop(name) for name in ("mediaType", "digest", "size", "urls") if name in fields
    }
    if annotations:
        ordered["annotations"] = sorted_by_key(annotations)
    return Entry(raw=encode_json(ordered | fields), digest=entry.digest, tag=tag, local_build=local_build)


def check_tag(tag: str) -> str:
    """Return the tag where it is one that can be written down.

    A full reference is a tag, and the names of the OCI layout's own grammar are; beyond them whatever oras-go takes
    is taken, as long as a person can read it and it cannot be mistaken for a digest.

    Raises:
        InvalidTagError: it is empty, too long, a digest, or holds characters that cannot be shown.
    """
    if not isinstance(tag, str) or not tag:
        problem = "a tag is empty" if tag == "" else "a tag is no text"
    elif not tag.isprintable() or tag != tag.strip():
        problem = f"the tag {shown(tag)!r} holds spaces at an end, or characters that cannot be shown"
    elif len(tag.encode()) > MAX_TAG_LENGTH:
        problem = f"the tag {shown(tag)!r} is longer than {MAX_TAG_LENGTH} bytes"
    elif tag.startswith("sha256:"):
        problem = f"the tag {shown(tag)!r} reads as a digest"
    else:
        return tag
    raise InvalidTagError(problem, remedy="Give a tag such as v1.0.0, or a reference such as ghcr.io/owner/name:v1.0.0")


class _Parsed(NamedTuple):
    """The top of an index.json: the text before and after the list's items, and each item's text and value."""

    head: str
    items: list[tuple[bytes, object]]
    tail: str
    is_list: bool


def _parse(text: str) -> _Parsed:
    """Walk over the top object's members; the last list called `manifests`, in any case of letters, is the one."""
    found: _Parsed | None = None
    at = end = _expect(text, 0, "{")
    more = text[at : at + 1] != "}"
    is_empty = not more
    while more:
        if text[at : at + 1] != '"':
            raise ValueError(f"a name is missing at character {at}")
        key, at = _decoder.raw_decode(text, at)
        at = _expect(text, at, ":")
        if key.casefold() == "manifests":
            found, end = _parse_list(text, at)
        else:
            _, end = _decoder.raw_decode(text, at)
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    at = _expect(text, at, "}")
    if at != len(text):
        raise ValueError(f"more text follows its end at character {at}")
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
        value, end = _decoder.raw_decode(text, at)
        items.append((_bytes(text[at:end]), value))
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    end = _expect(text, at, "]")
    return _Parsed(text[: start + 1], items, text[at:], is_list=True), at + 1


def _expect(text: str, at: int, mark: str) -> int:
    """Return where the text goes on after `mark`, which must stand next but for spaces."""
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark!r} is missing at character {at}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    return cast("re.Match[str]", _space.match(text, at)).end()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _field(fields: dict[str, object], name: str) -> object:
    """Return a member as Go finds it: by its own name, else by one that differs in the case of letters."""
    if name in fields:
        return fields[name]
    return next((value for key, value in reversed(fields.items()) if key.lower() == name), None)


def _digest(text: object) -> Digest | None:
    try:
        return Digest(text) if isinstance(text, str) else None
    except InvalidDigestError:
        return None


def _well_formed(text: str) -> str:
    """Replace lone surrogates, which JSON's escapes can write and no encoding can, as Go does."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
