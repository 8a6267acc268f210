"""References, beyond what the vectors say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_interfaces import InvalidReferenceError
from toolhive_plugins_registry import Reference, parse_reference

DIGEST = "sha256:" + "a" * 64


def test_docker_hub_is_connected_to_by_its_other_name() -> None:
    assert parse_reference("docker.io/library/x:1").host == "registry-1.docker.io"
    assert parse_reference("ghcr.io/acme/x:1").host == "ghcr.io"


@pytest.mark.parametrize("ref", ["ghcr.io/acme/x:v1", f"ghcr.io/acme/x@{DIGEST}", "ghcr.io/acme/x", "[::1]:5000/x:v1"])
def test_text_of_a_reference_is_the_reference(ref: str) -> None:
    assert str(parse_reference(ref)) == ref


def test_digest_goes_before_a_tag() -> None:
    parsed = parse_reference(f"ghcr.io/acme/x:v1@{DIGEST}")
    assert parsed == Reference("ghcr.io", "acme/x", DIGEST)
    assert parsed.is_digest


@pytest.mark.parametrize(
    "ref",
    [
        "ghcr.io\\evil/x:v1",
        "gh cr.io/x:v1",
        "ghcr.io?x/y:v1",
        "ghcr.io#x/y:v1",
        "[::1/x:v1",
        "[::1]5000/x:v1",
        "[zz]:1/x:v1",
        "[]/x",
        "a:1:2/x:v1",
        ":5000/x:v1",
        "ghcr.io/x:v1/y",
        "ghcr.io/x@sha256",
        f"ghcr.io/x@{DIGEST}@{DIGEST}",
        "ghcr.io/\x00:v1",
        "gh\x00cr.io/x:v1",
        "gh\u202ecr.io/x:v1",
    ],
)
def test_malformed_reference_is_refused(ref: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference(ref)
    assert str(caught.value).isprintable()


def test_long_reference_does_not_make_a_long_message() -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference("ghcr.io/" + "X" * 1_000_000)
    assert len(str(caught.value)) < 1000


@given(st.text(max_size=80) | st.text(alphabet="aA0:/@.-_[] %", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        parsed = parse_reference(text)
    except InvalidReferenceError:
        return
    assert parse_reference(str(parsed)) == parsed


@pytest.mark.parametrize("text", ["a" * 30_000 + "!", "a-" * 20_000 + "!", "a/" * 20_000 + "!", "a__" * 20_000 + "!"])
def test_long_repository_takes_no_long_time(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        parse_reference(f"ghcr.io/{text}:v1")


@pytest.mark.parametrize(
    ("ref", "problem", "meant"),
    [
        ("oci://ghcr.io/acme/hello:v1", "begins with 'oci://'", "ghcr.io/acme/hello:v1"),
        ("https://ghcr.io/acme/hello:v1", "begins with 'https://'", "ghcr.io/acme/hello:v1"),
        ("docker://GHCR.io/Acme/hello", "begins with 'docker://'", "ghcr.io/acme/hello"),
        (
            "ghcr.io/Acme/Hello:V1",
            "'Acme/Hello' is not a valid repository: it must be in lower case",
            "ghcr.io/acme/hello:V1",
        ),
        (
            "ghcr.io/acme/hello:1.0+build.5",
            "'1.0+build.5' is not a valid tag: it cannot have a '+'",
            "ghcr.io/acme/hello:1.0_build.5",
        ),
        (" ghcr.io/acme/hello:v1", "registry: it cannot have a space", "ghcr.io/acme/hello:v1"),
        ("ghcr.io/acme/hello:v1\n", "tag: it cannot have a space", "ghcr.io/acme/hello:v1"),
        (f"ghcr.io/acme/hello@{DIGEST.upper()}", "is not a valid digest", f"ghcr.io/acme/hello@{DIGEST}"),
    ],
)
def test_common_mistake_is_named_with_what_was_meant(ref: str, problem: str, meant: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference(ref)
    assert problem in caught.value.problem
    assert caught.value.remedy == f"You probably mean {meant}"
    parse_reference(meant)


@pytest.mark.parametrize(
    "ref", ["hello", "oci://hello", "ghcr.io/_x:v1", "ghcr.io/x:" + "+" * 129, "a://" * 40 + "x/y"]
)
def test_nothing_is_offered_where_nobody_can_tell(ref: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference(ref)
    assert "Write registry/repository:tag" in caught.value.remedy or "a://" in ref
