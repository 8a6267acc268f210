"""The pages of a catalog in a real browser: complete, quiet, readable, and deaf to what strangers write."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from hostile_texts import HOSTILE_TEXTS

NAMES = ["hooked", "look", "quiet", "served"]
PAGES = ["index.html", *(f"plugins/{name}.html" for name in NAMES)]
SHOWN = "Array.from(document.querySelectorAll('#plugins > li:not([hidden]) h3 a'), (each) => each.textContent)"

COPIED = """
new Promise((resolve) => {
  const button = document.getElementById("copy");
  const look = () => { if (button.textContent !== "Copy") resolve(button.textContent); };
  new MutationObserver(look).observe(button, { childList: true, characterData: true, subtree: true });
  look();
})
"""
"""What the button says once something has come of it."""

CONTRASTS = """
(() => {
  const parse = (color) => color.match(/[0-9.]+/g).map(Number);
  const linear = (value) => { const v = value / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  let seen = 0;
  for (const element of document.querySelectorAll("body *")) {
    const own = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    seen += 1;
    const [one, two] = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [seen, poor];
})()
"""
"""How many elements have text of their own, and those whose text contrasts less than WCAG 2.2 AA asks of small text."""


class Served:
    """A site on a web server, and what was asked of it."""

    def __init__(self, address: str, asked: list[str]) -> None:
        self.address = address
        self.asked = asked


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a folder within the block."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class calls it
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{server.server_port}", asked)
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_from_the_disk_asks_for_nothing_else(browser: Browser, ordinary: Path, page: str) -> None:
    visit = browser.open((ordinary / page).as_uri())
    assert visit.requested == [(ordinary / page).as_uri()]
    assert visit.complaints == []


def test_pages_from_a_server_ask_for_nothing_else(browser: Browser, ordinary: Path) -> None:
    with served(ordinary) as site:
        for page in PAGES:
            visit = browser.open(f"{site.address}/{page}")
            assert visit.requested == [f"{site.address}/{page}"]
            assert visit.complaints == []
        browser.open("about:blank")
    assert [path for path in site.asked if path != "/favicon.ico"] == [f"/{page}" for page in PAGES]


def test_what_is_not_the_pages_own_is_kept_out(browser: Browser, ordinary: Path, tmp_path: Path) -> None:
    """The policy does what the other tests rely on, and the browser tells them where it is broken."""
    html = (ordinary / "index.html").read_text()
    foreign = "<script>document.title = 'ran'</script><img src='https://evil.example/x.png'><p style='color:red'>x</p>"
    (tmp_path / "index.html").write_text(html.replace("</main>", f"{foreign}</main>"))
    visit = browser.open((tmp_path / "index.html").as_uri())
    assert browser.evaluate("document.title") == "acme: plugins"
    assert browser.evaluate("getComputedStyle(document.querySelector('p[style]')).color") != "rgb(255, 0, 0)"
    assert len([each for each in visit.complaints if "Content Security Policy" in each]) >= 3


def test_the_search_leaves_what_has_every_word(browser: Browser, ordinary: Path) -> None:
    browser.open((ordinary / "index.html").as_uri())
    assert browser.evaluate(SHOWN) == NAMES
    assert browser.evaluate("document.getElementById('found').textContent") == "4 in all"
    browser.press("/", 191)
    browser.type("REVIEWS hook")
    assert browser.evaluate(SHOWN) == ["hooked"]
    assert browser.evaluate("document.getElementById('found').textContent") == "1 of 4"
    browser.type(" nowhere")
    assert browser.evaluate(SHOWN) == []
    assert browser.evaluate("getComputedStyle(document.getElementById('none')).display") == "block"
    browser.press("Escape", 27)
    assert browser.evaluate(SHOWN) == NAMES
    assert browser.evaluate("getComputedStyle(document.getElementById('none')).display") == "none"
    browser.type('" .* [ < ')
    assert browser.evaluate(SHOWN) == []


def test_a_button_copies_the_command(browser: Browser, ordinary: Path) -> None:
    with served(ordinary) as site:
        browser.allow_the_clipboard(site.address)
        browser.open(f"{site.address}/plugins/served.html")
        command = browser.evaluate("document.getElementById('command').textContent")
        browser.evaluate("document.getElementById('copy').focus()")
        browser.press("Enter", 13)
        assert browser.evaluate(COPIED) == "Copied"
        assert browser.evaluate("navigator.clipboard.readText()") == command
        browser.open("about:blank")


@pytest.mark.parametrize("page", PAGES)
def test_without_scripts_a_page_is_complete(browser: Browser, ordinary: Path, page: str) -> None:
    browser.open((ordinary / page).as_uri(), scripts=False)
    html = browser.document()
    if page == "index.html":
        assert browser.count("#plugins > li:not([hidden])") == len(NAMES)
        assert browser.count("#search[hidden]") == browser.count("#none[hidden]") == 1
    else:
        assert "thv-plugin install registry.example.com/acme/" in html
        assert browser.count("#copy[hidden]") == 1


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_is_wider_than_its_window(browser: Browser, ordinary: Path, hostile: Path, width: int) -> None:
    for page in (*(ordinary / each for each in PAGES), *sorted(hostile.rglob("*.html"))):
        browser.open(page.as_uri(), width=width)
        assert browser.width() == width, page
        inside = "Math.max(...Array.from(document.querySelectorAll('main *'), (e) => e.getBoundingClientRect().right))"
        assert browser.evaluate(inside) <= width, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_contrasts_with_what_is_behind_it(
    browser: Browser, ordinary: Path, hostile: Path, scheme: str
) -> None:
    for page in (*(ordinary / each for each in PAGES), hostile / "index.html", hostile / "plugins/p0.html"):
        browser.open(page.as_uri(), scheme=scheme)
        seen, poor = browser.evaluate(CONTRASTS)
        assert seen > 10
        assert poor == [], page


def test_a_page_is_light_or_dark_as_is_preferred(browser: Browser, ordinary: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open((ordinary / "index.html").as_uri(), scheme="light")
    light = browser.evaluate(ground)
    browser.open((ordinary / "index.html").as_uri(), scheme="dark")
    assert light == "rgb(250, 249, 246)"
    assert browser.evaluate(ground) == "rgb(20, 24, 28)"


def test_a_keyboard_reaches_everything(browser: Browser, ordinary: Path) -> None:
    browser.open((ordinary / "index.html").as_uri())
    reached = []
    for _ in range(9):
        browser.press("Tab", 9)
        focus = "document.activeElement.textContent.slice(0, 30) || document.activeElement.id"
        reached.append(browser.evaluate(focus))
        assert browser.evaluate(
            "(() => { const f = document.activeElement; const s = getComputedStyle(f.closest('.card') || f);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()"
        ), reached
        if reached[-1] == "served":
            break
    assert reached[0] == "Skip to the content"
    assert "query" in reached
    assert reached[-4:] == NAMES
    browser.press("Enter", 13)
    browser.wait_for_a_page()
    assert browser.evaluate("document.querySelector('h1').firstChild.textContent") == "served"


def test_assistive_technology_is_told_what_is_where(browser: Browser, ordinary: Path) -> None:
    browser.open((ordinary / "index.html").as_uri())
    told = browser.accessible()
    assert {"banner", "main", "search", "contentinfo"} <= {role for role, _ in told}
    assert [name for role, name in told if role == "searchbox"] == ["Search names, descriptions, and what they run"]
    assert {("list", "Plugins"), ("region", "What changed"), ("link", "served")} <= set(told)
    browser.open((ordinary / "plugins/served.html").as_uri())
    told = browser.accessible()
    assert {"banner", "main", "contentinfo"} <= {role for role, _ in told}
    assert {("complementary", "How it is had"), ("navigation", "Marketplace"), ("region", "Install")} <= set(told)


@pytest.mark.parametrize("page", PAGES)
def test_headings_say_how_a_page_is_made(browser: Browser, ordinary: Path, page: str) -> None:
    browser.open((ordinary / page).as_uri())
    headings = "Array.from(document.querySelectorAll('h1, h2, h3, h4'), (each) => Number(each.tagName[1]))"
    levels = browser.evaluate(headings)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_hostile_texts_run_nothing_and_load_nothing(browser: Browser, hostile: Path) -> None:
    pages = sorted(hostile.rglob("*.html"))
    assert len(pages) == len(HOSTILE_TEXTS) + 1
    for page in pages:
        visit = browser.open(page.as_uri())
        assert visit.requested == [page.as_uri()]
        assert visit.complaints == []
        assert visit.dialogs == []
        assert browser.count("script") == browser.count("style") == browser.count("title") == browser.count("main") == 1
        assert browser.count("img, svg, iframe, base, link, object, embed, [onerror], [onload], [onmouseover]") == 0
        assert browser.evaluate("location.href") == page.as_uri()


def test_hostile_texts_are_there_to_be_read(browser: Browser, hostile: Path) -> None:
    for number, text in enumerate(HOSTILE_TEXTS):
        browser.open((hostile / f"plugins/p{number}.html").as_uri())
        shown = browser.evaluate("document.querySelector('.lead').textContent")
        if text.isascii() and text.isprintable() and "  " not in text:
            assert shown == text
        assert "\u202e" not in shown
        assert "\x1b" not in shown
