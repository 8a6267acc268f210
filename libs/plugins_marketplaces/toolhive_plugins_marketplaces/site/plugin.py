"""The page of a plugin: what it runs first, then how it is had, what it has, and what changed."""

from collections.abc import Iterator, Sequence

from toolhive_plugins_marketplaces.catalog import Catalog, CatalogPlugin
from toolhive_plugins_marketplaces.catalog_diff import CatalogChange
from toolhive_plugins_marketplaces.site.changes import draw_plugin_changes
from toolhive_plugins_marketplaces.site.document import document
from toolhive_plugins_marketplaces.site.elements import Child, Element, tag, web_link
from toolhive_plugins_marketplaces.site.reading import PlatformContent, PluginContent
from toolhive_plugins_marketplaces.site.script import COPY
from toolhive_plugins_marketplaces.site.surface import draw_components, draw_runs, draw_verdict


def draw_plugin(
    catalog: Catalog,
    plugin: CatalogPlugin,
    content: PluginContent,
    history: Sequence[tuple[str, CatalogChange | None]],
    install: str,
) -> bytes:
    """Return the page.

    Args:
        catalog: what the plugin is in.
        plugin: what the catalog says of it.
        content: what its artifact holds.
        history: what names each earlier catalog, and how the plugin changed since; None where it did not.
        install: the command that installs it.
    """
    version = tag("span", plugin.version, class_="version") if plugin.version else None
    header = tag(
        "header",
        tag(
            "div",
            tag("h1", plugin.name, version),
            tag("p", plugin.description, class_="lead") if plugin.description else None,
            class_="page",
        ),
        class_="hero",
    )
    components = [component for each in content.contents if (component := _components(each, content)) is not None]
    changes = draw_plugin_changes(history)
    after = tag("div", *components, changes, class_="stack") if components or changes else None
    main = tag(
        "main",
        tag(
            "div",
            tag("div", *_runs(plugin, content), class_="stack"),
            _aside(plugin, content, install),
            after,
            class_="split",
        ),
        class_="page",
        id="content",
        tabindex="-1",
    )
    home = (catalog.name, "../index.html")
    return document(f"{plugin.name} \u00b7 {catalog.name}", COPY, body=(header, main), home=home)


def _runs(plugin: CatalogPlugin, content: PluginContent) -> Iterator[Child]:
    if content.problem:
        yield _warning("Nobody can say what it runs", f"It cannot be read: {content.problem}")
        return
    for name in content.names:
        if name != plugin.name:
            yield _warning("It is another plugin", f"The artifact holds a plugin that is called {name}")
    if content.manifest_problem:
        yield _warning("Its manifest cannot be read", f"Clients may not load it: {content.manifest_problem}")
    if len(content.contents) > 1:
        told = f"It holds {len(content.contents)} different plugins, for different platforms: read each"
        yield _warning("Not the same on every platform", told)
    for each in content.contents:
        yield draw_verdict(each.surface, _platforms(each, content))
        if (runs := draw_runs(each.surface)) is not None:
            heading = " on ".join(filter(None, ("What it runs", _platforms(each, content))))
            yield tag("section", tag("h2", heading), runs, class_="topic-of")


def _components(each: PlatformContent, content: PluginContent) -> Element | None:
    found = draw_components(each.surface)
    if found is None:
        return None
    heading = " on ".join(filter(None, ("Prompts", _platforms(each, content))))
    return tag("section", tag("h2", heading), found, class_="topic-of")


def _platforms(each: PlatformContent, content: PluginContent) -> str:
    return ", ".join(each.platforms) if len(content.contents) > 1 else ""


def _warning(title: str, text: str) -> Element:
    return tag("div", tag("h2", title), tag("p", text), class_="verdict danger")


def _aside(plugin: CatalogPlugin, content: PluginContent, install: str) -> Element:
    command = tag(
        "section",
        tag("h2", "Install", id="install"),
        tag("p", "Exactly this content, by its digest:", class_="quiet small"),
        tag("code", install, class_="install", id="command"),
        tag("button", "Copy", type="button", class_="copy", id="copy", hidden=""),
        class_="box",
        aria_labelledby="install",
    )
    pairs = (tag("div", tag("dt", label), tag("dd", value)) for label, value in _details(plugin, content))
    details = tag(
        "section",
        tag("h2", "Details", id="details"),
        tag("dl", *pairs, class_="detail"),
        class_="box",
        aria_labelledby="details",
    )
    return tag("aside", command, details, class_="stack", aria_label="How it is had")


def _details(plugin: CatalogPlugin, content: PluginContent) -> Iterator[tuple[str, Child]]:
    yield "Version", plugin.version or "none"
    yield "Licence", plugin.license or "not stated"
    for label, text in (("Author", content.author), ("Homepage", content.homepage), ("Repository", content.repository)):
        if text:
            yield label, web_link(text)
    if plugin.category:
        yield "Category", plugin.category
    if plugin.dependencies:
        yield "Needs", ", ".join(plugin.dependencies)
    if plugin.made:
        yield "Manifest", "made from the marketplace\u2019s entry"
    if plugin.tags:
        yield "Tags", tag("code", ", ".join(plugin.tags))
    if plugin.revision:
        yield "Commit", tag("code", plugin.revision)
    yield "Reference", tag("code", plugin.reference)
    for label, digest in content.digests:
        yield f"Digest of the {label}", tag("code", digest)
