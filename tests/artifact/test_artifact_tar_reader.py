"""The tar reader refuses what is hostile, by name, and reads what honest archivers write."""

import contextlib
import io
import tarfile
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tar_forgery import BLOCK, END, cut, entry, header, long_name, padded, pax, raw_pax, record

from toolhive_artifact import (
    MAX_TAR_ENTRIES,
    ArchiveLimitError,
    FileEntry,
    InvalidArchiveError,
    SizeLimitError,
    ToolhiveError,
    check_entry_path,
    create_tar,
    extract_tar,
    read_tar,
)

MIB = 1024 * 1024


def paths_of(archive: bytes) -> list[str]:
    return [file.path for file in extract_tar(archive)]


class TestHonestArchives:
    @pytest.mark.parametrize("dialect", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_what_the_standard_library_writes_is_read(self, dialect: int) -> None:
        content = {"a.md": b"x" * 100, "d/e/run.sh": b"y" * 512, "empty": b"", "n" * 90 + "/" + "m" * 90: b"z"}
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=dialect) as archive:
            for name, data in content.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime, member.uname = len(data), 0o755, 1_700_000_000, "someone"
                archive.addfile(member, io.BytesIO(data))
            folder = tarfile.TarInfo("d/")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
        files = extract_tar(buffer.getvalue())
        assert {file.path: file.content for file in files} == content
        assert {file.mode for file in files} == {0o755}

    @pytest.mark.parametrize("dialect", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    @pytest.mark.parametrize("name", ["é/ü.md", "l" * 150, "x/" * 150 + "y", "日" * 100])
    def test_long_and_foreign_names_are_read(self, dialect: int, name: str) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=dialect) as archive:
            archive.addfile(tarfile.TarInfo(name))
        assert paths_of(buffer.getvalue()) == [name]

    def test_name_that_is_not_utf8_keeps_its_bytes(self) -> None:
        assert paths_of(entry(b"caf\xe9") + END) == ["caf\udce9"]

    def test_directories_are_left_out(self) -> None:
        archive = entry(b"./", kind=b"5") + entry(b"./a/", kind=b"5") + entry(b"./a/b", b"x") + END
        assert paths_of(archive) == ["a/b"]

    def test_old_archives_have_files_of_type_nul_and_directories_with_a_slash(self) -> None:
        archive = header(b"d/", kind=b"\0", magic=bytes(8)) + header(b"d/f", kind=b"\0", magic=bytes(8)) + END
        assert paths_of(archive) == ["d/f"]

    @pytest.mark.parametrize(
        ("name", "path"),
        [(b"./x", "x"), (b"a//b", "a/b"), (b"a/./b", "a/b"), (b"a/../b", "b"), (b"a/", "a"), (b"...", "...")],
    )
    def test_paths_are_cleaned(self, name: bytes, path: str) -> None:
        assert paths_of(entry(name) + END) == [path]

    def test_old_v7_headers_have_no_prefix(self) -> None:
        assert paths_of(header(b"a", magic=bytes(8), prefix=b"p") + END) == ["a"]

    def test_ustar_prefix_is_part_of_the_path(self) -> None:
        assert paths_of(entry(b"b", prefix=b"a") + END) == ["a/b"]

    def test_star_headers_have_a_shorter_prefix(self) -> None:
        prefix = b"p".ljust(131, b"\0") + b"00000000000\0" * 2
        assert paths_of(header(b"a", prefix=prefix, tail=b"\0" * 8 + b"tar\0") + END) == ["p/a"]

    def test_gnu_headers_have_times_where_ustar_has_a_prefix(self) -> None:
        times = b"00000000001\0" * 2
        assert paths_of(header(b"a", magic=b"ustar  \0", prefix=times) + END) == ["a"]
        assert paths_of(header(b"a", magic=b"ustar  \0", prefix=b"old/go") + END) == ["old/go/a"]

    @pytest.mark.parametrize(
        "size", [b"\x80" + bytes(10) + b"\x03", b"         3 \0", b"\0\0 3\0       ", b"3".ljust(12, b"\0")]
    )
    def test_numbers_come_in_the_forms_that_go_reads(self, size: bytes) -> None:
        assert extract_tar(header(b"a", size=size) + padded(b"abc") + END)[0].content == b"abc"

    def test_checksum_may_be_of_signed_bytes(self) -> None:
        assert paths_of(header(b"caf\xe9", signed=True) + END) == ["caf\udce9"]

    def test_pax_records_replace_what_the_header_says(self) -> None:
        archive = (
            pax((b"path", b"b/c"), (b"size", b"3"), (b"mtime", b"-1.5"), (b"comment", b"\0"))
            + header(b"a")
            + padded(b"abc")
        )
        (file,) = extract_tar(archive + END)
        assert (file.path, file.content) == ("b/c", b"abc")

    def test_empty_pax_value_leaves_what_the_header_says(self) -> None:
        assert paths_of(pax((b"path", b""), (b"size", b"")) + entry(b"a", b"x") + END) == ["a"]

    def test_last_of_equal_pax_records_counts(self) -> None:
        assert paths_of(pax((b"path", b"x"), (b"path", b"y")) + entry(b"a") + END) == ["y"]

    def test_mode_bits_beyond_0777_are_dropped(self) -> None:
        assert extract_tar(entry(b"s", mode=0o104755) + END)[0].mode == 0o755
        assert extract_tar(entry(b"s", mode=0) + END)[0].mode == 0

    @pytest.mark.parametrize("end", [b"", bytes(512), bytes(1024), bytes(10_240), END + b"anything" * 1000])
    def test_end_may_be_missing_and_anything_may_follow_it(self, end: bytes) -> None:
        assert paths_of(entry(b"a", b"x") + end) == ["a"]

    def test_last_padding_may_be_missing(self) -> None:
        assert extract_tar(header(b"a", size=3) + b"abc")[0].content == b"abc"

    @pytest.mark.parametrize("archive", [b"", bytes(512), END])
    def test_nothing_is_an_empty_archive(self, archive: bytes) -> None:
        assert extract_tar(archive) == []


