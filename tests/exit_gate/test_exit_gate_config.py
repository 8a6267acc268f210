"""A plugin's metadata survives the way through the labels of the image config and the store, and back."""

from pathlib import Path

import pytest
from gate_plugin import write_plugin

from toolhive_artifact import parse_image_config, to_json
from toolhive_plugins import Compat, PackageOptions, Packager, Store, plugin_config_from_image_config


@pytest.mark.parametrize("compat", Compat)
def test_the_config_is_read_back_as_it_was_written(tmp_path: Path, compat: Compat) -> None:
    store = Store(tmp_path / "store")
    result = Packager(store).package(str(write_plugin(tmp_path / "plugin")), PackageOptions(compat=compat))
    stored = store.get_blob(result.config_digest)
    assert plugin_config_from_image_config(stored) == result.config
    assert to_json(parse_image_config(stored)) == stored


def test_what_the_reference_leaves_out_is_counted_by_default(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    result = Packager(store).package(str(write_plugin(tmp_path / "plugin")))
    assert result.config.components == {
        "agents": 1,
        "commands": 2,
        "hooks": 1,
        "lspServers": 1,
        "mcpServers": 1,
        "skills": 1,
    }
