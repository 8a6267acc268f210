"""gzip streams: the same bytes everywhere when writing, strict and bounded when reading."""

import contextlib
import gzip
import hashlib
import random
import struct
import threading
import time
import tracemalloc
import zlib
from collections import deque
from collections.abc import Callable, Iterator

import deflate
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import (
    MAX_GZIP_MEMBERS,
    CompressorError,
    FileEntry,
    GzipLimitError,
    InvalidEpochError,
    InvalidGzipError,
    SizeLimitError,
    ToolhiveError,
    check_compressor,
    compress,
    compress_chunks,
    compress_tar,
    create_tar,
    decompress,
    decompress_chunks,
    decompress_tar,
    gzip_writer,
)

MIB = 1024 * 1024
PIECE = MIB
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def prose(size: int, seed: int = 1) -> bytes:
    """Words that compress about as text does, the same on every machine."""
    source = random.Random(seed)
    words = [bytes(source.choices(b"etaoinshrdlu", k=source.randint(2, 9))) for _ in range(500)]
    text = b" ".join(source.choices(words, k=size // 3))
    return text[:size]


PLUGIN = [
    FileEntry(".claude-plugin/plugin.json", b'{"name": "golden", "version": "1.0.0"}'),
    FileEntry("commands/review.md", prose(5_000)),
    FileEntry("hooks/run.sh", b"#!/bin/sh\nexit 0\n", 0o755),
    FileEntry("docs/\u00fcber.md", prose(20_000, 2)),
]
BIG = [
    *PLUGIN,
    FileEntry("data/a.txt", prose(3_000_000, 3)),
    FileEntry("data/b.bin", random.Random(4).randbytes(2_500_000)),
]


class TestGoldenBytes:
    """What these digests say, every layer that was ever published depends on: a change here is a new profile."""

    @pytest.mark.parametrize(
        ("files", "epoch", "size", "digest"),
        [
            ([], 0, 28, "62539018952ddec37a4fcf8d77171cfbcd5b21fc3520f32028cd9cfdae546a31"),
            (PLUGIN, 0, 8_978, "b32d2bc36e0f3b1f897682500f26fc3f4a279cbf99ace27d6e6dd4aa68f98573"),
            (PLUGIN, 1_700_000_939, 8_992, "39f288fdfaee8ca7119cbcb6eff844370504af63054e476e3dda6950f7c06ae4"),
            (BIG, 0, 3_416_461, "e83ada6b254a8cd52567fa0a6ac27279e7d02f1401e8a1c75df70bb3af4f0c2d"),
        ],
    )
    def test_layer_has_the_frozen_digest(self, files: list[FileEntry], epoch: int, size: int, digest: str) -> None:
        layer = compress_tar(files, epoch=epoch)
        assert (len(layer), sha256(layer)) == (size, digest)

    @pytest.mark.parametrize(
        ("content", "digest"),
        [
            (b"", "30e6fa98fb48c2b132824d1ac5e2243c0be9e9082ff32598d34d7687ca7f6c7f"),
            (b"a", "fd646d39015628c6dc92e5a24f147994ae0fc3c418758b2903a65f2a4f2d9d7e"),
            (bytes(PIECE), "d9b4df95db0f3a4333def68344722574086b3be47ea6483b82d688b7d595fc36"),
            (bytes(PIECE + 1), "24b4e2db2b0ea68aed9fcf8b189fdf2ac28e869b349e1227b90b7b009b66137a"),
            (bytes(range(256)) * 4000, "fcda2ed9619f75a193139f1e51e3b50dd7842d291f0a1da4a7d61e58097309c4"),
            (prose(PIECE), "0930f75d32f3fb0137b32d9fb8199d17e8c969e615234ac5e9b9104079985688"),
        ],
        ids=["nothing", "one byte", "one piece of zeros", "two pieces of zeros", "counting", "one piece of prose"],
    )
    def test_stream_has_the_frozen_digest(self, content: bytes, digest: str) -> None:
        assert sha256(compress(content)) == digest

    def test_check_content_has_its_digest(self) -> None:
        check_compressor()


class TestWriting:
    @pytest.mark.parametrize("workers", [None, 1, 2, 3, 8])
    def test_number_of_workers_does_not_matter(self, workers: int | None) -> None:
        content = create_tar(BIG)
        assert b"".join(compress_chunks([content], workers=workers)) == compress(content)

    @pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1])
    def test_size_of_the_chunks_does_not_matter(self, size: int) -> None:
        content = prose(size)
        whole = compress(content)
        for step in (100_003, PIECE // 2, PIECE, PIECE + 1):
            pieces = [content[start : start + step] for start in range(0, size, step)]
            assert b"".join(compress_chunks([b"", *pieces, b""])) == whole

    @pytest.mark.parametrize(
        ("size", "members"), [(0, 1), (1, 1), (PIECE, 1), (PIECE + 1, 2), (2 * PIECE, 2), (2 * PIECE + 1, 3)]
    )
    def test_content_is_cut_every_mebibyte(self, size: int, members: int) -> None:
        assert len(list(compress_chunks([bytes(size)]))) == members

    @pytest.mark.parametrize(
        ("epoch", "mtime"),
        [
            (0, 0),
            (1, 1),
            (1_700_000_939, 1_700_000_939),
            (2**32 - 1, 2**32 - 1),
            (2**32, 0),
            (2**33 - 1, 2**32 - 1),
            (253_402_300_799, 4_294_197_631),
            (-1, 0),
            (-86_400, 0),
        ],
    )
    def test_header_is_that_of_go_except_for_the_level(self, epoch: int, mtime: int) -> None:
        content = bytes(PIECE + 1)
        for member in compress_chunks([content], epoch=epoch):
            assert member[:10] == b"\x1f\x8b\x08\x00" + struct.pack("<I", mtime) + b"\x00\xff"

    def test_epoch_beyond_four_digit_years_is_refused(self) -> None:
        with pytest.raises(InvalidEpochError):
            compress(b"", epoch=2**40)

    @pytest.mark.parametrize("content", [b"", b"x", prose(PIECE + 5)])
    def test_other_readers_agree(self, content: bytes) -> None:
        assert gzip.decompress(compress(content)) == content

    def test_memory_is_bounded_by_the_workers(self) -> None:
        def content() -> Iterator[bytes]:
            for i in range(600):
                yield random.Random(i).randbytes(100_000)

        for workers in (1, 2):
            tracemalloc.start()
            total = sum(len(member) for member in compress_chunks(content(), workers=workers))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert total > 60_000_000
            assert peak < (workers + 2) * 2 * PIECE + 2 * PIECE

    def test_failing_source_is_not_swallowed_and_no_thread_is_left(self) -> None:
        def content() -> Iterator[bytes]:
            yield bytes(3 * PIECE)
            raise OSError("gone")

        before = threading.active_count()
        with pytest.raises(OSError, match="gone"):
            list(compress_chunks(content(), workers=2))
        assert threading.active_count() == before

    def test_abandoned_stream_leaves_no_thread(self) -> None:
        before = threading.active_count()
        members = compress_chunks([bytes(20 * PIECE)], workers=2)
        next(members)
        del members
        assert threading.active_count() == before


class TestSelfCheck:
    @pytest.fixture(autouse=True)
    def _forget(self) -> Iterator[None]:
        """Let each test check afresh, and none leave a verdict behind."""
        gzip_writer.check_compressor.cache_clear()
        gzip_writer._library.cache_clear()
        yield
        gzip_writer.check_compressor.cache_clear()
        gzip_writer._library.cache_clear()

    @pytest.mark.parametrize("level_shift", [-1, 1])
    def test_library_with_other_output_is_refused(self, monkeypatch: pytest.MonkeyPatch, level_shift: int) -> None:
        genuine: Callable[[bytes, int], bytearray] = deflate.deflate_compress
        monkeypatch.setattr(deflate, "deflate_compress", lambda data, level: genuine(data, level + level_shift))
        with pytest.raises(CompressorError, match="deflate"):
            compress(b"x")

    def test_library_that_is_missing_is_a_compressor_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(deflate, "deflate_compress")
        with pytest.raises(CompressorError, match="missing"):
            compress(b"x")

    def test_decompressing_does_not_need_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(deflate, "deflate_compress")
        assert decompress(gzip.compress(b"x")) == b"x"


def member(content: bytes = b"content", flags: int = 0, fields: bytes = b"", *, check: bool = False) -> bytes:
    """A gzip member with optional header fields; the header's checksum is added where `check` is set."""
    head = b"\x1f\x8b\x08" + bytes([flags | 2 * check]) + bytes(5) + b"\xff" + fields
    if check:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = raw.compress(content) + raw.flush()
    return head + body + struct.pack("<II", zlib.crc32(content), len(content))


class TestReading:
    @pytest.mark.parametrize(
        ("flags", "fields"),
        [
            (0, b""),
            (1, b""),
            (4, b"\x05\x00extra"),
            (4, b"\x00\x00"),
            (8, b"name\0"),
            (16, b"comment\0"),
            (28, b"\x01\x00xn\xe9me\0\0"),
            (0xE0, b""),
            (8, b"n" * 511 + b"\0"),
        ],
    )
    def test_header_fields_are_skipped(self, flags: int, fields: bytes) -> None:
        assert decompress(member(flags=flags, fields=fields)) == b"content"
        assert decompress(member(flags=flags, fields=fields, check=True)) == b"content"

    @pytest.mark.parametrize("size", [1, 2, 9, 10, 11, 1000])
    def test_size_of_the_chunks_does_not_matter(self, size: int) -> None:
        stream = member(b"one", 8, b"name\0", check=True) + member(b"") + member(prose(10_000))
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        assert b"".join(decompress_chunks([b"", *pieces, b""])) == b"one" + prose(10_000)

    @pytest.mark.parametrize("level", range(10))
    def test_every_level_of_another_compressor_is_read(self, level: int) -> None:
        content = prose(100_000) + random.Random(1).randbytes(70_000) + bytes(70_000)
        assert decompress(gzip.compress(content, level)) == content

    @pytest.mark.parametrize("cut", range(1, len(member(b"x", 28, b"\x01\x00xn\0c\0", check=True))))
    def test_truncated_stream_is_refused(self, cut: int) -> None:
        with pytest.raises(InvalidGzipError, match="truncated"):
            decompress(member(b"x", 28, b"\x01\x00xn\0c\0", check=True)[:cut])

    @pytest.mark.parametrize(
        "stream",
        [
            b"",
            b"PK\x03\x04" * 10,
            b"\x1f\x8b\x07" + member()[3:],
            member()[:-8] + bytes(4) + member()[-4:],
            member()[:-4] + bytes(4),
            member() + b"\0",
            member() + bytes(512),
            member() + b"trailing garbage",
            member() + b"\x1f\x8b",
            member()[:10] + b"\x07" + member()[11:],
            member()[:10] + b"\xff" * 40,
            member(flags=2, fields=b"\0\0"),
            member(flags=8, fields=b"n" * 512 + b"\0"),
            member(flags=16, fields=b"n" * 100_000),
        ],
    )
    def test_malformed_stream_is_refused(self, stream: bytes) -> None:
        with pytest.raises(InvalidGzipError):
            decompress(stream)

    def test_distance_beyond_the_beginning_is_refused(self) -> None:
        raw = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=b"a dictionary of ours")
        body = raw.compress(b"a dictionary of ours") + raw.flush()
        with pytest.raises(InvalidGzipError, match="malformed"):
            decompress(HEADER + body + bytes(8))

    @given(st.binary(max_size=100), st.integers(0, 99), st.integers(0, 255))
    @settings(max_examples=300, deadline=None)
    def test_any_damage_gives_our_error_or_the_content(self, content: bytes, where: int, what: int) -> None:
        stream = bytearray(compress(content))
        stream[where % len(stream)] = what
        with contextlib.suppress(InvalidGzipError):
            assert decompress(bytes(stream)) == content

    @given(st.binary(max_size=200))
    @settings(max_examples=300, deadline=None)
    def test_any_bytes_give_content_or_our_error(self, data: bytes) -> None:
        for stream in (data, HEADER + data, HEADER + data + bytes(8)):
            with contextlib.suppress(InvalidGzipError):
                decompress(stream)

    @given(st.lists(st.binary(max_size=3000), max_size=4))
    @settings(max_examples=100, deadline=None)
    def test_what_is_written_reads_back(self, chunks: list[bytes]) -> None:
        assert b"".join(decompress_chunks(compress_chunks(chunks))) == b"".join(chunks)


