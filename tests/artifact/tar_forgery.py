"""Makes tar archives block by block, as no honest archiver would."""

from collections.abc import Iterable

BLOCK = 512
END = bytes(2 * BLOCK)


def header(
    name: bytes = b"a",
    *,
    size: bytes | int = 0,
    mode: bytes | int = 0o644,
    kind: bytes = b"0",
    magic: bytes = b"ustar\x0000",
    mtime: bytes = b"00000000000\0",
    uid: bytes = b"0000000\0",
    gid: bytes = b"0000000\0",
    major: bytes = b"0000000\0",
    minor: bytes = b"0000000\0",
    prefix: bytes = b"",
    tail: bytes = b"",
    checksum: bytes | None = None,
    signed: bool = False,
) -> bytes:
    """Return a header block whose fields say what is asked, and whose checksum is right unless one is given."""
    block = b"".join(
        (
            name.ljust(100, b"\0"),
            mode if isinstance(mode, bytes) else b"%07o\0" % mode,
            uid,
            gid,
            size if isinstance(size, bytes) else b"%011o\0" % size,
            mtime,
            b" " * 8,
            kind,
            bytes(100),
            magic,
            bytes(64),
            major,
            minor,
            prefix.ljust(155, b"\0"),
            tail.ljust(12, b"\0"),
        )
    )
    assert len(block) == BLOCK
    total = sum(byte - 256 * (signed and byte > 127) for byte in block)
    stored = b"%06o\0 " % total if checksum is None else checksum
    return block[:148] + stored + block[156:]


def entry(
    name: bytes = b"a", content: bytes = b"", *, kind: bytes = b"0", mode: int = 0o644, prefix: bytes = b""
) -> bytes:
    """Return a header and its content."""
    return header(name, size=len(content), kind=kind, mode=mode, prefix=prefix) + padded(content)


def record(key: bytes, value: bytes) -> bytes:
    """Return a PAX record."""
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %b=%b\n" % (length, key, value)


def pax(*records: tuple[bytes, bytes]) -> bytes:
    """Return a PAX extension header."""
    return entry(b"PaxHeaders.0/a", b"".join(record(key, value) for key, value in records), kind=b"x")


def raw_pax(data: bytes) -> bytes:
    """Return a PAX extension header with any content."""
    return entry(b"PaxHeaders.0/a", data, kind=b"x")


def long_name(name: bytes) -> bytes:
    """Return a GNU long name."""
    return header(b"././@LongLink", size=len(name) + 1, kind=b"L", magic=b"ustar  \0") + padded(name + b"\0")


def padded(content: bytes) -> bytes:
    """Fill content up to whole blocks."""
    return content + bytes(-len(content) % BLOCK)


def cut(data: bytes, size: int) -> Iterable[bytes]:
    """Cut data into pieces."""
    return (data[start : start + size] for start in range(0, len(data), size))
