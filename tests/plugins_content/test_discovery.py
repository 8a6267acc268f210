"""What a plugin would run is found where clients look for it, whatever its labels say."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugin_folders import Content, make_plugin

from toolhive_artifact import ToolhiveError
from toolhive_plugins_content import (
    MANIFEST_PATH,
    Components,
    Hook,
    LspServer,
    McpServer,
    MemoryTree,
    Monitor,
    Prompt,
    Source,
    component_inventory,
    discover_components,
    open_plugin_directory,
    parse_plugin_manifest,
)
from toolhive_plugins_mediatypes import ComponentInventory


def _discover(plugin: Path) -> Components:
    with open_plugin_directory(str(plugin)) as directory:
        return discover_components(directory, directory.manifest)


def _problems(components: Components) -> list[str]:
    return [str(problem) for problem in components.problems]


def test_hooks_of_every_type_are_found(plugin: Path) -> None:
    handlers = [
        {"type": "command", "command": "run.sh --now", "timeout": 5},
        {"type": "command", "command": "run", "args": ["a", "b"], "if": "Bash(git *)"},
        {"type": "http", "url": "https://example.com"},
        {"type": "prompt", "prompt": "Is it safe?"},
        {"type": "mcp_tool", "server": "s", "tool": "t"},
    ]
    make_plugin(plugin, {"hooks/hooks.json": {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": handlers}]}}})
    source = Source("hooks/hooks.json", declared=False)
    assert _discover(plugin).hooks == tuple(
        Hook(event="PreToolUse", matcher="Bash", source=source, **fields)
        for fields in (
            {"type": "command", "command": "run.sh --now"},
            {"type": "command", "command": "run", "args": ("a", "b"), "condition": "Bash(git *)"},
            {"type": "http", "url": "https://example.com"},
            {"type": "prompt", "prompt": "Is it safe?"},
            {"type": "mcp_tool", "tool": "s/t"},
        )
    )


@pytest.mark.parametrize("wrapped", [True, False])
def test_hooks_inside_the_manifest_are_found_besides_those_in_the_default_file(plugin: Path, wrapped: bool) -> None:
    events = {"Stop": [{"hooks": [{"type": "command", "command": "inline"}]}]}
    default = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "default"}]}]}}
    make_plugin(plugin, {"hooks/hooks.json": default}, hooks={"hooks": events} if wrapped else events)
    found = {(hook.command, hook.source) for hook in _discover(plugin).hooks}
    assert found == {("default", Source("hooks/hooks.json", False)), ("inline", Source(MANIFEST_PATH, True))}


def test_modules_beside_the_events_are_no_event(plugin: Path) -> None:
    make_plugin(plugin, {"hooks/hooks.json": {"modules": ["./register.js"], "Stop": []}})
    components = _discover(plugin)
    assert components.hooks == ()
    assert components.problems == ()


def test_server_in_its_default_file_is_found_though_the_manifest_declares_others(plugin: Path) -> None:
    """A client starts both, and so the inventory counts both."""
    files: dict[str, Content] = {".mcp.json": {"mcpServers": {"hidden": {"command": "evil"}}}}
    make_plugin(plugin, files, mcpServers={"shown": {"command": "good"}})
    with open_plugin_directory(str(plugin)) as directory:
        assert component_inventory(directory, directory.manifest).inventory == {"mcpServers": 2}
    assert [server.command for server in _discover(plugin).mcp_servers] == ["evil", "good"]


def test_mcp_servers_show_what_they_run_and_never_a_value_that_may_be_secret(plugin: Path) -> None:
    servers = {
        "local": {"command": "npx", "args": ["-y", "x"], "env": {"TOKEN": "s3cret"}},
        "remote": {"url": "https://example.com", "headers": {"Authorization": "s3cret"}, "headersHelper": "helper.sh"},
        "events": {"type": "sse", "url": "https://example.com/sse"},
    }
    make_plugin(plugin, {".mcp.json": servers, "x.mcpb": "PK"}, mcpServers=["./x.mcpb", "https://example.com/y.mcpb"])
    components = _discover(plugin)
    default, declared = Source(".mcp.json", False), Source("x.mcpb", True)
    assert components.mcp_servers == (
        McpServer(name="x.mcpb", transport="bundle", source=declared),
        McpServer(name="local", transport="stdio", command="npx", args=("-y", "x"), env=("TOKEN",), source=default),
        McpServer(
            name="remote",
            transport="http",
            url="https://example.com",
            headers=("Authorization",),
            headers_helper="helper.sh",
            source=default,
        ),
        McpServer(name="events", transport="sse", url="https://example.com/sse", source=default),
        McpServer(
            name="https://example.com/y.mcpb",
            transport="bundle",
            url="https://example.com/y.mcpb",
            source=Source(MANIFEST_PATH, True),
        ),
    )
    assert "s3cret" not in repr(components)


@pytest.mark.parametrize("wrapped", [True, False])
def test_lsp_servers_are_found(plugin: Path, wrapped: bool) -> None:
    servers: dict[str, object] = {
        "go": {"command": "gopls", "args": ["serve"], "env": {"A": "1"}, "extensionToLanguage": {".go": "go"}}
    }
    make_plugin(plugin, {".lsp.json": {"lspServers": servers} if wrapped else servers})
    source = Source(".lsp.json", False)
    want = LspServer(name="go", command="gopls", args=("serve",), env=("A",), extensions=(".go",), source=source)
    assert _discover(plugin).lsp_servers == (want,)


@pytest.mark.parametrize(
    ("manifest", "files", "path"),
    [
        ({}, ["monitors/monitors.json"], "monitors/monitors.json"),
        ({"experimental": {"monitors": "./m.json"}}, ["m.json"], "m.json"),
        ({"monitors": ["./m.json"]}, ["m.json"], "m.json"),
    ],
)
def test_monitors_are_found(plugin: Path, manifest: dict[str, object], files: list[str], path: str) -> None:
    entry = {"name": "m", "command": "tail -f x", "description": "d"}
    make_plugin(plugin, {file: [entry] for file in files}, **manifest)
    source = Source(path, declared=bool(manifest))
    assert _discover(plugin).monitors == (Monitor(name="m", command="tail -f x", source=source),)


def test_monitors_inside_the_manifest_are_found(plugin: Path) -> None:
    entry = {"name": "m", "command": "x", "when": "on-skill-invoke:s"}
    make_plugin(plugin, experimental={"monitors": [entry]})
    assert [(monitor.command, monitor.when) for monitor in _discover(plugin).monitors] == [("x", "on-skill-invoke:s")]


def test_commands_are_named_after_their_place(plugin: Path) -> None:
    text = "---\ndescription: Commits\nallowed-tools: Bash(git add:*), Read\nhooks:\n  Stop: x\n---\nStatus: !`git status`\n"
    make_plugin(plugin, {"commands/git/commit.md": text, "commands/plain.md": "Do it."})
    assert _discover(plugin).commands == (
        Prompt(name="git:commit", description="Commits", source=Source("commands/git/commit.md", False)),
        Prompt(name="plain", source=Source("commands/plain.md", False)),
    )


def test_commands_inside_the_manifest_are_found(plugin: Path) -> None:
    inline = "---\ndescription: b\n---\nRun !`id`"
    declared = {"a": {"source": "./x.md"}, "b": {"content": inline}, "c": "./x.md", "d": {"source": "../x.md"}}
    make_plugin(plugin, {"x.md": "---\ndescription: x\n---\n"}, commands=declared)
    components = _discover(plugin)
    assert [(command.name, command.description) for command in components.commands] == [
        ("a", "x"),
        ("b", "b"),
        ("c", "x"),
    ]
    assert len(components.problems) == 1


def test_agents_are_named_by_themselves_or_after_their_file(plugin: Path) -> None:
    named = "---\nname: careful\ndescription: d\ntools: [Read, 'Grep']\ndisallowedTools: Bash\n---\nx"
    make_plugin(plugin, {"agents/a.md": named, "agents/sub/b.md": "x"})
    assert _discover(plugin).agents == (
        Prompt(name="careful", description="d", source=Source("agents/a.md", False)),
        Prompt(name="b", source=Source("agents/sub/b.md", False)),
    )


def test_tools_that_are_neither_text_nor_a_list_are_said(plugin: Path) -> None:
    make_plugin(plugin, {"agents/a.md": "---\nname: a\ntools: {Read: true}\n---\n"})
    assert _problems(_discover(plugin)) == ["agents/a.md, line 3, column 1: tools must be a list"]


def test_skills_are_named_after_their_folders(plugin: Path) -> None:
    make_plugin(plugin, {"skills/pdf/SKILL.md": "---\nname: other\nallowed-tools: Read Bash(pdftotext *)\n---\n"})
    source = Source("skills/pdf/SKILL.md", False)
    assert _discover(plugin).skills == (Prompt(name="pdf", source=source),)


@pytest.mark.parametrize(("text", "name"), [("---\nname: own\n---\n", "own"), ("", "demo")])
def test_root_skill_is_named_by_itself_or_after_the_plugin(plugin: Path, text: str, name: str) -> None:
    make_plugin(plugin, {"SKILL.md": text})
    assert [skill.name for skill in _discover(plugin).skills] == [name]


def test_default_commands_are_found_though_declared_ones_may_replace_them(plugin: Path) -> None:
    make_plugin(plugin, {"commands/a.md": "", "x/b.md": ""}, commands="./x")
    found = [(command.source.path, command.source.declared) for command in _discover(plugin).commands]
    assert found == [("x/b.md", True), ("commands/a.md", False)]


def test_value_of_the_wrong_type_is_shown_and_said(plugin: Path) -> None:
    files: Mapping[str, Content] = {
        "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": 1, "command": ["rm", "-rf"], "args": "x"}]}]}},
        ".mcp.json": {"a": {"command": "x", "args": [1, {"b": 2}], "env": ["A"]}},
    }
    make_plugin(plugin, files)
    components = _discover(plugin)
    (hook,), (server,) = components.hooks, components.mcp_servers
    assert (hook.type, hook.command, hook.args) == ("1", '["rm","-rf"]', ("x",))
    assert server.args == ("1", '{"b":2}')
    assert len(components.problems) == 4


def test_broken_front_matter_is_a_problem_and_hides_no_component(plugin: Path) -> None:
    make_plugin(plugin, {"agents/a.md": "---\nname: x\nnever closed", "commands/b.md": "---\nfoo\n---\n!`id`"})
    components = _discover(plugin)
    assert [agent.name for agent in components.agents] == ["a"]
    assert [command.name for command in components.commands] == ["b"]
    assert _problems(components) == [
        "commands/b.md, line 2, column 1: front matter is not a mapping",
        "agents/a.md, line 1, column 1: front matter begins and does not end",
    ]


def test_file_too_large_to_read_is_a_problem(plugin: Path) -> None:
    make_plugin(plugin, {"commands/a.md": "x" * (1024 * 1024 + 1), ".mcp.json": "x" * (1024 * 1024 + 1)})
    components = _discover(plugin)
    assert [command.name for command in components.commands] == ["a"]
    assert len(components.problems) == 2


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "./a", "../x", "command", "https://x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["hooks", "mcpServers", "Stop", "command", "args", "env", "source"]), inner)
    ),
    max_leaves=12,
)
_FIELDS = ["commands", "agents", "skills", "hooks", "mcpServers", "lspServers", "monitors", "experimental"]
_FILES = ["hooks/hooks.json", ".mcp.json", ".lsp.json", "monitors/monitors.json", "a"]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS), _json), st.dictionaries(st.sampled_from(_FILES), _json))
def test_any_json_gives_components_and_problems_and_no_error(
    declared: dict[str, object], configs: dict[str, object]
) -> None:
    manifest = parse_plugin_manifest(json.dumps({"name": "n", **declared}).encode())
    tree = MemoryTree({path: json.dumps(config).encode() for path, config in configs.items()})
    components = discover_components(tree, manifest)
    inventory = component_inventory(tree, manifest).inventory or ComponentInventory()
    if "hooks" not in declared or declared["hooks"] is None:
        assert len(components.hooks) == inventory.get("hooks", 0)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([*_FILES, "commands/a.md", "agents/a.md", "SKILL.md"]))
def test_any_bytes_give_components_and_problems_and_no_error(content: bytes, path: str) -> None:
    discover_components(MemoryTree({path: content}), parse_plugin_manifest(b'{"name":"n"}'))


def test_memory_tree_refuses_what_is_not_in_it() -> None:
    tree = MemoryTree({"b": b"12", "a": b""})
    assert tree.paths == ("a", "b")
    assert tree.read("b", 2) == b"12"
    for path, limit in [("c", 10), ("b", 1)]:
        with pytest.raises(ToolhiveError):
            tree.read(path, limit)


@pytest.mark.parametrize(
    ("path", "piece", "around"),
    [
        ("hooks/hooks.json", "1", '{{"hooks":{{"Stop":[{}]}}}}'),
        (".mcp.json", '"a":1', "{{{}}}"),
    ],
)
def test_a_file_with_a_problem_in_every_second_byte_is_told_of_in_bounds(path: str, piece: str, around: str) -> None:
    """Each problem was once looked for in the text from its beginning: a file at the limit took hours."""
    pieces = (piece.replace("a", str(number)) for number in range(60_000))
    tree = MemoryTree({path: around.format(",".join(pieces)).encode()})
    problems = discover_components(tree, parse_plugin_manifest(b'{"name":"x"}')).problems
    assert len(problems) == 201
    assert problems[-1].problem.startswith("there are 59800 more problems")
    assert problems[-1].path == path


def test_one_problem_that_cannot_be_located_is_told_once() -> None:
    tree = MemoryTree({"monitors/monitors.json": b"[" + b",".join([b"1"] * 60_000) + b"]"})
    problems = discover_components(tree, parse_plugin_manifest(b'{"name":"x"}')).problems
    assert [problem.problem for problem in problems] == ["must be an object"]


def test_a_manifest_that_declares_nothing_sensible_is_told_of_in_bounds() -> None:
    manifest = parse_plugin_manifest(b'{"name":"x","hooks":[' + b",".join([b"1"] * 30_000) + b"]}")
    found = component_inventory(MemoryTree({}), manifest)
    assert found.inventory == {"hooks": 30_000}
    assert len(found.problems) == 201


def test_a_file_that_is_declared_many_times_is_read_once() -> None:
    class Counting(MemoryTree):
        reads = 0

        def read(self, path: str, limit: int) -> bytes:
            self.reads += 1
            return super().read(path, limit)

    names = ",".join(f'"{number}":"a.md"' for number in range(2_000))
    tree = Counting({"a.md": b"---\ndescription: d\n---\n"})
    found = discover_components(tree, parse_plugin_manifest(f'{{"name":"x","commands":{{{names}}}}}'.encode()))
    assert [command.name for command in found.commands] == [str(number) for number in range(2_000)]
    assert {command.description for command in found.commands} == {"d"}
    assert tree.reads == 1
