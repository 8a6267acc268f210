"""Every plugin directory that toolhive-core packaged gives the same artifact, or the same kind of error.

What the compressor decides (the layer's digest and size, and hence the digests of the manifests) is blanked in the vectors.
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from bundle_maker import make_bundle

from toolhive_artifact import Digest, ToolhiveError, decompress, parse_platform
from toolhive_plugins_interfaces import (
    Compat,
    InvalidPluginDirError,
    InvalidPluginFileError,
    InvalidPluginManifestError,
    PackageOptions,
    PackageResult,
    PluginManifestMissingError,
    PluginTooLargeError,
    TooManyFilesError,
)
from toolhive_plugins_mediatypes import PluginConfig, plugin_config_from_image_config
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("bundles.jsonl").read_text(encoding="utf-8").splitlines()
]
_ERRORS = {
    "ErrInvalidPluginDir": InvalidPluginDirError,
    "ErrPluginManifestMissing": PluginManifestMissingError,
    "ErrInvalidPluginManifest": InvalidPluginManifestError,
    "ErrTooManyFiles": TooManyFilesError,
    "ErrPluginTooLarge": PluginTooLargeError,
    "ErrInvalidPluginFile": InvalidPluginFileError,
}


def _package(bundle: dict[str, Any], folder: Path) -> tuple[Store, PackageResult]:
    make_bundle(folder / "plugin", bundle)
    store = Store(folder / "store")
    options = PackageOptions(
        epoch=bundle["epoch"],
        platforms=[parse_platform(text) for text in bundle["platforms"] or []],
        compat=Compat.TOOLHIVE_CORE,
    )
    return store, Packager(store).package(folder / "plugin", options)


def _meta(config: PluginConfig) -> dict[str, Any]:
    always: dict[str, Any] = {"name": config.name, "description": config.description, "files": list(config.files or ())}
    optional = {"version": config.version, "license": config.license, "components": config.components}
    return always | {
        key: value for key, value in {**optional, "requires": list(config.requires or ())}.items() if value
    }


def test_there_are_224_bundle_vectors() -> None:
    assert len(_VECTORS) == 224


@pytest.mark.parametrize("vector", [v for v in _VECTORS if "error" in v["want"]], ids=lambda vector: vector["name"])
def test_bundle_is_refused_as_by_toolhive_core(vector: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ToolhiveError) as caught:
        _package(vector["input"], tmp_path)
    assert type(caught.value) is _ERRORS[vector["want"]["error"]]


@pytest.mark.parametrize("vector", [v for v in _VECTORS if "error" not in v["want"]], ids=lambda vector: vector["name"])
def test_bundle_gives_the_artifact_of_toolhive_core(vector: dict[str, Any], tmp_path: Path) -> None:
    want = vector["want"]
    store, result = _package(vector["input"], tmp_path)

    layer = store.get_blob(result.layer_digest)
    tar = decompress(layer)
    assert (Digest.of(tar), len(tar)) == (want["diff_id"], want["tar_size"])
    assert result.diff_id == want["diff_id"]
    assert struct.unpack_from("<I", layer, 4) == (want["gzip_mtime"],)

    index = json.loads(store.get_manifest(result.index_digest))
    manifests = [json.loads(store.get_manifest(Digest(entry["digest"]))) for entry in index["manifests"]]
    configs = [store.get_blob(Digest(manifest["config"]["digest"])) for manifest in manifests]
    assert [config.decode("utf-8") for config in configs] == want["configs"]
    assert ["sha256:" + hashlib.sha256(config).hexdigest() for config in configs] == want["config_digests"]
    assert _meta(plugin_config_from_image_config(configs[0])) == want["meta"]

    for manifest in manifests:
        assert manifest["layers"][0]["digest"] == result.layer_digest
        assert manifest["layers"][0]["size"] == result.layer_size == len(layer)
        manifest["layers"][0] |= {"digest": "<layer>", "size": 0}
    assert json.dumps(manifests) == json.dumps(want["manifests"])  # the order of the fields counts
    for entry in index["manifests"]:
        assert entry["size"] == len(store.get_manifest(Digest(entry["digest"])))
        entry |= {"digest": "<manifest>", "size": 0}
    assert json.dumps(index) == json.dumps(want["index"])
