"""Marketplaces that were generated, as the real clients take them; and what Claude Code loads of entries that we make manifests of."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from claude_code import ClaudeCode
from client_programs import required_client, scratch_home
from codex import Codex
from plugin_folders import MANIFEST, write, write_files
from real_registry import RealRegistry, running_registry

from toolhive_plugins import Registry
from toolhive_plugins import write_files as write_tree
from toolhive_plugins_marketplaces import (
    Catalog,
    GenerateError,
    GenerateOptions,
    SourceChoice,
    fetch_catalog,
    generate,
    open_marketplace,
    parse_catalog_name,
    parse_prefix,
    push_marketplace,
)
from toolhive_plugins_marketplaces.marketplace_names import check_marketplace_name

SKILL = "---\nname: {0}\ndescription: d\n---\nDo {0}.\n"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with running_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="module")
def catalog(registry: RealRegistry, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A catalog of two plugins with a skill each."""
    root = tmp_path_factory.mktemp("market")
    for name in ("first", "second"):
        manifest = {"name": name, "version": "1.0.0", "description": f"The {name}"}
        write_files(root / name, {MANIFEST: manifest, f"skills/{name}-skill/SKILL.md": SKILL.format(f"{name}-skill")})
    entries = [{"name": name, "source": f"./{name}"} for name in ("first", "second")]
    write(root, ".claude-plugin/marketplace.json", {"name": "made", "owner": {"name": "made"}, "plugins": entries})
    prefix = f"{registry.host}/team"
    with Registry(plain_http=True) as client:
        with open_marketplace(str(root)) as opened:
            push_marketplace(opened, parse_prefix(prefix), client)
        return fetch_catalog(client, parse_catalog_name(prefix)).catalog


@pytest.fixture
def claude() -> Iterator[ClaudeCode]:
    """A Claude Code that nothing is installed in, with our command on the PATH of its home."""
    program = required_client("claude-code")
    with scratch_home() as home:
        paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
        script = f'#!/bin/sh\nPYTHONPATH={paths} exec {sys.executable} -m toolhive_plugins_cli "$@"\n'
        write(home, "bin/thv-plugin", script, 0o755)
        yield ClaudeCode(program, home)


def made(catalog: Catalog, folder: Path, source: SourceChoice) -> Path:
    """Generate a marketplace, and return its folder."""
    options = GenerateOptions(
        name="acme-tools",
        source=source,
        archive_url="https://tools.example.com/zips/",
        path_options=("--plain-http",),
    )
    with Registry(plain_http=True) as client:
        generate(catalog.plugins, options, client, str(folder))
    return folder


@pytest.mark.parametrize("source", list(SourceChoice))
def test_claude_code_accepts_what_is_generated(claude: ClaudeCode, catalog: Catalog, source: SourceChoice) -> None:
    folder = made(catalog, claude.home / "market", source)
    done = claude.run("plugin", "validate", folder, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["manifest"]["errors"]) == (0, [])
    assert claude.run("plugin", "marketplace", "add", folder).returncode == 0


