"""HTML as values: text is escaped wherever it is put, and no other attribute, element or address can be written than those listed.

Nothing makes an element from a string of HTML. The two inline texts of a page, its style and its script, are constants.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Final, TypeAlias

from attrs import frozen

from toolhive_plugins_marketplaces.site.visible import pieces, visible

_ELEMENTS: Final = frozenset(
    (
        *("html", "head", "meta", "title", "body", "header", "nav", "main", "aside", "section", "footer", "search"),
        *(
            "h1",
            "h2",
            "h3",
            "p",
            "div",
            "span",
            "strong",
            "code",
            "a",
            "ul",
            "li",
            "dl",
            "dt",
            "dd",
            "details",
            "summary",
        ),
        *("label", "input", "button"),
    )
)
_VOID: Final = frozenset({"input", "meta"})
_ATTRIBUTES: Final = frozenset(
    (
        *(
            "charset",
            "http-equiv",
            "content",
            "lang",
            "name",
            "id",
            "class",
            "href",
            "rel",
            "role",
            "tabindex",
            "hidden",
        ),
        *("for", "type", "placeholder", "autocomplete", "spellcheck"),
        *("aria-describedby", "aria-label", "aria-labelledby", "aria-live"),
    )
)
_HTTPS: Final = re.compile(
    r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*)?", re.ASCII
)
_PAGE: Final = re.compile(r"(?:\.\./|plugins/)?[a-z0-9][a-z0-9._-]*\.html(?:#[a-z-]+)?|#[a-z-]+", re.ASCII)
_MAX_ADDRESS: Final = 2000

Child: TypeAlias = "Element | Inline | str"


class UnsafeElementError(Exception):
    """A page was to hold what it may not: a mistake in this library, which no text of a stranger can cause."""


@frozen
class Address:
    """Where a link leads: another page of the site, a place in the page, or a web site by HTTPS."""

    text: str

    def __attrs_post_init__(self) -> None:
        if not (_PAGE.fullmatch(self.text) or is_web_address(self.text)):
            raise UnsafeElementError(self.text)


@frozen
class Inline:
    """The style or the script of a page: one of the library's own constants."""

    name: str
    text: str

    def __attrs_post_init__(self) -> None:
        if self.name not in ("style", "script") or "</" in self.text:
            raise UnsafeElementError(self.name)


@frozen
class Element:
    """An element with its attributes and what is in it."""

    name: str
    attributes: tuple[tuple[str, str | Address], ...]
    children: tuple[Child, ...]

    def __attrs_post_init__(self) -> None:
        if self.name not in _ELEMENTS or (self.name in _VOID and self.children):
            raise UnsafeElementError(self.name)
        for name, value in self.attributes:
            if name not in _ATTRIBUTES or (name == "href") is not isinstance(value, Address):
                raise UnsafeElementError(name)


def is_web_address(text: str) -> bool:
    """Tell whether a text is an address that a page may link to: HTTPS, without a user name, in plain characters."""
    return len(text) <= _MAX_ADDRESS and _HTTPS.fullmatch(text) is not None


def tag(element: str, *children: "Child | None", **attributes: "str | Address | None") -> Element:
    """Return an element. Attributes that are None, and children that are None or empty, are left out.

    Names of attributes are Python's: `class_`, `for_`, and `aria_label` for `aria-label`.
    """
    named = tuple(
        (name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items() if value is not None
    )
    return Element(element, named, tuple(child for child in children if child is not None and child != ""))


def web_link(text: str, label: str = "") -> Child:
    """Return a link to an address by HTTPS; any other text as it is."""
    if (
        not is_web_address(text) or visible(text) != text
    ):  # an address with a token in it is shown with the token masked
        return label or text
    return tag("a", label or text, href=Address(text), rel="noreferrer noopener")


def render(child: Child) -> str:
    """Return a page, or a part of it, as HTML."""
    return "".join(_rendered(child))


def _rendered(child: Child) -> Iterator[str]:
    if isinstance(child, str):
        for piece in pieces(child):
            text = escape(piece.text, quote=True)
            yield f'<span class="escaped">{text}</span>' if piece.escaped else text
        return
    if isinstance(child, Inline):
        yield f"<{child.name}>{child.text}</{child.name}>"
        return
    yield f"<{child.name}{''.join(map(_attribute, child.attributes))}>"
    for each in child.children:
        yield from _rendered(each)
    if child.name not in _VOID:
        yield f"</{child.name}>"


def _attribute(pair: "tuple[str, str | Address]") -> str:
    name, value = pair
    text = value.text if isinstance(value, Address) else visible(value)
    return f' {name}="{escape(text, quote=True)}"' if text else f" {name}"
