"""Reproducible gzip streams, and the bounded reading of anybody's (RFC 1952).

Content is cut every MiB, and each piece becomes a gzip member of its own (section 2.2), so that the members
can be compressed side by side and the bytes are the same whatever the number of workers. The compressor is
libdeflate in the `deflate` library, never the interpreter's zlib, whose output differs from build to build;
`docs/compression.md` says how level and size of the pieces were chosen.
"""

from collections.abc import Iterable

from toolhive_artifact.gzip_reader import decompress_chunks
from toolhive_artifact.gzip_writer import compress_chunks
from toolhive_artifact.limits import MAX_DECOMPRESSED_SIZE
from toolhive_artifact.tar import FileEntry, FileSource, read_tar, tar_chunks

__all__ = ["compress", "compress_chunks", "compress_tar", "decompress", "decompress_chunks", "decompress_tar"]


def compress(data: bytes, *, epoch: int = 0) -> bytes:
    """Compress `data` in memory.

    Args:
        data: any bytes.
        epoch: the modification time in the headers, in seconds since 1970.

    Raises:
        CompressorError: the installed deflate library would not write the promised bytes.
        InvalidEpochError: the epoch lies outside the years 0000 to 9999.
    """
    return b"".join(compress_chunks((data,), epoch=epoch))


def decompress(data: bytes, *, max_size: int = MAX_DECOMPRESSED_SIZE) -> bytes:
    """Decompress a gzip stream in memory.

    Args:
        data: the stream, of one member or more.
        max_size: bytes that it may give, over all its members.

    Raises:
        GzipLimitError: it gives more, or has more than 10,000 members.
        InvalidGzipError: it is empty, malformed or cut short, fails a checksum, or has something after its end.
    """
    return b"".join(decompress_chunks((data,), max_size=max_size))


def compress_tar(files: Iterable[FileEntry], *, epoch: int = 0) -> bytes:
    """Archive and compress files in memory; arguments and errors as for `create_tar` and `compress`."""
    sources = [FileSource.of(f.path, f.content, f.mode) for f in files]
    return b"".join(compress_chunks(tar_chunks(sources, epoch=epoch), epoch=epoch))


def decompress_tar(data: bytes) -> list[FileEntry]:
    """Decompress and read an archive; errors as for `decompress` and `extract_tar`."""
    members = read_tar(decompress_chunks((data,)))
    return [FileEntry(member.path, b"".join(content), member.mode) for member, content in members]
