"""`WWW-Authenticate`, in all the forms that RFC 9110 allows and some that it does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_registry.challenges import parse_challenges
from toolhive_plugins_registry.tokens import merge_scopes


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("Basic", [("basic", {})]),
        ('BASIC realm="x"', [("basic", {"realm": "x"})]),
        (
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
            [
                (
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        ('Bearer realm=https, service = "a \\" b"', [("bearer", {"realm": "https", "service": 'a " b'})]),
        ('Basic realm="a, Bearer realm=b"', [("basic", {"realm": "a, Bearer realm=b"})]),
        ('Negotiate, Basic realm="x"', [("negotiate", {}), ("basic", {"realm": "x"})]),
        (
            'Basic realm="x", Bearer realm="y",service="z"',
            [("basic", {"realm": "x"}), ("bearer", {"realm": "y", "service": "z"})],
        ),
        ("Negotiate YWJj==", [("negotiate", {})]),
        ('Bearer REALM="first",realm="second"', [("bearer", {"realm": "first"})]),
        (' , ,Basic realm="x" , ', [("basic", {"realm": "x"})]),
    ],
)
def test_challenges_are_read(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(challenge.scheme, dict(challenge.parameters)) for challenge in parse_challenges(header)] == expected


@given(st.text(max_size=200) | st.text(alphabet='Bearer Basic realm="\\,= \t', max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_header_is_read_somehow(header: str) -> None:
    for challenge in parse_challenges(header):
        assert challenge.scheme == challenge.scheme.lower()


@given(st.text(max_size=50))
@settings(max_examples=200, deadline=None)
def test_quoted_value_is_read_back(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    (challenge,) = parse_challenges(f'Bearer realm="{quoted}"')
    assert challenge.parameters["realm"] == value


@pytest.mark.parametrize("header", ["Bearer " + 'a="' * 8000, "a" * 16000, "a " * 8000, "=," * 8000, 'x="\\' * 4000])
def test_long_header_takes_no_long_time(header: str) -> None:
    parse_challenges(header)


def test_header_beyond_all_measure_is_not_read() -> None:
    assert parse_challenges("Basic realm=" + "x" * 20_000) == ()


def test_scopes_of_one_repository_are_merged() -> None:
    given_scopes = ["repository:a:pull", "repository:b:pull", "repository:a:push,pull", "nonsense"]
    assert merge_scopes(given_scopes) == ("repository:a:pull,push", "repository:b:pull")
