"""Which of two versions is the older one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolhive_plugins_installs.editions import Edition, newer_one

OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


@pytest.mark.parametrize(
    ("edition", "other", "is_older"),
    [
        (("1.9.0", NEW), ("1.10.0", OLD), True),
        (("1.10.0", OLD), ("1.9.0", NEW), False),
        (("v1.0.0-rc.1", ""), ("1.0.0", ""), True),
        (("1.0.0+one", OLD), ("1.0.0+two", NEW), False),  # the same version
        (("", OLD), ("", NEW), True),
        (("", OLD), ("1.0.0", NEW), True),
        (("main", OLD), ("1.0.0", NEW), True),
        (("", NEW), ("", OLD), False),
        (("", "2026-01-01T02:00:00+02:00"), ("", NEW), True),
        (("", "2026-01-01T00:00:00"), ("", NEW), True),  # no zone is UTC
        (("", ""), ("", NEW), False),
        (("", "yesterday"), ("", NEW), False),
        (("", OLD), ("", "9" * 100), False),
        (("1.0.0", ""), ("main", ""), False),
    ],
)
def test_older(edition: tuple[str, str], other: tuple[str, str], is_older: bool) -> None:
    assert Edition(*edition).is_older_than(Edition(*other)) is is_older


def test_the_highest_of_all_that_is_there_counts() -> None:
    there = [Edition("1.0.0"), Edition("2.0.0")]
    assert newer_one(Edition("1.5.0"), there) == Edition("2.0.0")
    assert newer_one(Edition("2.0.0"), there) is None


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_hostile_texts_are_never_older_and_newer_at_once(a: str, b: str, c: str, d: str) -> None:
    one, two = Edition(a, b), Edition(c, d)
    assert not (one.is_older_than(two) and two.is_older_than(one))
