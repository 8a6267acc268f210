"""Which of two versions is newer, as semver.org says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolhive_plugins_installs.versions import newest, parse_version

ORDERED = [
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "v1.0.1",
    "1.2.0",
    "1.10.0",
]


def test_versions_are_ordered_as_semver_has_it() -> None:
    parsed = [version for text in ORDERED if (version := parse_version(text)) is not None]
    assert len(parsed) == len(ORDERED)
    parsed.reverse()
    assert [version.text for version in sorted(parsed)] == ORDERED


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "latest", "1.2.3.4", "01.2.3", "1.2.3-", "V1.2.3", "1.2.3 ", "9" * 200, "\u0661.2.3"]
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


def test_the_build_part_does_not_count() -> None:
    assert parse_version("1.0.0_build.5") == parse_version("1.0.0+other") == parse_version("v1.0.0")


@pytest.mark.parametrize(
    ("than", "expected"),
    [("1.0.0", "1.10.0"), ("1.10.0", None), ("2.0.0-rc.1", "2.0.0-rc.2"), ("1.10.0-rc.1", "2.0.0-rc.2")],
)
def test_pre_releases_count_only_after_one(than: str, expected: str | None) -> None:
    tags = ["latest", "1.2.0", "1.10.0", "v1.9.0", "2.0.0-rc.2", "1.10", "sha256-abc.sig"]
    current = parse_version(than)
    assert current is not None
    found = newest(tags, current)
    assert (found and found.text) == expected


@given(st.lists(st.from_regex(r"v?[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(-[a-z0-9]{1,3})?", fullmatch=True)), st.text())
def test_what_is_newest_is_newer_than_anything_given(tags: list[str], junk: str) -> None:
    base = parse_version("1.0.0")
    assert base is not None
    found = newest([*tags, junk], base)
    for tag in tags:
        version = parse_version(tag)
        if version is not None and not version.pre and version > base:
            assert found is not None
            assert found >= version
