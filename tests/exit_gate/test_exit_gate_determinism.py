"""The same plugin under the same SOURCE_DATE_EPOCH is the same artifact, on every Python, to the last byte.

The golden digests hold across releases: where a change of ours moves one, it moves every digest that users have signed or pinned.
"""

import json
import os
from pathlib import Path

import pytest
from gate_plugin import EPOCH, write_plugin

from toolhive_plugins import Compat, PackageOptions, Packager, PackageResult, Store, default_package_options

GOLDEN: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))


def digests(result: PackageResult) -> dict[str, str]:
    return {
        "index": result.index_digest,
        "manifest": result.manifest_digest,
        "config": result.config_digest,
        "layer": result.layer_digest,
        "diff_id": result.diff_id,
    }


def options(monkeypatch: pytest.MonkeyPatch, compat: Compat) -> PackageOptions:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    default = default_package_options()
    return PackageOptions(epoch=default.epoch, platforms=default.platforms, compat=compat)


@pytest.mark.parametrize("compat", Compat)
def test_the_artifact_has_the_golden_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compat: Compat) -> None:
    plugin = write_plugin(tmp_path / "plugin")
    result = Packager(Store(tmp_path / "store")).package(str(plugin), options(monkeypatch, compat))
    assert digests(result) == GOLDEN[compat.value]


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_number_of_workers_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    plugin = write_plugin(tmp_path / "plugin")
    result = Packager(Store(tmp_path / "store"), workers=workers).package(
        str(plugin), options(monkeypatch, Compat.NONE)
    )
    assert digests(result) == GOLDEN[Compat.NONE.value]


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o077], ids=oct)
def test_neither_umask_nor_the_order_of_writing_nor_times_change_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    before = os.umask(umask)
    try:
        plugin = write_plugin(tmp_path / "plugin", backwards=True)
    finally:
        os.umask(before)
    for folder, _, names in os.walk(plugin):
        for name in names:
            file = Path(folder, name)
            executable = file.stat().st_mode & 0o100
            file.chmod((0o777 if executable else 0o666) & ~umask)
            os.utime(file, (1, 1))
    result = Packager(Store(tmp_path / "store")).package(str(plugin), options(monkeypatch, Compat.NONE))
    assert digests(result) == GOLDEN[Compat.NONE.value]


def test_another_epoch_is_another_artifact(tmp_path: Path) -> None:
    plugin = write_plugin(tmp_path / "plugin")
    result = Packager(Store(tmp_path / "store")).package(str(plugin), PackageOptions(epoch=EPOCH + 1))
    assert not set(digests(result).values()) & set(GOLDEN[Compat.NONE.value].values())
