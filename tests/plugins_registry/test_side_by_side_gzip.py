"""Members decompressed side by side give what the stream gives front to back, errors included."""

import gzip
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import InvalidGzipError, SizeLimitError, compress, decompress_chunks
from toolhive_plugins_registry.side_by_side_gzip import decompress_side_by_side


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def outcome(data: bytes, size: int, *, side_by_side: bool) -> bytes | str:
    try:
        pieces = decompress_side_by_side(cut(data, size)) if side_by_side else decompress_chunks(cut(data, size))
        return b"".join(pieces)
    except (InvalidGzipError, SizeLimitError) as error:
        return "limit" if isinstance(error, SizeLimitError) else "invalid"


def assert_same(data: bytes, size: int = 50_000) -> bytes | str:
    expected = outcome(data, size, side_by_side=False)
    assert outcome(data, size, side_by_side=True) == expected
    return expected


NOISE = random.Random(5).randbytes(3_500_000)


def test_stream_of_our_own_members() -> None:
    assert assert_same(compress(NOISE)) == NOISE


def test_stream_of_one_large_member() -> None:
    assert assert_same(gzip.compress(NOISE * 2, 1, mtime=0)) == NOISE * 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"\0",
        lambda data: data + data[:10],
        lambda data: data + b"junk that is no gzip header",
        lambda data: data[:1_500_000] + b"\0\0\0\0" + data[1_500_004:],
        lambda data: b"",
        lambda data: data[:9],
    ],
)
def test_damaged_stream_is_refused_all_the_same(damage: Callable[[bytes], bytes]) -> None:
    assert assert_same(damage(compress(NOISE))) == "invalid"


def test_header_within_the_content_is_no_member() -> None:
    header = compress(b"x")[:10]
    content = (header + NOISE[:1000]) * 300
    assert assert_same(gzip.compress(content, 0, mtime=0)) == content
    stored = gzip.compress(content, 0, mtime=0)
    assert stored.count(stored[:10]) >= 1


def test_content_that_begins_like_its_own_stream_is_no_member() -> None:
    """Stored, not compressed: the very bytes of the header occur in the middle of a member."""
    header = gzip.compress(b"", 0, mtime=0)[:10]
    content = b"a" * 70_000 + header + b"b" * 70_000 + header
    stream = gzip.compress(content, 0, mtime=0)
    assert stream.count(header) == 3
    assert assert_same(stream + gzip.compress(b"more", 0, mtime=0)) == content + b"more"


def test_bomb_of_many_members_is_cut_off() -> None:
    member = gzip.compress(bytes(3_000_000), 9, mtime=0)
    assert assert_same(member * 36) == "limit"


def test_bomb_in_one_member_is_cut_off() -> None:
    assert assert_same(gzip.compress(bytes(1000), mtime=0) + gzip.compress(bytes(110_000_000), mtime=0)) == "limit"


def test_too_many_members_are_refused() -> None:
    assert assert_same(gzip.compress(b"", mtime=0) * 10_001) == "limit"


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=6), st.integers(0, 2), st.integers(1, 100), st.data())
@settings(max_examples=150, deadline=None)
def test_any_stream_gives_the_same_both_ways(contents: list[bytes], level: int, size: int, data: st.DataObject) -> None:
    stream = b"".join(gzip.compress(content, level, mtime=0) for content in contents)
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream = stream[:at] + bytes([stream[at] ^ data.draw(st.integers(1, 255))]) + stream[at + 1 :]
    assert_same(stream, size)
