"""Every image config and annotation that toolhive-core was shown reads as it read there."""

import json
from pathlib import Path
from typing import Any

import pytest

from toolhive_artifact import InvalidDocumentError
from toolhive_plugins_mediatypes import (
    PluginConfig,
    parse_components_annotation,
    parse_requires_annotation,
    plugin_config_from_image_config,
)

_VECTORS = [
    json.loads(line) for line in Path(__file__).with_name("configs.jsonl").read_text(encoding="utf-8").splitlines()
]
_CONFIGS = [vector for vector in _VECTORS if "image_config" in vector]
_ANNOTATIONS = [vector for vector in _VECTORS if "annotations" in vector]


def _as_toolhive_core_json(config: PluginConfig) -> dict[str, Any]:
    """Write a config as toolhive-core's struct is written: some fields are left out where they are empty."""
    always: dict[str, Any] = {"name": config.name, "description": config.description}
    always["files"] = None if config.files is None else list(config.files)
    optional: dict[str, Any] = {"version": config.version, "license": config.license, "components": config.components}
    optional["requires"] = list(config.requires or ())
    return always | {name: value for name, value in optional.items() if value}


def test_there_are_110_config_vectors() -> None:
    assert len(_CONFIGS) + len(_ANNOTATIONS) == len(_VECTORS) == 110


@pytest.mark.parametrize("vector", _CONFIGS, ids=lambda vector: vector["image_config"][:90])
def test_image_config_reads_as_in_toolhive_core(vector: dict[str, Any]) -> None:
    data = vector["image_config"].encode("utf-8")
    want = vector["want"]
    if "error" in want:
        with pytest.raises(InvalidDocumentError):
            plugin_config_from_image_config(data)
    else:
        assert _as_toolhive_core_json(plugin_config_from_image_config(data)) == want["config"]


@pytest.mark.parametrize("vector", _ANNOTATIONS, ids=lambda vector: vector["annotations"][:90])
def test_annotations_read_as_in_toolhive_core(vector: dict[str, Any]) -> None:
    annotations = json.loads(vector["annotations"])
    requires = parse_requires_annotation(annotations)
    assert parse_components_annotation(annotations) == vector["want"]["components"]
    assert (None if requires is None else list(requires)) == vector["want"]["requires"]
