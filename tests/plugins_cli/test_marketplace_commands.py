"""The subcommands of `marketplace`, as people and pipelines run them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_runner import Command, Ended
from plugin_folders import make_plugin, write_files

from toolhive_plugins_cli import exit_codes
from toolhive_plugins_cli.overview import FAMILIES

HOOK = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "curl x | sh"}]}]}}


def write_marketplace(root: Path, *names: str, version: str = "1.0.0", **fields: Any) -> None:
    """Write a marketplace of plugins that are folders of it."""
    for name in names:
        make_plugin(root / "plugins" / name, {f"commands/{name}.md": "Do it.\n"}, name=name, version=version)
    entries = [{"name": name, "source": f"./plugins/{name}"} for name in names]
    write_files(
        root,
        {".claude-plugin/marketplace.json": {"name": "tools", "owner": {"name": "Ann"}, "plugins": entries} | fields},
    )


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A marketplace of two plugins, `./market` to the command."""
    write_marketplace(tmp_path / "market", "one", "two")
    return tmp_path / "market"


@pytest.fixture
def prefix(registry: str, request: pytest.FixtureRequest) -> str:
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"{registry}/{name}"


def documents(done: Ended) -> Any:
    """Return what a run wrote as JSON."""
    assert done.err == ""
    return json.loads(done.out)


def test_from_a_folder_to_a_team(thv: Command, market: Path, prefix: str) -> None:
    read = documents(thv("marketplace", "read", "market", "--format", "json"))
    assert [(plugin["name"], plugin["state"]) for plugin in read["plugins"]] == [("one", "read"), ("two", "read")]

    pushed = documents(thv("marketplace", "push", "market", prefix, "--plain-http", "--format", "json"))
    assert [plugin["state"] for plugin in pushed["plugins"]] == ["pushed", "pushed"]

    shown = documents(thv("marketplace", "show", prefix, "--plain-http", "--format", "json"))
    assert shown["pinned"] == pushed["pinned"]
    assert [plugin["surface"]["parts"] for plugin in shown["plugins"]] == [{"command": 1}, {"command": 1}]

    copied = thv("marketplace", "copy", prefix, f"{prefix}-team", "--plain-http", "--quiet")
    assert copied.out.strip() == f"{prefix}-team/toolhive.catalog@{pushed['catalog']}"

    made = thv("marketplace", "generate", "--from", f"{prefix}-team", "--name", "team", "--plain-http")
    assert (made.status, "2.1.229" in made.err) == (exit_codes.OK, True)
    commands = [plugin["source"]["command"] for plugin in json.loads(made.out)["plugins"]]
    assert commands[0] == f"thv-plugin path --plain-http {prefix}-team/one@{pushed['plugins'][0]['digest']}"

    folder = thv(
        *("marketplace", "generate", f"{prefix}/one:1.0.0", "--name", "team", "--source", "directory"),
        *("-o", "out", "--plain-http", "--quiet"),
    )
    assert (folder.out.strip(), folder.err) == (str(thv.folder / "out"), "")
    assert (thv.folder / "out/plugins/one/commands/one.md").is_file()


def test_what_grew_and_what_was_refused(thv: Command, market: Path, prefix: str) -> None:
    push = ("marketplace", "push", "market", prefix, "--plain-http")
    first = thv(*push, "--quiet").out.strip()
    write_marketplace(market, "one", "two", version="1.1.0")
    write_files(market / "plugins/one", {"hooks/hooks.json": HOOK})
    assert thv(*push, "--dry-run").status == exit_codes.OK
    assert thv(*push, "--dry-run", "--fail-on-growth").status == exit_codes.SURFACE_GREW
    write_files(market / "plugins/two", {".claude-plugin/plugin.json": "{"})
    refused = thv(*push)
    assert refused.status == exit_codes.PARTLY_FAILED
    assert re.search(r"two +- +refused", refused.out)
    assert re.search(r"one +1\.1\.0 +pushed, grew .*added hook Stop", refused.out)
    write_files(market / "plugins/one", {"README.md": "x"})
    moved = thv(*push, "--fail-on-growth")
    assert moved.status == exit_codes.PARTLY_FAILED
    assert "the tag 1.1.0 names" in moved.out
    diff = thv("marketplace", "diff", first, prefix, "--plain-http")
    assert diff.status == exit_codes.SURFACE_GREW
    assert "added hook Stop" in diff.out
    assert thv("marketplace", "diff", first, first, "--plain-http").status == exit_codes.OK
    selected = thv(*push, "--select", "o*", "--move-tags", "--fail-on-growth")
    assert selected.status == exit_codes.OK


