"""Targets: the readers of tar archives and gzip streams.

A checksum stands before most of what they do, and chance never finds one. So the first byte says what is made right
before the reader sees the rest: an attacker can count as well.
"""

import gzip
import zlib
from collections.abc import Iterable

from fuzz_laws import attempt, in_pieces

from toolhive_artifact import (
    FileEntry,
    ToolhiveError,
    check_entry_path,
    create_tar,
    decompress_chunks,
    decompress_tar,
    extract_tar,
    read_tar,
)

_BLOCK = 512
_MAX_FILE = 1 << 16
_MAX_TOTAL = 1 << 17
_MAX_OUT = 1 << 20


def tar(data: bytes) -> None:
    """Whatever is accepted is sound, reads the same in any pieces, and can be written and read again."""
    mode, archive = data[:1], data[1:]
    if mode != b"r":
        archive = _with_checksums(archive, only_ustar=mode == b"u")
    whole = attempt(lambda: _files([archive]))
    size = 1 + len(archive) % 700
    assert attempt(lambda: _files(in_pieces(archive, size))) == whole, f"other files in pieces of {size} bytes"
    if isinstance(whole, type):
        return
    assert sum(len(file.content) for file in whole) <= min(len(archive), _MAX_TOTAL)
    paths = [file.path for file in whole]
    assert len(set(paths)) == len(paths)
    for file in whole:
        assert check_entry_path(file.path) == file.path
        assert not file.path.startswith("/")
        assert ".." not in file.path.split("/")
        assert 0 <= file.mode <= 0o777
        assert len(file.content) <= _MAX_FILE
        assert not any(other.startswith(file.path + "/") for other in paths)
    written = [FileEntry(file.path, file.content, file.mode or 0o644) for file in whole]
    assert sorted(extract_tar(create_tar(written)), key=_path) == sorted(written, key=_path)


def _files(chunks: Iterable[bytes]) -> list[FileEntry]:
    members = read_tar(chunks, max_file_size=_MAX_FILE, max_total=_MAX_TOTAL, max_files=50)
    return [FileEntry(member.path, b"".join(content), member.mode) for member, content in members]


def _path(file: FileEntry) -> str:
    return file.path


def _with_checksums(archive: bytes, *, only_ustar: bool) -> bytes:
    """Write a right checksum into each whole block that is not all zeros, or only into those that say they are ustar."""
    blocks = []
    for start in range(0, len(archive), _BLOCK):
        block = archive[start : start + _BLOCK]
        if len(block) == _BLOCK and any(block) and (not only_ustar or block[257:262] == b"ustar"):
            total = sum(block) - sum(block[148:156]) + 8 * 0x20
            block = block[:148] + b"%06o\0 " % total + block[156:]
        blocks.append(block)
    return b"".join(blocks)


def gzip_stream(data: bytes) -> None:
    """Whatever is accepted stays within its limit, reads the same in any pieces, and as the standard library reads it."""
    mode, stream = data[:1], data[1:]
    if mode != b"r":
        stream = _with_trailers(stream)
    whole = attempt(lambda: b"".join(decompress_chunks([stream], max_size=_MAX_OUT)))
    size = 1 + len(stream) % 700
    pieces = attempt(lambda: b"".join(decompress_chunks(in_pieces(stream, size), max_size=_MAX_OUT)))
    assert pieces == whole, f"another content in pieces of {size} bytes"
    if isinstance(whole, bytes):
        assert len(whole) <= _MAX_OUT
        assert gzip.decompress(stream) == whole


def _with_trailers(data: bytes) -> bytes:
    """Make members of it: a header up to its deflate stream is taken as it is, the checksum and length are put right."""
    members: list[bytes] = []
    while data and len(members) < 20:
        flags, data = data[0], data[1:]
        header = b"\x1f\x8b\x08" + bytes([flags & 0x1F]) + bytes(6)
        if flags & 4:
            extra = data[1 : 1 + data[0]] if data else b""
            header += len(extra).to_bytes(2, "little") + extra
            data = data[1 + len(extra) :]
        for bit in (8, 16):
            if flags & bit:
                name, _, data = data.partition(b"\0")
                header += name + b"\0"
        if flags & 2:
            header += (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflater.decompress(data, _MAX_OUT + 1)
        except zlib.error:
            return b"".join(members) + header + data
        body = data[: len(data) - len(inflater.unused_data)]
        data = inflater.unused_data
        members.append(header + body + zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little"))
    return b"".join(members) + data


def layer(data: bytes) -> None:
    """Both readers in a row, as a layer is read."""
    try:
        files = decompress_tar(_with_trailers(data))
    except ToolhiveError:
        return
    assert len({file.path for file in files}) == len(files)
