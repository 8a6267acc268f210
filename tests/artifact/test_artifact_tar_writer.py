"""The tar writer gives the bytes of Go's archive/tar, as a stream."""

import hashlib
import io
import random
import tarfile
import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tar_forgery import cut

from toolhive_artifact import (
    FileEntry,
    FileSource,
    InvalidArchiveError,
    InvalidEpochError,
    create_tar,
    extract_tar,
    tar_chunks,
)

MIB = 1024 * 1024


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def plugin(name: str, path: str = "", content: bytes = b"", mode: int = 0o644) -> list[FileEntry]:
    files = [FileEntry(".claude-plugin/plugin.json", b'{"name": "%b"}' % name.encode())]
    return [*files, FileEntry(path, content, mode)] if path else files


class TestGoldenBytes:
    """Digests that Go's archive/tar gave (diff IDs of toolhive-core's bundles)."""

    @pytest.mark.parametrize(
        ("files", "epoch", "size", "digest"),
        [
            (plugin("minimal"), 0, 2048, "e3b1e11dad7cb55b724b02e6ba3499d1df1b6f21c6b9c743ad27f4bb07fe2833"),
            (
                plugin("mode", "s.sh", b"#!/bin/sh\n", 0o755),
                0,
                3072,
                "459059f7daff201b3095d2d1d6a744eafb4f7f67935ac996b758b9e1441546df",
            ),
            (
                plugin("epoch", "README.md", b"hi\n"),
                8_589_934_592,
                5120,
                "8c45e17250e2900f372dc8e44358c88ce4c95458331c320284807cf751e239e8",
            ),
            (
                plugin("epoch", "README.md", b"hi\n"),
                -1,
                5120,
                "6c9492fc4c8eb7fa14911705547d53fb178e68115c96fbe4d5055d1db354d475",
            ),
            (
                plugin("epoch", "README.md", b"hi\n"),
                253_402_300_799,
                5120,
                "7f73e995fb4acff0975924d5f86de73d876b776dc8bbac7657acf8a0e9be2c59",
            ),
            (
                [
                    *plugin("paths", "p" * 100 + "/" + "q" * 99, "& deploy & a the 日".encode()),
                    FileEntry("z.md", b"z"),
                ],
                0,
                4096,
                "835ead9f3f4755310f17854f9c681ebce859593f9e5c79d8d1a979c284673bc8",
            ),
            (
                [
                    *plugin("paths", "p" * 155 + "/" + "q" * 100, "naïve & & deploy de".encode()),
                    FileEntry("z.md", b"z"),
                ],
                0,
                4096,
                "0d81a64fdfe3276379633be35ad3795bb25c800c2335d9d6095689c97480f91a",
            ),
            (
                [*plugin("paths", "p" * 156 + "/" + "q" * 50, b"of deploy tool of th"), FileEntry("z.md", b"z")],
                0,
                5120,
                "8edd17adde9dfa56a432e83cdac5e744c47c99b99dd681858ffc1c29c2ed2117",
            ),
            (
                [*plugin("paths", "/".join(["s" * 60] * 6), b"tool of & of plugin "), FileEntry("z.md", b"z")],
                0,
                5120,
                "b486744ba25fb4e005cf77394831400af17cb8c2df52af55908f83246703c3eb",
            ),
            (
                [*plugin("paths", "docs/ünïcode.md", "tool naïve tool <b>".encode()), FileEntry("z.md", b"z")],
                0,
                5120,
                "f25a42d7738f85a3348acf563fd39816ef8fc3e6722c7409847a92127e470816",
            ),
            (
                [
                    *plugin("paths", "é" * 60 + "/" + "ü" * 60 + ".md", "naïve & of 日本 t".encode()),
                    FileEntry("z.md", b"z"),
                ],
                0,
                5120,
                "3dafa4a0e63e1089ebfd497d963cf249b68b05cdfc51440a088920e7c6d3beb0",
            ),
        ],
    )
    def test_archive_has_the_bytes_of_go(self, files: list[FileEntry], epoch: int, size: int, digest: str) -> None:
        archive = create_tar(files, epoch=epoch)
        assert (len(archive), sha256(archive)) == (size, digest)

    def test_empty_archive_is_two_zero_blocks(self) -> None:
        assert create_tar([]) == bytes(1024)


class TestOrder:
    def test_order_of_the_input_does_not_matter(self) -> None:
        files = [FileEntry(f"d{i % 3}/f{i}", b"%d" % i) for i in range(20)]
        archive = create_tar(files)
        random.Random(1).shuffle(files)
        assert create_tar(files) == archive

    def test_entries_are_sorted_by_the_bytes_of_their_paths(self) -> None:
        paths = ["a/b", "a-b", "a.b", "B", "\U0001f600", "\uffee", "caf\udce9", "café"]
        entries = extract_tar(create_tar(FileEntry(path, b"") for path in paths))
        assert [entry.path for entry in entries] == [
            "B",
            "a-b",
            "a.b",
            "a/b",
            "café",
            "caf\udce9",
            "\uffee",
            "\U0001f600",
        ]

    def test_size_of_the_chunks_does_not_matter(self) -> None:
        content = bytes(range(256)) * 9
        whole = create_tar([FileEntry("a", content)])
        for size in (1, 511, 512, 513):
            source = FileSource("a", len(content), 0o644, partial(cut, content, size))
            assert b"".join(tar_chunks([source])) == whole


