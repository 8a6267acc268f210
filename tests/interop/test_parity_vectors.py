"""The vectors of tests/parity are what toolhive-core does, in the version that is built here and on the Go that it is built with."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bundle_maker import make_bundle

from toolhive_core import Packaged, ToolhiveCore, ToolhiveCoreError, running_toolhive_core

_FOLDER = Path(__file__).parents[1] / "parity"


def _vectors(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def core() -> Iterator[ToolhiveCore]:
    with running_toolhive_core() as running:
        yield running


def _says(core: ToolhiveCore, name: str, **arguments: Any) -> Any:
    """Return what a call returns, or None where it returns an error."""
    try:
        return core.call(name, **arguments)
    except ToolhiveCoreError:
        return None


def _wanted(vector: dict[str, Any]) -> Any:
    return None if "error" in vector["want"] else vector["want"]


@pytest.mark.parametrize("vector", _vectors("bundles"), ids=lambda vector: vector["name"])
def test_bundle(core: ToolhiveCore, vector: dict[str, Any], tmp_path: Path) -> None:
    bundle, want = vector["input"], vector["want"]
    make_bundle(tmp_path / "plugin", bundle)
    platforms = bundle["platforms"] or []
    if "error" in want:
        with pytest.raises(ToolhiveCoreError) as caught:
            core.package(tmp_path / "plugin", tmp_path / "store", epoch=bundle["epoch"], platforms=platforms)
        assert caught.value.kind == want["error"]
        return
    made = core.package(tmp_path / "plugin", tmp_path / "store", epoch=bundle["epoch"], platforms=platforms)
    assert made.diff_id == want["diff_id"]
    assert [config.decode("utf-8") for config in made.configs] == want["configs"]
    assert _without_layer(made) == (want["index"], want["manifests"])


def _without_layer(made: Packaged) -> tuple[Any, list[Any]]:
    """Return the index and the manifests, with what the compressor decides blanked."""
    index, manifests = json.loads(made.index), [json.loads(manifest) for manifest in made.manifests]
    for listed in index["manifests"]:
        listed |= {"digest": "<manifest>", "size": 0}
    for manifest in manifests:
        manifest["layers"][0] |= {"digest": "<layer>", "size": 0}
    return index, manifests


def test_archives(core: ToolhiveCore) -> None:
    for vector in _vectors("archives"):
        data = core.decompress(base64.b64decode(vector["tar_gz_b64"]))
        try:
            files = core.extract_tar(data)
        except ToolhiveCoreError:
            assert "error" in vector["want"], vector["name"]
            continue
        assert [(f.path, f.mode, len(f.content), hashlib.sha256(f.content).hexdigest()) for f in files] == [
            (f["path"], f["mode"], f["size"], f["sha256"]) for f in vector["want"]["files"]
        ], vector["name"]


def test_gzip(core: ToolhiveCore) -> None:
    for vector in _vectors("gzip"):
        data = _says(core, "decompress", data=vector["b64"])
        plain = None if data is None else base64.b64decode(data)
        got = None if plain is None else {"sha256": hashlib.sha256(plain).hexdigest(), "size": len(plain)}
        assert got == _wanted(vector), vector["name"]


def test_references(core: ToolhiveCore) -> None:
    for vector in _vectors("references"):
        assert _says(core, "parse_reference", ref=vector["ref"]) == _wanted(vector), vector["ref"]


def test_platforms(core: ToolhiveCore) -> None:
    for vector in _vectors("platforms"):
        assert _says(core, "parse_platform", text=vector["platform"]) == _wanted(vector), vector["platform"]


def test_configs_and_annotations(core: ToolhiveCore) -> None:
    for vector in _vectors("configs"):
        if "annotations" in vector:
            got = core.call("parse_annotations", annotations=json.loads(vector["annotations"]))
            assert got == vector["want"], vector
        else:
            data = base64.b64encode(vector["image_config"].encode()).decode()
            want = _wanted(vector)
            assert _says(core, "plugin_config", data=data) == (want and want["config"]), vector


def test_logins(core: ToolhiveCore, tmp_path: Path) -> None:
    for number, vector in enumerate(_vectors("credentials")):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, script in vector["helpers"].items():
            (folder / name).write_text(script, encoding="utf-8")
            (folder / name).chmod(0o755)
        if (config := vector["config"]) is not None:
            text = config if isinstance(config, str) else json.dumps(config)
            (folder / "config.json").write_text(text, encoding="utf-8")
        path = f"{folder}:/usr/bin:/bin"
        got = _says(core, "credential", docker_config=str(folder), path=path, host=vector["host"])
        assert got == _wanted(vector), vector["name"]