@pytest.mark.parametrize("source", [SourceChoice.COMMAND, SourceChoice.DIRECTORY])
def test_claude_code_installs_from_it(claude: ClaudeCode, catalog: Catalog, source: SourceChoice) -> None:
    folder = made(catalog, claude.home / "market", source)
    path = f"{claude.home}/bin{os.pathsep}{os.defpath}"
    assert claude.run("plugin", "marketplace", "add", folder).returncode == 0
    for name in ("first", "second"):
        done = claude.run("plugin", "install", f"{name}@acme-tools", "--yes", PATH=path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{name}-skill" in claude.run("plugin", "details", f"{name}@acme-tools").stdout


def test_codex_installs_from_folders(codex: Codex, catalog: Catalog) -> None:
    folder = made(catalog, codex.home / "market", SourceChoice.DIRECTORY)
    done = codex.run("plugin", "marketplace", "add", folder)
    assert done.returncode == 0, done.stderr
    for name in ("first", "second"):
        assert codex.add(name, "acme-tools") == ""
        assert list((codex.home / ".codex/plugins/cache").rglob(f"{name}-skill/SKILL.md"))


@pytest.mark.parametrize(
    "name",
    [
        *("acme-tools", "my-claude-helpers", "claude-tools", "anthropic-fans", "a"),
        *("inline", "builtin", "skills-dir", "synced", "claude-plugin-test", "claude-plugins-official", "agent-skills"),
        *("healthcare", "official-claude-tools", "claude-official", "anthropic-marketplace-2", "claude-directory"),
        *("claude-plugins", "anthropic-plugin-x", "the-official-anthropic", "claude-for-legal"),
    ],
)
def test_names_are_refused_where_claude_code_refuses_them(claude: ClaudeCode, name: str) -> None:
    folder = claude.home / "market"
    write(folder, ".claude-plugin/marketplace.json", {"name": name, "owner": {"name": "x"}, "plugins": []})
    taken = claude.run("plugin", "marketplace", "add", folder).returncode == 0
    try:
        check_marketplace_name(name)
        ours = True
    except GenerateError:
        ours = False
    assert ours is taken


START = {"SessionStart": [{"hooks": [{"type": "command", "command": "true"}]}]}


def full_plugin() -> dict[str, object]:
    skills = {f"skills/{name}/SKILL.md": SKILL.format(name) for name in "abc"}
    return {
        **skills,
        "other/z/SKILL.md": SKILL.format("z"),
        "other/q.md": "Ask.\n",
        "other/h.md": "---\nname: h\ndescription: d\n---\nx\n",
        "commands/c1.md": "One.\n",
        "commands/c2.md": "Two.\n",
        "agents/g1.md": "---\nname: g1\ndescription: d\n---\nx\n",
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}},
    }


def loaded(log: str) -> dict[str, int]:
    """Return how many of each a session loaded, by its log."""
    found: dict[str, int] = {}
    for match in re.finditer(r"Total plugin (commands|agents|skills) loaded: (\d+)", log):
        found[match[1]] = int(match[2])
    hooks = re.findall(r"Registered (\d+) hooks from", log)
    found["hooks"] = int(hooks[-1]) if hooks else 0
    return found


@pytest.mark.parametrize(
    ("at_root", "fields", "manifest"),
    [
        (True, {"strict": False, "skills": ["./skills/a"]}, None),
        (True, {"strict": False, "skills": ["./other/z"]}, None),
        (True, {"strict": False, "skills": "./skills"}, None),
        (True, {"strict": False}, None),
        (False, {"strict": False, "skills": ["./skills/a"]}, None),
        (False, {"skills": ["./other/z"]}, None),
        (False, {"strict": False, "commands": ["./other/q.md"]}, None),
        (False, {"strict": False, "agents": ["./other/h.md"]}, None),
        (False, {"strict": False, "hooks": START}, None),
        (False, {"hooks": START}, {}),
        (False, {"skills": ["./other/z"]}, {}),
        (False, {"commands": ["./other/q.md"]}, {"commands": "./commands/c1.md"}),
        (False, {"commands": ["./other/q.md"]}, {}),
        (False, {"agents": ["./other/h.md"]}, {}),
    ],
)
def test_a_made_manifest_loads_what_the_entry_loads(
    claude: ClaudeCode, at_root: bool, fields: dict[str, Any], manifest: dict[str, Any] | None
) -> None:
    market = claude.home / "market"
    place = market if at_root else market / "full"
    write_files(place, full_plugin())
    if manifest is not None:
        write(place, MANIFEST, {"name": "full", "version": "1.0.0", **manifest})
    entry = {"name": "full", "source": "./" if at_root else "./full", "version": "1.0.0", **fields}
    document = {"name": "made", "owner": {"name": "made"}, "plugins": [entry]}
    write(market, ".claude-plugin/marketplace.json", document)
    with open_marketplace(str(market)) as opened, opened.open(opened.marketplace.entries[0]) as plugin:
        assert plugin.made
        write_tree(plugin.tree, claude.home / "packaged")
    ours = loaded(claude.session(claude.home / "packaged"))
    assert claude.run("plugin", "marketplace", "add", market).returncode == 0
    assert claude.run("plugin", "install", "full@made", "--yes").returncode == 0
    theirs = loaded(claude.start(claude.home))
    assert theirs["skills"] + theirs["commands"] > 0
    assert ours == theirs
