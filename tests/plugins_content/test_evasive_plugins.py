"""More plugins that hide what they run, and pairs of versions: other spellings, places, events, types and clients than the tables beside.

SHOWN: all of it is told, and none is called harmless. GROWN: a version that is the same but for one file, whose content changed, is not
called the same. SAME: nothing that runs changed.
"""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest
from surface_plugins import MANIFEST, skill, surface_of, told, tree_of

from toolhive_plugins_content.surface.growth import code_changes, compare_surfaces
from toolhive_plugins_content.surface.surface import read_surface

EVIL = "evil.example"
SKILL = "skills/s/SKILL.md"


def manifest(**fields: object) -> dict[str, Any]:
    return {MANIFEST: {"name": "demo", "version": "1.0.0", **fields}}


def handler(command: str, **fields: object) -> dict[str, Any]:
    return {"type": "command", "command": command, **fields}


def hooks(command: str, ev: str = "Stop", **group: object) -> dict[str, Any]:
    return {"hooks": {ev: [{"hooks": [handler(command)], **group}]}}


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files.items():
            file.writestr(zipfile.ZipInfo(name.replace("__", ".")), content)
    return buffer.getvalue()


SHOWN: dict[str, dict[str, Any]] = {
    "toml-nested": {
        "gemini-extension.json": {"name": "demo"},
        "commands/git/x.toml": 'prompt = "!{curl ' + EVIL + '}"',
    },
    "toml": {"commands/x.toml": 'prompt = """\n!{curl ' + EVIL + '}\n"""'},
    "gemini-servers-alias": {"gemini-extension.json": {"mcpServers": {"s": {"httpUrl": "https://" + EVIL}}}},
    "gemini-settings": {"gemini-extension.json": {"settings": [{"name": "K", "envVar": EVIL}]}},
    "gemini-exclude": {"gemini-extension.json": {"excludeTools": [EVIL]}},
    "cursor-hooks": {".cursor-plugin/plugin.json": {"hooks": "./hk/h.json"}, "hk/h.json": hooks(EVIL)},
    "cursor-rules": {".cursor-plugin/plugin.json": {"rules": "./" + EVIL}},
    "hooks-nested-json": {"hooks/sub/" + EVIL + ".json": hooks("x")},
    "agents-yaml": {"agents/x/" + EVIL + ".yaml": "a: 1"},
    "install-run": {"INSTALL." + "evilexample": "x"},
    "fm-nel": {"skills/s/SKILL.md": "---\nname: s\x85allowed-tools: Bash(" + EVIL + ")\n---\nx"},
    "fm-directive": {"skills/s/SKILL.md": "---\n%YAML 1.1\nname: s\nallowed-tools: Bash(" + EVIL + ")\n---\nx"},
    "fm-tagkey": {"skills/s/SKILL.md": "---\nname: s\n!!str allowed-tools: Bash(" + EVIL + ")\n---\nx"},
    "fm-space-colon": {"skills/s/SKILL.md": "---\nname: s\nallowed-tools : Bash(" + EVIL + ")\n---\nx"},
    "fm-zw": {"skills/s/SKILL.md": "---\nname: s\nallowed\u200b-tools: Bash(" + EVIL + ")\n---\nx"},
    "fm-fullwidth": {"skills/s/SKILL.md": "---\nname: s\n\uff41llowed-tools: Bash(" + EVIL + ")\n---\nx"},
    "fm-toml": {"skills/s/SKILL.md": "+++\nname='s'\nallowed-tools='Bash(" + EVIL + ")'\n+++\n!`" + EVIL + "`"},
    "fm-merge-list": {"skills/s/SKILL.md": "---\n<<: [{allowed-tools: Bash(" + EVIL + ")}]\nname: s\n---\nx"},
    "fm-set": {"skills/s/SKILL.md": "---\nname: s\nallowed-tools: !!set {Bash(" + EVIL + ")}\n---\nx"},
    "fm-binary": {"skills/s/SKILL.md": "---\nname: s\nallowed-tools: !!binary " + EVIL + "\n---\nx"},
    "fm-escape": {"skills/s/SKILL.md": '---\nname: s\nallowed-tools: "Bash(evil\\u002eexample)"\n---\nx'},
    "fm-multiline-quoted": {"skills/s/SKILL.md": "---\nname: s\nallowed-tools: 'Read,\n  Bash(" + EVIL + ")'\n---\nx"},
    "sh-long-fence": {"skills/s/SKILL.md": "``````!\n" + EVIL + "\n``````"},
    "sh-info": {"skills/s/SKILL.md": "```! bash\n" + EVIL + "\n```"},
    "sh-zwsp": {"skills/s/SKILL.md": "x\u200b!`" + EVIL + "`"},
    "sh-start": {"commands/c.md": "!`" + EVIL + "`"},
    "sh-crlf": {"commands/c.md": "a\r\n!`curl\r\n" + EVIL + "`"},
    "sh-ff": {"commands/c.md": "a\f!`" + EVIL + "`"},
    "sh-bom": {"commands/c.md": b"\xef\xbb\xbf!`" + EVIL.encode() + b"`"},
    "agent-bg": {"agents/a.md": "---\nname: a\ntools: Read\nbackground: true\nmemory: " + EVIL + "\n---\n"},
    "agent-allowed": {"agents/a.md": "---\nname: a\ntools: Read\nallowed-tools: Bash(" + EVIL + ")\n---\n"},
    "agent-file-upper": {"AGENTS/A.MD": "---\nname: a\ntools: Bash(" + EVIL + ")\ninitialPrompt: x\n---\n"},
    "style-upper": {"Output-Styles/X.MD": "---\nname: x\nForce-For-Plugin: yes\nx: " + EVIL + "\n---\n"},
    "style-declared": {
        **manifest(outputStyles="./st/" + EVIL + ".md"),
        "st/" + EVIL + ".md": "---\nforce-for-plugin: true\n---\n",
    },
    "handler-type-case": {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"Type": "command", "command": EVIL}]}]}}},
    "handler-type-dup": {
        "hooks/hooks.json": '{"hooks":{"Stop":[{"hooks":[{"type":"prompt","type":"command","prompt":"x","command":"'
        + EVIL
        + '"}]}]}}'
    },
    "handler-type-list": {
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": ["command"], "command": EVIL}]}]}}
    },
    "handler-cmd-list": {
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": ["sh", "-c", EVIL]}]}]}}
    },
    "handler-windows": {
        "hooks/hooks.json": {
            "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x", "commandWindows": EVIL}]}]}
        }
    },
    "handler-env": {
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x", "env": {"A": EVIL}}]}]}}
    },
    "handler-nested": {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"hooks": [handler(EVIL)]}]}]}}},
    "hooks-event-list": {"hooks/hooks.json": {"hooks": [{"event": "Stop", "command": EVIL}]}},
    "hooks-flat": {"hooks/hooks.json": {"hooks": {"Stop": EVIL}}},
    "hooks-deep-wrap": {"hooks/hooks.json": {"hooks": {"hooks": {"hooks": hooks(EVIL)}}}},
    "hooks-unicode-event": {"hooks/hooks.json": hooks(EVIL, ev="Sto\u200bp")},
    "hooks-null-matcher": {"hooks/hooks.json": hooks(EVIL, matcher=None)},
    "mcp-env-list": {".mcp.json": {"s": {"command": "x", "env": ["A=" + EVIL]}}},
    "mcp-type-case": {".mcp.json": {"s": {"type": "HTTP", "url": "https://" + EVIL}}},
    "mcp-command-dup": {".mcp.json": '{"s":{"command":"' + EVIL + '","command":"ok"}}'},
    "mcp-both": {".mcp.json": {"s": {"type": "http", "url": "https://ok", "command": EVIL}}},
    "mcp-tools": {
        ".mcp.json": {
            "s": {"type": "http", "url": "https://x", "tools": [{"name": EVIL, "permission_policy": "always_allow"}]}
        }
    },
    "mcp-wrapped-file": {
        **manifest(mcpServers=["./a/b.json"]),
        "a/b.json": {"mcpServers": {"mcpServers": {"s": {"command": EVIL}}}},
    },
    "mcp-envfile": {".mcp.json": {"s": {"command": "x", "envFile": EVIL}}},
    "mcp-disabled": {".mcp.json": {"s": {"command": EVIL, "disabled": True}}},
    "lsp-declared-list": {
        **manifest(lspServers=["./l.json", {"b": {"command": "x"}}]),
        "l.json": {"lspServers": {"a": {"command": EVIL}}},
    },
    "lsp-settings-args": {".lsp.json": {"a": {"command": "x", "settings": {"python": {"pythonPath": EVIL}}}}},
    "mon-exp-case": manifest(experimental={"Monitors": [{"name": "m", "command": EVIL, "description": "d"}]}),
    "mon-args": {"monitors/monitors.json": [{"name": "m", "command": "sh", "args": ["-c", EVIL]}]},
    "chan-codex": {".codex-plugin/plugin.json": {"name": "demo", "channels": [{"server": EVIL}]}},
    "uc-options": manifest(userConfig={"k": {"type": "string", "options": [EVIL]}}),
    "uc-nested": manifest(userConfig={"k": {"type": "string", "default": ["-c", EVIL]}}),
    "dep-git": manifest(dependencies=[{"name": "a", "source": {"source": "git", "url": "https://" + EVIL}}]),
    "settings-output": {"settings.json": {"outputStyle": EVIL}},
    "settings-nested": manifest(settings={"settings": {"agent": EVIL}}),
    "settings-status-upper": {"settings.json": {"StatusLine": {"command": EVIL}}},
    "pkg-overrides": {"package.json": {"overrides": {"a": "npm:" + EVIL}}, "package-lock.json": "{}"},
    "pkg-manager": {"package.json": {"packageManager": EVIL}, "bun.lockb": b"\0"},
    "pkg-resolved-git": {
        "package.json": {"dependencies": {"a": "1"}},
        "package-lock.json": {"packages": {"a": {"resolved": "git+ssh://git@" + EVIL + "/x"}}},
    },
    "pkg-bun-git": {
        "package.json": {"dependencies": {"a": "1"}},
        "bun.lock": '{"packages":{"a":["a@git+https://' + EVIL + '/x", {}]}}',
    },
    "bunfig": {"bunfig.toml": 'preload = ["' + EVIL + '"]'},
    "yarnrc": {".yarnrc.yml": "yarnPath: " + EVIL},
    "pnpmfile": {".pnpmfile.cjs": "// " + EVIL},
    "pnpm-ws": {"pnpm-workspace.yaml": "x: " + EVIL},
    "zip-in-mcpb": {
        "x.mcpb": archive(manifest__json=json.dumps({"name": "b", "server": {"mcp_config": {"command": EVIL}}}))
    },
    "zip-platform": {
        "x.mcpb": archive(
            manifest__json=json.dumps(
                {
                    "name": "b",
                    "server": {"mcp_config": {"command": "ok", "platform_overrides": {"win32": {"command": EVIL}}}},
                }
            )
        )
    },
    "dxt-upper": {
        "X.DXT": archive(manifest__json=json.dumps({"name": "b", "server": {"mcp_config": {"command": EVIL}}}))
    },
    "zip-suffixless": {"docs/blob": archive(evil__example="x")},
    "gz": {"docs/" + EVIL + ".sh.gz": gzip.compress(b"x")},
    "open-mcp-noschema": {"mcp.json": {"mcpServers": {"s": {"command": EVIL}}}},
    "open-mcp-key": {
        "plugin.json": {
            "$schema": "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json",
            "name": "demo",
            "mcpServers": {"s": {"command": EVIL}},
        }
    },
    "open-schema-11": {
        "plugin.json": {
            "$schema": "https://agent-plugins.org/schemas/1.1.0/plugin.schema.json",
            "name": "demo",
            "x": EVIL,
        }
    },
    "open-noschema": {"plugin.json": {"name": "demo", "hooks": {"x": EVIL}}},
    "open-vendor": {
        "plugin.json": {"$schema": "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json", "name": "demo"},
        "com.evil.example/x.json": {"a": 1},
    },
    "wf-ts": {**manifest(workflows="./w"), "w/" + EVIL + ".ts": "x"},
    "wf-decl-file": {**manifest(workflows=["./w/" + EVIL + ".txt"]), "w/" + EVIL + ".txt": "x"},
    "cmd-decl-nomd": {**manifest(commands=["./w/c"]), "w/c": "!`" + EVIL + "`"},
    "cmd-name-evil": {"commands/" + EVIL + ".md": "---\nallowed-tools: Bash\n---\n"},
    "skill-nested": {"skills/a/b/SKILL.md": "!`" + EVIL + "`"},
    "skill-lower": {"skills/a/skill.md": "!`" + EVIL + "`"},
    "icon": manifest(icon=EVIL),
    "mods": manifest(mods=EVIL),
    "bin-manifest": manifest(bin={"x": EVIL}),
    "env-manifest": manifest(env={"X": EVIL}),
    "strange-suffix": {"docs/" + EVIL + ".evil": "x"},
    "no-suffix": {"lib/evilexample": "x"},
}

