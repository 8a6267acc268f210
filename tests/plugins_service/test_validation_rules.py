"""Validation: every problem at once, with its place."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_plugins import COMPLETE, minimal, write_plugin

from toolhive_plugins import InvalidPluginDirError
from toolhive_plugins_content.manifest_rules import NAME_FORM
from toolhive_plugins_service import Diagnostic, Service, Severity

MANIFEST = ".claude-plugin/plugin.json"


def problems(service: Service, root: Path, files: Mapping[str, object]) -> list[Diagnostic]:
    return list(service.validate(write_plugin(root, files)).problems)


def rules(found: list[Diagnostic]) -> list[str]:
    return [problem.rule for problem in found]


def test_complete_plugin_has_no_problem(service: Service, complete: str) -> None:
    report = service.validate(complete)
    assert report.problems == ()
    assert (report.name, report.version) == ("complete", "1.2.3")
    assert report.components["hooks"] == report.components["mcpServers"] == 2


def test_all_problems_come_at_once_in_the_order_of_the_files(service: Service, tmp_path: Path) -> None:
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
    found = problems(service, tmp_path / "p", files)
    places = [(problem.path, problem.line, problem.rule) for problem in found if problem.severity is Severity.ERROR]
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
    bad_json = next(problem for problem in found if problem.path == "hooks/hooks.json")
    assert (bad_json.line, bad_json.column) == (2, 11)


@pytest.mark.parametrize("name", ["ab", "a1", "my-plugin", "x" * 64, "1-2-3"])
def test_good_names(service: Service, tmp_path: Path, name: str) -> None:
    assert problems(service, tmp_path / "p", minimal(name)) == []


@pytest.mark.parametrize(
    "name", ["a", "x" * 65, "My-plugin", "a--b", "-a", "a-", "a_b", "a b", "é-plugin", "a.b", "a\n"]
)
def test_bad_names(service: Service, tmp_path: Path, name: str) -> None:
    assert rules(problems(service, tmp_path / "p", minimal(name))) == ["name"]


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
def test_rules_of_the_manifest(
    service: Service, tmp_path: Path, fields: dict[str, object], expected: list[str]
) -> None:
    manifest = {"name": "plugin", "version": "1.0.0", "description": "d", **fields}
    assert sorted(rules(problems(service, tmp_path / "p", {MANIFEST: manifest}))) == sorted(expected)


def test_duplicate_keys_are_found_at_any_depth(service: Service, tmp_path: Path) -> None:
    manifest = '{"name":"plugin","version":"1.0.0","description":"d",\n"author":{"name":"a",\n"name":"b"}}'
    [problem] = problems(service, tmp_path / "p", {MANIFEST: manifest})
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
    service: Service, tmp_path: Path, manifest: str, rule: str, place: tuple[int, int]
) -> None:
    [problem] = problems(service, tmp_path / "p", {MANIFEST: manifest})
    assert problem.rule == rule
    assert problem.line == place[0]


def test_hidden_component_is_told_from_a_missing_one(service: Service, tmp_path: Path) -> None:
    files = minimal("plugin", commands="./.hidden/x.md") | {".hidden/x.md": "x"}
    assert rules(problems(service, tmp_path / "p", files)) == ["path-hidden"]


def test_more_than_a_hundred_entries_are_too_many(service: Service, tmp_path: Path) -> None:
    servers = {f"s{number}": {"command": "x"} for number in range(101)}
    assert "too-many" in rules(problems(service, tmp_path / "p", minimal("plugin", mcpServers=servers)))
    files = minimal("plugin") | {f"commands/c{number}.md": "x" for number in range(101)}
    assert "too-many" in rules(problems(service, tmp_path / "q", files))


def test_links_and_odd_names_are_errors(service: Service, tmp_path: Path) -> None:
    root = tmp_path / "p"
    write_plugin(root, minimal("plugin") | {"a\\b": "x", "Same.md": "x", "same.md": "x"})
    (root / "commands").symlink_to("/tmp")
    found = {(problem.rule, problem.path) for problem in service.validate(str(root)).problems}
    assert found == {("path", "a\\b"), ("irregular-file", "commands"), ("case", "same.md")}


def test_limits_are_checked(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_FILES", 2)
    monkeypatch.setattr("toolhive_plugins_content.selection.MAX_TOTAL_SIZE", 3)
    files = minimal("plugin") | {"a": "1", "b": "2", "c": "34"}
    assert rules(problems(service, tmp_path / "p", files)) == ["too-many-files", "too-large"]


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
def test_front_matter_of_skills(service: Service, tmp_path: Path, text: str, expected: list[str]) -> None:
    assert rules(problems(service, tmp_path / "p", minimal("plugin") | {"skills/x/SKILL.md": text})) == expected


def test_hooks_are_checked_against_the_files_they_name(service: Service, tmp_path: Path) -> None:
    commands = ["${CLAUDE_PLUGIN_ROOT}/run.sh", '"${CLAUDE_PLUGIN_ROOT}/gone.sh" x', "sh ${CLAUDE_PLUGIN_ROOT}/run.sh"]
    hooks = {"Stop": [{"hooks": [{"type": "command", "command": command} for command in commands]}]}
    files = minimal("plugin") | {"hooks/hooks.json": {"hooks": hooks}, "run.sh": "#!/bin/sh\n"}
    found = problems(service, tmp_path / "p", files)
    assert sorted(rules(found)) == ["file-missing", "not-executable"]


def test_agents_need_a_description_and_names_are_used_once(service: Service, tmp_path: Path) -> None:
    agent = "---\nname: same\ndescription: d\n---\n"
    files = minimal("plugin") | {"agents/a.md": agent, "agents/b.md": agent, "agents/c.md": "x"}
    assert sorted(rules(problems(service, tmp_path / "p", files))) == ["agent-description", "duplicate"]


def test_a_directory_that_is_no_plugin_says_only_that(service: Service, tmp_path: Path) -> None:
    write_plugin(tmp_path / "p", {"README.md": "x", "a\\b": "y"})
    assert rules(list(service.validate(str(tmp_path / "p")).problems)) == ["manifest-missing"]
    with pytest.raises(InvalidPluginDirError):
        service.validate(str(tmp_path / "nowhere"))


def test_a_directory_of_very_many_files_is_not_read_to_its_end(
    service: Service, complete: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolhive_plugins_content.walk.MAX_ENTRIES", 5)
    assert "too-many-files" in rules(list(service.validate(complete).errors))


def test_what_validates_can_be_built(service: Service, tmp_path: Path) -> None:
    from toolhive_plugins_service import BuildRequest

    directory = write_plugin(tmp_path / "p", COMPLETE)
    assert service.validate(directory).errors == ()
    assert service.build(BuildRequest(directory)).warnings == ()
