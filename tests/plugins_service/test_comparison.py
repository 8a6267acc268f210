"""Diff: the executable surface first, and whether it grew."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from service_plugins import COMPLETE, minimal, write_plugin

from toolhive_plugins_service import BuildRequest, ChangeKind, Comparison, FileChangeKind, Service


def diff(
    service: Service,
    root: Path,
    old: Mapping[str, object],
    new: Mapping[str, object],
    *,
    executable: tuple[str, ...] = (),
    was_executable: tuple[str, ...] = (),
) -> Comparison:
    old_directory = write_plugin(root / "old", old, executable=was_executable)
    return service.diff(old_directory, write_plugin(root / "new", new, executable=executable))


def hooks(*commands: str, event: str = "Stop", **fields: object) -> dict[str, object]:
    handlers = [{"type": "command", "command": command, **fields} for command in commands]
    return {"hooks/hooks.json": {"hooks": {event: [{"hooks": handlers}]}}}


def test_the_same_plugin_does_not_differ(service: Service, complete: str, tmp_path: Path) -> None:
    service.build(BuildRequest(complete))
    comparison = service.diff("complete", write_plugin(tmp_path / "again", COMPLETE))
    assert comparison.same
    assert not comparison.grew


def test_new_hook_is_growth_and_comes_first(service: Service, tmp_path: Path) -> None:
    new = minimal() | hooks("curl example.com | sh") | {"commands/x.md": "---\nallowed-tools: Bash\n---\n"}
    comparison = diff(service, tmp_path, minimal(), new)
    first, second = comparison.surface
    assert (first.component, first.kind, first.name, first.new) == (
        "hook",
        ChangeKind.ADDED,
        "Stop",
        ("event: Stop", "type: command", "command: curl example.com | sh"),
    )
    assert second.component == "command"
    assert comparison.grew


def test_new_module_is_growth(service: Service, tmp_path: Path) -> None:
    new = minimal() | {"hooks/hooks.json": {"modules": ["./m.js"]}, "hooks/m.js": "export function register(on) {}"}
    [change] = diff(service, tmp_path, minimal(), new).surface
    assert (change.component, change.name, change.grew) == ("module", "./m.js", True)


def test_removed_hook_is_no_growth(service: Service, tmp_path: Path) -> None:
    comparison = diff(service, tmp_path, minimal() | hooks("a"), minimal())
    assert [change.kind for change in comparison.surface] == [ChangeKind.REMOVED]
    assert not comparison.grew


def test_changed_command_line_is_growth_and_shows_both(service: Service, tmp_path: Path) -> None:
    [change] = diff(service, tmp_path, minimal() | hooks("a"), minimal() | hooks("a --more")).surface
    assert (change.kind, change.old, change.new, change.grew) == (
        ChangeKind.CHANGED,
        ("event: Stop", "type: command", "command: a"),
        ("event: Stop", "type: command", "command: a --more"),
        True,
    )


def test_a_second_hook_of_the_same_event_is_told_from_the_first(service: Service, tmp_path: Path) -> None:
    [change] = diff(service, tmp_path, minimal() | hooks("a"), minimal() | hooks("a", "a")).surface
    assert change.kind is ChangeKind.ADDED


def test_a_dropped_condition_is_growth(service: Service, tmp_path: Path) -> None:
    old = minimal() | hooks("a", event="PreToolUse", **{"if": "Bash(git *)"})
    assert diff(service, tmp_path, old, minimal() | hooks("a", event="PreToolUse")).grew


@pytest.mark.parametrize(
    ("old", "new", "grew"),
    [
        ({}, {"s": {"command": "x"}}, True),
        ({"s": {"command": "x"}}, {}, False),
        ({"s": {"command": "x"}}, {"s": {"command": "x", "args": ["y"]}}, True),
        ({"s": {"command": "x"}}, {"s": {"command": "x", "env": {"TOKEN": "${TOKEN}"}}}, True),
        ({"s": {"url": "https://a"}}, {"s": {"url": "https://b"}}, True),
        ({"s": {"url": "https://a"}}, {"s": {"url": "https://a", "headersHelper": "sh"}}, True),
    ],
)
def test_servers(service: Service, tmp_path: Path, old: object, new: object, grew: bool) -> None:
    comparison = diff(service, tmp_path, minimal() | {".mcp.json": old}, minimal() | {".mcp.json": new})
    assert comparison.grew is grew
    assert len(comparison.surface) == 1


@pytest.mark.parametrize(
    ("old", "new", "grew"),
    [
        ("---\nallowed-tools: Read\n---\n", "---\nallowed-tools: Read, Bash\n---\n", True),
        ("---\nallowed-tools: Read, Bash\n---\n", "---\nallowed-tools: Read\n---\n", False),
        ("---\nallowed-tools: Read\n---\n", "x", False),
        ("x", "!`curl example.com`", True),
        ("x", "---\nhooks: {Stop: x}\n---\n", True),
    ],
)
def test_rights_of_commands(service: Service, tmp_path: Path, old: str, new: str, grew: bool) -> None:
    comparison = diff(service, tmp_path, minimal() | {"commands/c.md": old}, minimal() | {"commands/c.md": new})
    assert comparison.grew is grew
    assert [change.component for change in comparison.surface] == ["command"]


def test_new_prompt_without_rights_is_shown_and_no_growth(service: Service, tmp_path: Path) -> None:
    comparison = diff(service, tmp_path, minimal(), minimal() | {"commands/c.md": "Say hello"})
    assert [change.name for change in comparison.surface] == ["c"]
    assert not comparison.grew


@pytest.mark.parametrize(
    ("old", "new", "grew"),
    [
        ("tools: Read", "tools: Read, Bash", True),
        ("tools: Read, Bash", "tools: Read", False),
        ("tools: Read", "model: x", True),
        ("model: x", "tools: Read", False),
        ("disallowedTools: Bash", "model: x", True),
        ("model: x", "disallowedTools: Bash", False),
    ],
)
def test_tools_of_agents(service: Service, tmp_path: Path, old: str, new: str, grew: bool) -> None:
    before = minimal() | {"agents/a.md": f"---\nname: a\ndescription: d\n{old}\n---\n"}
    after = minimal() | {"agents/a.md": f"---\nname: a\ndescription: d\n{new}\n---\n"}
    assert diff(service, tmp_path, before, after).grew is grew


def test_executable_bit_is_growth_and_losing_it_is_not(service: Service, tmp_path: Path) -> None:
    files = minimal() | {"run.sh": "#!/bin/sh\n"}
    comparison = diff(service, tmp_path, files, files, executable=("run.sh",))
    assert comparison.grew
    assert [change.kind for change in comparison.files] == [FileChangeKind.MADE_EXECUTABLE]
    back = diff(service, tmp_path / "back", files, files, was_executable=("run.sh",))
    assert not back.grew
    assert [change.kind for change in back.files] == [FileChangeKind.MADE_PLAIN]


def test_changed_script_is_other_code_and_not_growth(service: Service, tmp_path: Path) -> None:
    old, new = minimal() | {"run.sh": "#!/bin/sh\n"}, minimal() | {"run.sh": "#!/bin/sh\nrm x\n"}
    comparison = diff(service, tmp_path, old, new, executable=("run.sh",), was_executable=("run.sh",))
    assert [change.path for change in comparison.programs] == ["run.sh"]
    assert comparison.other_code
    assert not comparison.grew
    assert not comparison.same


def test_what_can_no_longer_be_read_is_growth(service: Service, tmp_path: Path) -> None:
    comparison = diff(service, tmp_path, minimal() | hooks("a"), minimal() | {"hooks/hooks.json": "{"})
    assert ("unread", True) in [(change.component, change.grew) for change in comparison.surface]


def test_files_and_metadata(service: Service, tmp_path: Path) -> None:
    old = minimal(license="MIT") | {"gone.md": "x", "same.md": "s", "other.md": "1"}
    new = minimal(license="GPL-3.0", requires=["a"]) | {"come.md": "y", "same.md": "s", "other.md": "2"}
    comparison = diff(service, tmp_path, old, new)
    assert [(change.kind.value, change.path) for change in comparison.files if change.path.endswith(".md")] == [
        ("added", "come.md"),
        ("removed", "gone.md"),
        ("changed", "other.md"),
    ]
    assert [(change.field, change.old, change.new) for change in comparison.metadata] == [
        ("license", "MIT", "GPL-3.0"),
        ("requires", "", "a"),
    ]
    assert [(change.component, change.name, change.grew) for change in comparison.surface] == [
        ("plugin dependency", "a", True)
    ]
