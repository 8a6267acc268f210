"""Digests, platforms, times and errors: the small values that everything else is made of."""

import datetime
import hashlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import (
    DEFAULT_PLATFORMS,
    ArchiveLimitError,
    Digest,
    DocumentLimitError,
    GzipLimitError,
    InvalidArchiveError,
    InvalidDigestError,
    InvalidDocumentError,
    InvalidEpochError,
    InvalidGzipError,
    InvalidPlatformError,
    Platform,
    SizeLimitError,
    ToolhiveError,
    check_epoch,
    format_epoch,
    is_rfc3339,
    parse_platform,
    shown,
)

HEX = "0123456789abcdef" * 4


def test_digest_is_its_text_and_knows_its_parts() -> None:
    digest = Digest.parse(f"sha256:{HEX}")
    assert digest == f"sha256:{HEX}"
    assert (digest.algorithm, digest.encoded) == ("sha256", HEX)


def test_digest_of_bytes_is_their_sha256() -> None:
    assert Digest.of(b"abc") == "sha256:" + hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEX,
        f"sha256:{HEX.upper()}",
        f"sha256:{HEX[1:]}",
        f"sha256:{HEX}0",
        f"sha512:{HEX}",
        f"sha256:{HEX}\n",
        f" sha256:{HEX}",
        f"sha256:{HEX[:-2]}/x",
        f"sha256:../{HEX[3:]}",
        "sha256:" + "\uff10" * 64,
    ],
)
def test_malformed_digest_is_refused(text: str) -> None:
    with pytest.raises(InvalidDigestError):
        Digest.parse(text)


def test_digest_survives_pickling_and_serves_as_a_key() -> None:
    digest = Digest.of(b"x")
    assert pickle.loads(pickle.dumps(digest)) == digest
    assert {digest: 1}[Digest.of(b"x")] == 1


def test_default_platforms_are_those_of_toolhive_core_in_order() -> None:
    assert [str(platform) for platform in DEFAULT_PLATFORMS] == ["linux/amd64", "linux/arm64"]


@pytest.mark.parametrize("text", ["linux/amd64", "linux/arm/v7"])
def test_platform_reads_back_as_written(text: str) -> None:
    assert str(parse_platform(text)) == text


def test_platform_parts_are_trimmed_of_go_s_white_space_only() -> None:
    assert parse_platform(" linux\u00a0/\u3000amd64\t") == Platform("linux", "amd64")
    assert parse_platform("linux/amd64\x1f").architecture == "amd64\x1f"


@pytest.mark.parametrize("text", ["", "linux", "/", "linux/", "/amd64", "a/b/", "a/b/c/d", " / "])
def test_malformed_platform_is_refused(text: str) -> None:
    with pytest.raises(InvalidPlatformError):
        parse_platform(text)


@pytest.mark.parametrize(
    ("epoch", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (1_700_000_939, "2023-11-14T22:28:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (-62_135_596_800, "0001-01-01T00:00:00Z"),
        (-62_135_596_801, "0000-12-31T23:59:59Z"),
        (-62_162_121_600, "0000-02-29T00:00:00Z"),
        (-62_167_219_200, "0000-01-01T00:00:00Z"),
    ],
)
def test_epoch_is_written_as_go_writes_it(epoch: int, text: str) -> None:
    assert format_epoch(epoch) == text
    assert is_rfc3339(text)


@given(st.datetimes())
@settings(deadline=None)
def test_epoch_agrees_with_the_standard_calendar(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=0)
    epoch = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1)
    assert format_epoch(epoch) == f"{moment.isoformat()}Z"


@pytest.mark.parametrize("epoch", [253_402_300_800, -62_167_219_201, 2**63, -(2**63), 10**30])
def test_epoch_outside_four_digit_years_is_refused(epoch: int) -> None:
    with pytest.raises(InvalidEpochError):
        format_epoch(epoch)
    with pytest.raises(InvalidEpochError):
        check_epoch(epoch)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00Z",
        "2024-02-29T23:59:59.999999999999Z",
        "0000-02-29T00:00:00-23:59",
        "9999-12-31T23:59:59+00:00",
    ],
)
def test_time_that_go_reads_is_a_time(text: str) -> None:
    assert is_rfc3339(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a time",
        "2026-01-01",
        "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00z",
        "2026-01-01T00:00:00",
        "2026-01-01T0:00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:59:60Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "\u0662026-01-01T00:00:00Z",
    ],
)
def test_time_that_go_refuses_is_not_a_time(text: str) -> None:
    assert not is_rfc3339(text)


def test_error_says_what_where_and_the_remedy() -> None:
    error = ToolhiveError("is wrong", where="a/b", remedy="Put it right")
    assert str(error) == "a/b: is wrong. Put it right."
    assert str(ToolhiveError("is wrong")) == "is wrong"


def test_document_error_names_line_and_column() -> None:
    error = InvalidDocumentError("is wrong", where="plugin.json", line=3, column=7)
    assert str(error) == "plugin.json, line 3, column 7: is wrong"
    assert (error.line, error.column) == (3, 7)
    assert str(InvalidDocumentError("is wrong", line=3, column=7)) == "line 3, column 7: is wrong"


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(DocumentLimitError("is wrong", where="x", remedy="y", line=1, column=2)))
    assert str(error) == "x, line 1, column 2: is wrong. y."
    assert (error.problem, error.line, error.column) == ("is wrong", 1, 2)


@pytest.mark.parametrize(
    ("limit", "family"),
    [
        (DocumentLimitError, InvalidDocumentError),
        (ArchiveLimitError, InvalidArchiveError),
        (GzipLimitError, InvalidGzipError),
    ],
)
def test_limit_errors_belong_to_their_format_and_to_the_limits(
    limit: type[ToolhiveError], family: type[ToolhiveError]
) -> None:
    assert issubclass(limit, family)
    assert issubclass(limit, SizeLimitError)


def test_shown_text_is_one_printable_line_of_bounded_length() -> None:
    text = shown("\x1b[31m\n\u202e\ud800" + "x" * 1000)
    assert text.isprintable()
    assert text.startswith("\\x1b[31m\\n\\u202e")
    assert len(text) < 300
