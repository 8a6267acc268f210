"""Every tree of files gives the same answers, whatever the files are read from."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from plugin_folders import MANIFEST, write_files

from toolhive_artifact import (
    Digest,
    DocumentLimitError,
    FileEntry,
    InvalidDocumentError,
    JsonObject,
    compress_tar,
)
from toolhive_plugins_content import (
    FileTree,
    LayerTree,
    MemoryTree,
    PartKind,
    UnreadableFileError,
    open_plugin_directory,
    read_manifest,
    read_surface,
)
from toolhive_plugins_interfaces import InvalidPluginManifestError, PluginManifestMissingError

FILES = {
    MANIFEST: b'{"name":"demo"}',
    "a/b.bin": bytes(range(256)) * 3000,
    "empty": b"",
    "hooks/hooks.json": b'{"Stop":[{"hooks":[{"type":"command","command":"${CLAUDE_PLUGIN_ROOT}/run.sh"}]}]}',
    "run.sh": b"#!/bin/sh\n",
    "\udcff": b"not UTF-8",
}
Maker = Callable[[dict[str, bytes]], FileTree]


@pytest.fixture(params=["directory", "layer", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Maker]:
    """Makes a tree of files, of each kind."""
    with ExitStack() as stack:

        def maker(files: dict[str, bytes]) -> FileTree:
            if request.param == "directory":
                root = write_files(tmp_path / "plugin", files, executable=["run.sh"])
                return stack.enter_context(open_plugin_directory(str(root)))
            if request.param == "layer":
                entries = [FileEntry(path, data, 0o755 if path == "run.sh" else 0o644) for path, data in files.items()]
                return stack.enter_context(LayerTree([compress_tar(entries)]))
            return stack.enter_context(MemoryTree(files))

        yield maker


def test_paths_are_sorted_by_their_bytes(make: Maker) -> None:
    tree = make(FILES)
    assert tree.paths == tuple(tree.files) == (MANIFEST, "a/b.bin", "empty", "hooks/hooks.json", "run.sh", "\udcff")


def test_content_is_the_same_by_every_way_of_reading_it(make: Maker) -> None:
    tree = make(FILES)
    for path, data in FILES.items():
        assert tree.files[path].size == len(data)
        assert b"".join(tree.chunks(path)) == tree.read(path, len(data)) == data
        assert tree.head(path) == data[:256]
        assert tree.digest(path) == Digest.of(data)


def test_json_is_read_within_the_limits_of_each_reader(make: Maker) -> None:
    deep = b'{"a":' * 100 + b"1" + b"}" * 100
    tree = make({**FILES, "deep.json": deep, "mark.json": b'\xef\xbb\xbf{"a":1}', "bad.json": b"{"})
    first = tree.json("mark.json", 1 << 20)
    assert isinstance(first, JsonObject)
    assert tree.json("mark.json", 1 << 20, 64) is first
    assert isinstance(tree.json("deep.json", 1 << 20, 1000), JsonObject)
    with pytest.raises(DocumentLimitError):
        tree.json("deep.json", 1 << 20, 64)
    for _ in range(2):
        with pytest.raises(InvalidDocumentError):
            tree.json("bad.json", 1 << 20)


def test_files_that_are_missing_or_too_large_are_not_read(make: Maker) -> None:
    tree = make(FILES)
    for path, limit in (("gone", 100), ("a", 100), ("a/b.bin", 100)):
        with pytest.raises(UnreadableFileError):
            tree.read(path, limit)


def test_manifest_is_read_from_it(make: Maker) -> None:
    assert read_manifest(make(FILES), where="x").name == "demo"


def test_surface_is_read_from_it(make: Maker) -> None:
    tree = make(FILES)
    surface = read_surface(tree)
    assert [part.kind for part in surface.of(PartKind.HOOK)] == [PartKind.HOOK]
    assert [(program.path, program.what) for program in surface.programs] == [("run.sh", "script for sh")]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"a": b""}, PluginManifestMissingError),
        ({MANIFEST: b"{}"}, InvalidPluginManifestError),
        ({MANIFEST: b'{"name":"x"}'.ljust(65_537)}, InvalidPluginManifestError),
    ],
)
def test_a_manifest_that_cannot_be_read_is_an_error(files: dict[str, bytes], error: type[Exception]) -> None:
    with pytest.raises(error):
        read_manifest(MemoryTree(files), where="x")