UNREAD: dict[str, dict[str, Any]] = {
    "comments": {".mcp.json": '// x\n{"s":{"command":"x"}}'},
    "trailing comma": {".mcp.json": '{"s":{"command":"x"},}'},
    "two documents": {".mcp.json": '{}{"s":{"command":"x"}}'},
    "NaN": {".mcp.json": '{"s":{"command":"x","timeout":NaN}}'},
}

GROWN: dict[str, tuple[dict[str, Any], str]] = {
    "file-url": (
        {".mcp.json": {"s": {"command": "deno", "args": ["run", "file:///x/data/x.txt"]}}, "data/x.txt": "1"},
        "data/x.txt",
    ),
    "flag-eq": (
        {".mcp.json": {"s": {"command": "node", "args": ["--import=./data/x.txt"]}}, "data/x.txt": "1"},
        "data/x.txt",
    ),
    "source": ({"hooks/hooks.json": hooks(". data/x.txt"), "data/x.txt": "1"}, "data/x.txt"),
    "subst": ({"hooks/hooks.json": hooks('sh -c "$(cat data/x.txt)"'), "data/x.txt": "1"}, "data/x.txt"),
    "redirect": ({"hooks/hooks.json": hooks("sh <data/x.txt"), "data/x.txt": "1"}, "data/x.txt"),
    "winenv": (
        {"hooks/hooks.json": hooks("cmd /c %CLAUDE_PLUGIN_ROOT%\\data\\x.txt"), "data/x.txt": "1"},
        "data/x.txt",
    ),
    "brace": ({"hooks/hooks.json": hooks("cat data/{x,y}.txt | sh"), "data/x.txt": "1"}, "data/x.txt"),
    "for": ({"hooks/hooks.json": hooks("for f in data/*; do sh $f; done"), "data/x.txt": "1"}, "data/x.txt"),
    "find": (
        {"hooks/hooks.json": hooks("cd ${CLAUDE_PLUGIN_ROOT} && find data -exec sh {} +"), "data/x.txt": "1"},
        "data/x.txt",
    ),
    "run-parts": ({"hooks/hooks.json": hooks("run-parts ${CLAUDE_PLUGIN_ROOT}/data"), "data/x.txt": "1"}, "data/x.txt"),
    "pythonpath": (
        {
            ".mcp.json": {
                "s": {"command": "python", "args": ["-m", "srv"], "env": {"PYTHONPATH": "${CLAUDE_PLUGIN_ROOT}/data"}}
            },
            "data/x.dat": "1",
        },
        "data/x.dat",
    ),
    "plugin-dir": (
        {"hooks/hooks.json": hooks("node --loader ${CLAUDE_PLUGIN_ROOT}/data"), "data/index.json": "1"},
        "data/index.json",
    ),
    "make": ({"hooks/hooks.json": hooks("make -f data/build.txt"), "data/build.txt": "1"}, "data/build.txt"),
    "jq": ({"hooks/hooks.json": hooks("jq -f data/x.txt"), "data/x.txt": "1"}, "data/x.txt"),
    "args-split": (
        {".mcp.json": {"s": {"command": "sh", "args": ["data", "/", "x.txt"]}}, "data/x.txt": "1"},
        "data/x.txt",
    ),
    "nfd": ({"hooks/hooks.json": hooks("sh data/cafe\u0301.txt"), "data/caf\u00e9.txt": "1"}, "data/caf\u00e9.txt"),
    "upper": ({"hooks/hooks.json": hooks("SH DATA/X.TXT"), "data/x.txt": "1"}, "data/x.txt"),
    "quotes-in": ({"hooks/hooks.json": hooks("sh da'ta'/x.txt"), "data/x.txt": "1"}, "data/x.txt"),
    "dotdot": ({"hooks/hooks.json": hooks("sh skills/../data/x.txt"), "data/x.txt": "1"}, "data/x.txt"),
    "cwd-folder": (
        {".mcp.json": {"s": {"command": "./start.dat", "cwd": "${CLAUDE_PLUGIN_ROOT}/data"}}, "data/start.dat": "1"},
        "data/start.dat",
    ),
    "lsp-settings": (
        {".lsp.json": {"a": {"command": "x", "settings": {"initScript": "./data/x.txt"}}}, "data/x.txt": "1"},
        "data/x.txt",
    ),
    "monitor": (
        {
            "monitors/monitors.json": [{"name": "m", "command": "tail -f data/x.txt | sh", "description": "d"}],
            "data/x.txt": "1",
        },
        "data/x.txt",
    ),
    "uc-default": (
        {**manifest(userConfig={"k": {"type": "string", "default": "data/x.txt"}}), "data/x.txt": "1"},
        "data/x.txt",
    ),
    "wf-named": ({**manifest(workflows="./w/x.dat"), "w/x.dat": "1"}, "w/x.dat"),
    "toml-file": ({"commands/a/x.toml": "prompt='!{sh data/x.txt}'", "data/x.txt": "1"}, "data/x.txt"),
    "vendor": ({"com.x/x.json": {"a": 1}}, "com.x/x.json"),
    "scripts-py": ({"skills/s/scripts/x.py": "1"}, "skills/s/scripts/x.py"),
    "agents-settings": (
        {"settings.json": {"agent": "demo:a"}, "agents/a.md": "---\nname: a\ntools: Read\n---\n1"},
        "agents/a.md",
    ),
    "style": ({"output-styles/o.md": "---\nname: o\nforce-for-plugin: true\n---\n1"}, "output-styles/o.md"),
    "npmrc": ({"package.json": {"dependencies": {"a": "1"}}, "package-lock.json": "{}", ".npmrc": "a=1"}, ".npmrc"),
    "gz": ({"docs/a.gz": b"1"}, "docs/a.gz"),
    "skilldir-ref": ({SKILL: skill("", "!`sh ./run.txt`"), "skills/s/run.txt": "1"}, "skills/s/run.txt"),
    "skill-hooks": (
        {SKILL: skill("hooks: {Stop: [{hooks: [{type: command, command: sh run.txt}]}]}\n"), "skills/s/run.txt": "1"},
        "skills/s/run.txt",
    ),
    "agent-mcp": (
        {
            "agents/a.md": "---\nname: a\ntools: Read\nmcpServers:\n- x:\n    command: sh\n    args: [data/x.txt]\n---\n",
            "data/x.txt": "1",
        },
        "data/x.txt",
    ),
}

SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "fm-order": ({SKILL: skill("allowed-tools: Read\nmodel: x\n")}, {SKILL: skill("model: x\nallowed-tools: Read\n")}),
    "tools-order": ({SKILL: skill("allowed-tools: Read, Grep\n")}, {SKILL: skill("allowed-tools: Grep, Read\n")}),
    "tools-form": ({SKILL: skill("allowed-tools: Read, Grep\n")}, {SKILL: skill("allowed-tools:\n- Read\n- Grep\n")}),
    "desc": ({SKILL: skill("")}, {SKILL: skill("").replace("description: d", "description: e")}),
    "body": ({SKILL: skill("allowed-tools: Bash\n")}, {SKILL: skill("allowed-tools: Bash\n", "other\n")}),
    "agent-body": ({"agents/a.md": "---\nname: a\n---\n1"}, {"agents/a.md": "---\nname: a\n---\n2"}),
    "json-space": ({"hooks/hooks.json": hooks("a")}, {"hooks/hooks.json": json.dumps(hooks("a"), indent=4)}),
    "escape": (
        {"hooks/hooks.json": '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"}]}]}}'},
        {"hooks/hooks.json": '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"\\u0061"}]}]}}'},
    ),
    "version": (manifest(), manifest(version="2.0.0")),
    "keywords": (manifest(), manifest(keywords=["a"])),
    "readme": ({"README.md": "1"}, {"README.md": "2", "docs/x.md": "n"}),
    "license": ({"LICENSE": "1"}, {"LICENSE": "2"}),
    "image": ({"a.png": b"1"}, {"a.png": b"2"}),
    "skill-data": ({SKILL: skill(""), "skills/s/data.json": "1"}, {SKILL: skill(""), "skills/s/data.json": "2"}),
    "ref": ({SKILL: skill(""), "skills/s/reference.md": "1"}, {SKILL: skill(""), "skills/s/reference.md": "2"}),
    "new-skill": ({}, {SKILL: skill("")}),
    "hook-removed": ({"hooks/hooks.json": hooks("a")}, {}),
    "number": (
        {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [handler("a", timeout=5)]}]}}},
        {"hooks/hooks.json": '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a","timeout":5.0}]}]}}'},
    ),
    "moved-default": (
        {**manifest(hooks="./hooks/hooks.json"), "hooks/hooks.json": hooks("a")},
        {"hooks/hooks.json": hooks("a")},
    ),
    "inlined": ({**manifest(hooks=hooks("a"))}, {"hooks/hooks.json": hooks("a")}),
    "toml-body": ({"commands/x.toml": "prompt='a'"}, {"commands/x.toml": "prompt='b'"}),
    "style-unforced": ({"output-styles/o.md": "---\nname: o\n---\n1"}, {"output-styles/o.md": "---\nname: o\n---\n2"}),
    "nested-data": ({"data/x/y.json": "1"}, {"data/x/y.json": "2"}),
    "crlf": ({SKILL: skill("allowed-tools: Read\n")}, {SKILL: skill("allowed-tools: Read\n").replace("\n", "\r\n")}),
    "npmrc-blank": (
        {"package.json": {"dependencies": {"a": "1"}}, "package-lock.json": "{}", ".npmrc": "a=1"},
        {"package.json": {"dependencies": {"a": "1"}}, "package-lock.json": "{}", ".npmrc": "a=1\n"},
    ),
}


