"""What a person can name to install, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugin_folders import make_plugin

from toolhive_plugins import Digest, InvalidReferenceError, Packager, Store, ToolhiveError
from toolhive_plugins_installs import (
    AmbiguousTargetError,
    CatalogName,
    GitTarget,
    InvalidTargetError,
    LocalTagTarget,
    ReferenceTarget,
    UnknownTargetError,
    parse_git_target,
    parse_install_target,
    pin,
)

DIGEST = "sha256:" + "a" * 64
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "text", ["ghcr.io/acme/demo:1.0.0", f"localhost:5000/me/demo@{DIGEST}", f"ghcr.io/a/demo:1@{DIGEST}"]
)
def test_what_has_a_slash_is_a_reference(store: Store, text: str) -> None:
    target = parse_install_target(store, text)
    assert isinstance(target, ReferenceTarget)
    assert target.reference.reference in text


def test_a_reference_needs_a_tag_or_a_digest(store: Store) -> None:
    with pytest.raises(InvalidTargetError, match="lacks a tag or digest"):
        parse_install_target(store, "ghcr.io/acme/demo")
    with pytest.raises(InvalidReferenceError):
        parse_install_target(store, "https://ghcr.io/acme/demo:1")


@pytest.mark.parametrize("text", [".", "..", "./demo", "../demo", "/srv/demo"])
def test_what_looks_like_a_path_is_refused(store: Store, text: str) -> None:
    with pytest.raises(InvalidTargetError, match="is a directory") as caught:
        parse_install_target(store, text)
    assert "Build it first" in caught.value.remedy


@pytest.mark.parametrize("text", ["plugins/demo", "Plugins/Demo", "UPPER_case"])
def test_a_directory_that_is_there_is_called_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / text).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidTargetError, match="is a directory"):
        parse_install_target(store, text)


def test_a_bare_word_is_a_local_build_first_and_a_catalogs_name_else(store: Store, tmp_path: Path) -> None:
    assert parse_install_target(store, "demo") == CatalogName("demo")
    assert parse_install_target(store, "Demo") == CatalogName("Demo")
    digest = Packager(store).package(str(make_plugin(tmp_path / "demo"))).index_digest
    store.tag(digest, "demo")
    for text in ("demo", digest, digest.encoded[:12]):
        assert parse_install_target(store, text) == LocalTagTarget(text, digest)


def test_the_beginning_of_two_digests_is_refused(store: Store) -> None:
    seen: dict[str, bytes] = {}
    for number in range(200_000):
        data = (
            b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"annotations":{"n":"%d"}}'
            % number
        )
        beginning = Digest.of(data).encoded[:7]
        if beginning in seen:
            break
        seen[beginning] = data
    for tag, document in (("one", data), ("two", seen[beginning])):
        store.tag(store.put_manifest(document), tag)
    with pytest.raises(AmbiguousTargetError, match="several builds"):
        parse_install_target(store, beginning)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_target_is_said_to_be_empty(store: Store, text: str) -> None:
    with pytest.raises(InvalidTargetError, match="the target is empty"):
        parse_install_target(store, text)


@pytest.mark.parametrize("text", ["demo:1.0", "a\0b", "é", "-x", "x" * 5000])
def test_what_nothing_can_be_called_is_unknown(store: Store, text: str) -> None:
    with pytest.raises(UnknownTargetError):
        parse_install_target(store, text)


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("git://github.com/acme/demo", "https://github.com/acme/demo", "demo"),
        ("git://github.com/acme/demo.git@v1.0", "https://github.com/acme/demo.git", "demo"),
        ("git://gitlab.com/a/b/c@feature/x#plugins/release-notes", "https://gitlab.com/a/b/c", "release-notes"),
        (f"git://[::1]:8443/a/b@{COMMIT}", "https://[::1]:8443/a/b", "b"),
        ("git+ssh://git@example.com:2222/a/b#c", "ssh://git@example.com:2222/a/b", "c"),
        ("git+ssh://example.com/a/b", "ssh://example.com/a/b", "b"),
    ],
)
def test_git_addresses_are_fetched_over_https_or_ssh(store: Store, text: str, url: str, expected: str) -> None:
    target = parse_install_target(store, text)
    assert isinstance(target, GitTarget)
    assert (target.url, target.expected_name, str(target)) == (url, expected, text)
    assert target.is_commit == (COMMIT in text)


@pytest.mark.parametrize(
    "text",
    [
        "git://",
        "git://github.com",
        "git://github.com/demo",
        "git:///a/b",
        "git://user:password@github.com/a/b",
        "git://token@github.com/a/b",
        "git+ssh://git:password@github.com/a/b",
        "git+ssh://-oProxyCommand=x/a/b",
        "git://-oProxyCommand=x/a/b",
        "git+ssh://-x/a/b",
        "git+ssh://git@-x/a/b",
        "git://-x:443/a/b",
        "git+ssh://-x@github.com/a/b",
        "git://github.com/a/../b",
        "git://github.com/a/-b",
        "git://github.com/a//b",
        "git://github.com/a/b?x=y",
        "git://github.com/a/b@",
        "git://github.com/a/b@--upload-pack=x",
        "git://github.com/a/b@x..y",
        "git://github.com/a/b@x:y",
        "git://github.com/a/b@x^{tree}",
        "git://github.com/a/b@v1.lock",
        "git://github.com/a/b#",
        "git://github.com/a/b#../c",
        "git://github.com/a/b#/c",
        "git://github.com/a/b#c/.GIT/d",
        "git://github.com/a/b#c\\d",
        "git://github.com/a/b#c\nd",
        "git://github.com/a/b#c:d",
        "git://git hub.com/a/b",
        "git://github.com/a/" + "b" * 600,
    ],
)
def test_malformed_git_addresses_are_refused(store: Store, text: str) -> None:
    with pytest.raises(InvalidTargetError) as caught:
        parse_install_target(store, text)
    assert "password" not in caught.value.problem or "cannot be given" in caught.value.problem


@given(
    st.text(max_size=60), st.sampled_from(["", "git://", "git+ssh://", "git://h/a/b@", "git://h/a/b#", "ghcr.io/a/b@"])
)
def test_any_text_is_a_target_or_an_error_of_ours(text: str, prefix: str) -> None:
    with Store("/nonexistent/store") as store:
        try:
            target = parse_install_target(store, prefix + text)
        except ToolhiveError:
            return
    if isinstance(target, GitTarget):
        assert parse_git_target(str(target)) == target
        assert not target.url.startswith("-")
        assert " -" not in f" {target.ref}"


def test_what_is_pinned_keeps_repository_and_folder() -> None:
    assert pin("ghcr.io/acme/demo:1.0.0", DIGEST) == f"ghcr.io/acme/demo@{DIGEST}"
    assert pin("git://github.com/a/b@main#c", COMMIT) == f"git://github.com/a/b@{COMMIT}#c"
