"""What changed since earlier catalogs, for the index and for the page of one plugin."""

from collections import Counter
from collections.abc import Sequence

from toolhive_plugins_marketplaces.catalog_diff import CatalogChange, CatalogChangeKind, CatalogComparison
from toolhive_plugins_marketplaces.site.elements import Address, Child, Element, tag
from toolhive_plugins_marketplaces.site.names import page_of
from toolhive_plugins_marketplaces.site.words import plural


def draw_catalog_changes(comparisons: Sequence[CatalogComparison]) -> Element | None:
    """Return what changed in the whole catalog, what can do more first; None if there is nothing to compare with."""
    if not comparisons:
        return None
    heading = tag("h2", "What changed", id="changes")
    return tag("section", heading, *map(_panel, comparisons), class_="panel topic-of", aria_labelledby="changes")


def draw_plugin_changes(name: str, comparisons: Sequence[CatalogComparison]) -> Element | None:
    """Return what changed of one plugin; None if there is nothing to compare with."""
    if not comparisons:
        return None
    entries = [_since(name, comparison) for comparison in comparisons]
    heading = tag("h2", "What changed", id="changes")
    return tag("section", heading, *entries, class_="topic-of", aria_labelledby="changes")


def _panel(comparison: CatalogComparison) -> Element:
    since = tag("p", "Since ", tag("code", comparison.old), class_="quiet small")
    if not comparison.changes:
        said = f"Nothing: {plural(comparison.unchanged, 'plugin')} as before."
        return tag("div", since, tag("p", said), class_="box since")
    kinds = Counter(change.kind for change in comparison.changes)
    told = [f"{count} {kind.value}" for kind in CatalogChangeKind if (count := kinds[kind])]
    told.append(f"{comparison.unchanged} unchanged")
    grown = sum(change.grew for change in comparison.changes)
    more = tag("span", f"{grown} can do more", class_="badge danger") if grown else None
    ordered = sorted(comparison.changes, key=lambda change: (not change.grew, change.name))
    entries = [_entry(change) for change in ordered]
    listed = tag("details", tag("summary", ", ".join(told)), tag("div", *entries))
    return tag("div", since, more, listed, class_="box since")


def _entry(change: CatalogChange) -> Element:
    name: Child = change.name
    if change.kind is not CatalogChangeKind.REMOVED:
        name = tag("a", change.name, href=Address(f"plugins/{page_of(change.name)}"))
    return tag("div", tag("h3", name), _summary(change), _growth(change), class_="change")


def _since(name: str, comparison: CatalogComparison) -> Element:
    found = next((change for change in comparison.changes if change.name == name), None)
    since = tag("h3", "Since ", tag("code", comparison.old))
    if found is None:
        return tag("div", since, tag("p", "Nothing: the same digest."), class_="change")
    references = [(label, each) for label, each in (("was", found.old), ("is", found.new)) if each]
    pairs = (cell for label, each in references for cell in (tag("dt", label), tag("dd", each)))
    no_more = None
    if not found.grew and found.kind in (CatalogChangeKind.CHANGED, CatalogChangeKind.RENAMED):
        no_more = tag("p", "Nothing more can run than before. What runs may have other code.")
    return tag(
        "div", since, _summary(found), _growth(found), no_more, tag("dl", *pairs, class_="facts"), class_="change"
    )


def _summary(change: CatalogChange) -> Element:
    versions = " \u2192 ".join(filter(None, (change.old_version, change.new_version)))
    was = f"was {change.old_name}" if change.old_name else ""
    return tag("p", ", ".join(filter(None, (change.kind.value, was, versions))), class_="quiet")


def _growth(change: CatalogChange) -> Element | None:
    if not change.grew:
        return None
    return tag(
        "div",
        tag("p", tag("strong", "It can do more than before:")),
        tag("ul", *(tag("li", line) for line in change.growth), class_="grew"),
    )
