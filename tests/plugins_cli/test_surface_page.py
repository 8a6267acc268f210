"""The page of a surface, over arbitrary plugins: nothing fails, every value of the surface is on it, and no token is in any output."""

import io
import json
from typing import Any

import pytest
from command_runner import Command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plugin_folders import write_files

from toolhive_plugins_cli.page import Page, untrusted
from toolhive_plugins_cli.surface_page import draw_headline, draw_surface
from toolhive_plugins_content import MemoryTree, read_surface
from toolhive_plugins_content.surface.growth import compare_surfaces
from toolhive_plugins_content.surface.views import surface_document

KEYS = [
    "hooks",
    "Hooks",
    "Stop",
    "SessionStart",
    "type",
    "command",
    "Command",
    "args",
    "args[0]",
    "url",
    "matcher",
    "mcpServers",
    "lspServers",
    "env",
    "modules",
    "name",
    "source",
    "content",
    "userConfig",
    "server",
    "agent",
    "subagentStatusLine",
    "monitors",
    "when",
    "dependencies",
    "experimental",
    "settings",
    "default",
    "event",
    "$schema",
    "description",
]
PLACES = [
    "hooks/hooks.json",
    ".mcp.json",
    ".lsp.json",
    "monitors/monitors.json",
    "settings.json",
    ".codex-plugin/plugin.json",
    "plugin.json",
    "mcp.json",
    "package.json",
    "cfg/h.json",
]
DECLARED = [
    "commands",
    "agents",
    "skills",
    "hooks",
    "mcpServers",
    "lspServers",
    "monitors",
    "workflows",
    "settings",
    "channels",
    "dependencies",
    "userConfig",
    "experimental",
    "outputStyles",
    "other",
]
PROMPTS = ["skills/s/SKILL.md", "commands/c.md", "agents/a.md", "output-styles/o.md"]
TEXTS = st.sampled_from(["command", "http", "./cfg/h.json", "./a.mcpb", "false", "*"]) | st.text(max_size=8)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=14,
)
FRONT_MATTER = VALUES.map(json.dumps) | st.text(st.sampled_from("ab:-#&*!?|>[]{} \n\t'\"%@`$,"), max_size=40)
MARKDOWN = st.builds("---\n{}\n---\n{}".format, FRONT_MATTER, st.text(st.sampled_from("`!a\n $1{}"), max_size=20))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(PLACES), VALUES.map(json.dumps), max_size=3),
    st.dictionaries(st.sampled_from(DECLARED), VALUES, max_size=4),
    st.dictionaries(st.sampled_from(PROMPTS), MARKDOWN, max_size=2),
)
def test_every_value_is_on_the_page(files: dict[str, str], manifest: dict[str, Any], prompts: dict[str, str]) -> None:
    contents = {".claude-plugin/plugin.json": json.dumps({"name": "demo", **manifest}), **files, **prompts}
    surface = read_surface(MemoryTree({path: text.encode("utf-8", "replace") for path, text in contents.items()}))
    surface_document(surface)
    assert compare_surfaces(surface, surface) == ()
    stream = io.StringIO()
    page = Page(stream, width=1_000_000, color=False)
    draw_headline(page, surface)
    draw_surface(page, surface)
    shown = stream.getvalue()
    for part in surface.parts:
        for fact in part.facts if not part.inert else ():
            value = untrusted(fact.value).plain
            assert value.strip() in shown or value.replace("'", "'\\''").strip() in shown


@pytest.mark.parametrize("form", [(), ("--format", "json"), ("--format", "yaml")])
def test_a_token_is_in_no_output_wherever_it_stands(thv: Command, form: tuple[str, ...]) -> None:
    token, password = "ghp_" + "a1B2" * 9, "q8Zk29fXvB71mTt0"
    files = {
        ".mcp.json": {token: {"command": "x", "args": ["--token", password, token], "env": {"API_TOKEN": password}}},
        "hooks/hooks.json": {"hooks": {f"Stop {token}": [{"matcher": token, "hooks": [{"type": token}]}]}, token: 1},
        "skills/s/SKILL.md": f"---\nname: {token}\nallowed-tools: Bash({token})\nnew: {token}\n---\n!`{token}`",
        "agents/a.md": f"---\nname: {token}\ntools: {token}\ndisallowedTools: {token}\n---\n",
        f"lib/{token}.sh": "x",
    }
    manifest = {
        "name": "demo",
        "description": token,
        "hooks": f"./{token}",
        "userConfig": {"token": {"default": password}},
    }
    write_files(thv.folder / "old" / "demo", {".claude-plugin/plugin.json": {"name": "demo"}})
    write_files(thv.folder / "new" / "demo", {".claude-plugin/plugin.json": manifest, **files})
    for arguments in (("inspect", "./new/demo"), ("diff", "./old/demo", "./new/demo"), ("inspect", f"./{token}")):
        done = thv(*arguments, *form)
        assert token not in done.out + done.err
        assert password not in done.out + done.err


def test_an_event_is_shown_once_with_its_handlers_beneath(thv: Command) -> None:
    def group(matcher: str, number: int) -> dict[str, Any]:
        handler = {"type": "command", "command": f"${{CLAUDE_PLUGIN_ROOT}}/run.sh {number}", "timeout": number}
        return {**({"matcher": matcher} if matcher else {}), "hooks": [handler]}

    events = {
        "PreToolUse": [group("Bash", number) for number in range(100)] + [group("Edit", 7)] * 50,
        "SessionStart": [group("", 1)] * 50,
    }
    files = {
        ".claude-plugin/plugin.json": {"name": "demo"},
        "hooks/hooks.json": {"hooks": events},
        "run.sh": "#!/bin/sh",
    }
    write_files(thv.folder / "demo", files)
    lines = thv("inspect", "./demo").out.splitlines()
    assert sum("PreToolUse  hooks/hooks.json  150 handlers" in line for line in lines) == 1
    assert [line.strip() for line in lines].count("for Bash") == 100
    assert [line.strip() for line in lines].count("for Edit  50 times") == 1
    assert sum(line.endswith("run.sh 1  50 times") for line in lines) == 1
    assert any(line.endswith("named by hook PreToolUse, hook SessionStart") for line in lines)
    assert len(lines) < 350


def test_nothing_that_could_not_be_read_is_green(thv: Command) -> None:
    root = write_files(thv.folder / "demo", {".claude-plugin/plugin.json": {"name": "demo"}})
    assert "runs nothing by itself" in thv("inspect", "./demo").out
    (root / "hooks").symlink_to("/somewhere/else")
    shown = thv("inspect", "./demo").out
    assert "runs nothing by itself" not in shown
    assert "/somewhere/else" in shown


@pytest.mark.parametrize(
    ("files", "title", "count"),
    [
        ({"commands/c.md": "!`date`"}, "This plugin runs code when you use its prompts", "1 shell command in prompts"),
        ({"agents/a.md": "---\nname: a\n---\n"}, "This plugin asks for rights", "1 agent that may use every tool"),
        (
            {"commands/c.md": "---\nallowed-tools: Bash\n---\n"},
            "This plugin asks for rights",
            "1 prompt with rights of its own",
        ),
    ],
)
def test_the_headline_says_what_prompts_bring(thv: Command, files: dict[str, str], title: str, count: str) -> None:
    write_files(thv.folder / "demo", {".claude-plugin/plugin.json": {"name": "demo"}, **files})
    shown = thv("inspect", "./demo").out
    assert title in shown
    assert count in shown
