"""What a newer version can do that the older could not, and what only runs other code."""

import pytest
from surface_plugins import skill, tree_of

from toolhive_plugins_content.surface.growth import code_changes, compare_surfaces
from toolhive_plugins_content.surface.surface import read_surface


def judge(old: dict[str, object], new: dict[str, object]) -> tuple[bool, bool]:
    """Return whether it grew, and whether code that runs, or can be run, is other."""
    before, after = tree_of(old), tree_of(new)
    old_surface, new_surface = read_surface(before), read_surface(after)
    code = code_changes(before, old_surface, after, new_surface)
    grew = any(change.grew for change in compare_surfaces(old_surface, new_surface)) or any(c.grew for c in code)
    return grew, bool(code)


def hook(**handler: object) -> dict[str, object]:
    return {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [handler]}]}}}


def server(**fields: object) -> dict[str, object]:
    return {".mcp.json": {"mcpServers": {"s": {"command": "node", **fields}}}}


def with_skill(front: str, body: str = "body\n") -> dict[str, object]:
    return {"skills/s/SKILL.md": skill(front, body)}


def agent(front: str) -> dict[str, object]:
    return {"agents/a.md": f"---\nname: a\ndescription: d\n{front}---\nx\n"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, hook(type="command", command="x")),
        (hook(type="command", command="x"), hook(type="command", command="y")),
        (hook(type="command", command="a", args=["b c"]), hook(type="command", command="a", args=["b", "c"])),
        (hook(type="command", command="x", **{"if": "Bash(git *)"}), hook(type="command", command="x")),
        (hook(type="http", url="https://a", command="t"), hook(type="http", url="https://b", command="t")),
        (hook(type="mcp_tool", server="s", tool="t"), hook(type="mcp_tool", server="s", tool="t", input={"a": 1})),
        (server(), server(env={"A": "1"})),
        (server(env={"A": "1"}), server(env={"A": "2"})),
        (server(), server(headersHelper="x")),
        (server(), server(newKey=1)),
        (with_skill(""), with_skill("allowed-tools: Bash\n")),
        (with_skill("allowed-tools: Read\n"), with_skill("allowed-tools: [Read, Bash]\n")),
        (with_skill("disallowed-tools: Bash\n"), with_skill("")),
        (with_skill("disable-model-invocation: true\n"), with_skill("")),
        (with_skill("disable-model-invocation: true\n"), with_skill("disable-model-invocation: false\n")),
        (with_skill(""), with_skill("hooks: {Stop: []}\n")),
        (with_skill(""), with_skill("", "!`x`\n")),
        (with_skill("", "!`x`\n"), with_skill("", "!`x` !`x`\n")),
        (agent("tools: Read\n"), agent("")),
        (agent("tools: Read\n"), agent("tools: Read, Bash\n")),
        (agent("disallowedTools: Bash\n"), agent("")),
        (agent(""), agent("initialPrompt: go\n")),
        ({}, agent("")),
        ({}, {"strange.xyz": "1"}),
        ({"strange.xyz": "1"}, {"strange.xyz": "2"}),
        ({"hooks/hooks.json": "{/"}, {"hooks/hooks.json": "{//"}),
        ({}, {"bin/x": "1"}),
        ({}, {"workflows/w.js": "1"}),
        ({"hooks/hooks.json": '{"hooks": {}}'}, {"hooks/hooks.json": '{"hooks": {}, "hooks": {}}'}),
    ],
)
def test_it_grew(old: dict[str, object], new: dict[str, object]) -> None:
    assert judge(old, new)[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a.js": "1"}, {"a.js": "2"}),
        ({}, {"lib/util.py": "1"}),
        ({"workflows/w.js": "1"}, {"workflows/w.js": "2"}),
        ({"x/package-lock.json": "1"}, {"x/package-lock.json": "2"}),
        (
            {**hook(type="command", command="sh d/x.dat"), "d/x.dat": "1"},
            {**hook(type="command", command="sh d/x.dat"), "d/x.dat": "2"},
        ),
    ],
)
def test_other_code_runs_and_nothing_grew(old: dict[str, object], new: dict[str, object]) -> None:
    assert judge(old, new) == (False, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {}),
        (hook(type="command", command="x"), {}),
        (
            hook(type="command", command="x", timeout=5),
            {
                "hooks/hooks.json": '{"hooks":{"Stop":[{"hooks":[{"timeout":5.0,"command":"\\u0078","type":"command"}]}]}}'
            },
        ),
        (with_skill("allowed-tools: Read, Grep\n"), with_skill("allowed-tools: [Grep, Read]\n")),
        (with_skill("allowed-tools: Read, Bash\n"), with_skill("allowed-tools: Read\n")),
        (with_skill(""), with_skill("disallowed-tools: Bash\n")),
        (with_skill("", "one\n"), with_skill("", "two\n")),
        ({}, with_skill("")),
        (agent(""), agent("tools: Read\n")),
        ({"README.md": "a"}, {"README.md": "b"}),
        ({"templates/a.txt": "a"}, {"templates/a.txt": "b", "skills/s/data.json": "{}"}),
        ({"a.js": "1"}, {}),
        ({"strange.xyz": "1"}, {}),
    ],
)
def test_neither(old: dict[str, object], new: dict[str, object]) -> None:
    assert judge(old, new) == (False, False)


def test_hooks_are_told_apart_by_all_that_they_say_in_linear_time() -> None:
    def hooks(last: str) -> dict[str, object]:
        handlers = [{"type": "command", "command": f"echo {number}"} for number in range(5_000)]
        return {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [*handlers, {"type": "command", "command": last}]}]}}}

    old, new = read_surface(tree_of(hooks("a"))), read_surface(tree_of(hooks("b")))
    (change,) = compare_surfaces(old, new)
    assert change.grew
