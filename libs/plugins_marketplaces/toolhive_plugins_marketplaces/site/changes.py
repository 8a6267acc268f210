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


def draw_plugin_changes(history: Sequence[tuple[str, CatalogChange | None]]) -> Element | None:
    """Return what changed of one plugin; None if there is nothing to compare with.

    Args:
        history: what names each earlier catalog, and how the plugin changed since; None where it did not.
    """
    if not history:
        return None
    entries = [_since(old, change) for old, change in history]
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
    grew = [_grown_entry(change) for change in comparison.changes if change.grew]
    others = [_entry(change) for change in comparison.changes if not change.grew]
    shown = tag("div", *grew) if grew else None
    label = "What else changed" if grew else "What changed"
    listed = tag("details", tag("summary", label), tag("div", *others)) if others else None
    return tag("div", since, tag("p", ", ".join(told)), more, shown, listed, class_="box since")


def _grown_entry(change: CatalogChange) -> Element:
    count = tag("span", plural(len(change.growth), "thing more", "things more"), class_="badge danger")
    head = tag("summary", tag("strong", change.name), " ", tag("span", _said(change), class_="quiet small"), " ", count)
    page = tag("a", f"The page of {change.name}", href=Address(f"plugins/{page_of(change.name)}"))
    return tag("details", head, _growth(change), tag("p", page, class_="small"), class_="change")


def _entry(change: CatalogChange) -> Element:
    name: Child = change.name
    if change.kind is not CatalogChangeKind.REMOVED:
        name = tag("a", change.name, href=Address(f"plugins/{page_of(change.name)}"))
    return tag("div", tag("h3", name), _summary(change), _growth(change), class_="change")


def _since(old: str, found: CatalogChange | None) -> Element:
    since = tag("h3", "Since ", tag("code", old))
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
    return tag("p", _said(change), class_="quiet")


def _said(change: CatalogChange) -> str:
    versions = " \u2192 ".join(filter(None, (change.old_version, change.new_version)))
    was = f"was {change.old_name}" if change.old_name else ""
    return ", ".join(filter(None, (change.kind.value, was, versions)))


def _growth(change: CatalogChange) -> Element | None:
    if not change.grew:
        return None
    return tag(
        "div",
        tag("p", tag("strong", "It can do more than before:")),
        tag("ul", *(tag("li", line) for line in change.growth), class_="grew"),
    )
