"""The default profile's inventory tells what the plugin ships."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from plugin_folders import Content, make_plugin

from toolhive_plugins_content import MemoryTree, component_inventory, open_plugin_directory, parse_plugin_manifest

_HOOKS: dict[str, object] = {
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "a"}, {"type": "http", "url": "b"}]}
        ],
        "Stop": [{"hooks": [{"type": "command", "command": "c"}]}, {"hooks": []}],
    }
}
_SERVERS: dict[str, object] = {"a": {"command": "x"}, "b": {"url": "https://example.com"}}

_EVERYTHING: Mapping[str, Content] = {
    "commands/a.md": "",
    "commands/deep/er/b.md": "",
    "commands/README.txt": "",
    "agents/a.md": "",
    "agents/x/b.md": "",
    "skills/one/SKILL.md": "",
    "skills/two/SKILL.md": "",
    "skills/two/deep/SKILL.md": "",
    "skills/three/other.md": "",
    "hooks/hooks.json": _HOOKS,
    ".mcp.json": {"mcpServers": _SERVERS},
    ".lsp.json": {"go": {"command": "gopls", "extensionToLanguage": {".go": "go"}}},
}


def _count(plugin: Path) -> tuple[dict[str, int] | None, list[str]]:
    with open_plugin_directory(str(plugin)) as directory:
        result = component_inventory(directory, directory.manifest)
    return result.inventory, [str(problem) for problem in result.problems]


def test_undeclared_types_are_counted_from_their_default_places(plugin: Path) -> None:
    make_plugin(plugin, _EVERYTHING)
    counts = {"commands": 2, "agents": 2, "skills": 2, "hooks": 3, "mcpServers": 2, "lspServers": 1}
    assert _count(plugin) == (counts, [])


def test_plugin_without_components_has_no_inventory(plugin: Path) -> None:
    make_plugin(plugin, {"README.md": "", "docs/commands/a.md": "", "hooks/hooks.json": {"hooks": {}}, ".mcp.json": {}})
    assert _count(plugin) == (None, [])


def test_files_that_are_not_packaged_count_for_nothing(plugin: Path) -> None:
    make_plugin(plugin, {"commands/.draft.md": "", "skills/.x/SKILL.md": "", ".hidden/commands/a.md": ""})
    assert _count(plugin) == (None, [])


@pytest.mark.parametrize(
    ("files", "count"),
    [
        (["SKILL.md"], 1),
        (["SKILL.md", "skills/a/SKILL.md"], 1),
        (["SKILL.md", "skills/a/SKILL.md", "skills/b/SKILL.md"], 2),
        (["skill.md"], 0),
        (["x/SKILL.md"], 0),
    ],
)
def test_root_skill_makes_the_plugin_one_skill_unless_it_has_a_folder_of_them(
    plugin: Path, files: list[str], count: int
) -> None:
    make_plugin(plugin, dict.fromkeys(files, ""))
    assert _count(plugin)[0] == ({"skills": count} if count else None)


@pytest.mark.parametrize(
    ("declared", "count"),
    [
        ("./commands", 2),
        ("./commands/", 2),
        ("commands", 2),
        ("./commands/deep", 1),
        ("./commands/a.md", 1),
        ("./commands/README.txt", 1),
        ("./more/../commands", 2),
        (["./commands", "./commands/a.md"], 2),
        (["./commands/a.md", "./agents/a.md"], 2),
        ("./", 8),
        ([], 0),
        ({}, 0),
        ({"x": {"source": "./commands/a.md"}, "y": {"content": "z"}}, 2),
    ],
)
def test_declared_path_is_counted_by_what_stands_there(plugin: Path, declared: object, count: int) -> None:
    make_plugin(plugin, _EVERYTHING, commands=declared)
    inventory, problems = _count(plugin)
    assert (inventory or {}).get("commands", 0) == count
    assert problems == []


@pytest.mark.parametrize(
    ("declared", "count"),
    [("./more", 2), ("./more/two", 1), (["./more/one", "./more/two"], 2), ("./more/one/SKILL.md", 1), ("./skills", 0)],
)
def test_declared_skills_are_folders_of_skills_or_skills_and_add_to_the_default_place(
    plugin: Path, declared: object, count: int
) -> None:
    make_plugin(plugin, {**_EVERYTHING, "more/one/SKILL.md": "", "more/two/SKILL.md": ""}, skills=declared)
    inventory, problems = _count(plugin)
    assert (inventory or {})["skills"] == 2 + count
    assert problems == []


@pytest.mark.parametrize("declared", [".", "./"])
def test_declared_root_is_the_root_skill(plugin: Path, declared: str) -> None:
    make_plugin(plugin, {"SKILL.md": "", "skills/a/SKILL.md": ""}, skills=declared)
    assert _count(plugin)[0] == {"skills": 2}


@pytest.mark.parametrize(
    ("declared", "count"),
    [
        ("./hooks/hooks.json", 3),
        (["./hooks/hooks.json", "./hooks/hooks.json"], 3),
        (["./hooks/hooks.json", {"Stop": []}], 4),
        ("./more.json", 6),
        (_HOOKS["hooks"], 5),
        ({}, 3),
    ],
)
def test_declared_hooks_add_to_those_in_the_default_place(plugin: Path, declared: object, count: int) -> None:
    make_plugin(plugin, {**_EVERYTHING, "more.json": _HOOKS}, hooks=declared)
    assert (_count(plugin)[0] or {}).get("hooks", 0) == count


@pytest.mark.parametrize(
    ("declared", "count"),
    [
        ("./.mcp.json", 2),
        ("./same.json", 2),
        ("./more.json", 3),
        ({"a": {}, "b": {}, "c": {}}, 3),
        ({"c": {}, "d": {}}, 4),
        ({}, 2),
        (["./.mcp.json", "./one.mcpb"], 3),
        (["./more.json", {"d": {}}], 4),
        ("https://example.com/server.mcpb", 3),
    ],
)
def test_declared_servers_add_to_those_in_the_default_place_and_one_of_each_name_counts(
    plugin: Path, declared: object, count: int
) -> None:
    make_plugin(
        plugin,
        {**_EVERYTHING, "same.json": _SERVERS, "more.json": {"a": {}, "c": {}}, "one.mcpb": b"PK"},
        mcpServers=declared,
    )
    inventory, problems = _count(plugin)
    assert (inventory or {})["mcpServers"] == count
    assert problems == []


@pytest.mark.parametrize(("declared", "count"), [({"go": {}}, 1), ({"py": {}}, 2), ("./more.json", 2)])
def test_declared_language_servers_add_to_those_in_the_default_place(
    plugin: Path, declared: object, count: int
) -> None:
    make_plugin(plugin, {**_EVERYTHING, "more.json": {"py": {}}}, lspServers=declared)
    assert (_count(plugin)[0] or {})["lspServers"] == count


def test_declared_agents_replace_those_in_the_default_place(plugin: Path) -> None:
    make_plugin(plugin, {**_EVERYTHING, "more/c.md": ""}, agents="./more/c.md")
    assert (_count(plugin)[0] or {})["agents"] == 1


def test_null_declares_nothing(plugin: Path) -> None:
    make_plugin(plugin, _EVERYTHING, commands=None)
    assert (_count(plugin)[0] or {})["commands"] == 2


@pytest.mark.parametrize("path", ["../outside", "/etc", "commands/../../x", "", "..", "a\0b"])
def test_path_that_leads_out_is_not_followed_and_counts_for_nothing(plugin: Path, tmp_path: Path, path: str) -> None:
    make_plugin(tmp_path / "outside", {"a.md": ""})
    make_plugin(plugin, {"commands/a.md": ""}, commands=[path, "./commands"])
    inventory, problems = _count(plugin)
    assert inventory == {"commands": 1}
    assert len(problems) == 1
    assert "leads out of the plugin" in problems[0]
    assert problems[0].startswith(".claude-plugin/plugin.json, line 1, column ")


@pytest.mark.parametrize("path", ["./nowhere", "./commands/b.md", "./.hidden/a.md", "${CLAUDE_PLUGIN_ROOT}/commands"])
def test_path_where_nothing_stands_is_said_and_counts_for_nothing(plugin: Path, path: str) -> None:
    make_plugin(plugin, {"commands/a.md": "", ".hidden/a.md": ""}, commands=path)
    inventory, problems = _count(plugin)
    assert inventory is None
    assert "no component that is packaged is at" in problems[0]


@pytest.mark.parametrize("declared", [7, True, [1, 2], [[]], [{}]])
def test_declaration_that_is_no_path_counts_as_in_the_reference_and_is_said(plugin: Path, declared: object) -> None:
    make_plugin(plugin, agents=declared)
    inventory, problems = _count(plugin)
    assert inventory == {"agents": len(declared) if isinstance(declared, list) else 1}
    assert problems


@pytest.mark.parametrize(
    ("path", "kind"), [("hooks/hooks.json", "hooks"), (".mcp.json", "mcpServers"), (".lsp.json", "lspServers")]
)
@pytest.mark.parametrize("content", ["", "{", "[]", "5", '{"hooks": 5}', '{"x": 5}', "\xff", "{} x"])
def test_component_file_that_does_not_parse_is_a_problem_and_never_an_error(
    plugin: Path, path: str, kind: str, content: str
) -> None:
    make_plugin(plugin, {"commands/a.md": "", path: content})
    inventory, problems = _count(plugin)
    assert inventory == {"commands": 1}
    assert problems[0].startswith(path)


def test_half_broken_hooks_count_what_is_whole(plugin: Path) -> None:
    broken = {"hooks": {"Stop": [{"hooks": [{"type": "command"}, 5]}, {}, 7], "Other": 5}}
    make_plugin(plugin, {"hooks/hooks.json": broken})
    inventory, problems = _count(plugin)
    assert inventory == {"hooks": 1}
    assert len(problems) == 4


def test_problem_names_line_and_column(plugin: Path) -> None:
    make_plugin(plugin, {".mcp.json": '{\n  "a": {},\n  "b": 5\n}'})
    assert _count(plugin)[1] == [".mcp.json, line 3, column 8: must be an object"]


def test_file_with_a_byte_order_mark_counts_as_the_clients_load_it(plugin: Path) -> None:
    make_plugin(plugin, {".mcp.json": '\ufeff{"a": {}}'})
    assert _count(plugin)[0] == {"mcpServers": 1}


def test_artifact_that_is_in_memory_counts_as_the_directory_does(plugin: Path) -> None:
    make_plugin(plugin, _EVERYTHING)
    with open_plugin_directory(str(plugin)) as directory:
        tree = MemoryTree({path: directory.read(path, 10_000) for path in directory.paths})
        want = component_inventory(directory, directory.manifest)
    manifest = parse_plugin_manifest(tree.read(".claude-plugin/plugin.json", 10_000))
    assert component_inventory(tree, manifest) == want
