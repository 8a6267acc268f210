"""Whether Claude Code takes a marketplace's file: our verdict and that of `claude plugin validate`, asked the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from claude_code import ClaudeCode

from toolhive_plugins import marketplace_faults, parse_json

PLUGIN = {"name": "p", "version": "1.0.0", "description": "d", "author": {"name": "x"}}

GOOD: dict[str, Any] = {"name": "p", "source": "./p"}


def doc(*plugins: Any, **fields: Any) -> dict[str, Any]:
    return {"name": "mk", "owner": {"name": "o"}, "plugins": list(plugins), **fields}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in doc(GOOD).items() if name != key}


def p(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


def s(**fields: Any) -> dict[str, Any]:
    return {"name": "p", "source": fields}


GITHUB = {"source": "github", "repo": "a/b"}

SHA = "0" * 40
CASES: dict[str, Any] = {
    "good": doc(GOOD),
    "no-name": without("name"),
    "no-owner": without("owner"),
    "no-plugins": without("plugins"),
    "empty": doc(),
    "name-space": doc(GOOD, name="a b"),
    "name-upper": doc(GOOD, name="Abc"),
    "name-slash": doc(GOOD, name="a/b"),
    "name-dots": doc(GOOD, name="a..b"),
    "name-dot": doc(GOOD, name="."),
    "name-empty": doc(GOOD, name=""),
    "name-num": doc(GOOD, name=5),
    "name-ctl": doc(GOOD, name="a\u202eb"),
    "name-uni": doc(GOOD, name="äb"),
    "name-res": doc(GOOD, name="claude-plugins-official"),
    "name-inline": doc(GOOD, name="inline"),
    "name-imp": doc(GOOD, name="official-claude"),
    "owner-str": doc(GOOD, owner="o"),
    "owner-noname": doc(GOOD, owner={"email": "x"}),
    "owner-empty": doc(GOOD, owner={"name": ""}),
    "owner-null": doc(GOOD, owner=None),
    "owner-email-bad": doc(GOOD, owner={"name": "x", "email": "not"}),
    "owner-url-bad": doc(GOOD, owner={"name": "x", "url": "nope"}),
    "plugins-obj": doc(plugins={}),
    "plugin-str": doc("x"),
    "plugin-null": doc(None),
    "plugin-noname": doc({"source": "./p"}),
    "plugin-nosource": doc({"name": "p"}),
    "plugin-name-space": doc(p(name="a b")),
    "plugin-name-upper": doc(p(name="P")),
    "plugin-name-slash": doc(p(name="a/b")),
    "plugin-name-dots": doc(p(name="..")),
    "plugin-name-empty": doc(p(name="")),
    "plugin-name-num": doc(p(name=5)),
    "plugin-name-claude": doc(p(name="claude-x")),
    "plugin-name-ctl": doc(p(name="a\u202eb")),
    "dup": doc(GOOD, GOOD),
    "dup-case": doc(GOOD, p(name="P")),
    "src-dotdot": doc(p(source="../x")),
    "src-abs": doc(p(source="/x")),
    "src-bare": doc(p(source="p")),
    "src-bare-root": doc(p(source="p"), metadata={"pluginRoot": "./plugins"}),
    "src-missing-dir": doc(p(source="./none")),
    "src-root": doc(p(source="./")),
    "src-dot": doc(p(source=".")),
    "src-mid-dots": doc(p(source="./a/../p")),
    "src-num": doc(p(source=5)),
    "src-null": doc(p(source=None)),
    "src-empty": doc(p(source="")),
    "src-backslash": doc(p(source="./a\\b")),
    "gh": doc(s(**GITHUB)),
    "gh-bad": doc(s(source="github", repo="a")),
    "gh-3": doc(s(source="github", repo="a/b/c")),
    "gh-norepo": doc(s(source="github")),
    "gh-sha-short": doc(s(**GITHUB, sha="abc")),
    "gh-sha": doc(s(**GITHUB, sha=SHA)),
    "gh-sha-upper": doc(s(**GITHUB, sha="A" * 40)),
    "gh-ref-num": doc(s(**GITHUB, ref=5)),
    "url": doc(s(source="url", url="https://h/x.git")),
    "url-nogit": doc(s(source="url", url="https://h/x")),
    "url-http": doc(s(source="url", url="http://h/x.git")),
    "url-ssh": doc(s(source="url", url="git@h:x/y.git")),
    "url-file": doc(s(source="url", url="file:///x")),
    "url-bad": doc(s(source="url", url="nope")),
    "url-none": doc(s(source="url")),
    "sub": doc(s(source="git-subdir", url="a/b", path="x")),
    "sub-nopath": doc(s(source="git-subdir", url="a/b")),
    "sub-dots": doc(s(source="git-subdir", url="a/b", path="../x")),
    "sub-abs": doc(s(source="git-subdir", url="a/b", path="/x")),
    "sub-empty": doc(s(source="git-subdir", url="a/b", path="")),
    "npm": doc(s(source="npm", package="x")),
    "npm-none": doc(s(source="npm")),
    "npm-scope": doc(s(source="npm", package="@a/x", version="1")),
    "npm-path": doc(s(source="npm", package="../x")),
    "npm-reg": doc(s(source="npm", package="x", registry="nope")),
    "arc": doc(s(source="archive", url="https://h.example/x.zip", sha256="a" * 64)),
    "arc-nosha": doc(s(source="archive", url="https://h.example/x.zip")),
    "arc-http": doc(s(source="archive", url="http://h.example/x.zip", sha256="a" * 64)),
    "arc-shortsha": doc(s(source="archive", url="https://h.example/x.zip", sha256="aa")),
    "arc-noturl": doc(s(source="archive", url="x")),
    "cmd": doc(s(source="command", command="x")),
    "cmd-long": doc(s(source="command", command="x" * 501)),
    "cmd-500": doc(s(source="command", command="x" * 500)),
    "cmd-uni": doc(s(source="command", command="ä")),
    "cmd-nl": doc(s(source="command", command="a\nb")),
    "cmd-empty": doc(s(source="command", command="")),
    "cmd-none": doc(s(source="command")),
    "cmd-mode": doc(s(source="command", command="x", mode="zzz")),
    "cmd-timeout": doc(s(source="command", command="x", timeout=0)),
    "cmd-timeout-str": doc(s(source="command", command="x", timeout="5")),
    "cmd-timeout-big": doc(s(source="command", command="x", timeout=100000)),
    "unknown-kind": doc(s(source="quantum")),
    "kind-none": doc(s()),
    "kind-num": doc(s(source=5)),
    "unknown-kind-beside": doc(GOOD, s(source="quantum") | {"name": "q"}),
    "strict-str": doc(p(strict="no")),
    "version-num": doc(p(version=1)),
    "desc-num": doc(p(description=1)),
    "author-str": doc(p(author="x")),
    "author-noname": doc(p(author={})),
    "keywords-str": doc(p(keywords="a")),
    "tags-str": doc(p(tags="a")),
    "category-num": doc(p(category=1)),
    "homepage-bad": doc(p(homepage="nope")),
    "license-num": doc(p(license=1)),
    "skills-num": doc(p(skills=5)),
    "skills-nodot": doc(p(skills=["skills/a"])),
    "commands-obj": doc(p(commands={"a": {"source": "./a.md"}})),
    "hooks-wrapped": doc(p(hooks={"hooks": {}})),
    "hooks-num": doc(p(hooks=5)),
    "mcp-num": doc(p(mcpServers=5)),
    "deps-str": doc(p(dependencies="x")),
    "deps-list": doc(p(dependencies=["x", {"name": "y"}])),
    "deps-num": doc(p(dependencies=[5])),
    "unknown-key": doc(p(zzz=1)),
    "meta-str": doc(GOOD, metadata="x"),
    "meta-root-dots": doc(GOOD, metadata={"pluginRoot": "../x"}),
    "meta-desc-num": doc(GOOD, metadata={"description": 5}),
    "meta-version": doc(GOOD, metadata={"version": "1"}),
    "renames-list": doc(GOOD, renames=[]),
    "renames-num": doc(GOOD, renames={"a": 5}),
    "renames-null": doc(GOOD, renames={"a": None}),
    "renames-ok": doc(GOOD, renames={"a": "p"}),
    "renames-nowhere": doc(GOOD, renames={"a": "zz"}),
    "desc-top-num": doc(GOOD, description=5),
    "unknown-top": doc(GOOD, zzz=1),
    "schema": doc(GOOD, **{"$schema": "x"}),
    "list": [],
    "str": "x",
    "allowcross": doc(GOOD, allowCrossMarketplaceDependenciesOn="x"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_marketplace_is_judged_as_claude_code_judges_it(claude_code: ClaudeCode, tmp_path: Path, name: str) -> None:
    for folder in ("p", "plugins/p"):
        manifest = tmp_path / folder / ".claude-plugin" / "plugin.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text(json.dumps(PLUGIN))
    file = tmp_path / ".claude-plugin" / "marketplace.json"
    file.parent.mkdir()
    file.write_text(json.dumps(CASES[name]))
    ours = marketplace_faults(parse_json(file.read_bytes(), where=name))
    theirs = claude_code.run("plugin", "validate", tmp_path, "--json")
    assert bool(ours) is (theirs.returncode != 0), (ours, theirs.stdout)