class TestBounds:
    def test_limit_is_on_all_members_together(self) -> None:
        stream = member(bytes(600)) + member(bytes(400))
        assert len(decompress(stream, max_size=1000)) == 1000
        with pytest.raises(SizeLimitError, match="more than 999 bytes"):
            decompress(stream, max_size=999)

    def test_nothing_fits_a_limit_of_nothing(self) -> None:
        assert decompress(member(b""), max_size=0) == b""
        with pytest.raises(GzipLimitError):
            decompress(member(b"x"), max_size=0)

    def test_bomb_is_stopped_soon_and_in_little_memory(self) -> None:
        bomb = compress(bytes(50 * MIB)) * 20
        tracemalloc.start()
        with pytest.raises(GzipLimitError, match="104857600"):
            deque(decompress_chunks([bomb]), maxlen=1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2 * MIB

    def test_a_million_empty_members_do_not_hang(self) -> None:
        began = time.process_time()
        with pytest.raises(GzipLimitError, match="more than 10000 members"):
            decompress(member(b"") * 1_000_000)
        assert time.process_time() - began < 10  # measured: 0.04
        assert decompress(member(b"") * MAX_GZIP_MEMBERS) == b""

    def test_endless_empty_blocks_take_time_by_their_number_only(self) -> None:
        began = time.process_time()
        with pytest.raises(InvalidGzipError):
            decompress(HEADER + b"\x00\x00\x00\xff\xff" * 4_000_000)
        assert time.process_time() - began < 10  # measured: 0.2


class TestTar:
    def test_layer_reads_back_as_it_was_written(self) -> None:
        assert decompress_tar(compress_tar(PLUGIN)) == sorted(PLUGIN, key=lambda file: file.path.encode())

    def test_layer_is_the_compressed_archive(self) -> None:
        assert compress_tar(BIG, epoch=5) == compress(create_tar(BIG, epoch=5), epoch=5)
        assert decompress(compress_tar(PLUGIN)) == create_tar(PLUGIN)

    def test_checksum_after_the_end_of_the_archive_counts(self) -> None:
        layer = compress_tar(PLUGIN)
        with pytest.raises(InvalidGzipError):
            decompress_tar(layer[:-1])
        with pytest.raises(InvalidGzipError):
            decompress_tar(layer[:-8] + bytes(8))
        with pytest.raises(InvalidGzipError):
            decompress_tar(layer + b"\0")

    def test_layer_that_is_not_an_archive_is_refused(self) -> None:
        with pytest.raises(ToolhiveError, match="not a tar archive"):
            decompress_tar(compress(b"not an archive" * 100))
