"""Whatever plugin is made, toolhive-core and `Compat.TOOLHIVE_CORE` write the same, or refuse it alike.

The one difference is what the compressor decides, the layer's digest and size, and hence the digests and sizes of the manifests.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from made_plugins import MadePlugin, epochs, made_plugins, platforms

from toolhive_artifact import Digest, ToolhiveError, parse_platform
from toolhive_core import Packaged, ToolhiveCore, ToolhiveCoreError, running_toolhive_core
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
from toolhive_plugins_packager import Packager
from toolhive_plugins_store import Store

_KINDS: dict[type[ToolhiveError], str] = {
    InvalidPluginDirError: "ErrInvalidPluginDir",
    PluginManifestMissingError: "ErrPluginManifestMissing",
    InvalidPluginManifestError: "ErrInvalidPluginManifest",
    TooManyFilesError: "ErrTooManyFiles",
    PluginTooLargeError: "ErrPluginTooLarge",
    InvalidPluginFileError: "ErrInvalidPluginFile",
}


@pytest.fixture(scope="module")
def core() -> Iterator[ToolhiveCore]:
    with running_toolhive_core() as running:
        yield running


def _listed(digest: str, size: int) -> bytes:
    return f'"digest":"{digest}","size":{size}'.encode()


def _with(document: bytes, ours: tuple[str, int], theirs: tuple[str, int]) -> bytes:
    """Return a document of ours that lists what they list."""
    assert _listed(*ours) in document
    return document.replace(_listed(*ours), _listed(*theirs))


def _assert_same(store: Store, ours: PackageResult, theirs: Packaged, their_layer_size: int) -> None:
    assert ours.diff_id == theirs.diff_id
    assert ours.config_digest == theirs.config_digest
    index, digest_sizes = store.get_manifest(ours.index_digest), []
    for listed, their_manifest, their_config in zip(
        store.get_index(ours.index_digest).manifests, theirs.manifests, theirs.configs, strict=True
    ):
        manifest = store.get_manifest(listed.digest)
        layer = (ours.layer_digest, len(store.get_blob(ours.layer_digest)))
        assert _with(manifest, layer, (theirs.layer_digest, their_layer_size)) == their_manifest
        assert their_config == store.get_blob(Digest.of(their_config))
        digest_sizes.append(((listed.digest, len(manifest)), (Digest.of(their_manifest), len(their_manifest))))
    for our_manifest, their_listed in dict.fromkeys(digest_sizes):
        index = _with(index, our_manifest, their_listed)
    assert index == theirs.index


def _compare(core: ToolhiveCore, folder: Path, plugin: Path, epoch: int, platforms: Sequence[str]) -> str:
    """Package a directory both ways, assert that the results agree, and return what they were."""
    try:
        theirs = core.package(plugin, folder / "theirs", epoch=epoch, platforms=platforms)
    except ToolhiveCoreError as error:
        with Store(folder / "ours") as store, pytest.raises(ToolhiveError) as caught:
            _package(store, plugin, epoch, platforms)
        if error.kind:  # toolhive-core does not classify all of its errors
            assert _KINDS[type(caught.value)] == error.kind, (str(error), str(caught.value))
        return error.kind or "refused otherwise"
    with Store(folder / "ours") as store:
        ours = _package(store, plugin, epoch, platforms)
        _assert_same(store, ours, theirs, len(core.blob(folder / "theirs", theirs.layer_digest)))
    return "packaged"


def _package(store: Store, plugin: Path, epoch: int, platforms: Sequence[str]) -> PackageResult:
    options = PackageOptions(
        epoch=epoch, platforms=[parse_platform(text) for text in platforms], compat=Compat.TOOLHIVE_CORE
    )
    return Packager(store).package(plugin, options)


@settings(max_examples=100, deadline=None)
@given(made=made_plugins(), epoch=epochs, platforms=platforms)
def test_made_plugin_gives_the_same_artifact_or_refusal(
    core: ToolhiveCore, made: MadePlugin, epoch: int, platforms: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        made.write(folder / "plugin")
        event(_compare(core, folder, folder / "plugin", epoch, platforms))
