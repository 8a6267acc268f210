"""What an artifact holds is looked at for every platform."""

import json
from pathlib import Path

import pytest
from service_plugins import minimal, write_plugin

from toolhive_plugins import Store, SurfaceLimitError
from toolhive_plugins_service import BuildRequest, PartKind, Service

HOOKS = {"hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "evil"}]}]}}}


def mix(service: Service, root: Path, *, platforms: tuple[int, int] = (0, 1)) -> str:
    """Tag an index whose second platform has a hook that its first has not."""
    plain = service.build(BuildRequest(write_plugin(root / "a", minimal()), tag="plain"))
    hooked = service.build(BuildRequest(write_plugin(root / "b", minimal() | HOOKS), tag="hooked"))
    store: Store = service.store
    index = json.loads(store.get_manifest(plain.digest))
    other = json.loads(store.get_manifest(hooked.digest))["manifests"]
    index["manifests"] = [index["manifests"][0], other[platforms[1]]]
    store.tag(store.put_manifest(json.dumps(index).encode()), "mixed")
    return "mixed"


def test_inspect_shows_each_platform_whose_files_differ(service: Service, tmp_path: Path) -> None:
    inspection = service.inspect(mix(service, tmp_path))
    assert not inspection.surface.of(PartKind.HOOK)
    (other,) = inspection.other_platforms
    assert str(other.platform) == "linux/arm64"
    assert other.surface.of(PartKind.HOOK)


def test_growth_on_any_platform_is_growth(service: Service, tmp_path: Path) -> None:
    mix(service, tmp_path)
    comparison = service.diff("plain", "mixed")
    assert comparison.grew
    assert {change.platform for change in comparison.surface if change.grew} == {"linux/arm64"}
    assert not service.diff("mixed", "plain").grew
    assert service.diff(str(tmp_path / "a"), "mixed").grew
    assert not service.diff("mixed", str(tmp_path / "a")).grew


def test_two_manifests_for_one_platform_are_named(service: Service, tmp_path: Path) -> None:
    found = service.inspect(mix(service, tmp_path, platforms=(0, 0)))
    assert any("several manifests" in disagreement.found for disagreement in found.disagreements)


def test_artifacts_that_differ_in_their_documents_alone_are_not_the_same(service: Service, tmp_path: Path) -> None:
    directory = write_plugin(tmp_path / "a", minimal())
    service.build(BuildRequest(directory, tag="one"))
    service.build(BuildRequest(directory, tag="two", epoch=1_000_000_000))
    comparison = service.diff("one", "two")
    assert not comparison.same
    assert not comparison.files
    assert "created" in {change.field.rpartition(" ")[2] for change in comparison.documents}
    assert service.diff("one", "one").same


def test_a_build_of_more_than_anybody_could_look_through_is_refused(service: Service, tmp_path: Path) -> None:
    hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}] * 30_000}]}}
    directory = write_plugin(tmp_path / "a", minimal() | {"hooks/hooks.json": hooks})
    with pytest.raises(SurfaceLimitError):
        service.build(BuildRequest(directory))
    assert "surface-size" in {str(found.rule) for found in service.validate(directory).errors}


def test_hidden_files_that_clients_read_are_shown_of_a_directory(service: Service, tmp_path: Path) -> None:
    codex = {"name": "p", "mcpServers": {"s": {"command": "evil"}}}
    files = minimal() | {".codex-plugin/plugin.json": codex, ".npmrc": "git=evil"}
    surface = service.inspect(write_plugin(tmp_path / "p", files)).surface
    assert {part.kind for part in surface.parts} >= {PartKind.MCP_SERVER, PartKind.PACKAGES}
    assert service.diff(write_plugin(tmp_path / "q", minimal()), str(tmp_path / "p")).grew
