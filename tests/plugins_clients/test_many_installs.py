"""Any number of plugins, installed and removed in any order: what is a user's stays, and at the end a home is as it was."""

import tempfile
from pathlib import Path
from typing import Any

from client_homes import CLAUDE, CODEX, COPILOT, FACTS, make_homes, make_plugin, place, write
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_executor import Executor, snapshot

from toolhive_plugins_clients import ClientAdapter, Method
from toolhive_plugins_clients.json_text import parse_json_text

NAMES = ("aa", "bb", "cc")
SETTINGS = st.sampled_from(
    [None, "", "{}", "{\n}\n", '{"enabledPlugins": {}}', '{\r\n  "a": 1, // b\r\n  "extraKnownMarketplaces": {},\r\n}', "// x\n",
     '{"enabledPlugins": {"x@y": true}, "extraKnownMarketplaces": {"y": {"source": {"source": "github", "repo": "a/b"}}}}']
)  # fmt: skip
MARKETS = st.sampled_from(
    [None, '{"name": "mine", "plugins": []}', '{"name":"mine"}', '{\n\t"plugins": [\n\t\t{"name": "x"}\n\t],\n\t"name": "mine"\n}\n',
     '{"name": "toolhive", "plugins": [{"name": "x"}], "interface": {}}']
)  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=8)


def check(adapter: ClientAdapter, file: str, content: str | None, steps: list[tuple[str, bool]], touched: bool) -> None:
    """Take steps, then remove all that is left, and compare. `touched`: whether the user edits the file in between."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        homes = make_homes(root)
        path = homes.home / file
        if content is not None:
            write(path, content)
        before = snapshot(homes.home)
        executor, installed = Executor(), set[str]()
        for number, (name, wanted) in enumerate([*steps, *((name, False) for name in NAMES)]):
            placement = place(homes, Method.MARKETPLACE, name=name)
            if wanted:
                executor.install(adapter.plan_install(placement, FACTS), make_plugin(root, name))
                installed.add(name)
            elif name in installed:
                executor.remove(adapter.plan_remove(placement, executor.records.values()))
                installed.discard(name)
            if touched and number == 0 and path.exists():
                path.write_text(path.read_text() + "\n// theirs\n")
        if touched:
            was: Any = parse_json_text((content or "").encode(), where="was").plain()
            now: Any = parse_json_text(path.read_bytes() if path.exists() else b"", where="now").plain()
            ours = ("enabledPlugins", "extraKnownMarketplaces", "plugins", "name")
            assert {
                key: value for key, value in now.items() if key not in ours or value not in ({}, [], "toolhive")
            } == {key: value for key, value in was.items() if key not in ours or value not in ({}, [], "toolhive")}
            assert not path.exists() or "// theirs" in path.read_text() or path.read_text() == (content or "")
        else:
            assert snapshot(homes.home) == before
            assert executor.records == {}


@given(SETTINGS, STEPS)
@settings(max_examples=60, deadline=None)
def test_claude_codes_settings(content: str | None, steps: list[tuple[str, bool]]) -> None:
    check(CLAUDE, ".claude/settings.json", content, steps, touched=False)


@given(SETTINGS, STEPS)
@settings(max_examples=60, deadline=None)
def test_copilots_settings(content: str | None, steps: list[tuple[str, bool]]) -> None:
    check(COPILOT, ".copilot/settings.json", content, steps, touched=False)


@given(MARKETS, STEPS)
@settings(max_examples=60, deadline=None)
def test_codexs_marketplace(content: str | None, steps: list[tuple[str, bool]]) -> None:
    check(CODEX, ".agents/plugins/marketplace.json", content, steps, touched=False)


@given(SETTINGS, STEPS)
@settings(max_examples=40, deadline=None)
def test_claude_codes_settings_that_the_user_edits_meanwhile(
    content: str | None, steps: list[tuple[str, bool]]
) -> None:
    check(CLAUDE, ".claude/settings.json", content, steps, touched=True)


@given(MARKETS, STEPS)
@settings(max_examples=40, deadline=None)
def test_codexs_marketplace_that_the_user_edits_meanwhile(content: str | None, steps: list[tuple[str, bool]]) -> None:
    check(CODEX, ".agents/plugins/marketplace.json", content, steps, touched=True)
