"""A plugin becomes an artifact in the store: all of it or nothing, the same for the same files."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from plugin_folders import MANIFEST, make_plugin, write

from toolhive_artifact import (
    DEFAULT_PLATFORMS,
    Digest,
    DocumentLimitError,
    InvalidEpochError,
    Platform,
    decompress_tar,
    parse_image_config,
    parse_index,
    parse_manifest,
)
from toolhive_plugins_interfaces import (
    Compat,
    InvalidPluginFileError,
    PackageOptions,
    PluginError,
    PluginManifestMissingError,
    PluginPackager,
)
from toolhive_plugins_mediatypes import (
    ARTIFACT_TYPE_PLUGIN,
    parse_components_annotation,
    plugin_config_from_image_config,
)
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store, StoreError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def _blobs(store: Store) -> set[str]:
    folder = store.root / "blobs" / "sha256"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def test_packager_is_a_plugin_packager(store: Store) -> None:
    packager: PluginPackager = Packager(store)
    assert packager is not None


def test_artifact_is_an_index_over_a_manifest_for_each_platform_sharing_one_layer(plugin: Path, store: Store) -> None:
    make_plugin(plugin, {"commands/a.md": "Do it."}, version="1.2.3", license="MIT", description="d")
    result = Packager(store).package(str(plugin))
    index = parse_index(store.get_manifest(result.index_digest), strict=True)
    assert index.artifact_type == ARTIFACT_TYPE_PLUGIN
    assert [entry.platform for entry in index.manifests] == list(DEFAULT_PLATFORMS) == list(result.platforms)
    assert index.manifests[0].digest == result.manifest_digest
    for entry in index.manifests:
        manifest = parse_manifest(store.get_manifest(entry.digest), strict=True)
        assert manifest.artifact_type == ARTIFACT_TYPE_PLUGIN
        assert manifest.annotations == index.annotations
        assert [layer.digest for layer in manifest.layers] == [result.layer_digest]
        config = parse_image_config(store.get_blob(manifest.config.digest), strict=True)
        assert config.rootfs.diff_ids == (result.diff_id,)
        assert entry.platform == Platform(config.os, config.architecture)
        assert plugin_config_from_image_config(config) == result.config
    assert parse_components_annotation(index.annotations) == {"commands": 1}


def test_result_says_what_was_packaged_and_what_was_not(plugin: Path, store: Store) -> None:
    make_plugin(plugin, {"a.md": "12345", ".env": "x", ".mcp.json": "{"}, version="2")
    result = Packager(store).package(str(plugin))
    assert (result.config.name, result.config.version) == ("demo", "2")
    assert result.config.files == (MANIFEST, ".mcp.json", "a.md")
    assert result.config.components is None
    assert result.left_out == (".env",)
    assert [(found.path, found.line, found.column, found.rule) for found in result.warnings] == [
        (MANIFEST, 1, 1, "description-missing"),
        (MANIFEST, 1, 10, "toolhive-name"),
        (MANIFEST, 1, 29, "version"),
        (".mcp.json", 1, 2, "component"),
        (".mcp.json", 1, 2, "claude-code-mcp"),
    ]
    assert result.content_size == 6 + (plugin / MANIFEST).stat().st_size
    assert result.layer_size == len(store.get_blob(result.layer_digest))


def test_layer_holds_the_files_with_their_bytes_and_modes(plugin: Path, store: Store) -> None:
    make_plugin(plugin, {"a/b.bin": bytes(range(256)), "é": "x", "empty": b""})
    write(plugin, "run.sh", "#!/bin/sh\n", mode=0o700)
    files = decompress_tar(store.get_blob(Packager(store).package(str(plugin)).layer_digest))
    found = {file.path: (file.content, file.mode) for file in files}
    assert found.pop(MANIFEST)[1] == 0o644
    assert found == {
        "a/b.bin": (bytes(range(256)), 0o644),
        "empty": (b"", 0o644),
        "run.sh": (b"#!/bin/sh\n", 0o755),
        "é": (b"x", 0o644),
    }


def test_path_may_be_a_path_object(plugin: Path, store: Store) -> None:
    make_plugin(plugin)
    assert Packager(store).package(plugin) == Packager(store).package(str(plugin))


def test_profiles_differ_where_they_should_and_nowhere_else(plugin: Path, store: Store) -> None:
    files = {"commands/a.md": "", ".lsp.json": '{"a": {}}', "more/b.md": "", "more/c.md": ""}
    make_plugin(plugin, files, agents="./more")
    write(plugin, "run.sh", mode=0o750)
    (plugin / MANIFEST).chmod(0o600)
    packager = Packager(store)
    ours = packager.package(plugin)
    reference = packager.package(plugin, PackageOptions(compat=Compat.TOOLHIVE_CORE))
    assert ours.config.components == {"commands": 1, "agents": 2, "lspServers": 1}
    assert reference.config.components == {"agents": 1}
    assert set(ours.config.files or ()) - set(reference.config.files or ()) == {".lsp.json"}
    modes = [
        {file.path: file.mode for file in decompress_tar(store.get_blob(r.layer_digest))} for r in (ours, reference)
    ]
    assert [mode["run.sh"] for mode in modes] == [0o755, 0o750]
    assert [mode[MANIFEST] for mode in modes] == [0o644, 0o644]


def test_plugin_that_gives_no_occasion_is_the_same_in_both_profiles(plugin: Path, store: Store) -> None:
    make_plugin(plugin, {"README.md": "x"})
    write(plugin, "run.sh", mode=0o755)
    packager = Packager(store)
    assert packager.package(plugin) == packager.package(plugin, PackageOptions(compat=Compat.TOOLHIVE_CORE))


@pytest.mark.parametrize("epoch", [0, 1, 2**32, 2**33, -1, 253402300799, -62167219200])
def test_epoch_is_in_every_document_and_header(plugin: Path, store: Store, epoch: int) -> None:
    make_plugin(plugin)
    result = Packager(store).package(plugin, PackageOptions(epoch=epoch))
    config = parse_image_config(store.get_blob(result.config_digest))
    index = parse_index(store.get_manifest(result.index_digest))
    annotations = index.annotations or {}
    assert config.created == config.history[0].created == annotations["org.opencontainers.image.created"]
    assert int.from_bytes(store.get_blob(result.layer_digest)[4:8], "little") == max(epoch, 0) & 0xFFFFFFFF


def test_source_date_epoch_is_the_default(plugin: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make_plugin(plugin)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    packager = Packager(store)
    assert packager.package(plugin) == packager.package(plugin, PackageOptions(epoch=1700000000))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(InvalidEpochError):
        packager.package(plugin)


def test_platform_that_is_named_twice_is_listed_twice(plugin: Path, store: Store) -> None:
    make_plugin(plugin)
    platform = Platform("linux", "arm64", "v8")
    result = Packager(store).package(plugin, PackageOptions(platforms=[platform, platform]))
    index = parse_index(store.get_manifest(result.index_digest))
    assert [entry.digest for entry in index.manifests] == [result.manifest_digest] * 2


def test_more_platforms_than_an_index_may_list_are_refused(plugin: Path, store: Store) -> None:
    make_plugin(plugin)
    platforms = [Platform("linux", f"a{number}") for number in range(33)]
    assert Packager(store).package(plugin, PackageOptions(platforms=platforms[:32]))
    with pytest.raises(DocumentLimitError):
        Packager(store).package(plugin, PackageOptions(platforms=platforms))


def test_metadata_that_could_not_be_pulled_is_refused(plugin: Path, store: Store) -> None:
    name = "é" * 120
    make_plugin(plugin, {f"{name}/{name}/{name}/{name}/{name}/{number}": "" for number in range(1000)})
    with pytest.raises(DocumentLimitError, match="metadata"):
        Packager(store).package(plugin)
    assert _blobs(store) == set()


def test_nothing_is_tagged(plugin: Path, store: Store) -> None:
    make_plugin(plugin)
    Packager(store).package(plugin)
    assert store.list_tags() == []


@pytest.mark.parametrize("size", [100, 5 * 1024 * 1024])
def test_packaging_again_writes_nothing(plugin: Path, store: Store, size: int) -> None:
    make_plugin(plugin, {"a": os.urandom(size)})
    packager = Packager(store)
    first = packager.package(plugin)
    before = {path: path.stat().st_ino for path in (store.root / "blobs" / "sha256").iterdir()}
    assert packager.package(plugin) == first
    assert {path: path.stat().st_ino for path in (store.root / "blobs" / "sha256").iterdir()} == before


@pytest.mark.parametrize("size", [1000, 7 * 1024 * 1024])
def test_failure_leaves_nothing_in_the_store(
    plugin: Path, store: Store, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin(plugin, {"a": os.urandom(size), "z": "x"})
    real_read = os.read
    seen: list[int] = []

    def failing(fd: int, count: int) -> bytes:
        seen.append(count)
        if count == 1:
            raise OSError(errno.EIO, "Input/output error")
        return real_read(fd, count)

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", failing)
        with pytest.raises(InvalidPluginFileError, match="z: cannot be read"):
            Packager(store).package(plugin)
    assert len(seen) > 1
    assert _blobs(store) == set()
    assert not [path for path in store.root.rglob("*") if path.is_file() and path.stat().st_size >= 1000]


def test_invalid_plugin_makes_no_store(plugin: Path, store: Store) -> None:
    plugin.mkdir()
    with pytest.raises(PluginManifestMissingError):
        Packager(store).package(plugin)
    assert not store.root.exists()


def test_store_that_cannot_be_written_is_a_store_error(plugin: Path, tmp_path: Path) -> None:
    make_plugin(plugin)
    write(tmp_path, "file")
    with pytest.raises(StoreError):
        Packager(Store(tmp_path / "file" / "store")).package(plugin)


def test_plugin_may_hold_the_store_itself_hidden(plugin: Path) -> None:
    make_plugin(plugin, {"a.md": ""})
    store = Store(plugin / ".store")
    first = Packager(store).package(plugin)
    assert Packager(store).package(plugin).index_digest == first.index_digest


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_workers_do_not_matter(plugin: Path, store: Store, workers: int) -> None:
    make_plugin(plugin, {"a": b"0123456789" * 1_000_000, "b": bytes(3 * 1024 * 1024)})
    result = Packager(store, workers=workers).package(plugin)
    assert result == Packager(store, workers=3).package(plugin)


def test_errors_name_the_file_and_hold_no_terminal_escape(plugin: Path, store: Store) -> None:
    make_plugin(plugin)
    (plugin / "\x1b[31mred").symlink_to("x")
    with pytest.raises(PluginError) as caught:
        Packager(store).package(plugin)
    assert str(caught.value).isprintable()
    assert "red" in caught.value.where


def test_documents_are_plain_json_for_everybody(plugin: Path, store: Store) -> None:
    make_plugin(plugin, {"<a>&.md": ""}, description="\u2028 <b>")
    result = Packager(store).package(plugin)
    for digest in (result.index_digest, result.manifest_digest):
        data = store.get_manifest(digest)
        assert b"<" not in data
        document: dict[str, Any] = json.loads(data)
        assert document["annotations"]["dev.toolhive.plugins.description"] == "\u2028 <b>"
        assert json.loads(document["annotations"]["dev.toolhive.plugins.files"])[1] == "<a>&.md"
    assert Digest.of(store.get_blob(result.config_digest)) == result.config_digest
