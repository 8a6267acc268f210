"""The short form of fuzzing: every kept input again, and inputs that hypothesis makes of them, for each target.

The long form is run_atheris.py. A finding of either is kept in corpus/, with a note, so that it is tried here for ever.
"""

from collections.abc import Callable

import fuzz_corpus
import pytest
from fuzz_targets import TARGETS
from fuzz_words import WORDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_EXAMPLES = 150


@pytest.mark.parametrize("target", TARGETS)
def test_kept_inputs_break_no_promise(target: str) -> None:
    kept = fuzz_corpus.load(target)
    assert kept, "a target without a corpus"
    for row in kept:
        TARGETS[target](row.data)


@pytest.mark.parametrize("target", TARGETS)
def test_made_inputs_break_no_promise(target: str) -> None:
    @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs(target))
    def check(data: bytes) -> None:
        TARGETS[target](data)

    run: Callable[[], None] = check
    run()


def inputs(target: str) -> st.SearchStrategy[bytes]:
    """Anything, strings of the target's words, and kept inputs that are cut, joined and changed."""
    seeds = st.sampled_from([row.data for row in fuzz_corpus.load(target)])
    words = st.sampled_from([word.encode() for word in WORDS.get(target, [])] or [b"x"])
    pieces = st.lists(words | words | st.binary(max_size=8), max_size=40).map(b"".join)
    return st.binary(max_size=200) | pieces | st.builds(_changed, seeds, seeds, st.lists(_changes(words), max_size=6))


Change = tuple[int, int, bytes]
"""Where (in thousandths of the length), how many bytes to drop, and what to put there."""


def _changes(words: st.SearchStrategy[bytes]) -> st.SearchStrategy[Change]:
    return st.tuples(st.integers(0, 1000), st.sampled_from([0, 0, 1, 2, 7, 100, 512]), words | st.binary(max_size=4))


def _changed(data: bytes, other: bytes, changes: list[Change]) -> bytes:
    for place, dropped, put in changes:
        at = place * len(data) // 1000
        data = data[:at] + (put or other) + data[at + dropped :]
    return data
