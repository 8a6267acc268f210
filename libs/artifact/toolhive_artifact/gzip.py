"""Reproducible gzip streams, and bounded reading of any others (RFC 1952).

Content is cut every MiB and each piece becomes its own gzip member (section 2.2), so that members can be compressed in
parallel and the bytes do not depend on the number of workers. The compressor is libdeflate, through the `deflate` library,
and not the interpreter's zlib, whose output differs between builds. `docs/compression.md` explains the level and the size
of the pieces.
"""

from collections.abc import Iterable

from toolhive_artifact.gzip_reader import decompress_chunks
from toolhive_artifact.gzip_writer import compress_chunks
from toolhive_artifact.limits import MAX_DECOMPRESSED_SIZE
from toolhive_artifact.tar import FileEntry
from toolhive_artifact.tar_reader import read_tar
from toolhive_artifact.tar_writer import FileSource, tar_chunks


def compress(data: bytes, *, epoch: int = 0) -> bytes:
    """Compress `data` in memory.

    Args:
        data: any bytes.
        epoch: the modification time in the headers, in seconds since 1970-01-01T00:00:00Z.

    Raises:
        CompressorError: the deflate library is missing, or its output differs from what this version promises.
        InvalidEpochError: the epoch is outside the years 0000 to 9999.
    """
    return b"".join(compress_chunks((data,), epoch=epoch))


def decompress(data: bytes, *, max_size: int = MAX_DECOMPRESSED_SIZE) -> bytes:
    """Decompress a gzip stream in memory.

    Args:
        data: the stream, of one or more members.
        max_size: the maximum decompressed size in bytes, over all members.

    Raises:
        GzipLimitError: the stream decompresses to more, or has more than 10,000 members.
        InvalidGzipError: the stream is empty, malformed or truncated, a checksum does not match, or data follows its end.
    """
    return b"".join(decompress_chunks((data,), max_size=max_size))


def compress_tar(files: Iterable[FileEntry], *, epoch: int = 0) -> bytes:
    """Archive and compress files in memory; arguments and errors are those of `create_tar` and `compress`."""
    sources = [FileSource.of(f.path, f.content, f.mode) for f in files]
    return b"".join(compress_chunks(tar_chunks(sources, epoch=epoch), epoch=epoch))


def decompress_tar(data: bytes) -> list[FileEntry]:
    """Decompress and read an archive in memory; errors are those of `decompress` and `extract_tar`."""
    members = read_tar(decompress_chunks((data,)))
    return [FileEntry(member.path, b"".join(content), member.mode) for member, content in members]
