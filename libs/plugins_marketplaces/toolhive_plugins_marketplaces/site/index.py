"""The index: every plugin of a catalog, and a search."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from toolhive_plugins_marketplaces.catalog import Catalog
from toolhive_plugins_marketplaces.catalog_diff import CatalogComparison
from toolhive_plugins_marketplaces.document import Refusal
from toolhive_plugins_marketplaces.site.changes import draw_catalog_changes
from toolhive_plugins_marketplaces.site.document import document
from toolhive_plugins_marketplaces.site.elements import Address, Child, Element, tag, web_link
from toolhive_plugins_marketplaces.site.names import page_of
from toolhive_plugins_marketplaces.site.script import SEARCH
from toolhive_plugins_marketplaces.site.surface import draw_badges
from toolhive_plugins_marketplaces.site.visible import clipped
from toolhive_plugins_marketplaces.site.words import Badge, plural

_MAX_DESCRIPTION: Final = 1000
_MAX_WORD: Final = 40


@frozen(kw_only=True)
class Row:
    """A plugin, as the index tells of it."""

    name: str
    version: str
    description: str
    category: str
    badges: tuple[Badge, ...]
    problem: str
    unasked: bool
    quiet: bool


def draw_index(
    catalog: Catalog,
    pinned: str,
    rows: Sequence[Row],
    *,
    comparisons: Sequence[CatalogComparison] = (),
    skipped: Sequence[Refusal] = (),
) -> bytes:
    """Return the page.

    Args:
        catalog: what is shown.
        pinned: what names it, by digest where it has one.
        rows: its plugins, by name.
        comparisons: what changed since earlier catalogs.
        skipped: what the catalog's server lists, and cannot be taken.
    """
    by = f"Plugins of {catalog.owner.name}" if catalog.owner.name else "A catalog of plugins"
    header = tag(
        "header",
        tag(
            "div",
            tag("p", by, class_="kicker"),
            tag("h1", catalog.name),
            tag("p", catalog.description, class_="lead") if catalog.description else None,
            _numbers(rows),
            class_="page",
        ),
        class_="hero",
    )
    main = tag(
        "main",
        draw_catalog_changes(comparisons),
        tag("h2", "Plugins", id="list"),
        _search(),
        tag("ul", *map(_card, rows), class_="cards", id="plugins", aria_labelledby="list"),
        tag("p", "No plugin has all of these words.", class_="none", id="none", hidden=""),
        _skipped(skipped),
        _origin(catalog, pinned),
        class_="page",
        id="content",
        tabindex="-1",
    )
    return document(f"{catalog.name}: plugins", SEARCH, body=(header, main))


def _numbers(rows: Sequence[Row]) -> Element:
    unread = sum(bool(row.problem) for row in rows)
    told = [
        (len(rows), "plugin" if len(rows) == 1 else "plugins"),
        (sum(row.unasked for row in rows), "run code unasked"),
        (sum(row.quiet for row in rows), "run nothing by themselves"),
        *([(unread, "cannot be read")] if unread else []),
    ]
    return tag("dl", *(tag("div", tag("dt", what), tag("dd", str(count))) for count, what in told), class_="numbers")


def _search() -> Element:
    return tag(
        "search",
        tag("label", "Search names, descriptions, and what they run", for_="query"),
        tag(
            "input",
            type="search",
            id="query",
            placeholder="hook, review, python \u2026",
            autocomplete="off",
            spellcheck="false",
            aria_describedby="found",
        ),
        tag("p", id="found", role="status", aria_live="polite"),
        role="search",  # for browsers that do not know the element
        class_="find",
        id="search",
        hidden="",
    )


def _card(row: Row) -> Element:
    version = tag("span", clipped(row.version, _MAX_WORD), class_="version") if row.version else None
    about = clipped(row.description, _MAX_DESCRIPTION) or "No description."
    topic = tag("li", clipped(row.category, _MAX_WORD), class_="badge topic") if row.category else None
    return tag(
        "li",
        tag("h3", tag("a", row.name, href=Address(f"plugins/{page_of(row.name)}")), version),
        tag("p", about, class_="about"),
        tag("ul", *draw_badges(row.badges), topic, class_="badges", aria_label="What it has"),
        class_="card",
    )


def _skipped(skipped: Sequence[Refusal]) -> Element | None:
    if not skipped:
        return None
    pairs = (tag("div", tag("dt", each.name), tag("dd", each.reason)) for each in skipped)
    heading = tag("h2", "Listed, and not taken", id="skipped")
    return tag(
        "section", heading, tag("dl", *pairs, class_="detail"), class_="panel topic-of", aria_labelledby="skipped"
    )


def _origin(catalog: Catalog, pinned: str) -> Element:
    facts: list[tuple[str, Child]] = [("Catalog", tag("code", pinned))]
    if catalog.source:
        facts.append(("Made from", web_link(catalog.source)))
    if catalog.revision:
        facts.append(("At the commit", tag("code", catalog.revision)))
    facts += [("Renamed", f"{old} is now {new}") for old, new in sorted(catalog.renames.items())]
    pairs = (tag("div", tag("dt", label), tag("dd", value)) for label, value in facts)
    return tag(
        "section",
        tag("h2", "Where this is from", id="origin"),
        tag("p", f"One digest pins {plural(len(catalog.plugins), 'plugin')}.") if "@sha" in pinned else None,
        tag("dl", *pairs, class_="detail"),
        class_="panel topic-of",
        aria_labelledby="origin",
    )