class TestHostileArchives:
    @pytest.mark.parametrize(
        ("kind", "what"),
        [
            (b"1", "a hard link"),
            (b"2", "a symbolic link"),
            (b"3", "a character device"),
            (b"4", "a block device"),
            (b"6", "a fifo"),
            (b"7", "a contiguous file"),
            (b"g", "a global header"),
            (b"K", "the long name of a link"),
            (b"S", "a sparse file"),
            (b"V", "of the unknown type"),
            (b"Z", "of the unknown type"),
            (b"D", "of the unknown type"),
            (b"\xff", "of the unknown type"),
        ],
    )
    def test_entry_that_is_neither_file_nor_directory_is_refused_by_name(self, kind: bytes, what: str) -> None:
        with pytest.raises(InvalidArchiveError, match=f"evil: is {what}"):
            extract_tar(entry(b"ok") + entry(b"evil", kind=kind) + END)

    @pytest.mark.parametrize(
        "name",
        [
            b"../x",
            b"a/../../x",
            b"..",
            b"/abs",
            b"//abs",
            b"a\\b",
            b"..\\x",
            b"C:\\x",
            b"a\\\\b",
            b".",
            b"a/..",
            b"./",
            b"",
        ],
    )
    def test_unsafe_path_is_refused(self, name: bytes) -> None:
        with pytest.raises(InvalidArchiveError, match="path"):
            extract_tar(entry(name) + END)
        for extension in (pax((b"path", name)), long_name(name)) if name else ():
            with pytest.raises(InvalidArchiveError, match="path"):
                extract_tar(extension + entry(b"fine") + END)

    @pytest.mark.parametrize("name", [b"../x", b"/x", b"a\\b"])
    def test_unsafe_path_of_a_directory_is_refused(self, name: bytes) -> None:
        with pytest.raises(InvalidArchiveError):
            extract_tar(entry(name, kind=b"5") + END)

    @pytest.mark.parametrize(
        ("names", "problem"),
        [
            ([b"a", b"b", b"a"], "a: duplicate path"),
            ([b"a/b", b"./a//b"], "a/b: duplicate path"),
            ([b"a", b"a/b"], "a/b: the path is below 'a', which is a file"),
            ([b"a", b"a-", b"a.b", b"a/b/c/d"], "a/b/c/d: the path is below 'a'"),
            ([b"a/b", b"a"], "a: the path is both a file and a directory"),
            ([b"a/b/c", b"a-b", b"a/b"], "a/b: the path is both a file and a directory"),
            ([b"a/", b"a"], "a: the path is both a file and a directory"),
            ([b"a", b"a/"], "a: the path is both a file and a directory"),
            ([b"a/b/", b"a"], "a: the path is both a file and a directory"),
            ([b"a", b"a/b/"], "a/b: the path is below 'a', which is a file"),
        ],
    )
    def test_conflicting_paths_are_refused(self, names: list[bytes], problem: str) -> None:
        archive = b"".join(entry(name, kind=b"5" if name.endswith(b"/") else b"0") for name in names)
        with pytest.raises(InvalidArchiveError) as caught:
            extract_tar(archive + END)
        assert problem in str(caught.value)

    def test_similar_paths_do_not_conflict(self) -> None:
        names = [b"a", b"A", b"a-", b"a.b/c", b"b/", b"b/", b"b/c", b"ab/c", b"a\x01b"]
        archive = b"".join(entry(name, kind=b"5" if name.endswith(b"/") else b"0") for name in names)
        assert len(paths_of(archive + END)) == 7

    @pytest.mark.parametrize(
        "block",
        [
            header(b"evil", size=b"0000000000x\0"),
            header(b"evil", size=b"00000000 01\0"),
            header(b"evil", size=b"00000000009\0"),
            header(b"evil", size=b"\xff" * 12),
            header(b"evil", size=b"\x80" + b"\xff" * 11),
            header(b"evil", mode=b"rwxr-xr\0"),
            header(b"evil", uid=b"nobody\0\0"),
            header(b"evil", gid=b"-1\0\0\0\0\0\0"),
            header(b"evil", mtime=b"yesterday\0\0\0"),
            header(b"evil", major=b"x\0\0\0\0\0\0\0"),
            header(b"evil", minor=b"x\0\0\0\0\0\0\0"),
            header(b"evil", checksum=b"000000\0 "),
            header(b"evil", checksum=b"xxxxxx\0 "),
            header(b"evil", checksum=bytes(8)),
        ],
    )
    def test_header_with_a_malformed_number_is_refused(self, block: bytes) -> None:
        with pytest.raises(InvalidArchiveError, match="the header at byte 512: "):
            extract_tar(entry(b"ok") + block + END)

    @pytest.mark.parametrize(
        "data",
        [
            b"x",
            b"11 path=abc",
            b"99 path=abc\n",
            b"5 =b\n",
            b"4 a=\n",
            b"0 a=b\n",
            b"-6 a=b\n",
            b"6 ab\n\n",
            b"6 =ab\n",
            b"path=abc\n",
            b"10 path=abc\n",
            b"13 path=abc\n",
            b"+6 a=b\n",
            b"99999999999999999999 a=b\n",
            b"6\ta=b\n",
            record(b"path", b"a\0b"),
            record(b"linkpath", b"a\0b"),
            record(b"a\0b", b"c"),
            record(b"size", b"-1"),
            record(b"size", b"1.0"),
            record(b"size", b"x"),
            record(b"size", b"9223372036854775808"),
            record(b"size", b"9" * 5000),
            record(b"uid", b"x"),
            record(b"gid", b"1_0"),
            record(b"mtime", b"1.2.3"),
            record(b"mtime", b".5"),
            record(b"atime", b"now"),
            record(b"GNU.sparse.map", b"0,1"),
            record(b"GNU.sparse.major", b"1"),
        ],
    )
    def test_malformed_pax_record_is_refused(self, data: bytes) -> None:
        with pytest.raises(InvalidArchiveError):
            extract_tar(raw_pax(data) + entry(b"a") + END)

    @pytest.mark.parametrize(
        "extensions",
        [pax((b"path", b"x")) * 2, long_name(b"x") * 2, pax((b"path", b"x")) + long_name(b"y"), raw_pax(b"") * 2],
    )
    def test_two_extension_headers_for_one_entry_are_refused(self, extensions: bytes) -> None:
        with pytest.raises(InvalidArchiveError, match="two extension headers"):
            extract_tar(extensions + entry(b"a") + END)

    @pytest.mark.parametrize("end", [b"", END])
    def test_extension_header_without_an_entry_is_refused(self, end: bytes) -> None:
        with pytest.raises(InvalidArchiveError, match="ends after an extension header"):
            extract_tar(pax((b"path", b"x")) + end)

    @pytest.mark.parametrize(
        "archive",
        [
            b"x",
            bytes(100),
            entry(b"a")[:-1],
            header(b"a", size=600) + bytes(599),
            pax((b"path", b"x"))[:600],
            bytes(512) + b"\0",
            bytes(512) + entry(b"a"),
            b"\0" * 511,
        ],
    )
    def test_truncated_archive_is_refused(self, archive: bytes) -> None:
        with pytest.raises(InvalidArchiveError):
            extract_tar(archive)

    def test_noise_is_refused(self) -> None:
        with pytest.raises(InvalidArchiveError, match="not a tar archive"):
            extract_tar(b"PK\x03\x04" * 1000)

    def test_message_of_a_hostile_name_is_short_and_printable(self) -> None:
        with pytest.raises(InvalidArchiveError) as caught:
            extract_tar(pax((b"path", b"\x1b[31m\n" + b"x" * 100_000)) + entry(b"a") + END)
        assert len(str(caught.value)) < 400
        assert str(caught.value).isprintable()


