"""What is remembered of a file from our first edit to our last."""

from itertools import pairwise
from pathlib import Path

from toolhive_plugins_clients import FileEdit, FileRecord, followed

FILE = Path("/home/ann/settings.json")


def run(*states: bytes | None) -> FileRecord | None:
    """Follow edits of ours from each state to the next."""
    record = None
    for before, after in pairwise(states):
        record = followed(record, FileEdit(FILE, before, after))
    return record


def test_the_first_original_is_kept_through_later_edits() -> None:
    record = run(b"0", b"1", b"2")
    assert record is not None
    assert (record.original, record.created) == (b"0", False)


def test_a_new_file_is_remembered_as_one() -> None:
    record = run(None, b"1", b"2")
    assert record is not None
    assert (record.original, record.created) == (None, True)


def test_nothing_is_remembered_of_a_file_that_is_as_it_was() -> None:
    assert run(b"0", b"1", b"2", b"0") is None
    assert run(None, b"1", None) is None


def test_what_a_user_wrote_between_is_the_new_original() -> None:
    record = followed(run(None, b"1"), FileEdit(FILE, b"1 and theirs", b"2"))
    assert record is not None
    assert (record.original, record.created) == (b"1 and theirs", True)


def test_a_huge_original_is_not_kept() -> None:
    record = run(b"x" * 1_000_000, b"1")
    assert record is not None
    assert (record.original, record.created) == (None, False)
