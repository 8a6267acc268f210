"""Verify: was this artifact built from this source?"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from service_plugins import COMPLETE, write_plugin

from toolhive_plugins import Compat, Digest, PluginManifestMissingError, Store, decompress
from toolhive_plugins_service import BuildRequest, NotAPluginError, Service, Verdict, Verification


def recompress(store: Store, digest: Digest, tag: str, change: Callable[[bytes], bytes] = lambda tar: tar) -> None:
    """Tag a copy of an artifact whose layer went through another compressor, and perhaps another tar."""
    index = json.loads(store.get_manifest(digest))
    for entry in index["manifests"]:
        manifest = json.loads(store.get_manifest(entry["digest"]))
        layer = gzip.compress(change(decompress(store.get_blob(manifest["layers"][0]["digest"]))), 1, mtime=0)
        manifest["layers"][0] |= {"digest": store.put_blob(layer), "size": len(layer)}
        rewrite(store, entry, manifest)
    store.tag(store.put_manifest(compact(index)), tag)


def rewrite(store: Store, entry: dict[str, object], manifest: object) -> None:
    data = compact(manifest)
    entry |= {"digest": store.put_manifest(data), "size": len(data)}


def compact(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def subjects(verification: Verification) -> set[tuple[str, str, str]]:
    return {(each.aspect.value, each.platform, each.subject) for each in verification.differences}


@pytest.mark.parametrize("compat", list(Compat))
def test_our_build_verifies_bit_for_bit_under_either_profile(service: Service, complete: str, compat: Compat) -> None:
    build = service.build(BuildRequest(complete, compat=compat, epoch=1_700_000_000, platforms=("linux/arm64",)))
    found = service.verify(complete, "complete")
    assert found.verdict is Verdict.IDENTICAL
    assert (found.compat, found.epoch, found.platforms) == (compat, 1_700_000_000, build.platforms)
    assert found.differences == ()


def test_another_compressor_makes_no_difference(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    recompress(service.store, build.digest, "recompressed")
    found = service.verify(complete, "recompressed")
    assert found.verdict is Verdict.SAME_CONTENT
    assert found.verified
    assert found.diff_id == build.diff_id
    assert found.layer_digest != found.rebuilt_layer_digest == build.layer_digest


def test_one_changed_byte_is_found_and_named(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    script = Path(complete) / "scripts" / "start.sh"
    script.write_text(script.read_text().replace("hello", "hellp"))
    found = service.verify(complete, "complete")
    assert found.verdict is Verdict.DIFFERENT
    assert subjects(found) == {("file", "", "scripts/start.sh")}


def test_changed_mode_added_and_missing_files_are_found(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    root = Path(complete)
    (root / "scripts" / "start.sh").chmod(0o644)
    (root / "new.md").write_text("x")
    (root / "commands" / "commit.md").unlink()
    found = service.verify(complete, "complete")
    assert {("file", "", "scripts/start.sh"), ("file", "", "new.md"), ("file", "", "commands/commit.md")} <= subjects(
        found
    )
    assert any(subject == "dev.toolhive.plugins.files" for _, _, subject in subjects(found))


def test_layer_that_is_not_what_the_config_promises_is_found(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    recompress(service.store, build.digest, "swapped", lambda tar: tar.replace(b"echo hello", b"echo hella"))
    found = service.verify(complete, "swapped")
    assert found.verdict is Verdict.DIFFERENT
    assert {("file", "", "scripts/start.sh"), ("layer", "linux/amd64", "")} <= subjects(found)


def test_forged_label_and_annotation_are_found(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    store = service.store
    index = json.loads(store.get_manifest(build.digest))
    index["annotations"]["dev.toolhive.plugins.license"] = "Proprietary"
    entry = index["manifests"][1]
    manifest = json.loads(store.get_manifest(entry["digest"]))
    config = json.loads(store.get_blob(manifest["config"]["digest"]))
    config["config"]["Labels"]["dev.toolhive.plugins.version"] = "9.9.9"
    data = compact(config)
    manifest["config"] |= {"digest": store.put_blob(data), "size": len(data)}
    rewrite(store, entry, manifest)
    store.tag(store.put_manifest(compact(index)), "forged")
    found = service.verify(complete, "forged")
    assert subjects(found) == {
        ("config", "linux/arm64", "dev.toolhive.plugins.version"),
        ("index", "", "dev.toolhive.plugins.license"),
    }


@pytest.mark.parametrize("where", ["index", "manifest", "config"])
def test_fields_that_no_build_writes_are_found(service: Service, complete: str, where: str) -> None:
    build = service.build(BuildRequest(complete))
    store = service.store
    index = json.loads(store.get_manifest(build.digest))
    entry = index["manifests"][0]
    manifest = json.loads(store.get_manifest(entry["digest"]))
    config = json.loads(store.get_blob(manifest["config"]["digest"]))
    {"index": index, "manifest": manifest, "config": config}[where]["extra"] = "x"
    data = compact(config)
    manifest["config"] |= {"digest": store.put_blob(data), "size": len(data)}
    rewrite(store, entry, manifest)
    store.tag(store.put_manifest(compact(index)), "extra")
    found = service.verify(complete, "extra")
    assert [difference.aspect.value for difference in found.differences] == [where]


def test_the_nearer_profile_is_the_one_that_is_told(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete, compat=Compat.TOOLHIVE_CORE))
    (Path(complete) / "new.md").write_text("x")
    assert service.verify(complete, "complete").compat is Compat.TOOLHIVE_CORE


def test_a_time_that_no_build_writes_cannot_be_verified(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    store = service.store
    index = json.loads(store.get_manifest(build.digest))
    for entry in index["manifests"]:
        manifest = json.loads(store.get_manifest(entry["digest"]))
        config = json.loads(store.get_blob(manifest["config"]["digest"]))
        config["created"] = "2024-01-01T00:00:00.5+02:00"
        data = compact(config)
        manifest["config"] |= {"digest": store.put_blob(data), "size": len(data)}
        rewrite(store, entry, manifest)
    store.tag(store.put_manifest(compact(index)), "timed")
    with pytest.raises(NotAPluginError, match="2024-01-01"):
        service.verify(complete, "timed")


def test_single_manifest_verifies_without_an_index(service: Service, complete: str) -> None:
    build = service.build(BuildRequest(complete))
    assert service.verify(complete, build.manifest_digest).verdict is Verdict.IDENTICAL


def test_remote_artifact_verifies_and_nothing_is_kept(service: Service, complete: str) -> None:
    service.build(BuildRequest(complete))
    service.push("complete", "example.com/acme/complete:v1")
    service.delete_build("complete")
    assert service.verify(complete, "example.com/acme/complete:v1").verified
    assert service.list_builds() == ()


def test_source_that_cannot_be_built_is_an_error(service: Service, complete: str, tmp_path: Path) -> None:
    service.build(BuildRequest(complete))
    (tmp_path / "empty").mkdir()
    with pytest.raises(PluginManifestMissingError):
        service.verify(str(tmp_path / "empty"), "complete")


def test_source_that_only_the_references_profile_packages(service: Service, tmp_path: Path) -> None:
    directory = write_plugin(tmp_path / "p", {**COMPLETE, "odd\\name.md": "x"})
    service.build(BuildRequest(directory, compat=Compat.TOOLHIVE_CORE))
    with pytest.raises(Exception, match="odd"):  # our reader refuses the archive: nothing is said to verify
        service.verify(directory, "complete")
