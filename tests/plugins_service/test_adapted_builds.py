"""Building a plugin with manifests that are made: what the artifact says of it, and that it is built again from the source."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from toolhive_plugins import ANNOTATION_PLUGIN_ADAPTED, AdaptError, Compat, PluginManifestMissingError, load_artifact
from toolhive_plugins_service import BuildRequest, RequestError, Service, Source, Verdict

SCHEMA = "https://agent-plugins.org/schemas/1.0.0/"
MANIFEST = {"$schema": f"{SCHEMA}plugin.schema.json", "name": "demo", "version": "1.0.0", "description": "d"}
SERVERS: dict[str, Any] = {
    "$schema": f"{SCHEMA}mcp.schema.json",
    "mcpServers": {"one": {"type": "stdio", "command": "node"}},
}


@pytest.fixture
def open_only(tmp_path: Path) -> str:
    return written(tmp_path / "demo", {"plugin.json": MANIFEST, "mcp.json": SERVERS})


def written(folder: Path, files: Mapping[str, Any]) -> str:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))
    return str(folder)


def adapted_by(service: Service, tag: str) -> str:
    return load_artifact(service.store, service.store.resolve(tag)).annotations.get(ANNOTATION_PLUGIN_ADAPTED, "")


def test_what_was_made_is_named_and_made_again(service: Service, open_only: str) -> None:
    build = service.build(BuildRequest(open_only, adapt=("gemini", "claude-code")))
    assert build.made == (".claude-plugin/plugin.json", "gemini-extension.json")
    assert dict(build.components) == {"mcpServers": 1}
    assert adapted_by(service, "demo") == "claude-code,gemini"
    assert service.inspect("demo").adapted == ("claude-code", "gemini")
    assert service.verify(open_only, "demo").verdict is Verdict.IDENTICAL
    assert service.build(BuildRequest(open_only, adapt=("claude-code", "gemini"), tag="again")).digest == build.digest


def test_another_source_does_not_verify(service: Service, open_only: str) -> None:
    service.build(BuildRequest(open_only, adapt=("claude-code",)))
    written(Path(open_only), {"plugin.json": {**MANIFEST, "description": "other"}})
    assert service.verify(open_only, "demo").verdict is Verdict.DIFFERENT


def test_a_claim_of_a_format_that_nobody_knows_is_not_believed(service: Service, open_only: str) -> None:
    build = service.build(BuildRequest(open_only, adapt=("claude-code",)))
    store = service.store
    index = json.loads(store.get_manifest(build.digest))
    index["annotations"][ANNOTATION_PLUGIN_ADAPTED] = "claude-code,\x1b[31mevil"
    store.tag(store.put_manifest(json.dumps(index, separators=(",", ":")).encode()), "posing")
    assert service.verify(open_only, "posing").verdict is Verdict.DIFFERENT
    assert "\x1b" not in "".join(service.inspect("posing").adapted)


def test_from_a_commit(service: Service, open_only: str) -> None:
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=open_only, check=True)
    source = Source(revision="HEAD")
    written(Path(open_only), {"mcp.json": {}})  # Not committed.
    assert service.build(BuildRequest(open_only, adapt=("claude-code",), source=source)).revision
    assert service.verify(open_only, "demo", source=source).verdict is Verdict.IDENTICAL
    assert service.validate(open_only, revision="HEAD").errors == ()


def test_a_plugin_of_the_open_format_has_the_components_that_its_build_has(service: Service, open_only: str) -> None:
    assert dict(service.validate(open_only).components) == {"mcpServers": 1}
    written(Path(open_only), {"mcp.json": {"mcpServers": 3}})  # cannot be adapted, and is reported as what it is
    report = service.validate(open_only)
    assert dict(report.components) == {}
    assert any(problem.path == "mcp.json" for problem in report.problems)


def test_without_being_asked_nothing_is_made(service: Service, open_only: str) -> None:
    with pytest.raises(PluginManifestMissingError) as refused:
        service.build(BuildRequest(open_only))
    assert refused.value.hint == "adapt-format"
    assert "Agent Plugins" in refused.value.problem


def test_no_hint_where_there_is_nothing_to_make_it_from(service: Service, tmp_path: Path) -> None:
    with pytest.raises(PluginManifestMissingError) as refused:
        service.build(BuildRequest(written(tmp_path / "none", {"plugin.json": {}})))
    assert refused.value.hint == ""


def test_a_plugin_that_has_the_format_is_built_as_ever(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    assert service.build(BuildRequest(complete, adapt=("claude-code",), tag="same")).digest == build.digest


def test_the_other_way_lists_what_is_left_behind(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete, adapt=("agent-plugins",)))
    assert "plugin.json" in build.made
    assert [what for what in build.left_behind if "hook" in what]
    assert service.verify(complete, build.tag).verdict is Verdict.IDENTICAL
    assert service.validate(complete).errors == ()


def test_toolhive_core_makes_nothing(service: Service, open_only: str) -> None:
    with pytest.raises(RequestError, match="makes no manifests"):
        service.build(BuildRequest(open_only, compat=Compat.TOOLHIVE_CORE, adapt=("claude-code",)))


def test_an_unknown_format_is_refused(service: Service, open_only: str) -> None:
    with pytest.raises(RequestError, match="no format"):
        service.build(BuildRequest(open_only, adapt=("vim",)))


def test_what_cannot_be_said_is_refused_and_nothing_is_tagged(service: Service, tmp_path: Path) -> None:
    folder = written(tmp_path / "acme", {"plugin.json": {**MANIFEST, "name": "acme.tools"}})
    with pytest.raises(AdaptError, match="period"):
        service.build(BuildRequest(folder, adapt=("claude-code",)))
    assert list(service.store.list_tags()) == []


def test_a_directory_is_compared_as_it_would_be_built(service: Service, open_only: str) -> None:
    service.build(BuildRequest(open_only, adapt=("claude-code",)))
    assert service.diff("demo", open_only).same
    servers = {**SERVERS, "mcpServers": {**SERVERS["mcpServers"], "two": {"type": "stdio", "command": "deno"}}}
    written(Path(open_only), {"mcp.json": servers})
    found = service.diff("demo", open_only)
    assert found.grew
    assert any(change.name == "two" for change in found.surface)


def test_a_directory_is_inspected_as_it_would_be_built(service: Service, open_only: str) -> None:
    found = service.inspect(open_only)
    assert (found.name, found.version, found.adapted) == ("demo", "1.0.0", ("claude-code",))
    assert any(part.name == "one" for part in found.surface.parts)
