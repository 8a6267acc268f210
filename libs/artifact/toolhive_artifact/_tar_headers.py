"""Parses the headers of tar archives as Go's archive/tar does (POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format").

Go accepts several notations for numbers, but no malformed ones. The checksum tells a header from noise, and the magic
tells its dialect.
"""

import re
import struct
from typing import Final

from attrs import evolve, frozen

from toolhive_artifact.errors import InvalidArchiveError

_FIELDS: Final = struct.Struct("100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12s")
_CHECKSUM: Final = slice(148, 156)
_USTAR_MAGIC, _GNU_MAGIC, _GNU_VERSION = b"ustar\0", b"ustar ", b" \0"
_STAR_TRAILER: Final = b"tar\0"
_octal = re.compile(rb"[0-7]+").fullmatch
_decimal = re.compile(rb"([+-]?)0*+([0-9]*+)").fullmatch  # possessive: zeros must not be tried in both groups
_time = re.compile(rb"([^.]*)(?:\.[0-9]*)?").fullmatch
_record_length = re.compile(rb"([0-9]{1,7}) ").match
_SHORTEST_RECORD: Final = 5
_TEXT_KEYS: Final = frozenset({b"path", b"linkpath", b"uname", b"gname"})
_NUMBER_KEYS: Final = frozenset({b"uid", b"gid", b"size"})
_TIME_KEYS: Final = frozenset({b"atime", b"mtime", b"ctime"})
_INT64_DIGITS: Final = 19


@frozen
class Header:
    """The fields of a header that matter here."""

    name: bytes
    size: int
    mode: int
    kind: bytes

    def of_kind(self, kind: bytes) -> "Header":
        """Return the header with another type flag."""
        return evolve(self, kind=kind)

    def extended(self, records: dict[bytes, bytes], long_name: bytes | None, where: str) -> "Header":
        """Return the header with the values of its extension headers, which take precedence.

        Raises:
            InvalidArchiveError: the size is negative.
        """
        name = long_name or records.get(b"path") or self.name
        size = _signed_decimal(records[b"size"]) if records.get(b"size") else self.size
        if size is None or size < 0:
            raise InvalidArchiveError("the size in the extension header is negative", where=where)
        return evolve(self, name=name, size=size)


def parse_header(block: bytes, place: str) -> Header:
    """Parse a header block.

    Args:
        block: its 512 bytes.
        place: where it is in the archive, for errors.

    Raises:
        InvalidArchiveError: the checksum does not match, a number is malformed, or the size is negative.
    """
    fields = _FIELDS.unpack_from(block)
    name, mode, uid, gid, size, mtime, checksum, kind = fields[:8]
    magic, version, device_major, device_minor, prefix = fields[9], fields[10], *fields[13:16]
    if not _checksum_holds(block, checksum):
        raise InvalidArchiveError(
            "the checksum does not match: this is not a tar archive, or it is damaged", where=place
        )
    path = _string(name)
    numbers = [mode, uid, gid, size, mtime]
    if magic == _USTAR_MAGIC:
        numbers += [device_major, device_minor]
        if block.endswith(_STAR_TRAILER):
            numbers += [prefix[131:143], prefix[143:155]]
            prefix = prefix[:131]
        path = _joined(_string(prefix), path)
    elif magic == _GNU_MAGIC and version == _GNU_VERSION:
        numbers += [device_major, device_minor]
        path = _joined(_gnu_prefix(prefix), path)
    values = [_number(field) for field in numbers]
    mode_value, size_value = values[0], values[3]
    if mode_value is None or size_value is None or None in values:
        raise InvalidArchiveError("a number in the header is malformed", where=place)
    if size_value < 0:
        raise InvalidArchiveError("the size is negative", where=place)
    return Header(path, size_value, mode_value, kind)


def parse_pax(data: bytes, where: str) -> dict[bytes, bytes]:
    """Parse the records of a PAX extension header; the last of equal keys wins.

    Raises:
        InvalidArchiveError: a record or a number in one is malformed, or the entry is a sparse file.
    """
    records: dict[bytes, bytes] = {}
    pos = 0
    while pos < len(data):
        match = _record_length(data, pos)
        end = pos + int(match[1]) if match else 0
        if match is None or end - pos < _SHORTEST_RECORD or not match.end() < end <= len(data) or data[end - 1] != 0x0A:
            raise InvalidArchiveError("the length of a PAX record is wrong", where=where)
        key, equals, value = data[match.end() : end - 1].partition(b"=")
        if not equals or not key or b"\0" in (value if key in _TEXT_KEYS else key):
            raise InvalidArchiveError("a PAX record is malformed", where=where)
        if key.startswith(b"GNU.sparse."):
            raise InvalidArchiveError("is a sparse file", where=where, remedy="Archive the whole file")
        records[key] = value
        pos = end
    for key, value in records.items():
        if value and not _is_well_formed(key, value):
            raise InvalidArchiveError("a number in a PAX record is malformed", where=where)
    return records


def _is_well_formed(key: bytes, value: bytes) -> bool:
    if key in _NUMBER_KEYS:
        return _signed_decimal(value) is not None
    if key in _TIME_KEYS:
        match = _time(value)
        return match is not None and _signed_decimal(match[1]) is not None
    return True


def _checksum_holds(block: bytes, field: bytes) -> bool:
    """Return whether the sum of the block's bytes matches: unsigned or, as some old programs wrote it, signed."""
    stored = _octal_number(field)
    unsigned = sum(block) - sum(block[_CHECKSUM]) + 8 * 0x20
    if stored == unsigned:
        return True
    others = block[: _CHECKSUM.start] + block[_CHECKSUM.stop :]
    return stored == unsigned - 256 * sum(byte > 0x7F for byte in others)


def _string(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _joined(prefix: bytes, name: bytes) -> bytes:
    return prefix + b"/" + name if prefix else name


def _gnu_prefix(field: bytes) -> bytes:
    """Return the prefix of a GNU header: empty, unless an old Go wrote one where GNU has two times."""
    times = (field[:12], field[12:24])
    if all(time[0] == 0 or _number(time) is not None for time in times):
        return b""
    prefix = _string(field)
    return prefix if prefix.isascii() else b""


def _number(field: bytes) -> int | None:
    """Parse a number in octal or in GNU's base 256; None if it is malformed or does not fit 64 signed bits."""
    if not field[0] & 0x80:
        return _octal_number(field)
    bits = 8 * len(field) - 1
    value = int.from_bytes(field, "big") & ((1 << bits) - 1)
    if field[0] & 0x40:
        value -= 1 << bits
    return value if -(2**63) <= value < 2**63 else None


def _octal_number(field: bytes) -> int | None:
    digits = field.strip(b" \0")
    if not digits:
        return 0
    match = _octal(_string(digits))
    return int(match[0], 8) if match else None


def _signed_decimal(text: bytes) -> int | None:
    match = _decimal(text)
    if match is None or not text[len(match[1]) :] or len(match[2]) > _INT64_DIGITS:
        return None
    value = int(match[1] + (match[2] or b"0"))
    return value if -(2**63) <= value < 2**63 else None
