"""What is put into a store is got from it, by this process and by the next."""

from pathlib import Path

import pytest
from gate_plugin import write_plugin

from toolhive_plugins import Digest, Packager, Store, ToolhiveError


@pytest.mark.parametrize("content", [b"", b"a", bytes(range(256)) * 5000], ids=["nothing", "a byte", "a megabyte"])
def test_a_blob_is_got_as_it_was_put(tmp_path: Path, content: bytes) -> None:
    digest = Store(tmp_path).put_blob(content)
    assert digest == Digest.of(content)
    assert Store(tmp_path).get_blob(digest) == content


def test_a_build_is_found_under_its_tag_with_all_its_parts(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    result = Packager(store).package(str(write_plugin(tmp_path / "plugin")))
    store.tag(result.index_digest, "gate-plugin")

    reopened = Store(tmp_path / "store")
    assert reopened.list_tags() == ["gate-plugin"]
    assert reopened.resolve("gate-plugin") == result.index_digest
    index = reopened.get_index(result.index_digest)
    assert index.manifests[0].digest == result.manifest_digest
    for digest in (result.config_digest, result.layer_digest):
        assert Digest.of(reopened.get_blob(digest)) == digest


def test_content_that_was_changed_on_disk_is_not_handed_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put_blob(b"true")
    file = tmp_path / "blobs" / "sha256" / digest.encoded
    file.chmod(0o644)
    file.write_bytes(b"lies")
    with pytest.raises(ToolhiveError, match=digest.encoded):
        store.get_blob(digest)
