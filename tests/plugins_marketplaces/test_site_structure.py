"""Whatever a catalog and its plugins say, a page is made of the same elements as one of plain words."""

from html.parser import HTMLParser

from hostile_texts import HOSTILE_TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins import Digest, MemoryTree, read_surface
from toolhive_plugins_marketplaces import (
    Catalog,
    CatalogChange,
    CatalogChangeKind,
    CatalogComparison,
    CatalogPlugin,
    Owner,
    Refusal,
)
from toolhive_plugins_marketplaces.site.index import Row, draw_index
from toolhive_plugins_marketplaces.site.plugin import draw_plugin
from toolhive_plugins_marketplaces.site.reading import PlatformContent, PluginContent
from toolhive_plugins_marketplaces.site.words import badges

texts = st.text(st.characters(codec=None), min_size=1, max_size=30) | st.sampled_from(HOSTILE_TEXTS)
QUIET = read_surface(MemoryTree({".claude-plugin/plugin.json": b'{"name": "tool"}'}))


class Structure(HTMLParser):
    """The elements of a page with their attributes' names, and its addresses; without what sets escapes off."""

    def __init__(self, html: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: set[str | None] = set()
        self.feed(html.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if attrs != [("class", "escaped")]:
            self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.addresses |= {value for name, value in attrs if name == "href"}

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def drawn(text: str) -> list[Structure]:
    """Return an index and a plugin's page in which every text is this one."""
    plugin = CatalogPlugin(
        name="tool",
        repository="registry.example.com/acme/tool",
        digest=Digest.of(b"tool"),
        version=text,
        description=text,
        license=text,
        category=text,
        tags=(text,),
        revision=text,
        dependencies=(text,),
    )
    content = PluginContent(
        names=("tool", "other"),
        manifest_problem=text,
        author=text,
        homepage=text,
        repository=text,
        digests=((text, text),),
        contents=(PlatformContent((text,), QUIET),),
    )
    unread = PluginContent(problem=text)
    change = CatalogChange(
        name="tool",
        kind=CatalogChangeKind.RENAMED,
        old_name=text,
        old_version=text,
        new_version=text,
        old=text,
        new=text,
        grew=True,
        growth=(text,),
    )
    catalog = Catalog(
        name=text,
        description=text,
        owner=Owner(text, text),
        source=text,
        revision=text,
        renames={text: text},
        plugins=(plugin,),
    )
    row = Row(
        name="tool",
        version=text,
        description=text,
        category=text,
        badges=badges(content),
        problem="",
        unasked=False,
        quiet=True,
    )
    comparison = CatalogComparison(old=text, new=text, changes=(change,), unchanged=0)
    index = draw_index(catalog, text, [row], comparisons=[comparison], skipped=[Refusal(text, text)])
    pages = (draw_plugin(catalog, plugin, each, [(text, change)], text) for each in (content, unread))
    return [Structure(page) for page in (index, *pages)]


PLAIN = drawn("plain")


@given(texts)
@settings(deadline=None)
def test_texts_change_neither_the_elements_nor_the_addresses(text: str) -> None:
    for page, plain in zip(drawn(text), PLAIN, strict=True):
        assert page.elements == plain.elements
        assert page.addresses == plain.addresses
