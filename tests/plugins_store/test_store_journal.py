"""The journal's file, whatever is in it; and a law over both programs' moves: no tag of either is lost."""

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import OrasGoStore, Sample, build, make_sample, stored, tags_on_disk

from toolhive_artifact import Descriptor, Digest
from toolhive_plugins_store import Store
from toolhive_plugins_store.index_entry import IndexEntry
from toolhive_plugins_store.journal import MOST_PAST, Action, Left, Note
from toolhive_plugins_store.journal_writer import JournalWriter
from toolhive_plugins_store.layout import Layout

A, B = Digest.of(b"a"), Digest.of(b"b")


@pytest.fixture
def journal(root: Path) -> JournalWriter:
    (root / ".toolhive").mkdir(parents=True)
    return JournalWriter(Layout(root))


def tagged(tag: str, digest: Digest = A, *past: Digest, time: int = 5) -> Note:
    entry = IndexEntry.of(Descriptor("m", digest, 5), tag, local_build=True)
    return Note(Action.TAG, tag, past, entry, time)


def test_what_is_appended_is_read(journal: JournalWriter) -> None:
    notes = [tagged("a"), tagged('tag with spaces, ünïcode and "quotes"', B, A)]
    journal.append(notes, index=(1, 2, 3), replaced=None, settled=False)
    assert list(journal.notes().values()) == notes
    left = journal.left()
    assert left is not None
    assert left == Left((1, 2, 3), None, settled=False, replaced_was_right=True, group=left.group)
    journal.append([Note(Action.DELETED, "a", (A,), None, 6)], index=(4, 5, 6), replaced=(1, 2, 3))
    assert journal.notes()["a"] == Note(Action.DELETED, "a", (A,), None, 6)
    journal.append([Note(Action.FORGOTTEN, "a")], index=None, replaced=None)
    assert list(journal.notes()) == [notes[1].tag]


def test_a_tag_remembers_what_it_was_before(journal: JournalWriter) -> None:
    digests = [Digest.of(b"%d" % number) for number in range(2 * MOST_PAST)]
    for before, digest in itertools.pairwise(digests):
        journal.append([tagged("a", digest, before)], index=None, replaced=None)
    assert journal.notes()["a"].past == tuple(digests[:-1][-MOST_PAST:])


def test_the_last_group_can_be_undone_and_left_out(journal: JournalWriter) -> None:
    journal.append([tagged("a")], index=(1, 1, 1), replaced=None)
    before = journal.left()
    journal.append([tagged("b")], index=(2, 2, 2), replaced=(1, 1, 1))
    assert list(journal.notes(without=journal.left())) == ["a"]
    journal.undo()
    assert list(journal.notes()) == ["a"]
    assert journal.left() == before


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=80)
    | st.binary(max_size=80).map(lambda junk: b"toolhive-plugins journal 1 0000000000\n" + junk)
    | st.tuples(st.integers(0, 900), st.binary(min_size=1, max_size=9))
)
def test_junk_is_never_an_error_and_what_is_written_after_it_counts(junk: bytes | tuple[int, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".toolhive").mkdir()
        layout = Layout(folder)
        journal = JournalWriter(layout)
        file = Path(layout.journal)
        if isinstance(junk, bytes):
            file.write_bytes(junk)
        else:
            journal.append([tagged("a"), tagged("b")], index=(1, 2, 3), replaced=None)
            journal.append([tagged("c")], index=(4, 5, 6), replaced=(1, 2, 3))
            at, text = junk
            data = file.read_bytes()
            file.write_bytes(data[:at] + text + data[at + len(text) :])
        assert set(journal.notes()) <= {"a", "b", "c"}
        journal.left()
        journal.append([tagged("later")], index=(7, 8, 9), replaced=None)
        assert journal.notes()["later"].entry == tagged("later").entry
        left = journal.left()
        assert left is not None
        assert left.published == (7, 8, 9)


# --- the law ---

TAGS = ("a", "b", "c")
"""Both programs use them."""

MOVES = st.one_of(
    st.tuples(st.just("build"), st.sampled_from(TAGS), st.integers(0, 3)),
    st.tuples(st.just("delete_build"), st.sampled_from(TAGS), st.just(0)),
    st.tuples(st.just("delete_tag"), st.sampled_from(TAGS), st.just(0)),
    st.tuples(st.just("gc"), st.just(""), st.just(0)),
    st.tuples(st.just("thv tags"), st.sampled_from(TAGS), st.just(0)),
    st.tuples(st.just("thv writes"), st.just(""), st.just(0)),
    st.tuples(st.just("thv restarts"), st.just(""), st.just(0)),
    st.tuples(st.just("we restart"), st.just(""), st.just(0)),
)


def content(who: str, number: int) -> Sample:
    """Each program builds its own content, so that it is plain whose a tag is."""
    return make_sample(f"{who}-{number}", architectures=("amd64",), size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=14))
def test_whoever_moves_whatever_the_last_to_set_a_tag_has_it(moves: list[tuple[str, str, int]]) -> None:
    """A model of both: the last one to set a tag has it, one that we delete is gone, and what we had is kept by digest."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "store"
        thv = OrasGoStore(root)
        store = Store(root)
        expected: dict[str, Digest] = {}
        kept: dict[str, Digest] = {}
        for step, (move, tag, number) in enumerate(moves):
            if move == "build":
                expected[tag] = build(store, tag, content("ours", number)).digest
                kept.pop(tag, None)
            elif move in ("delete_build", "delete_tag") and tag in expected:
                (store.delete_build if move == "delete_build" else store.delete_tag)(tag)
                del expected[tag]
                kept.pop(tag, None)
            elif move == "gc":
                store.gc()
            elif move == "thv tags":
                if tag in expected and expected[tag] in {content("ours", n).digest for n in range(4)}:
                    kept[tag] = expected[tag]
                # Always something new: what it had before would look as if it had only written what it knew.
                expected[tag] = content("theirs", step).put(thv)
                thv.tag(expected[tag], tag)
            elif move == "thv writes":
                (root / "index.json").write_bytes(thv.text())
            elif move == "thv restarts":
                store.gc()  # so that it reads what is right
                thv = OrasGoStore(root)
            elif move == "we restart":
                store.close()
                store = Store(root)
            assert {tag.tag: tag.digest for tag in store.tags()} == expected, (moves, move)
            assert set(expected.values()) <= stored(root)
        store.gc()
        assert tags_on_disk(root) == expected
        assert set(kept.values()) <= stored(root)
        assert store.check() == ()
        store.close()
