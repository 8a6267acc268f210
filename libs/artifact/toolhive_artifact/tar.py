"""Reproducible tar archives, with the bytes of toolhive-core when written, and treated as hostile when read.

The same files and epoch give the same bytes: entries are sorted by the bytes of their paths, owned by 0 without names, and
have ustar headers, with PAX headers only where ustar does not suffice. See `tar_writer` and `tar_reader`.
"""

from collections.abc import Iterable

from attrs import frozen

from toolhive_artifact.limits import MAX_TAR_FILE_SIZE
from toolhive_artifact.tar_reader import read_tar
from toolhive_artifact.tar_writer import FileSource, tar_chunks


@frozen
class FileEntry:
    """A file in an archive, with its content."""

    path: str
    """The path in the archive, with slashes; a byte that is not UTF-8 is a surrogate (`surrogateescape`)."""

    content: bytes
    """The content."""

    mode: int = 0o644
    """The permission bits; 0 is written as 0644, as toolhive-core does."""


def create_tar(files: Iterable[FileEntry], *, epoch: int = 0) -> bytes:
    """Write an archive in memory.

    Args:
        files: the files, in any order.
        epoch: the modification time of every entry, in seconds since 1970-01-01T00:00:00Z.

    Raises:
        InvalidArchiveError: a path or mode cannot be written, or there is a duplicate path.
        InvalidEpochError: the epoch is outside the years 0000 to 9999.
    """
    sources = [FileSource.of(f.path, f.content, f.mode) for f in files]
    return b"".join(tar_chunks(sources, epoch=epoch))


def extract_tar(data: bytes, *, max_file_size: int = MAX_TAR_FILE_SIZE) -> list[FileEntry]:
    """Read an archive in memory; directories are left out.

    Args:
        data: the archive, uncompressed.
        max_file_size: the maximum size in bytes of one file.

    Raises:
        ArchiveLimitError: a limit is exceeded; see `read_tar`.
        InvalidArchiveError: the archive is malformed, or contains an entry that `read_tar` refuses.
    """
    members = read_tar((data,), max_file_size=max_file_size, max_total=max(max_file_size, MAX_TAR_FILE_SIZE))
    return [FileEntry(member.path, b"".join(content), member.mode) for member, content in members]