class TestBounds:
    def test_path_of_4096_bytes_is_read_and_a_longer_one_refused(self) -> None:
        assert len(paths_of(pax((b"path", b"x/" * 2047 + b"yz")) + entry(b"a") + END)[0]) == 4096
        with pytest.raises(ArchiveLimitError, match="longer than 4096 bytes"):
            extract_tar(pax((b"path", b"x/" * 2047 + b"xyz")) + entry(b"a") + END)
        with pytest.raises(ArchiveLimitError):
            check_entry_path("é" * 2049)

    def test_1001_files_are_read_and_1002_refused(self) -> None:
        archive = b"".join(entry(b"%d" % i) for i in range(1001))
        assert len(extract_tar(archive + END)) == 1001
        with pytest.raises(SizeLimitError, match="last: there are more than 1001 files"):
            extract_tar(archive + entry(b"last") + END)

    def test_directories_are_bounded_too(self) -> None:
        archive = b"".join(entry(b"%d/" % i, kind=b"5") for i in range(MAX_TAR_ENTRIES + 1))
        with pytest.raises(ArchiveLimitError, match="more than 10010 entries"):
            extract_tar(archive)

    def test_a_file_s_size_is_refused_before_its_content_is_read(self) -> None:
        with pytest.raises(SizeLimitError, match="a: is 11 bytes; the limit is 10"):
            extract_tar(header(b"a", size=11), max_file_size=10)
        assert extract_tar(entry(b"a", b"x" * 10) + END, max_file_size=10)[0].content == b"x" * 10
        with pytest.raises(ArchiveLimitError, match="the limit is 104857600"):
            extract_tar(header(b"a", size=100 * MIB + 1))

    def test_all_files_together_are_bounded(self) -> None:
        archive = entry(b"a", bytes(600)) + entry(b"b", bytes(400)) + entry(b"c", b"x") + END
        with pytest.raises(ArchiveLimitError, match="c: the files up to this one are 1001 bytes; the limit is 1000"):
            list(read_tar([archive], max_total=1000))
        with pytest.raises(ArchiveLimitError):
            extract_tar(header(b"a", size=60 * MIB) + bytes(60 * MIB) + header(b"b", size=60 * MIB))

    def test_extension_header_is_bounded(self) -> None:
        for kind in (b"x", b"L"):
            with pytest.raises(ArchiveLimitError, match="extension header is larger"):
                extract_tar(header(b"a", size=MIB + 1, kind=kind))

    def test_what_follows_the_end_is_bounded(self) -> None:
        def endless() -> Iterator[bytes]:
            yield END
            while True:
                yield bytes(MIB)

        with pytest.raises(ArchiveLimitError, match="after the end"):
            list(read_tar(endless()))

    @pytest.mark.parametrize(
        "archive",
        [
            raw_pax(record(b"k", b"v") * (MIB // 6)) + entry(b"a"),
            raw_pax(b"5 a=\n" + b"9" * MIB)[: MIB // 2],
            pax((b"size", b"0" * (MIB - 20) + b"x")),
            pax((b"mtime", b"0" * (MIB - 20) + b"x.5")),
            b"".join(pax((b"path", b"x/" * 2000 + b"%d" % i)) + entry(b"a") for i in range(1001)),
            b"".join(pax((b"path", b"d%d" % i + b"/x" * 2000)) + entry(b"a", kind=b"5") for i in range(3000)),
            b"".join(entry(b"%d/%d" % (i % 2, i)) for i in range(1001)),
        ],
        ids=[
            "records",
            "malformed record",
            "zeros in a number",
            "zeros in a time",
            "deep files",
            "deep folders",
            "files",
        ],
    )
    def test_time_grows_with_the_archive_and_no_faster(self, archive: bytes) -> None:
        began = time.process_time()
        with contextlib.suppress(ToolhiveError):
            extract_tar(archive)
        assert time.process_time() - began < 10  # measured: at most 0.5

    def test_reading_keeps_one_chunk_in_memory(self) -> None:
        def archive() -> Iterator[bytes]:
            for i in range(3):
                yield header(b"%d" % i, size=32 * MIB)
                for _ in range(32):
                    yield bytes(MIB)
            yield END

        tracemalloc.start()
        sizes = [sum(map(len, content)) for _, content in read_tar(archive())]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sizes == [32 * MIB] * 3
        assert peak < 4 * MIB


FILES = [FileEntry("a", b"1" * 700), FileEntry("b/é", b""), FileEntry("c", b"3" * 512, 0o755)]


class TestStreaming:
    @pytest.mark.parametrize("size", [1, 7, 511, 512, 513, 10_000])
    def test_size_of_the_chunks_does_not_matter(self, size: int) -> None:
        members = read_tar(cut(create_tar(FILES), size))
        assert [FileEntry(member.path, b"".join(content), member.mode) for member, content in members] == FILES

    def test_empty_chunks_do_not_matter(self) -> None:
        pieces = [b"", *cut(create_tar(FILES), 100), b""]
        assert [member.path for member, _ in read_tar(piece for part in pieces for piece in (b"", part))] == [
            "a",
            "b/é",
            "c",
        ]

    def test_content_that_is_not_read_is_skipped(self) -> None:
        assert [(member.path, member.size) for member, _ in read_tar([create_tar(FILES)])] == [
            ("a", 700),
            ("b/é", 0),
            ("c", 512),
        ]

    def test_content_read_too_late_is_empty(self) -> None:
        contents = [content for _, content in read_tar([create_tar(FILES)])]
        assert [b"".join(content) for content in contents] == [b"", b"", b""]

    def test_truncated_archive_stays_an_error_however_it_is_read(self) -> None:
        members = read_tar([header(b"a", size=600), bytes(100)])
        _, content = next(members)
        for _ in range(2):
            with pytest.raises(InvalidArchiveError, match="a: the archive ends in the middle of the file"):
                list(content)
        with pytest.raises(InvalidArchiveError):
            next(members)

    def test_the_stream_is_read_to_its_end(self) -> None:
        seen: list[str] = []

        def archive() -> Iterator[bytes]:
            yield create_tar(FILES)
            yield b"rest"
            seen.append("end")

        list(read_tar(archive()))
        assert seen == ["end"]


@pytest.mark.parametrize("path", ["a", "a/b.md", "...", " ", "~", "-", "con", "C:/x", "é", "a\nb", "caf\udce9"])
def test_fine_paths_are_returned_as_they_are(path: str) -> None:
    assert check_entry_path(path) == path


@pytest.mark.parametrize("path", ["", ".", "./", "a/..", "..", "../a", "/a", "a\\b", "a\0b", "x\ud800", "a" * 4097])
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(InvalidArchiveError):
        check_entry_path(path)


blocks = st.one_of(
    st.binary(min_size=512, max_size=512),
    st.builds(
        entry,
        st.binary(max_size=20),
        st.binary(max_size=30),
        kind=st.sampled_from([b"0", b"5", b"x", b"L", b"2", b"\0"]),
    ),
    st.builds(raw_pax, st.binary(max_size=40)),
    st.builds(lambda value: pax((b"path", value)), st.binary(max_size=20)),
    st.just(bytes(BLOCK)),
    st.binary(max_size=600),
)


@given(st.lists(blocks, max_size=8).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_files_or_our_error(archive: bytes) -> None:
    with contextlib.suppress(InvalidArchiveError):
        for file in extract_tar(archive):
            assert check_entry_path(file.path) == file.path
            assert file.mode <= 0o777