class TestHeaders:
    def test_mode_zero_is_written_as_0644(self) -> None:
        assert create_tar([FileEntry("a", b"", 0)]) == create_tar([FileEntry("a", b"", 0o644)])

    def test_entries_have_no_owner_and_the_epoch_s_time(self) -> None:
        archive = create_tar([FileEntry("a", b"x", 0o755)], epoch=1_700_000_939)
        with tarfile.open(fileobj=io.BytesIO(archive)) as reader:
            (member,) = reader.getmembers()
        assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
        assert (member.mtime, member.mode, member.pax_headers) == (1_700_000_939, 0o755, {})

    def test_pax_header_is_written_only_where_needed(self) -> None:
        plain = ["a" * 100, "p" * 50 + "/" + "q" * 60, "p" * 155 + "/" + "q" * 100]
        extended = ["é", "a" * 101, "p" * 156 + "/q", "p/" + "q" * 101, "caf\udce9"]
        for path in plain:
            assert len(create_tar([FileEntry(path, b"")])) == 512 + 1024
        for path in extended:
            assert len(create_tar([FileEntry(path, b"")])) == 3 * 512 + 1024

    def test_a_size_beyond_eleven_octal_digits_goes_into_a_pax_record(self) -> None:
        source = FileSource("big", 8**11, 0o644, lambda: ())
        head = next(tar_chunks([source]))
        assert b"19 size=8589934592\n" in head

    @pytest.mark.parametrize("length", range(1, 300, 7))
    def test_paths_of_any_length_read_back(self, length: int) -> None:
        for path in ("é" * length, "a" * length, ("d/" * length + "f")):
            with tarfile.open(fileobj=io.BytesIO(create_tar([FileEntry(path, b"x")]))) as archive:
                assert archive.getnames() == [path]


class TestRefusal:
    @pytest.mark.parametrize("path", ["", "a\0b", "a/", "/", "x\ud800"])
    def test_path_that_an_archive_cannot_hold_is_refused(self, path: str) -> None:
        with pytest.raises(InvalidArchiveError):
            create_tar([FileEntry(path, b"")])

    @pytest.mark.parametrize("mode", [-1, 0o10000000])
    def test_mode_that_does_not_fit_in_a_header_is_refused(self, mode: int) -> None:
        with pytest.raises(InvalidArchiveError, match="f: the mode"):
            create_tar([FileEntry("f", b"", mode)])

    def test_duplicate_path_is_refused(self) -> None:
        with pytest.raises(InvalidArchiveError, match="a/b: duplicate path"):
            create_tar([FileEntry("a/b", b"1"), FileEntry("c", b""), FileEntry("a/b", b"2")])

    @pytest.mark.parametrize("epoch", [-62_167_219_201, 253_402_300_800])
    def test_epoch_beyond_four_digit_years_is_refused(self, epoch: int) -> None:
        with pytest.raises(InvalidEpochError):
            create_tar([], epoch=epoch)

    @pytest.mark.parametrize(("pieces", "word"), [((b"ab",), "fewer"), ((b"abc", b"d"), "more"), ((), "fewer")])
    def test_source_with_the_wrong_size_is_refused(self, pieces: tuple[bytes, ...], word: str) -> None:
        with pytest.raises(InvalidArchiveError, match=f"x/y: has {word} bytes than its size of 3"):
            list(tar_chunks([FileSource("x/y", 3, 0o644, lambda: pieces)]))


paths = st.lists(
    st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
        lambda part: part not in (".", "..")
    ),
    min_size=1,
    max_size=6,
).map("/".join)


@given(
    st.dictionaries(paths, st.tuples(st.binary(max_size=1200), st.integers(1, 0o777)), max_size=6),
    st.integers(-(10**9), 10**11),
)
@settings(max_examples=100, deadline=None)
def test_archive_reads_back_as_it_was_written(files: dict[str, tuple[bytes, int]], epoch: int) -> None:
    names = [*files]
    if any(a != b and f"{b}/".startswith(f"{a}/") for a in names for b in names):
        return
    entries = [FileEntry(path, content, mode) for path, (content, mode) in files.items()]
    archive = create_tar(entries, epoch=epoch)
    assert len(archive) % 512 == 0
    assert extract_tar(archive) == sorted(entries, key=lambda entry: entry.path.encode())
    with tarfile.open(fileobj=io.BytesIO(archive)) as reader:
        assert {member.name: member.mtime for member in reader} == dict.fromkeys(files, epoch)


def test_archiving_keeps_one_chunk_in_memory() -> None:
    def content() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(MIB)

    tracemalloc.start()
    total = sum(len(piece) for piece in tar_chunks([FileSource(f"f{i}", 64 * MIB, 0o644, content) for i in range(3)]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 3 * 64 * MIB + 3 * 512 + 1024
    assert peak < 3 * MIB
