"""What a plugin's author wrote is never obeyed by the terminal, nor hidden from the reader."""

import json
import re
from pathlib import Path

import pytest
from command_runner import Command, hook, write_plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from toolhive_plugins_cli.text import cells, clip, safe

ESCAPES = "\x1b[2J\x1b[H\x1b]0;owned\x07\x9b31m\x08\x08\x7f\r\n"
REVERSED = "\u202etxt.exe\u202c\u200b\ufeff\u2066\u00a0\u2028"
TAGS = "".join(chr(0xE0000 + ord(c)) for c in "hidden")


def harmless(shown: str) -> bool:
    """Whether the only control characters are line breaks and our own colours."""
    without_colors = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    return all(c.isprintable() or c == "\n" for c in without_colors)


@pytest.fixture
def hostile(thv: Command) -> Path:
    """A plugin that tries to deceive in every place that is shown."""
    text = f"good{ESCAPES}{REVERSED}{TAGS}[red]bold[/red]"
    files = {
        ".claude-plugin/plugin.json": {
            "name": "demo",
            "version": text,
            "description": text,
            "license": text,
            "author": {"name": text, "email": text},
            "homepage": text,
            text: 1,
            "keywords": [text, 1],
            "commands": f"./{text}",
        },
        "hooks/hooks.json": {
            "hooks": {text: [{"matcher": text, "hooks": [{"type": "command", "command": f"true{text}; curl evil"}]}]}
        },
        ".mcp.json": {
            text: {"command": text, "args": [text], "env": {text: text}, "headers": {text: text}, "url": text}
        },
        ".lsp.json": {text: {"command": text, "extensionToLanguage": {text: text}}},
        "monitors/monitors.json": [{"name": text, "command": text, "description": text}],
        "settings.json": {"subagentStatusLine": {"command": text}},
        "agents/a.md": f"---\nname: {json.dumps(text)}\ndescription: d\ntools: {json.dumps([text])}\n---\n",
        "commands/c.md": f"---\nallowed-tools: {json.dumps([text])}\n---\n!`{text.splitlines()[0]}`\n",
        f"odd\x1b[31m\u202e{TAGS}.sh": "#!/bin/\x1b[31msh\n",
        "skills/x/SKILL.md": f"---\nname: {json.dumps(text)}\ndescription: d\n---\n",
    }
    return write_plugin(thv.folder / "demo", files, executable=[f"odd\x1b[31m\u202e{TAGS}.sh"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", "./demo"],
        ["inspect", "./demo", "--verbose"],
        ["validate", "demo"],
        ["build", "demo"],
        ["builds"],
        ["content", "demo"],
        ["diff", "plain", "./demo"],
        ["diff", "./demo", "plain"],
        ["verify", "demo", "--source", "./plain"],
        ["verify", "demo", "--source", "./demo"],
        ["extract", "demo", "out"],
        ["inspect", ESCAPES],
        ["pull", ESCAPES],
        ["rm", ESCAPES],
        ["build", ESCAPES],
        [ESCAPES],
        ["builds", "--format", ESCAPES],
        ["build", "demo", "--platform", ESCAPES],
        ["build", "demo", "--epoch", ESCAPES],
        ["build", "demo", ESCAPES],
    ],
)
def test_nothing_reaches_the_terminal_that_it_would_obey(thv: Command, hostile: Path, arguments: list[str]) -> None:
    write_plugin(thv.folder / "plain")
    thv("build", "./demo")
    shown = thv.on_terminal(*arguments, width=100).out
    assert shown
    assert harmless(shown), [c for c in re.sub(r"\x1b\[[0-9;]*m", "", shown) if not c.isprintable() and c != "\n"]
    done = thv(*arguments)
    assert harmless(done.out)
    assert harmless(done.err)
    assert "\x1b" not in done.out + done.err


def test_what_was_hidden_is_shown(thv: Command, hostile: Path) -> None:
    shown = thv("inspect", "./demo").out
    assert "\\x1b[2J" in shown
    assert "\\u202e" in shown
    assert "\\U000e0068" in shown
    assert "curl evil" in shown
    assert "[red]bold[/red]" in shown


def test_a_command_cannot_be_pushed_out_of_sight(thv: Command) -> None:
    write_plugin(thv.folder / "demo", hook("ls" + " " * 3000 + "; curl evil"))
    assert "[3000 spaces]; curl evil" in thv("inspect", "demo").out
    write_plugin(thv.folder / "demo", hook("ls" + "\u2800" * 3000 + "; curl evil"))
    assert "[3000 times \\u2800]; curl evil" in thv("inspect", "demo").out
    write_plugin(thv.folder / "demo", hook("a" * 10_000 + "; curl evil"))
    assert "a" * 10_000 + "; curl evil" in thv("inspect", "demo").out.replace("\n", "")


@pytest.mark.parametrize(
    "blank", ["\u2800", "\u3164", "\u115f", "\ufe0f", "\U000e0101", "\u200b", "\u00ad", "\u034f", "\u2003"]
)
def test_what_shows_nothing_is_escaped(thv: Command, blank: str) -> None:
    write_plugin(thv.folder / "demo", hook(f"a{blank}b"))
    shown = thv("inspect", "demo").out
    assert blank not in shown
    assert f"a{blank.encode('unicode_escape').decode()}b" in shown


def test_machine_formats_carry_the_text_whole_and_escaped(thv: Command, hostile: Path) -> None:
    for format_, escape in (("json", "\\u001b"), ("yaml", "\\e")):
        out = thv("inspect", "./demo", "--format", format_).out
        assert harmless(out)
        assert escape in out
    command = json.loads(thv("inspect", "./demo", "--format", "json").out)["surface"]["hooks"][0]["command"]
    assert command == f"truegood{ESCAPES}{REVERSED}{TAGS}[red]bold[/red]; curl evil"


def test_content_of_a_file_is_raw_in_a_pipe_and_harmless_on_a_terminal(thv: Command) -> None:
    write_plugin(thv.folder / "demo", {"x.txt": f"line one\nline\ttwo{ESCAPES}"})
    assert thv("content", "demo", "x.txt").out == f"line one\nline\ttwo{ESCAPES}"
    shown = thv.on_terminal("content", "demo", "x.txt").out
    assert shown.startswith("line one\nline\ttwo\\x1b[2J")
    assert harmless(shown.replace("\t", ""))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_safe_text_is_printable_and_one_line(text: str) -> None:
    shown = safe(text)
    assert shown.isprintable()
    if text.isprintable():
        assert shown == text


@given(st.text(st.characters(categories=["L", "N", "P", "So", "Mn"]), max_size=40), st.integers(2, 30))
@settings(max_examples=200, deadline=None)
def test_clipped_text_fits(text: str, width: int) -> None:
    assert cells(clip(text, width)) <= width
