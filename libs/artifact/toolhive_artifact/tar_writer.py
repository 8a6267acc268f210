"""Writes tar archives with the bytes of Go's archive/tar in its PAX format (POSIX.1-2017, pax, "ustar" and "pax").

A PAX header comes before an entry only where the ustar header cannot hold its path, size or time.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Final

from attrs import frozen

from toolhive_artifact._tar_paths import path_bytes
from toolhive_artifact.errors import InvalidArchiveError, shown
from toolhive_artifact.timestamps import check_epoch

BLOCK: Final = 512
"""The size in bytes of a header; content is padded to a multiple of it."""

_NAME_SIZE = 100
_PREFIX_SIZE = 155
_MAX_OCTAL_12 = 8**11
_MAX_OCTAL_8 = 8**7
_DEFAULT_MODE = 0o644
_REGULAR, _EXTENSION = b"0", b"x"
_ZERO_8 = b"0000000\0"


@frozen
class FileSource:
    """A file to archive, whose content is read when its turn comes."""

    path: str
    """The path in the archive, with slashes; a byte that is not UTF-8 is a surrogate (`surrogateescape`)."""

    size: int
    """The size of the content in bytes, which goes into the header before the content is read."""

    mode: int
    """The permission bits; 0 is written as 0644, as toolhive-core does."""

    chunks: Callable[[], Iterable[bytes]]
    """Returns the content, in chunks of any size; called once."""

    @classmethod
    def of(cls, path: str, content: bytes, mode: int = _DEFAULT_MODE) -> "FileSource":
        """Return the source of a file whose content is in memory."""
        return cls(path, len(content), mode, lambda: (content,))


def tar_chunks(sources: Iterable[FileSource], *, epoch: int = 0) -> Iterator[bytes]:
    """Write an archive as a stream, keeping one chunk of content in memory.

    Args:
        sources: the files, in any order.
        epoch: the modification time of every entry, in seconds since 1970-01-01T00:00:00Z.

    Yields:
        the archive, in chunks of any size.

    Raises:
        InvalidArchiveError: a path or mode cannot be written, there is a duplicate path, or a source's content has another
            size than it says.
        InvalidEpochError: the epoch is outside the years 0000 to 9999.
    """
    check_epoch(epoch)
    by_path = sorted(((_entry_bytes(source.path), source) for source in sources), key=itemgetter(0))
    previous = None
    for path, source in by_path:
        if path == previous:
            raise InvalidArchiveError("duplicate path", where=shown(source.path))
        previous = path
        yield _headers(path, source, epoch)
        yield from _content(source)
        if padding := -source.size % BLOCK:
            yield bytes(padding)
    yield bytes(2 * BLOCK)


def _entry_bytes(path: str) -> bytes:
    if not path or "\0" in path or path.endswith("/"):
        raise InvalidArchiveError("is not a valid path for a file in an archive", where=repr(shown(path)))
    return path_bytes(path)


def _content(source: FileSource) -> Iterator[bytes]:
    left = source.size
    for chunk in source.chunks():
        left -= len(chunk)
        if left < 0:
            break
        if chunk:
            yield chunk
    if left:
        raise InvalidArchiveError(
            f"has {'more' if left < 0 else 'fewer'} bytes than its size of {source.size}: it changed while it was archived",
            where=shown(source.path),
            remedy="Try again when nothing writes to the file",
        )


def _headers(path: bytes, source: FileSource, epoch: int) -> bytes:
    """Return the header of an entry, after its PAX header where it needs one."""
    mode = source.mode or _DEFAULT_MODE
    if not 0 <= mode < _MAX_OCTAL_8:
        raise InvalidArchiveError(f"the mode {mode:o} does not fit in a header", where=shown(source.path))
    split = _split(path)
    fits = path.isascii() and len(path) <= _NAME_SIZE
    records = {}
    if not 0 <= epoch < _MAX_OCTAL_12:
        records[b"mtime"] = b"%d" % epoch
    if source.size >= _MAX_OCTAL_12:
        records[b"size"] = b"%d" % source.size
    if not records and (fits or split):
        prefix, name = split or (b"", path)
        return _header(name, prefix, mode, source.size, epoch, _REGULAR)
    if not fits:
        records[b"path"] = path
    data = b"".join(_record(key, records[key]) for key in sorted(records))
    return b"".join(
        (
            _extension_header(path, len(data)),
            data,
            bytes(-len(data) % BLOCK),
            _header(_cut(_ascii(path)), b"", mode, source.size, epoch, _REGULAR),
        )
    )


def _split(path: bytes) -> tuple[bytes, bytes] | None:
    """Split a path that is too long for the name field between the prefix and the name, as late as possible."""
    if len(path) <= _NAME_SIZE or not path.isascii():
        return None
    slash = path.rfind(b"/", 0, _PREFIX_SIZE + 1)
    prefix, name = path[:slash], path[slash + 1 :]
    return (prefix, name) if slash > 0 and 0 < len(name) <= _NAME_SIZE else None


def _header(name: bytes, prefix: bytes, mode: int, size: int, mtime: int, kind: bytes) -> bytes:
    return _with_checksum(
        b"%b%07o\0%b%b%b%b%b%b%bustar\x0000%b%b%b%b%b"
        % (
            name.ljust(_NAME_SIZE, b"\0"),
            mode,
            _ZERO_8,
            _ZERO_8,
            _octal_12(size),
            _octal_12(mtime),
            b" " * 8,
            kind,
            bytes(100),
            bytes(64),
            _ZERO_8,
            _ZERO_8,
            prefix.ljust(_PREFIX_SIZE, b"\0"),
            bytes(12),
        )
    )


def _extension_header(path: bytes, size: int) -> bytes:
    """Return the header of a PAX header, with the name that Go gives it."""
    folder, _, file = path.rpartition(b"/")
    name = _ascii(
        _clean(folder + b"/PaxHeaders.0/" + file if folder or path.startswith(b"/") else b"PaxHeaders.0/" + file)
    )
    name = name[:_NAME_SIZE].rstrip(b"/")
    return _with_checksum(
        b"%b%b%b%b%b%b%b%b%bustar\x0000%b"
        % (
            name.ljust(_NAME_SIZE, b"\0"),
            _ZERO_8,
            _ZERO_8,
            _ZERO_8,
            _octal_12(size),
            _octal_12(0),
            b" " * 8,
            _EXTENSION,
            bytes(100),
            bytes(247),
        )
    )


def _with_checksum(block: bytes) -> bytes:
    return b"%b%06o\0 %b" % (block[:148], sum(block), block[156:])


def _octal_12(number: int) -> bytes:
    return b"%011o\0" % (number if 0 <= number < _MAX_OCTAL_12 else 0)


def _ascii(path: bytes) -> bytes:
    return path if path.isascii() else bytes(c for c in path if c < 0x80)


def _cut(name: bytes) -> bytes:
    """Truncate a name to its field, without a trailing slash, which would make it a directory."""
    field = name[:_NAME_SIZE]
    if len(name) > _NAME_SIZE and field.endswith(b"/"):
        end = len(field.rstrip(b"/"))
        return field[:end] + b"\0" + field[end + 1 :]
    return field


def _clean(path: bytes) -> bytes:
    """Resolve `.`, `..` and doubled slashes in a path, as Go's path.Clean does."""
    rooted = path.startswith(b"/")
    kept: list[bytes] = []
    for part in path.split(b"/"):
        if part in (b"", b"."):
            continue
        if part == b".." and kept and kept[-1] != b"..":
            kept.pop()
        elif part != b".." or not rooted:
            kept.append(part)
    return b"/" * rooted + b"/".join(kept) or b"."


def _record(key: bytes, value: bytes) -> bytes:
    """Return a PAX record, which begins with its own length."""
    rest = b" %b=%b\n" % (key, value)
    length = len(rest)
    while length != len(rest) + len(b"%d" % length):
        length = len(rest) + len(b"%d" % length)
    return b"%d%b" % (length, rest)
