"""Building, listing, deleting, pushing and pulling."""

from pathlib import Path

import pytest
from service_plugins import StoreRegistry, minimal, write_plugin

from toolhive_plugins import (
    Compat,
    InvalidEpochError,
    InvalidPlatformError,
    PluginManifestMissingError,
    RegistryNotFoundError,
    Store,
    StoreNotFoundError,
)
from toolhive_plugins_mocks import MockRegistryClient
from toolhive_plugins_service import (
    BuildRequest,
    NotAPluginError,
    RequestError,
    Service,
    TargetNotFoundError,
)

pytest_plugins = ["toolhive_plugins_mocks.pytest_plugin"]


def test_build_is_tagged_with_the_plugins_name_and_marked_as_local(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    assert (build.tag, build.name, build.version, build.files) == ("complete", "complete", "1.2.3", 8)
    assert dict(build.components) == {
        "commands": 1,
        "agents": 1,
        "skills": 1,
        "hooks": 2,
        "mcpServers": 2,
        "lspServers": 1,
    }
    [listed] = service.list_builds()
    assert listed.digest == build.digest
    assert listed.local_build
    assert (listed.tag, listed.version, listed.size) == ("complete", "1.2.3", build.layer_size)


def test_build_takes_an_explicit_tag_and_a_relative_directory(
    service: Service, complete: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(complete).parent)
    assert service.build(BuildRequest("complete", tag="other:v2")).tag == "other:v2"
    assert service.store.list_tags() == ["other:v2"]


def test_build_reads_the_epoch_from_the_request_before_the_environment(
    service: Service, complete: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert service.build(BuildRequest(complete)).epoch == 86400
    assert service.build(BuildRequest(complete, epoch="5")).epoch == 5
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert service.build(BuildRequest(complete, epoch=7)).epoch == 7
    with pytest.raises(InvalidEpochError):
        service.build(BuildRequest(complete))


def test_a_request_that_no_build_could_satisfy_is_refused_when_it_is_made() -> None:
    with pytest.raises(RequestError):
        BuildRequest("x", epoch="soon")
    with pytest.raises(InvalidPlatformError):
        BuildRequest("x", platforms=("linux",))


def test_build_of_a_directory_without_a_manifest_leaves_the_store_untouched(service: Service, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PluginManifestMissingError):
        service.build(BuildRequest(str(tmp_path / "empty")))
    assert service.list_builds() == ()


def test_profiles_give_different_builds(service: Service, complete: str) -> None:
    ours = service.build(BuildRequest(complete, tag="ours"))
    theirs = service.build(BuildRequest(complete, tag="theirs", compat=Compat.TOOLHIVE_CORE))
    assert ours.digest != theirs.digest
    assert not theirs.components


def test_damaged_build_is_listed_with_its_damage(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    blob = service.store.root / "blobs" / "sha256" / build.digest.encoded
    blob.chmod(0o644)
    blob.write_bytes(b"{}")
    [listed] = service.list_builds()
    assert listed.damage
    assert listed.tag == "complete"
    assert service.check().problems


def test_deleted_build_is_gone_and_an_unknown_one_is_not_found(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    service.delete_build("complete")
    assert service.list_builds() == ()
    with pytest.raises(StoreNotFoundError):
        service.delete_build("complete")


def test_push_sends_the_tagged_build_to_the_reference(
    store: Store, mock_registry_client: MockRegistryClient, complete: str
) -> None:
    service = Service(store, make_registry=lambda: mock_registry_client)
    build = service.build(BuildRequest(complete))
    mock_registry_client.push.expect(store, build.digest, "example.com/acme/complete:v1", progress=None)
    pushed = service.push("complete", "example.com/acme/complete:v1")
    assert pushed.pinned == f"example.com/acme/complete@{build.digest}"
    assert pushed.warnings == ()


def test_push_warns_where_the_repository_has_another_name(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    [warning] = service.push("complete", "example.com/acme/other:v1").warnings
    assert "'complete'" in warning
    assert "'other'" in warning


def test_push_of_an_unknown_tag_is_not_found(service: Service) -> None:
    with pytest.raises(TargetNotFoundError):
        service.push("nothing", "example.com/acme/nothing:v1")


def test_push_refuses_what_is_no_plugin(service: Service) -> None:
    config = service.store.put_blob(b"{}")
    manifest = (
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":'
        b'{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[]}' % config.encode()
    )
    service.store.tag(service.store.put_manifest(manifest), "image")
    with pytest.raises(NotAPluginError):
        service.push("image", "example.com/acme/image:v1")


def test_pull_tags_under_the_whole_reference(service: Service, registry: StoreRegistry, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    service.push("complete", "example.com/acme/complete:v1")
    service.delete_build("complete")
    pulled = service.pull("example.com/acme/complete:v1")
    assert (pulled.digest, pulled.name, pulled.warnings) == (build.digest, "complete", ())
    [listed] = service.list_builds()
    assert (listed.tag, listed.local_build) == ("example.com/acme/complete:v1", False)
    with pytest.raises(RegistryNotFoundError):
        service.pull("example.com/acme/complete:v2")


def test_builds_are_found_by_the_beginning_of_their_digest(service: Service, complete: str) -> None:
    digest = service.build(BuildRequest(complete)).digest
    assert service.inspect(digest.encoded[:12]).origin.digest == digest
    assert service.inspect(digest).origin.digest == digest


def test_gc_reports_what_it_removed(service: Service, tmp_path: Path) -> None:
    directory = write_plugin(tmp_path / "tiny", minimal())
    service.build(BuildRequest(directory))
    service.build(BuildRequest(directory, epoch=1))  # takes the tag; nothing reaches the first build any more
    assert service.gc(grace=3600).blobs == ()
    service.store.close()
    assert service.gc(grace=0).blobs
    assert service.check().problems == ()
    assert service.repair().problems == ()


def test_complete_plugin_is_validated_and_built_without_a_warning(service: Service, complete: str) -> None:
    assert service.validate(complete).problems == ()
    assert service.build(BuildRequest(complete)).warnings == ()
