"""Inspection: the executable surface, from the content itself."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from service_plugins import COMPLETE, minimal, write_plugin

from toolhive_plugins import Compat, InvalidPluginManifestError, PluginManifestMissingError
from toolhive_plugins_service import BuildRequest, Inspection, PartKind, Service, TargetNotFoundError, surface_document


def inspect(service: Service, root: Path, files: Mapping[str, object], *, executable: Iterable[str] = ()) -> Inspection:
    return service.inspect(write_plugin(root, files, executable=executable))


def test_everything_that_runs_is_found(service: Service, complete: str) -> None:
    surface = surface_document(service.inspect(complete).surface)
    assert [(hook.event, hook.matcher, hook.command) for hook in surface.hooks] == [
        ("SessionStart", "", "${CLAUDE_PLUGIN_ROOT}/scripts/start.sh"),
        ("PreToolUse", "Bash", "echo checked"),
    ]
    local, remote = surface.mcp_servers
    assert (local.command, local.args, local.env) == ("npx", ("-y", "some-server"), ("API_KEY",))
    assert (remote.transport, remote.url, remote.headers) == ("http", "https://mcp.example.com/", ("Authorization",))
    [lsp] = surface.lsp_servers
    assert (lsp.command, lsp.extensions) == ("pyls", (".py",))
    [program] = [program for program in surface.programs if program.executable]
    assert (program.path, program.what, program.named_by) == (
        "scripts/start.sh",
        "script for bash",
        ("hook SessionStart",),
    )
    [command] = surface.commands
    assert (command.allowed_tools, command.shell) == (("Bash(git add:*)", "Read"), ("git status",))
    [agent] = surface.agents
    assert agent.tools == ("Read", "Grep")


def test_what_runs_at_session_start_is_named(service: Service, complete: str) -> None:
    found = [(start.kind, start.name) for start in surface_document(service.inspect(complete).surface).at_start]
    assert found == [("hook", "SessionStart"), ("MCP server", "local"), ("MCP server", "remote")]


def test_artifact_and_directory_have_the_same_surface(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    artifact, directory = service.inspect("complete"), service.inspect(complete)
    assert artifact.surface == directory.surface
    assert (artifact.origin.kind, directory.origin.kind) == ("local", "directory")
    assert artifact.disagreements == ()


def test_values_of_environment_and_headers_are_not_kept(service: Service, complete: str) -> None:
    shown = repr(service.inspect(complete))
    assert "secret-value" not in shown
    assert "Bearer" not in shown


def test_labels_of_the_reference_disagree_with_the_content(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete, compat=Compat.TOOLHIVE_CORE))
    found = {item.subject: (item.claimed, item.found) for item in service.inspect("complete").disagreements}
    assert found["hooks"] == ("0", "2")
    assert found["mcpServers"] == ("0", "2")
    assert service.inspect("complete").labelled_components is None


def test_forged_labels_are_told(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    store = service.store
    index = json.loads(store.get_manifest(build.digest))
    for entry in index["manifests"]:
        manifest = json.loads(store.get_manifest(entry["digest"]))
        config = json.loads(store.get_blob(manifest["config"]["digest"]))
        labels = config["config"]["Labels"]
        labels["dev.toolhive.plugins.components"] = '{"skills":1}'
        labels["dev.toolhive.plugins.version"] = "9.9.9"
        labels["dev.toolhive.plugins.files"] = json.dumps(["README.md"])
        data = json.dumps(config).encode()
        manifest["config"] |= {"digest": store.put_blob(data), "size": len(data)}
        data = json.dumps(manifest).encode()
        entry |= {"digest": store.put_manifest(data), "size": len(data)}
    store.tag(store.put_manifest(json.dumps(index).encode()), "forged")
    disagreements = service.inspect("forged").disagreements
    subjects = [item.subject for item in disagreements]
    assert {"version", "hooks", "commands", "files"} <= set(subjects)
    assert "index annotation dev.toolhive.plugins.version" in subjects
    assert any(item.claimed == "lists README.md" for item in disagreements)


def test_platforms_that_hold_different_plugins_are_told(service: Service, complete: str, tmp_path: Path) -> None:
    store = service.store
    benign = service.build(BuildRequest(write_plugin(tmp_path / "benign", minimal("complete")), tag="benign"))
    hooked = service.build(BuildRequest(complete, tag="hooked"))
    index = json.loads(store.get_manifest(benign.digest))
    index["manifests"][1] = json.loads(store.get_manifest(hooked.digest))["manifests"][1]
    store.tag(store.put_manifest(json.dumps(index).encode()), "mixed")
    assert any(item.subject == "platform linux/arm64" for item in service.inspect("mixed").disagreements)
    assert not service.inspect("mixed").surface.of(PartKind.HOOK)
    from toolhive_plugins import Platform

    assert service.inspect("mixed", platform=Platform("linux", "arm64")).surface.of(PartKind.HOOK)


def test_hooks_in_the_manifest_itself_are_found(service: Service, tmp_path: Path) -> None:
    hooks = {"Stop": [{"hooks": [{"type": "http", "url": "https://collector.example.com/"}]}]}
    surface = surface_document(inspect(service, tmp_path / "p", minimal(hooks=hooks)).surface)
    [hook] = surface.hooks
    assert (hook.event, hook.type, hook.url) == ("Stop", "http", "https://collector.example.com/")
    assert hook.source.path == ".claude-plugin/plugin.json"


def test_modules_that_the_client_loads_into_itself_are_found(service: Service, tmp_path: Path) -> None:
    files = minimal(hooks=["./more.json", {"modules": "./inline.js"}]) | {
        "hooks/hooks.json": {"modules": ["./register.ts", 3]},
        "more.json": {"hooks": {}, "modules": ["./more.js"]},
    }
    surface = surface_document(inspect(service, tmp_path / "p", files).surface)
    assert {(module.path, module.source) for module in surface.modules} == {
        ("./register.ts", "hooks/hooks.json"),
        ("3", "hooks/hooks.json"),
        ("./more.js", "more.json"),
        ("./inline.js", ".claude-plugin/plugin.json"),
    }
    assert {start.kind for start in surface.at_start} == {"module"}
    assert not surface.empty
    assert surface.unread == ()


def test_configurations_in_odd_places_are_found(service: Service, tmp_path: Path) -> None:
    files = minimal(hooks="./odd/place.txt", mcpServers=["./a.json", "./b.json"])
    files |= {
        "odd/place.txt": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}},
        "a.json": {"one": {"command": "a"}},
        "b.json": {"mcpServers": {"two": {"command": "b"}}},
        "hooks/hooks.json": {"hooks": {"Setup": [{"hooks": [{"type": "command", "command": "false"}]}]}},
    }
    surface = surface_document(inspect(service, tmp_path / "p", files).surface)
    assert sorted(hook.command for hook in surface.hooks) == ["false", "true"]
    assert [server.name for server in surface.mcp_servers] == ["one", "two"]


def test_status_lines_monitors_and_programs_on_the_path_are_found(service: Service, tmp_path: Path) -> None:
    files = minimal() | {
        "settings.json": {"subagentStatusLine": {"type": "command", "command": "curl example.com"}},
        "monitors/monitors.json": [
            {"name": "log", "command": "tail -f x", "description": "Log"},
            {"name": "later", "command": "date", "description": "Date", "when": "on-skill-invoke:x"},
        ],
        "bin/tool": b"\x7fELF\x02",
    }
    surface = surface_document(inspect(service, tmp_path / "p", files, executable=["bin/tool"]).surface)
    assert [line.command for line in surface.status_lines] == ["curl example.com"]
    assert [monitor.name for monitor in surface.monitors] == ["log", "later"]
    assert [(start.kind, start.what) for start in surface.at_start] == [("monitor", "tail -f x")]
    [program] = surface.programs
    assert (program.path, program.what, program.on_path) == ("bin/tool", "Linux program", True)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"#!/usr/bin/env -S node --flag\n", "script for node"),
        (b"#!/bin/sh -e\n", "script for sh"),
        (b"#!\n", "script"),
        (b"MZ\x90\x00", "Windows program"),
        (b"\xcf\xfa\xed\xfe", "macOS program"),
    ],
)
def test_programs_are_known_by_their_first_bytes_whatever_their_mode(
    service: Service, tmp_path: Path, content: bytes, what: str
) -> None:
    [program] = inspect(service, tmp_path / "p", minimal() | {"data/logo.png": content}).surface.programs
    assert (program.what, program.executable) == (what, False)


def test_a_program_tells_what_names_it(service: Service, tmp_path: Path) -> None:
    hooks = {"Stop": [{"hooks": [{"type": "command", "command": 'python "${CLAUDE_PLUGIN_ROOT}/lib/run.py" x'}]}]}
    files = minimal(hooks=hooks) | {"lib/run.py": "print()\n", "lib/run.pyc": "x", "lib/other.py": "print()\n"}
    programs = inspect(service, tmp_path / "p", files).surface.programs
    assert {program.path: program.named_by for program in programs} == {
        "lib/other.py": (),
        "lib/run.py": ("hook Stop",),
        "lib/run.pyc": (),
    }


def test_what_cannot_be_read_is_told_and_not_passed_over(service: Service, tmp_path: Path) -> None:
    files = minimal() | {"hooks/hooks.json": '{"hooks": {"Stop": [}', ".mcp.json": "[]", "settings.json": "{"}
    surface = inspect(service, tmp_path / "p", files).surface
    assert {part.path for part in surface.of(PartKind.UNREAD)} == {"hooks/hooks.json", "settings.json"}
    assert {part.path for part in surface.of(PartKind.UNKNOWN)} == {".mcp.json"}


def test_values_of_a_wrong_type_are_shown_all_the_same(service: Service, tmp_path: Path) -> None:
    hooks = {"Stop": [{"hooks": [{"type": "command", "command": ["rm", "-rf", "/"]}]}]}
    [hook] = surface_document(inspect(service, tmp_path / "p", minimal(hooks=hooks)).surface).hooks
    assert "rm" in hook.command


def test_directory_lists_what_an_artifact_would_not_have(service: Service, tmp_path: Path) -> None:
    root = tmp_path / "p"
    files = minimal() | {".github/workflows/x.yml": "x", ".env": "SECRET=1"}
    write_plugin(root, files)
    (root / "link").symlink_to("/etc/passwd")
    found = service.inspect(str(root))
    assert found.left_out == (".env", ".github/")
    assert [(item.path, item.what) for item in found.irregular] == [("link", "a symbolic link")]
    assert found.files == 1


def test_plugin_without_components_runs_nothing(service: Service, tmp_path: Path) -> None:
    surface = surface_document(inspect(service, tmp_path / "p", minimal()).surface)
    assert surface.empty
    assert surface.programs == ()


def test_remote_plugin_is_inspected_without_being_kept(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    service.push("complete", "example.com/acme/complete:v1")
    service.delete_build("complete")
    found = service.inspect("example.com/acme/complete:v1")
    assert found.origin.kind == "remote"
    assert found.surface.of(PartKind.HOOK)
    assert service.list_builds() == ()


@pytest.mark.parametrize("target", ["nothing", "example.com/acme/thing", "UPPER case", "", "sha256:00"])
def test_target_that_is_nothing_is_not_found(service: Service, target: str) -> None:
    with pytest.raises(TargetNotFoundError):
        service.inspect(target)


def test_local_tag_wins_over_a_directory_of_the_same_name_unless_it_is_written_as_a_path(
    service: Service, complete: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(complete).parent)
    assert service.inspect("complete").origin.kind == "directory"
    service.build(BuildRequest("complete"))
    assert service.inspect("complete").origin.kind == "local"
    assert service.inspect("./complete").origin.kind == "directory"


def test_directory_without_a_readable_manifest_is_an_error(service: Service, tmp_path: Path) -> None:
    write_plugin(tmp_path / "a", {"README.md": "x"})
    with pytest.raises(PluginManifestMissingError):
        service.inspect(str(tmp_path / "a"))
    write_plugin(tmp_path / "b", {".claude-plugin/plugin.json": "{"})
    with pytest.raises(InvalidPluginManifestError):
        service.inspect(str(tmp_path / "b"))


def test_complete_plugin_is_told_whole(service: Service, complete: str) -> None:
    found = service.inspect(complete)
    assert (found.name, found.version, found.author) == ("complete", "1.2.3", "Ann <ann@example.com>")
    assert found.files == len(COMPLETE)
