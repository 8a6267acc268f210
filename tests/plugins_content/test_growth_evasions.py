"""Pairs of versions: each that can do more, or has other code, is judged so, however small the difference; no other is."""

import io
import json
import zipfile
from typing import Any

import pytest
from surface_plugins import MANIFEST, tree_of

from toolhive_plugins_content.surface.growth import code_changes, compare_surfaces
from toolhive_plugins_content.surface.surface import read_surface

HOOKS, SERVERS, SKILL = "hooks/hooks.json", ".mcp.json", "skills/s/SKILL.md"


def handler(command: str, **fields: object) -> dict[str, Any]:
    return {"type": "command", "command": command, **fields}


def hooks(*handlers: dict[str, Any], ev: str = "Stop", **group: object) -> dict[str, Any]:
    return {"hooks": {ev: [{"hooks": list(handlers), **group}]}}


def manifest(**fields: object) -> dict[str, Any]:
    return {MANIFEST: {"name": "demo", "version": "1.0.0", "description": "d", **fields}}


def skill(front: str, body: str = "b\n") -> str:
    return f"---\nname: s\ndescription: d\n{front}---\n{body}"


def archive(**files: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files.items():
            file.writestr(zipfile.ZipInfo(name.replace("__", ".")), content)
    return buffer.getvalue()


GROWN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cmd": ({HOOKS: hooks(handler("a"))}, {HOOKS: hooks(handler("b"))}),
    "args-added": ({HOOKS: hooks(handler("a"))}, {HOOKS: hooks(handler("a", args=["x"]))}),
    "matcher": ({HOOKS: hooks(handler("a"), matcher="Bash")}, {HOOKS: hooks(handler("a"), matcher="*")}),
    "event-moved": ({HOOKS: hooks(handler("a"))}, {HOOKS: hooks(handler("a"), ev="SessionStart")}),
    "dup-cmd": (
        {HOOKS: hooks(handler("a"))},
        {HOOKS: '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"b","command":"a"}]}]}}'},
    ),
    "dup-order": (
        {HOOKS: '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"b","command":"a"}]}]}}'},
        {HOOKS: '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a","command":"b"}]}]}}'},
    ),
    "twice": ({HOOKS: hooks(handler("a"))}, {HOOKS: hooks(handler("a"), handler("a"))}),
    "env": (
        {SERVERS: {"s": {"command": "a", "env": {"A": "1"}}}},
        {SERVERS: {"s": {"command": "a", "env": {"A": "2"}}}},
    ),
    "header": ({SERVERS: {"s": {"url": "https://a"}}}, {SERVERS: {"s": {"url": "https://a", "headersHelper": "x"}}}),
    "data-named": (
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/data/x.dat")), "data/x.dat": "1"},
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/data/x.dat")), "data/x.dat": "2"},
    ),
    "data-cd": (
        {HOOKS: hooks(handler("cd ${CLAUDE_PLUGIN_ROOT}/data && sh x.txt")), "data/x.txt": "1"},
        {HOOKS: hooks(handler("cd ${CLAUDE_PLUGIN_ROOT}/data && sh x.txt")), "data/x.txt": "2"},
    ),
    "data-glob": (
        {HOOKS: hooks(handler("cat ${CLAUDE_PLUGIN_ROOT}/data/*.txt | sh")), "data/x.txt": "1"},
        {HOOKS: hooks(handler("cat ${CLAUDE_PLUGIN_ROOT}/data/*.txt | sh")), "data/x.txt": "2"},
    ),
    "data-var": (
        {HOOKS: hooks(handler('sh "${CLAUDE_PLUGIN_ROOT}/data/$X.txt"')), "data/x.txt": "1"},
        {HOOKS: hooks(handler('sh "${CLAUDE_PLUGIN_ROOT}/data/$X.txt"')), "data/x.txt": "2"},
    ),
    "data-case": (
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/Data/X.txt")), "data/x.txt": "1"},
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/Data/X.txt")), "data/x.txt": "2"},
    ),
    "data-cwd": (
        {SERVERS: {"s": {"command": "sh", "args": ["x.txt"], "cwd": "${CLAUDE_PLUGIN_ROOT}/data"}}, "data/x.txt": "1"},
        {SERVERS: {"s": {"command": "sh", "args": ["x.txt"], "cwd": "${CLAUDE_PLUGIN_ROOT}/data"}}, "data/x.txt": "2"},
    ),
    "data-env": (
        {SERVERS: {"s": {"command": "node", "env": {"NODE_OPTIONS": "--require ./data/x.txt"}}}, "data/x.txt": "1"},
        {SERVERS: {"s": {"command": "node", "env": {"NODE_OPTIONS": "--require ./data/x.txt"}}}, "data/x.txt": "2"},
    ),
    "data-split": (
        {HOOKS: hooks(handler('D=${CLAUDE_PLUGIN_ROOT}/data; sh "$D"/x.txt')), "data/x.txt": "1"},
        {HOOKS: hooks(handler('D=${CLAUDE_PLUGIN_ROOT}/data; sh "$D"/x.txt')), "data/x.txt": "2"},
    ),
    "data-bs": (
        {HOOKS: hooks(handler("type data\\x.txt | cmd")), "data/x.txt": "1"},
        {HOOKS: hooks(handler("type data\\x.txt | cmd")), "data/x.txt": "2"},
    ),
    "data-space": (
        {HOOKS: hooks(handler('sh "${CLAUDE_PLUGIN_ROOT}/my data/x y.txt"')), "my data/x y.txt": "1"},
        {HOOKS: hooks(handler('sh "${CLAUDE_PLUGIN_ROOT}/my data/x y.txt"')), "my data/x y.txt": "2"},
    ),
    "data-escspace": (
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/my\\ data/x.txt")), "my data/x.txt": "1"},
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/my\\ data/x.txt")), "my data/x.txt": "2"},
    ),
    "skill-data": (
        {SKILL: skill("", "!`sh ${CLAUDE_SKILL_DIR}/run.txt`"), "skills/s/run.txt": "1"},
        {SKILL: skill("", "!`sh ${CLAUDE_SKILL_DIR}/run.txt`"), "skills/s/run.txt": "2"},
    ),
    "fm-hook-data": (
        {
            SKILL: skill("hooks:\n  Stop:\n  - hooks:\n    - command: sh data/x.txt\n      type: command\n"),
            "data/x.txt": "1",
        },
        {
            SKILL: skill("hooks:\n  Stop:\n  - hooks:\n    - command: sh data/x.txt\n      type: command\n"),
            "data/x.txt": "2",
        },
    ),
    "status-data": (
        {"settings.json": {"subagentStatusLine": {"type": "command", "command": "sh data/x.txt"}}, "data/x.txt": "1"},
        {"settings.json": {"subagentStatusLine": {"type": "command", "command": "sh data/x.txt"}}, "data/x.txt": "2"},
    ),
    "unknown-data": (
        {**manifest(newthing="./data/x.txt"), "data/x.txt": "1"},
        {**manifest(newthing="./data/x.txt"), "data/x.txt": "2"},
    ),
    "ucdefault-data": (
        {**manifest(userConfig={"k": {"type": "file", "default": "./data/x.txt"}}), "data/x.txt": "1"},
        {**manifest(userConfig={"k": {"type": "file", "default": "./data/x.txt"}}), "data/x.txt": "2"},
    ),
    "headersHelper-data": (
        {SERVERS: {"s": {"url": "https://a", "headersHelper": "sh data/x.txt"}}, "data/x.txt": "1"},
        {SERVERS: {"s": {"url": "https://a", "headersHelper": "sh data/x.txt"}}, "data/x.txt": "2"},
    ),
    "prompt-as-script": (
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/commands/c.md")), "commands/c.md": "1"},
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/commands/c.md")), "commands/c.md": "2"},
    ),
    "hooksjson-run": (
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/README.md")), "README.md": "1"},
        {HOOKS: hooks(handler("sh ${CLAUDE_PLUGIN_ROOT}/README.md")), "README.md": "2"},
    ),
    "shebang": ({"docs/a.txt": "#!/bin/sh\n1"}, {"docs/a.txt": "#!/bin/sh\n2"}),
    "became-shebang": ({"docs/a.txt": "x"}, {"docs/a.txt": "#!/bin/sh\n2"}),
    "elf": ({"docs/a.png": b"\x89PNG"}, {"docs/a.png": b"\x7fELF2"}),
    "zip": ({"docs/a.zip": archive(a="1")}, {"docs/a.zip": archive(a="2")}),
    "zip-renamed": ({"docs/a.png": archive(a="1")}, {"docs/a.png": archive(a="2")}),
    "nested-zip": ({"docs/a.zip": archive(a=archive(b="1"))}, {"docs/a.zip": archive(a=archive(b="2"))}),
    "zip-crc-same-names": (
        {"a.mcpb": archive(manifest__json='{"server":{"mcp_config":{"command":"a"}}}')},
        {"a.mcpb": archive(manifest__json='{"server":{"mcp_config":{"command":"b"}}}')},
    ),
    "ipynb": ({"n/a.ipynb": "1"}, {"n/a.ipynb": "2"}),
    "html-js": ({"x/a.mjs": "1"}, {"x/a.mjs": "2"}),
    "lockonly": (
        {"package.json": {"dependencies": {"a": "1"}}, "package-lock.json": '{"a":1}'},
        {"package.json": {"dependencies": {"a": "1"}}, "package-lock.json": '{"a":2}'},
    ),
    "sub-lock": ({"server/package-lock.json": "1"}, {"server/package-lock.json": "2"}),
    "req": ({"server/requirements.txt": "1"}, {"server/requirements.txt": "2"}),
    "pyproject": ({"server/pyproject.toml": "1"}, {"server/pyproject.toml": "2"}),
    "vendored": ({"server/node_modules/x/index.js": "1"}, {"server/node_modules/x/index.js": "2"}),
    "allowed": ({SKILL: skill("allowed-tools: Read\n")}, {SKILL: skill("allowed-tools: Read, Bash\n")}),
    "allowed-new": ({SKILL: skill("")}, {SKILL: skill("allowed-tools: Bash\n")}),
    "shellcmd": ({SKILL: skill("", "!`a`")}, {SKILL: skill("", "!`b`")}),
    "tools-dropped": ({"agents/a.md": "---\nname: a\ntools: Read\n---\n"}, {"agents/a.md": "---\nname: a\n---\n"}),
    "tools-empty": (
        {"agents/a.md": "---\nname: a\ntools: Read\n---\n"},
        {"agents/a.md": "---\nname: a\ntools: []\n---\n"},
    ),
    "tools-star": (
        {"agents/a.md": "---\nname: a\ntools: Read\n---\n"},
        {"agents/a.md": "---\nname: a\ntools: '*'\n---\n"},
    ),
    "denied-less": (
        {"agents/a.md": "---\nname: a\ndisallowedTools: Bash, Write\n---\n"},
        {"agents/a.md": "---\nname: a\ndisallowedTools: Bash\n---\n"},
    ),
    "perm": (
        {"agents/a.md": "---\nname: a\n---\n"},
        {"agents/a.md": "---\nname: a\npermissionMode: bypassPermissions\n---\n"},
    ),
    "agent-added": ({}, {"agents/a.md": "---\nname: a\n---\n"}),
    "model-invocable": ({SKILL: skill("disable-model-invocation: true\n")}, {SKILL: skill("")}),
    "model-invocable-false": (
        {SKILL: skill("disable-model-invocation: true\n")},
        {SKILL: skill("disable-model-invocation: false\n")},
    ),
    "user-invocable": ({SKILL: skill("user-invocable: false\n")}, {SKILL: skill("")}),
    "ctx": ({SKILL: skill("")}, {SKILL: skill("context: fork\nagent: x\n")}),
    "paths": ({SKILL: skill("paths: ['*.rs']\n")}, {SKILL: skill("")}),
    "paths2": ({SKILL: skill("paths: ['*.rs']\n")}, {SKILL: skill("paths: ['*.rs','*.py']\n")}),
    "fm-unknown": ({SKILL: skill("")}, {SKILL: skill("newkey: 1\n")}),
    "manifest-unknown": ({}, manifest(newkey=1)),
    "manifest-unknown2": (manifest(newkey=1), manifest(newkey=2)),
    "chan": ({}, manifest(channels=[{"server": "s"}])),
    "uc": (manifest(userConfig={"k": {"default": "a"}}), manifest(userConfig={"k": {"default": "b"}})),
    "settings": ({}, {"settings.json": {"agent": "x"}}),
    "unknown-file": ({}, {"strange.xyz": "1"}),
    "unknown-file2": ({"strange.xyz": "1"}, {"strange.xyz": "2"}),
    "root-json": ({"foo.json": "1"}, {"foo.json": "2"}),
    "workflow": ({"workflows/a.js": "1"}, {"workflows/a.js": "2"}),
    "wf-added": ({}, {"workflows/a.js": "1"}),
    "module-changed": (
        {HOOKS: {"modules": ["./m.dat"]}, "m.dat": "1"},
        {HOOKS: {"modules": ["./m.dat"]}, "m.dat": "2"},
    ),
    "bin": ({"bin/a.txt": "1"}, {"bin/a.txt": "2"}),
    "unread-changed": ({HOOKS: "{bad"}, {HOOKS: "{bad2"}),
    "declared-nowhere": ({}, manifest(hooks="./x.json")),
    "os": ({}, {"output-styles/o.md": "---\nname: o\nforce-for-plugin: true\n---\n"}),
    "os-kci": (
        {"output-styles/o.md": "---\nname: o\nforce-for-plugin: true\nkeep-coding-instructions: true\n---\n"},
        {"output-styles/o.md": "---\nname: o\nforce-for-plugin: true\n---\n"},
    ),
    "codex": (
        {},
        {".codex-plugin/plugin.json": {"name": "demo", "version": "1.0.0", "mcpServers": {"s": {"command": "a"}}}},
    ),
    "codex-hookfile": (
        {
            ".codex-plugin/plugin.json": {"name": "demo", "hooks": "./.codex-plugin/h.json"},
            ".codex-plugin/h.json": hooks(handler("a")),
        },
        {
            ".codex-plugin/plugin.json": {"name": "demo", "hooks": "./.codex-plugin/h.json"},
            ".codex-plugin/h.json": hooks(handler("b")),
        },
    ),
    "dep-version": (
        manifest(dependencies=[{"name": "a", "version": "1"}]),
        manifest(dependencies=[{"name": "a", "version": "2"}]),
    ),
    "cmd-source": (
        {**manifest(commands={"c": {"source": "./x.md"}}), "x.md": "!`a`"},
        {**manifest(commands={"c": {"source": "./x.md"}}), "x.md": "!`b`"},
    ),
    "openai-yaml": (
        {SKILL: skill(""), "skills/s/agents/openai.yaml": "dependencies: {a: 1}"},
        {SKILL: skill(""), "skills/s/agents/openai.yaml": "dependencies: {a: 2}"},
    ),
    "lsp-ext": (
        {".lsp.json": {"s": {"command": "a", "extensionToLanguage": {".py": "py"}}}},
        {".lsp.json": {"s": {"command": "a", "extensionToLanguage": {".py": "py", ".js": "js"}}}},
    ),
    "timeout": ({HOOKS: hooks(handler("a", async_=True))}, {HOOKS: hooks(handler("a", asyncRewake=True))}),
    "null-to-val": ({HOOKS: hooks(handler("a", args=None))}, {HOOKS: hooks(handler("a", args=[]))}),
    "bool-str": ({HOOKS: hooks(handler("a", once=True))}, {HOOKS: hooks(handler("a", once="true"))}),
}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "reorder-keys": (
        {HOOKS: hooks({"type": "command", "command": "a"})},
        {HOOKS: hooks({"command": "a", "type": "command"})},
    ),
    "reorder-hooks": ({HOOKS: hooks(handler("a"), handler("b"))}, {HOOKS: hooks(handler("b"), handler("a"))}),
    "reorder-events": (
        {HOOKS: {"hooks": {"Stop": [{"hooks": [handler("a")]}], "SessionStart": [{"hooks": [handler("b")]}]}}},
        {HOOKS: {"hooks": {"SessionStart": [{"hooks": [handler("b")]}], "Stop": [{"hooks": [handler("a")]}]}}},
    ),
    "escapes": (
        {HOOKS: hooks(handler("aba"))},
        {HOOKS: '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"\\u0061b\\u0061"}]}]}}'},
    ),
    "moved": ({HOOKS: hooks(handler("a"))}, manifest(hooks=hooks(handler("a")))),
    "moved-file": (
        {**manifest(hooks="./x/h.json"), "x/h.json": hooks(handler("a"))},
        {**manifest(hooks="./y/h.json"), "y/h.json": hooks(handler("a"))},
    ),
    "unwrapped": ({HOOKS: hooks(handler("a"))}, {HOOKS: hooks(handler("a"))["hooks"]}),
    "mcp-unwrapped": ({SERVERS: {"mcpServers": {"s": {"command": "a"}}}}, {SERVERS: {"s": {"command": "a"}}}),
    "mcp-moved": ({SERVERS: {"mcpServers": {"s": {"command": "a"}}}}, manifest(mcpServers={"s": {"command": "a"}})),
    "split-groups": (
        {HOOKS: hooks(handler("a"), handler("b"))},
        {HOOKS: {"hooks": {"Stop": [{"hooks": [handler("a")]}, {"hooks": [handler("b")]}]}}},
    ),
    "removed": ({HOOKS: hooks(handler("a"), handler("b"))}, {HOOKS: hooks(handler("a"))}),
    "removed-all": ({HOOKS: hooks(handler("a")), "a.sh": "1", SKILL: skill("allowed-tools: Bash\n")}, {}),
    "removed-tools": ({SKILL: skill("allowed-tools: Bash, Read\n")}, {SKILL: skill("allowed-tools: Read\n")}),
    "removed-server": ({SERVERS: {"a": {"command": "a"}, "b": {"command": "b"}}}, {SERVERS: {"b": {"command": "b"}}}),
    "removed-script": ({"a.sh": "1", "b.sh": "1"}, {"a.sh": "1"}),
    "removed-unknown": (manifest(newkey=1), {}),
    "removed-shell": ({SKILL: skill("", "!`a`\n!`b`")}, {SKILL: skill("", "!`a`")}),
    "removed-agent": ({"agents/a.md": "---\nname: a\n---\n"}, {}),
    "body": ({SKILL: skill("", "x")}, {SKILL: skill("", "y")}),
    "agent-body": (
        {"agents/a.md": "---\nname: a\ntools: Read\n---\nx"},
        {"agents/a.md": "---\nname: a\ntools: Read\n---\ny"},
    ),
    "cmd-body": ({"commands/c.md": "x"}, {"commands/c.md": "y"}),
    "desc": ({SKILL: skill("")}, {SKILL: "---\nname: s\ndescription: other\n---\nb\n"}),
    "docs-renamed": ({"docs/a.md": "x"}, {"docs/b.md": "x"}),
    "docs-new": ({}, {"docs/b.md": "x", "CHANGELOG.md": "a", "LICENSE": "x"}),
    "img": ({"assets/a.png": "x"}, {"assets/a.png": "y"}),
    "json-data": ({"data/a.json": "{}"}, {"data/a.json": "[]"}),
    "tmpl": ({"templates/a.tmpl": "x"}, {"templates/a.tmpl": "y"}),
    "csv": (
        {"skills/s/SKILL.md": skill(""), "skills/s/data/a.csv": "x"},
        {"skills/s/SKILL.md": skill(""), "skills/s/data/a.csv": "y"},
    ),
    "ref-added": ({SKILL: skill("")}, {SKILL: skill(""), "skills/s/references/x.md": "x"}),
    "version": ({}, manifest(version="2.0.0")),
    "keywords": ({}, manifest(keywords=["a"])),
    "author": ({}, manifest(author={"name": "x"})),
    "skill-added": ({}, {SKILL: skill("")}),
    "cmd-added": ({}, {"commands/c.md": "x"}),
    "yaml-style": (
        {SKILL: skill("allowed-tools: Read, Grep\n")},
        {SKILL: skill("allowed-tools:\n  - Read\n  - Grep\n")},
    ),
    "yaml-reorder": ({SKILL: skill("allowed-tools: Read, Grep\n")}, {SKILL: skill("allowed-tools: Grep, Read\n")}),
    "yaml-comment": ({SKILL: skill("allowed-tools: Read\n")}, {SKILL: skill("# x\nallowed-tools: 'Read' # y\n")}),
    "crlf": (
        {SKILL: skill("allowed-tools: Read\n", "!`a`\n")},
        {SKILL: skill("allowed-tools: Read\n", "!`a`\n").replace("\n", "\r\n")},
    ),
    "bom-json": ({HOOKS: hooks(handler("a"))}, {HOOKS: b"\xef\xbb\xbf" + json.dumps(hooks(handler("a"))).encode()}),
    "num": (
        {HOOKS: hooks(handler("a", timeout=10))},
        {HOOKS: '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a","timeout":1e1}]}]}}'},
    ),
    "empty-hooks": ({}, {HOOKS: {"hooks": {}}}),
    "hooks-desc": ({HOOKS: hooks(handler("a"))}, {HOOKS: {"description": "x", **hooks(handler("a"))}}),
    "skill-moved": (
        {SKILL: skill("allowed-tools: Read\n")},
        {**manifest(skills="./x/"), "x/s/SKILL.md": skill("allowed-tools: Read\n")},
    ),
    "cmd-moved": (
        {"commands/c.md": "---\nallowed-tools: Read\n---\n"},
        {**manifest(commands="./x/"), "x/c.md": "---\nallowed-tools: Read\n---\n"},
    ),
    "denied-more": ({SKILL: skill("")}, {SKILL: skill("disallowed-tools: Bash\n")}),
    "uinv-true": ({SKILL: skill("user-invocable: true\n")}, {SKILL: skill("")}),
    "dmi-added": ({SKILL: skill("")}, {SKILL: skill("disable-model-invocation: true\n")}),
    "tools-narrow": ({"agents/a.md": "---\nname: a\n---\n"}, {"agents/a.md": "---\nname: a\ntools: Read\n---\n"}),
    "notexec": (
        {"data/x.txt": "1", HOOKS: hooks(handler("echo hi"))},
        {"data/x.txt": "2", HOOKS: hooks(handler("echo hi"))},
    ),
    "shell-reorder": ({SKILL: skill("", "!`a`\n!`b`")}, {SKILL: skill("", "!`b`\n!`a`")}),
    "fence-form": ({SKILL: skill("", "!`a`")}, {SKILL: skill("", "```!\na\n```")}),
    "model": (
        {"agents/a.md": "---\nname: a\nmodel: opus\n---\n"},
        {"agents/a.md": "---\nname: a\nmodel: haiku\n---\n"},
    ),
    "tpl-word": (
        {HOOKS: hooks(handler("echo a.txt")), "templates/b.txt": "1"},
        {HOOKS: hooks(handler("echo a.txt")), "templates/b.txt": "2"},
    ),
}


def stops(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether a comparison would end with status 4."""
    trees = tree_of(old), tree_of(new)
    before, after = map(read_surface, trees)
    return bool(
        any(change.grew for change in compare_surfaces(before, after))
        or code_changes(trees[0], before, trees[1], after)
    )


@pytest.mark.parametrize("pair", [pytest.param(pair, id=name) for name, pair in GROWN.items()])
def test_it_can_do_more_or_has_other_code(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert stops(*pair)


@pytest.mark.parametrize("pair", [pytest.param(pair, id=name) for name, pair in SAME.items()])
def test_it_can_do_no_more_and_has_the_same_code(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert not stops(*pair)
