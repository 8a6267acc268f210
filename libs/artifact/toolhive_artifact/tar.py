"""Reproducible tar archives, written as the reference writes them and read as if an enemy had made them.

The same files and epoch give the same bytes: entries sorted by the bytes of their paths, owner 0 and no
names, ustar headers, and PAX headers only where ustar cannot say it. `tar_writer` and `tar_reader` do the work.
"""

from collections.abc import Iterable

from attrs import frozen

from toolhive_artifact._tar_paths import check_entry_path
from toolhive_artifact.limits import MAX_TAR_FILE_SIZE
from toolhive_artifact.tar_reader import TarMember, read_tar
from toolhive_artifact.tar_writer import FileSource, tar_chunks

__all__ = [
    "FileEntry",
    "FileSource",
    "TarMember",
    "check_entry_path",
    "create_tar",
    "extract_tar",
    "read_tar",
    "tar_chunks",
]


@frozen
class FileEntry:
    """A file of an archive, with its content."""

    path: str
    """Its place in the archive, with slashes; a byte that is not UTF-8 is a surrogate (`surrogateescape`)."""

    content: bytes
    """Its content."""

    mode: int = 0o644
    """Its permission bits; 0 is written as 0644, as the reference does."""


def create_tar(files: Iterable[FileEntry], *, epoch: int = 0) -> bytes:
    """Write an archive in memory.

    Args:
        files: what goes in, in any order.
        epoch: the modification time of every entry, in seconds since 1970.

    Raises:
        InvalidArchiveError: a path or mode cannot be written, or a path is there twice.
        InvalidEpochError: the epoch lies outside the years 0000 to 9999.
    """
    sources = [FileSource.of(f.path, f.content, f.mode) for f in files]
    return b"".join(tar_chunks(sources, epoch=epoch))


def extract_tar(data: bytes, *, max_file_size: int = MAX_TAR_FILE_SIZE) -> list[FileEntry]:
    """Read an archive in memory; directories are left out.

    Args:
        data: the archive, uncompressed.
        max_file_size: bytes that one file may have.

    Raises:
        ArchiveLimitError: a file, all of them together, their number or a path is beyond its limit.
        InvalidArchiveError: the archive is malformed, or holds an entry that `read_tar` refuses.
    """
    members = read_tar((data,), max_file_size=max_file_size, max_total=max(max_file_size, MAX_TAR_FILE_SIZE))
    return [FileEntry(member.path, b"".join(content), member.mode) for member, content in members]
