"""Notes are found again, cost nothing when they are lost, and are never taken for what they are not."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_artifact import Digest
from toolhive_plugins_store import Store

KEY = Digest.of(b"a key")
OTHER = Digest.of(b"another key")


@pytest.fixture
def laid_out(tmp_path: Path) -> Store:
    """A store that was written to."""
    store = Store(tmp_path / "store")
    store.put_blob(b"content")
    return store


def cache_file(store: Store, key: Digest = KEY) -> Path:
    return store.root / ".toolhive/cache" / key.encoded[:2]


def test_a_text_is_found_again_by_another_process(laid_out: Store) -> None:
    laid_out.remember(KEY, "first")
    laid_out.remember(OTHER, "of another key")
    laid_out.remember(KEY, "second, with spaces")
    again = Store(laid_out.root)
    assert again.recall(KEY) == "second, with spaces"
    assert again.recall(OTHER) == "of another key"


def test_an_unknown_key_has_no_text(laid_out: Store) -> None:
    assert laid_out.recall(KEY) == ""
    laid_out.remember(OTHER, "text")
    assert laid_out.recall(KEY) == ""


def test_caching_creates_no_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.remember(KEY, "text")
    assert store.recall(KEY) == ""
    assert not store.root.exists()


@pytest.mark.parametrize("text", ["", "two\nlines", "caf\u00e9", "x" * 1025, "\x1b[2J"])
def test_what_is_no_line_of_ascii_is_refused(laid_out: Store, text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        laid_out.remember(KEY, text)


def test_a_damaged_text_is_skipped_for_the_one_before_it(laid_out: Store) -> None:
    laid_out.remember(KEY, "sound")
    laid_out.remember(KEY, "damaged")
    file = cache_file(laid_out)
    file.write_bytes(file.read_bytes().replace(b"damaged", b"dAmaged"))
    assert laid_out.recall(KEY) == "sound"


@settings(max_examples=30, deadline=None)
@given(junk=st.binary(max_size=200))
def test_junk_is_passed_over(junk: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store(tmp_path_factory.mktemp("junk"))
    store.put_blob(b"content")
    store.remember(KEY, "before")
    with cache_file(store).open("ab") as file:
        file.write(junk)
    assert store.recall(KEY) == "before"
    store.remember(KEY, "after")
    assert store.recall(KEY) == "after"


def test_a_file_of_the_cache_does_not_grow_without_bound(laid_out: Store) -> None:
    for number in range(200):
        laid_out.remember(KEY, f"{number} " + "x" * 1000)
    assert cache_file(laid_out).stat().st_size <= 64 * 1024
    assert laid_out.recall(KEY).startswith("199 ")


@pytest.mark.parametrize("at", [".toolhive/cache", ".toolhive/cache/" + KEY.encoded[:2]])
def test_no_link_is_followed(laid_out: Store, tmp_path: Path, at: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if at.endswith("cache"):
        elsewhere.mkdir()
    else:
        elsewhere.write_bytes(b"")
        (laid_out.root / ".toolhive/cache").mkdir()
    (laid_out.root / at).symlink_to(elsewhere)
    laid_out.remember(KEY, "text")
    assert laid_out.recall(KEY) == ""
    assert list(elsewhere.iterdir()) == [] if elsewhere.is_dir() else elsewhere.read_bytes() == b""


def test_a_text_that_cannot_be_written_is_not_an_error(laid_out: Store) -> None:
    (laid_out.root / ".toolhive/cache").write_bytes(b"a file in the folder's place")
    laid_out.remember(KEY, "text")
    assert laid_out.recall(KEY) == ""


def test_neither_cached_texts_nor_their_removal_are_damage(laid_out: Store) -> None:
    laid_out.remember(KEY, "text")
    assert laid_out.check() == ()
    cache_file(laid_out).unlink()
    assert laid_out.check() == ()
    assert laid_out.recall(KEY) == ""
