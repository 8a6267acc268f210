"""The frame of a page: head, content policy, landmarks."""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from toolhive_plugins_marketplaces.site.elements import Address, Child, Inline, render, tag
from toolhive_plugins_marketplaces.site.style import STYLE

_DOCTYPE: Final = "<!DOCTYPE html>\n"


def document(title: str, script: str, *, body: "tuple[Child, ...]", home: "tuple[str, str] | None" = None) -> bytes:
    """Return a page.

    Args:
        title: of the page.
        script: one of the library's own.
        body: what is between the landmarks of the frame: the page's header, and its main content, whose id is `content`.
        home: the name and the address of the page above this one, if there is one.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        Inline("style", STYLE),
    )
    above = None
    if home is not None:
        name, address = home
        link = tag("a", f"\u2190 All plugins of {name}", href=Address(address))
        above = tag("nav", tag("div", link, class_="page"), class_="top", aria_label="Marketplace")
    end = tag(
        "footer",
        tag(
            "div",
            tag(
                "p",
                "What a plugin runs was read from its own content. What it says of itself are its author\u2019s words.",
            ),
            tag("p", "Made by thv-plugin. It loads nothing from elsewhere."),
            class_="page",
        ),
        class_="end",
    )
    skip = tag("a", "Skip to the content", href=Address("#content"), class_="skip")
    whole = tag("html", head, tag("body", skip, above, *body, end, Inline("script", script)), lang="en")
    return (_DOCTYPE + render(whole) + "\n").encode()


def policy(script: str) -> str:
    """Return the content policy of a page: its own style and script, by their hashes, and nothing else."""
    return (
        f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(STYLE)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
