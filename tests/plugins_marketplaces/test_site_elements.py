"""What strangers write stays text: in an element, in an attribute, in the name of a file, in an address."""

from html.parser import HTMLParser

import pytest
from hostile_texts import HOSTILE_TEXTS
from hypothesis import example, given
from hypothesis import strategies as st

from toolhive_plugins_marketplaces import GenerateError
from toolhive_plugins_marketplaces.names import is_repository_name
from toolhive_plugins_marketplaces.site.elements import (
    Address,
    Inline,
    UnsafeElementError,
    is_web_address,
    render,
    tag,
    web_link,
)
from toolhive_plugins_marketplaces.site.names import page_of
from toolhive_plugins_marketplaces.site.visible import is_visible, visible

texts = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(HOSTILE_TEXTS)
names = st.from_regex(r"\A[a-z0-9]+(?:(?:[._]|__|-{1,3})[a-z0-9]+){0,4}\Z").filter(
    is_repository_name
) | st.sampled_from(["con", "nul.txt", "aux", "com1", "lpt9.x", "index", "a.html", "con-x"])


class Parsed(HTMLParser):
    """What a parser of HTML sees."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


@given(texts)
def test_a_text_makes_no_element_but_those_that_set_escapes_off(text: str) -> None:
    parsed = Parsed(render(tag("p", text)))
    assert parsed.elements[0] == ("p", {})
    assert all(each == ("span", {"class": "escaped"}) for each in parsed.elements[1:])
    assert parsed.text == visible(text)


@given(texts)
def test_a_text_stays_in_its_attribute(text: str) -> None:
    parsed = Parsed(render(tag("p", "x", aria_label=text)))
    assert parsed.elements == [("p", {"aria-label": visible(text) or None})]
    assert parsed.text == "x"


@given(texts)
def test_whatever_a_text_has_in_it_shows(text: str) -> None:
    html = render(tag("p", text))
    assert all(is_visible(character) for character in html)
    html.encode()


def test_a_letter_does_not_grow_into_other_lines() -> None:
    assert visible("e\u0301te\u0301") == "e\u0301te\u0301"
    assert visible("z" + "\u0301" * 60) == "z[60 times \\u0301]"
    assert visible("z\u0301\u0302\u0303\u0304") == "z\u0301\u0302\u0303\\u0304"


def test_a_token_is_masked() -> None:
    token = "ghp_" + "a1" * 18
    assert token not in render(tag("p", f"curl -H {token}", title=None, aria_label=token))
    assert token not in render(tag("p", web_link(f"https://example.com/?token={token}")))


@pytest.mark.parametrize(
    "address",
    [
        *HOSTILE_TEXTS,
        "http://example.com/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https:example.com",
        "//example.com/",
        "https://user:password@example.com/",
        "https://example.com\\@evil.example/",
        "https://example.com/\u202e",
        "https://ex\u0430mple.com/",
        "https://example.com/ onclick=x",
        'https://example.com/"onclick="x',
        "https://example.com/" + "a" * 2000,
        " https://example.com/",
        "https://example.com/\n",
        "vbscript:x",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_link_leads_anywhere_but_to_the_web_by_https(address: str) -> None:
    assert not is_web_address(address)
    assert "<a" not in render(tag("p", web_link(address)))
    with pytest.raises(UnsafeElementError):
        Address(address)


def test_a_link_leads_to_the_web_by_https() -> None:
    assert render(web_link("https://example.com:8443/a?b=c&d#e")) == (
        '<a href="https://example.com:8443/a?b=c&amp;d#e" rel="noreferrer noopener">https://example.com:8443/a?b=c&amp;d#e</a>'
    )


@pytest.mark.parametrize(
    ("element", "attributes"),
    [
        ("script", {}),
        ("img", {}),
        ("iframe", {}),
        ("p><script", {}),
        ("p", {"onclick": "x"}),
        ("p", {"style": "x"}),
        ("a", {"href": "javascript:alert(1)"}),
        ("p", {"id": Address("#content")}),
        ("input", {"src": "x"}),
    ],
)
def test_what_is_not_listed_cannot_be_written(element: str, attributes: dict[str, str]) -> None:
    with pytest.raises(UnsafeElementError):
        tag(element, **attributes)


def test_an_inline_text_cannot_end_itself() -> None:
    with pytest.raises(UnsafeElementError):
        Inline("script", "x</script>")


@given(names)
@example("con")
@example("con.x")
def test_a_plugin_has_a_file_of_its_own_that_every_system_can_hold(name: str) -> None:
    page = page_of(name)
    assert page.endswith(".html")
    assert "/" not in page
    assert page == page.lower()
    assert page.partition(".")[0] not in ("con", "nul", "aux", "prn", "com1", "lpt9")
    assert page == f"{name}.html" or not is_repository_name(page.removesuffix(".html"))
    Address(f"plugins/{page}")


@pytest.mark.parametrize("name", [*HOSTILE_TEXTS, "..", ".", "../up", "a/b", "A", "", "a" * 129])
def test_no_other_name_has_a_page(name: str) -> None:
    if not is_repository_name(name):
        with pytest.raises(GenerateError):
            page_of(name)
