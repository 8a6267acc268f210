"""Reads tar archives that may be hostile: v7, ustar, PAX and GNU long names, with files and directories only.

What Go's archive/tar or toolhive-core refuses is refused here, and so is what two readers, or a file system, could
understand in two ways. Limits apply while reading, not at the end.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from toolhive_artifact._entry_paths import EntryPaths
from toolhive_artifact._streams import Stream
from toolhive_artifact._tar_headers import Header, parse_header, parse_pax
from toolhive_artifact._tar_paths import check_entry_path, clean_path
from toolhive_artifact.errors import ArchiveLimitError, InvalidArchiveError, shown
from toolhive_artifact.limits import MAX_TAR_ENTRIES, MAX_TAR_EXTENSION_SIZE, MAX_TAR_FILE_SIZE, MAX_TAR_FILES

_BLOCK: Final = 512
_PIECE: Final = 65_536
_ZERO_BLOCK: Final = bytes(_BLOCK)
_FILE, _OLD_FILE, _DIRECTORY, _PAX, _LONG_NAME = b"0", b"\0", b"5", b"x", b"L"
_REFUSED_KINDS: Final = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a fifo",
    b"7": "a contiguous file",
    b"g": "a global header",
    b"K": "the long name of a link",
    b"S": "a sparse file",
}


@frozen
class TarMember:
    """A file in an archive, without its content."""

    path: str
    """The cleaned path: relative, with slashes, without `.` and `..`; a byte that is not UTF-8 is a surrogate."""

    size: int
    """The size of the content in bytes."""

    mode: int
    """The permission bits, at most 0777."""


def read_tar(
    chunks: Iterable[bytes],
    *,
    max_file_size: int = MAX_TAR_FILE_SIZE,
    max_files: int = MAX_TAR_FILES,
    max_total: int = MAX_TAR_FILE_SIZE,
) -> Iterator[tuple[TarMember, Iterator[bytes]]]:
    """Read an archive as a stream, keeping one chunk of it in memory.

    `chunks` is read to its end, past the end of the archive, so that a checksum at its end is verified.

    Args:
        chunks: the archive, uncompressed, in chunks of any size.
        max_file_size: the maximum size in bytes of one file.
        max_files: the maximum number of files.
        max_total: the maximum size in bytes of all files together.

    Yields:
        each file with its content, in chunks of any size. Content that has not been read when the next file is asked for is
        skipped. Directories are left out.

    Raises:
        ArchiveLimitError: one of the limits above is exceeded, or 10,010 entries, a path of 4,096 bytes or an extension
            header of 1 MiB.
        InvalidArchiveError: the archive is malformed or truncated, or contains a link, a device, a sparse file or anything
            else that is neither file nor directory, a path that `check_entry_path` refuses, a duplicate path, or a path
            that is both a file and a directory.
    """
    stream = Stream(chunks)
    paths = EntryPaths()
    entries = files = total = 0
    for header in _entries(stream):
        entries += 1
        where = shown(_text(header.name))
        if entries > MAX_TAR_ENTRIES:
            raise ArchiveLimitError(f"there are more than {MAX_TAR_ENTRIES} entries", where=where)
        if header.kind == _DIRECTORY:
            paths.add_directory(clean_path(_text(header.name)))
            continue
        member = TarMember(check_entry_path(_text(header.name)), header.size, header.mode & 0o777)
        paths.add_file(member.path)
        files += 1
        total += member.size
        if files > max_files:
            raise ArchiveLimitError(f"there are more than {max_files} files", where=where)
        if member.size > max_file_size:
            raise ArchiveLimitError(f"is {member.size} bytes; the limit is {max_file_size}", where=where)
        if total > max_total:
            raise ArchiveLimitError(
                f"the files up to this one are {total} bytes; the limit is {max_total}", where=where
            )
        content = _Content(stream, member.size, where)
        yield member, content
        for _ in content:
            pass
        stream.read(-member.size % _BLOCK)
    _drain(stream, max_total)


def _entries(stream: Stream) -> Iterator[Header]:
    """Yield the headers of files and directories, with the values of their extension headers.

    The caller reads the content of each before it asks for the next.
    """
    records: dict[bytes, bytes] | None = None
    long_name: bytes | None = None
    while True:
        place = f"the header at byte {stream.offset}"
        header = _next_header(stream, place)
        if header is None:
            break
        where = shown(_text(header.name)) or place
        if header.kind in (_PAX, _LONG_NAME):
            if records is not None or long_name is not None:
                raise InvalidArchiveError("an entry has two extension headers", where=place)
            data = _extension(stream, header.size, where)
            if header.kind == _PAX:
                records = parse_pax(data, where)
            else:
                long_name = data.partition(b"\0")[0]
            continue
        header = header.extended(records or {}, long_name, where)
        records = long_name = None
        kind = header.kind
        if kind == _OLD_FILE:
            kind = _DIRECTORY if header.name.endswith(b"/") else _FILE
        if kind not in (_FILE, _DIRECTORY):
            what = _REFUSED_KINDS.get(kind) or f"of the unknown type {kind!r}"
            raise InvalidArchiveError(
                f"is {what}", where=shown(_text(header.name)) or place, remedy="Archive only files and directories"
            )
        yield header.of_kind(kind)
    if records is not None or long_name is not None:
        raise InvalidArchiveError("the archive ends after an extension header", where=place)


def _next_header(stream: Stream, place: str) -> Header | None:
    """Return the next header, or None at the end of the archive: two zero blocks, or the end of the stream."""
    block = stream.read(_BLOCK)
    if block == _ZERO_BLOCK:
        block = stream.read(_BLOCK)
        if block == _ZERO_BLOCK or not block:
            return None
        raise InvalidArchiveError(
            "a single zero block, which does not end an archive, is followed by more", where=place
        )
    if not block:
        return None
    if len(block) < _BLOCK:
        raise InvalidArchiveError("the archive ends in the middle of a header", where=place)
    return parse_header(block, place)


def _extension(stream: Stream, size: int, where: str) -> bytes:
    """Read the content of an extension header."""
    if size > MAX_TAR_EXTENSION_SIZE:
        raise ArchiveLimitError(f"an extension header is larger than {MAX_TAR_EXTENSION_SIZE} bytes", where=where)
    data = stream.read(size)
    if len(data) < size:
        raise InvalidArchiveError("the archive ends in the middle of an extension header", where=where)
    stream.read(-size % _BLOCK)
    return data


def _drain(stream: Stream, limit: int) -> None:
    """Read the stream to its end, at most `limit` bytes."""
    end = stream.offset + limit
    while stream.read_some(_PIECE):
        if stream.offset > end:
            raise ArchiveLimitError(f"more than {limit} bytes come after the end of the archive")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


class _Content(Iterator[bytes]):
    """The content of one entry."""

    def __init__(self, stream: Stream, size: int, where: str) -> None:
        self._stream = stream
        self._left = size
        self._where = where

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        part = self._stream.read_some(self._left)
        if not part:
            raise InvalidArchiveError("the archive ends in the middle of the file", where=self._where)
        self._left -= len(part)
        return part