def can_do_more(old: dict[str, Any], new: dict[str, Any]) -> bool:
    before, after = tree_of(old), tree_of(new)
    old_surface, new_surface = read_surface(before), read_surface(after)
    grew = any(change.grew for change in compare_surfaces(old_surface, new_surface))
    return grew or bool(code_changes(before, old_surface, after, new_surface))


@pytest.mark.parametrize("name", SHOWN)
def test_it_is_told(name: str) -> None:
    surface = surface_of(SHOWN[name])
    assert EVIL in "".join(told(surface).split()).replace("evilexample", EVIL)
    assert not surface.empty


@pytest.mark.parametrize("name", UNREAD)
def test_what_no_reader_of_json_takes_is_not_called_harmless(name: str) -> None:
    assert not surface_of(UNREAD[name]).empty


@pytest.mark.parametrize("name", GROWN)
def test_one_changed_file_is_not_the_same(name: str) -> None:
    files, path = GROWN[name]
    content = files[path]
    changed = (
        content + b"2"
        if isinstance(content, bytes)
        else (content if isinstance(content, str) else json.dumps(content)) + " 2"
    )
    assert can_do_more(files, {**files, path: changed})
    assert not can_do_more(files, files)


@pytest.mark.parametrize("name", SAME)
def test_nothing_that_runs_changed(name: str) -> None:
    assert not can_do_more(*SAME[name])


def test_a_shell_command_of_gemini_cli_counts() -> None:
    old, new = {"commands/a/x.toml": "prompt='!{a {b} c}'"}, {"commands/a/x.toml": "prompt='!{a {d} c}'"}
    assert "a {b} c" in told(surface_of(dict(old)))
    assert can_do_more(dict(old), dict(new))
    assert can_do_more({}, {"commands/x.toml": "prompt = '!{unclosed"})
