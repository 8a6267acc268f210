"""Validation: every problem at once, with its place."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugin_folders import MANIFEST, write_files

from toolhive_plugins_content import Findings, ValidationReport, open_plugin_directory, report_on
from toolhive_plugins_content.manifest_rules import NAME_FORM
from toolhive_plugins_interfaces import Diagnostic, InvalidPluginDirError, Severity

COMPLETE: Mapping[str, object] = {
    MANIFEST: {
        "name": "complete",
        "version": "1.2.3",
        "description": "Has one of everything",
        "author": {"name": "Ann"},
    },
    "commands/commit.md": "---\ndescription: Commit\nallowed-tools: Bash(git add:*), Read\n---\nState: !`git status`\n",
    "agents/helper.md": "---\nname: helper\ndescription: Helps\ntools: Read, Grep\n---\nHelp.\n",
    "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greets\n---\nGreet.\n",
    "hooks/hooks.json": {
        "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/run.sh"}]}]}
    },
    ".mcp.json": {
        "mcpServers": {"local": {"command": "npx"}, "remote": {"type": "http", "url": "https://example.com/"}}
    },
    ".lsp.json": {"py": {"command": "pyls", "extensionToLanguage": {".py": "python"}}},
    "run.sh": "#!/bin/sh\n",
}


def minimal(name: str, **fields: object) -> dict[str, object]:
    """Return the files of a plugin that has a manifest and nothing else."""
    return {MANIFEST: {"name": name, "version": "1.0.0", "description": "Tiny", **fields}}


def validate(root: Path) -> ValidationReport:
    """Return what is wrong, apart from what clients say of it, which tests/clients has."""
    with open_plugin_directory(str(root), findings=Findings()) as plugin:
        return report_on(plugin, str(root), clients=())


def problems(root: Path, files: Mapping[str, object]) -> list[Diagnostic]:
    return list(validate(write_files(root, files)).problems)


def rules(found: list[Diagnostic]) -> list[str]:
    return [problem.rule for problem in found]


def test_complete_plugin_has_no_problem(tmp_path: Path) -> None:
    report = validate(write_files(tmp_path / "p", COMPLETE, executable=["run.sh"]))
    assert report.problems == ()
    assert (report.name, report.version) == ("complete", "1.2.3")
    assert report.components == {"commands": 1, "agents": 1, "skills": 1, "hooks": 1, "mcpServers": 2, "lspServers": 1}


def test_all_problems_come_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    manifest = (
        '{\n  "name": "Bad--Name",\n  "version": 1,\n  "keywords": "one",\n  "commands": "commands",\n'
        '  "agents": ["./agents/../../x.md", "./missing.md"]\n}\n'
    )
    files = {
        MANIFEST: manifest,
        "skills/x/SKILL.md": "no front matter",
        "hooks/hooks.json": '{"hooks": {\n  "Stop": oops\n}}',
        ".mcp.json": {"s": {"args": ["x"]}},
    }
    found = problems(tmp_path / "p", files)
    places = [(problem.path, problem.line, problem.rule) for problem in found if problem.rule != "description-missing"]
    assert places == [
        (MANIFEST, 2, "name"),
        (MANIFEST, 3, "type"),
        (MANIFEST, 4, "type"),
        (MANIFEST, 5, "path"),
        (MANIFEST, 5, "path-missing"),
        (MANIFEST, 6, "path"),
        (MANIFEST, 6, "path-missing"),
        (".mcp.json", 0, "mcp-server"),
        ("hooks/hooks.json", 2, "component"),
        ("skills/x/SKILL.md", 1, "skill-front-matter"),
    ]
    assert [problem.line for problem in found if problem.severity is Severity.ERROR] == [2, 3, 4]
    bad_json = next(problem for problem in found if problem.path == "hooks/hooks.json")
    assert (bad_json.line, bad_json.column) == (2, 11)


@pytest.mark.parametrize("name", ["ab", "a1", "my-plugin", "x" * 64, "1-2-3"])
def test_good_names(tmp_path: Path, name: str) -> None:
    assert problems(tmp_path / "p", minimal(name)) == []


@pytest.mark.parametrize(
    "name", ["a", "x" * 65, "My-plugin", "a--b", "-a", "a-", "a_b", "a b", "é-plugin", "a.b", "a\n"]
)
def test_bad_names(tmp_path: Path, name: str) -> None:
    assert rules(problems(tmp_path / "p", minimal(name))) == ["name"]


@given(st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_form_of_a_name_is_words_joined_by_single_hyphens(name: str) -> None:
    words = name.split("-")
    good = all(word and all(c in "abcdefghijklmnopqrstuvwxyz0123456789" for c in word) for word in words)
    assert bool(NAME_FORM.fullmatch(name)) == good


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": None}, ["name"]),
        ({"name": ""}, ["name-missing"]),
        ({"description": 3}, ["type"]),
        ({"version": "soon"}, ["version"]),
        ({"author": "Ann"}, ["type"]),
        ({"author": {"email": 1}}, ["author-name", "type"]),
        ({"author": []}, ["type"]),
        ({"keywords": ["a", 1, None]}, ["type", "type"]),
        ({"repository": {"url": "x"}}, ["type"]),
        ({"commands": 3}, ["type"]),
        ({"skills": [{"x": 1}]}, ["type"]),
        ({"commands": "/etc/passwd"}, ["path"]),
        ({"commands": "~/x"}, ["path"]),
        ({"commands": "./a\\b"}, ["path"]),
        ({"dependencies": {"node": 18}}, ["dependencies"]),
        ({"requires": "x"}, ["requires"]),
        ({"Commands": "./"}, ["field-case", "path-missing"]),
        ({"comands": "./"}, ["unknown-field"]),
        ({"category": "x"}, ["unknown-field"]),
        ({"hooks": {"Stop": [{"matcher": "x"}]}}, ["component"]),
        ({"hooks": {"Stop": [{"hooks": [{"type": "command"}]}]}}, ["hook"]),
        ({"hooks": {"Stop": [{"hooks": [{"command": "x"}]}]}}, ["hook-type"]),
        ({"hooks": {"Stopp": [{"hooks": [{"type": "prompt", "prompt": "x"}]}]}}, ["hook-event"]),
        ({"hooks": {"Stop": [{"matcher": "(", "hooks": [{"type": "http", "url": "https://x"}]}]}}, ["hook-matcher"]),
        ({"mcpServers": {"a": {"type": "pigeon"}}}, ["mcp-transport"]),
        ({"mcpServers": {"a": {"type": "http"}}}, ["mcp-server"]),
        ({"mcpServers": {"a": {"type": "http", "url": "http://example.com"}}}, ["mcp-plain-http"]),
        ({"mcpServers": {"a": {"type": "http", "url": "http://localhost:1"}}}, []),
        ({"lspServers": {"a": {}}}, ["lsp-server", "lsp-server"]),
    ],
)
def test_rules_of_the_manifest(tmp_path: Path, fields: dict[str, object], expected: list[str]) -> None:
    manifest = {"name": "plugin", "version": "1.0.0", "description": "d", **fields}
    assert sorted(rules(problems(tmp_path / "p", {MANIFEST: manifest}))) == sorted(expected)


def test_duplicate_keys_are_found_at_any_depth(tmp_path: Path) -> None:
    manifest = '{"name":"plugin","version":"1.0.0","description":"d",\n"author":{"name":"a",\n"name":"b"}}'
    [problem] = problems(tmp_path / "p", {MANIFEST: manifest})
    assert (problem.rule, problem.line, problem.column) == ("duplicate-key", 3, 1)


@pytest.mark.parametrize(
    ("manifest", "rule", "place"),
    [
        ('{\n "name": x}', "json", (2, 10)),
        ("[]", "manifest", (1, 1)),
        ('{"name": "a-b", }', "json", (1, 16)),
        ("", "json", (1, 1)),
    ],
)
def test_a_manifest_that_is_not_json_is_placed(
    tmp_path: Path, manifest: str, rule: str, place: tuple[int, int]
) -> None:
    [problem] = problems(tmp_path / "p", {MANIFEST: manifest})
    assert problem.rule == rule
    assert problem.line == place[0]


def test_hidden_component_is_told_from_a_missing_one(tmp_path: Path) -> None:
    files = minimal("plugin", commands="./.hidden/x.md") | {".hidden/x.md": "x"}
    assert rules(problems(tmp_path / "p", files)) == ["path-hidden"]


def test_more_than_a_hundred_entries_are_too_many(tmp_path: Path) -> None:
    servers = {f"s{number}": {"command": "x"} for number in range(101)}
    assert "too-many" in rules(problems(tmp_path / "p", minimal("plugin", mcpServers=servers)))
    files = minimal("plugin") | {f"commands/c{number}.md": "x" for number in range(101)}
    assert "too-many" in rules(problems(tmp_path / "q", files))


def test_links_and_odd_names_are_errors(tmp_path: Path) -> None:
    root = tmp_path / "p"
    write_files(root, minimal("plugin") | {"a\\b": "x", "Same.md": "x", "same.md": "x"})
    (root / "commands").symlink_to("/tmp")
    found = {(problem.rule, problem.path) for problem in validate(root).problems}
    assert found == {("path", "a\\b"), ("portable-name", "a\\b"), ("irregular-file", "commands"), ("case", "same.md")}


def test_limits_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_FILES", 2)
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_TOTAL_SIZE", 3)
    files = minimal("plugin") | {"a": "1", "b": "2", "c": "34"}
    assert rules(problems(tmp_path / "p", files)) == ["too-many-files", "too-large"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nname: x\ndescription: d\n---\n", []),
        ("---\nname: other\ndescription: d\n---\n", ["skill-name"]),
        ("---\nname: X\ndescription: d\n---\n", ["skill-name", "skill-name"]),
        ("---\ndescription: d\n---\n", ["skill-name"]),
        ("---\nname: x\n---\n", ["skill-description"]),
        ("---\nname: x\ndescription: d\n", ["component"]),
        ("---\nname: x\ndescription: use it: now\n---\n", ["yaml"]),
        ("---\nname: x\ndescription: " + "d" * 1025 + "\n---\n", ["skill-description"]),
    ],
)
def test_front_matter_of_skills(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert rules(problems(tmp_path / "p", minimal("plugin") | {"skills/x/SKILL.md": text})) == expected


def test_hooks_are_checked_against_the_files_they_name(tmp_path: Path) -> None:
    commands = ["${CLAUDE_PLUGIN_ROOT}/run.sh", '"${CLAUDE_PLUGIN_ROOT}/gone.sh" x', "sh ${CLAUDE_PLUGIN_ROOT}/run.sh"]
    hooks = {"Stop": [{"hooks": [{"type": "command", "command": command} for command in commands]}]}
    files = minimal("plugin") | {"hooks/hooks.json": {"hooks": hooks}, "run.sh": "#!/bin/sh\n"}
    found = problems(tmp_path / "p", files)
    assert sorted(rules(found)) == ["file-missing", "not-executable"]


def test_agents_need_a_description_and_names_are_used_once(tmp_path: Path) -> None:
    agent = "---\nname: same\ndescription: d\n---\n"
    files = minimal("plugin") | {"agents/a.md": agent, "agents/b.md": agent, "agents/c.md": "x"}
    assert sorted(rules(problems(tmp_path / "p", files))) == ["agent-description", "duplicate"]


def test_a_directory_that_is_no_plugin_says_only_that(tmp_path: Path) -> None:
    write_files(tmp_path / "p", {"README.md": "x", "a\\b": "y"})
    assert rules(list(validate(tmp_path / "p").problems)) == ["manifest-missing"]
    with pytest.raises(InvalidPluginDirError):
        validate(tmp_path / "nowhere")


def test_a_directory_of_very_many_files_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 5)
    assert "too-many-files" in rules(problems(tmp_path / "p", COMPLETE))


@pytest.mark.filterwarnings("error")
def test_a_matcher_that_python_warns_of_is_a_regular_expression_all_the_same(tmp_path: Path) -> None:
    hooks = {"PreToolUse": [{"matcher": "[[a]", "hooks": [{"type": "prompt", "prompt": "x"}]}]}
    assert problems(tmp_path / "p", minimal("plugin", hooks=hooks)) == []