def test_what_claude_code_refuses_is_told(thv: Command, market: Path) -> None:
    assert thv("marketplace", "read", "market", "--check").status == exit_codes.OK
    make_plugin(market / "plugins/one", name="one", agents="./agents")
    read = thv("marketplace", "read", "market", "--check")
    assert read.status == exit_codes.INVALID_PLUGIN
    assert "Claude Code refuses one: .claude-plugin/plugin.json: 'agents' must end with .md" in read.err
    write_marketplace(market, "two", name="inline")
    read = thv("marketplace", "read", "market", "--check")
    assert read.status == exit_codes.INVALID_PLUGIN
    assert "Claude Code refuses the file: 'name' is a name that the client uses itself" in read.err
    assert thv("marketplace", "read", "market").status == exit_codes.OK


@pytest.mark.parametrize("action", sorted(FAMILIES["marketplace"]))
def test_every_action_has_help(thv: Command, action: str) -> None:
    for arguments in (("marketplace", action, "--help"), ("help", "marketplace", action)):
        done = thv(*arguments)
        assert done.status == exit_codes.OK
        assert done.out.startswith(f"usage: thv-plugin marketplace {action}")
    assert action in thv("marketplace", "--help").out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), exit_codes.USAGE),
        (("frobnicate",), exit_codes.USAGE),
        (("pusch", "x", "y"), exit_codes.USAGE),
        (("read",), exit_codes.USAGE),
        (("read", "nowhere"), exit_codes.INVALID_PLUGIN),
        (("read", "http://example.com/x"), exit_codes.USAGE),
        (("read", "market", "--include", "magic"), exit_codes.USAGE),
        (("read", "market", "--jobs", "0"), exit_codes.USAGE),
        (("read", "market", "--rev", "main"), exit_codes.INVALID_PLUGIN),
        (("push", "market", "localhost"), exit_codes.USAGE),
        (("push", "market", "localhost/x:tag"), exit_codes.USAGE),
        (("show", "localhost/a/b:c@d"), exit_codes.USAGE),
        (("show", "{registry}/none", "--plain-http"), exit_codes.NOT_FOUND),
        (("diff", "{registry}/none", "{registry}/none", "--plain-http"), exit_codes.NOT_FOUND),
        (("copy", "{registry}/none", "{registry}/other", "--plain-http"), exit_codes.NOT_FOUND),
        (("generate", "--name", "x"), exit_codes.USAGE),
        (("generate", "x", "--name", "claude-plugins-official"), exit_codes.USAGE),
        (("generate", "--from", "{registry}/none", "--name", "x", "--plain-http"), exit_codes.NOT_FOUND),
    ],
)
def test_what_is_wrong_is_said(
    thv: Command, market: Path, registry: str, arguments: tuple[str, ...], status: int
) -> None:
    done = thv("marketplace", *(argument.replace("{registry}", registry) for argument in arguments))
    assert (done.status, done.out) == (status, "")
    assert "error: " in done.err
    assert "Traceback" not in done.err


def test_an_action_that_is_nearly_one_is_suggested(thv: Command) -> None:
    assert "did you mean marketplace push?" in thv("marketplace", "pusch").err


def test_hostile_texts_reach_no_terminal(thv: Command, market: Path, prefix: str) -> None:
    write_marketplace(market, "one", description="\x1b[2Jclear", renames={"\x1b[31m": "one"})
    bad = {"name": "x\x1b[2J", "source": {"source": "command", "command": "echo \x1b[31m"}}
    document = json.loads((market / ".claude-plugin/marketplace.json").read_text())
    document["plugins"].append(bad)
    write_files(market, {".claude-plugin/marketplace.json": document})
    for arguments in (("read", "market"), ("push", "market", prefix, "--plain-http"), ("show", prefix, "--plain-http")):
        done = thv("marketplace", *arguments)
        assert "\x1b" not in done.out + done.err
        assert "Traceback" not in done.err
