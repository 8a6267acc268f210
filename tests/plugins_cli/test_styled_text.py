"""Text in styles, wrapped."""

from hostile_texts import HOSTILE_TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_cli.page import untrusted
from toolhive_plugins_cli.text import STYLES, Text, cells, is_visible
from toolhive_plugins_marketplaces.site.visible import is_visible as is_visible_on_pages
from toolhive_plugins_marketplaces.site.visible import visible

PIECES = st.lists(
    st.tuples(st.text(st.sampled_from("ab  日é\u0301-"), max_size=30), st.sampled_from(["", *STYLES])), max_size=6
)


def text_of(pieces: list[tuple[str, str]]) -> Text:
    text = Text()
    for piece, style in pieces:
        text.append(piece, style)
    return text


@given(PIECES, st.integers(2, 40))
@settings(max_examples=300, deadline=None)
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(pieces: list[tuple[str, str]], width: int) -> None:
    text = text_of(pieces)
    lines = [line.plain for line in text.wrap(width)]
    assert all(cells(line) <= width for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert "".join(lines).replace(" ", "") == text.plain.replace(" ", "")


def test_words_stay_whole_where_they_fit() -> None:
    assert [line.plain for line in Text("one two three four").wrap(9)] == ["one two", "three", "four"]
    assert [line.plain for line in Text("a-very-long-word b").wrap(6)] == ["a-very", "-long-", "word b"]
    assert [line.plain for line in Text("").wrap(6)] == [""]


def test_styles_stay_with_their_text() -> None:
    text = Text("error", "danger").append(": it ").append("failed", "name").append(" twice", "unknown")
    assert text.render(color=False) == "error: it failed twice"
    assert text.render(color=True) == "\x1b[1;31merror\x1b[0m: it \x1b[1mfailed\x1b[0m twice"
    assert [line.render(color=True) for line in text.wrap(11)] == [
        "\x1b[1;31merror\x1b[0m: it",
        "\x1b[1mfailed\x1b[0m",
        "twice",
    ]


def test_neither_black_nor_white_is_used() -> None:
    codes = {code for style in STYLES.values() for code in style.split(";")}
    assert codes <= {"1", "2", "7", "31", "32", "33", "34", "35", "36"}


def test_pages_of_catalogs_show_what_a_terminal_shows() -> None:
    every = list(map(chr, range(0x110000)))
    assert [each for each in every if is_visible(each) != is_visible_on_pages(each)] == []
    for text in (text for text in HOSTILE_TEXTS if "\u0301" not in text):
        assert visible(text) == untrusted(text).plain
