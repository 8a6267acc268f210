"""A plugin as it stands on the disk: its manifest, its files, and what is left out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from toolhive_artifact import shown
from toolhive_plugins_content.directory import OpenDirectory, PluginFile, changed
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest, parse_plugin_manifest
from toolhive_plugins_content.tree import UnreadableFileError
from toolhive_plugins_content.walk import Listing, list_files
from toolhive_plugins_interfaces.interfaces import Compat

SETTLE_TIME: Final = 0.012
"""Seconds that must have passed since the last change of a file before it is read."""


class PluginDirectory:
    """A plugin's directory, read and held open; also the FileTree of the plugin's files."""

    def __init__(
        self, directory: OpenDirectory, manifest: PluginManifest, manifest_content: bytes, listing: Listing
    ) -> None:
        self.manifest = manifest
        """The manifest."""
        self.files = listing.files
        """The files that belong to the plugin, the manifest among them, sorted by the bytes of their paths."""
        self.left_out = listing.left_out
        """Hidden paths that do not belong to it; a folder ends in a slash."""
        self.warnings = listing.warnings
        """What a careful person should know of the files."""
        self.paths = tuple(file.path for file in listing.files)
        """The files' paths; see FileTree."""
        self._directory = directory
        self._by_path = {file.path: file for file in listing.files}
        self._manifest_content = manifest_content

    def chunks(self, file: PluginFile) -> Iterator[bytes]:
        """Yield the content of one of `files`.

        Raises:
            InvalidPluginFileError: it cannot be read, or is not what it was when it was listed.
        """
        if file.path == MANIFEST_PATH:
            return iter((self._manifest_content,))
        return self._directory.chunks(file)

    def read(self, path: str, limit: int) -> bytes:
        """Return the content of the file at `path`; see FileTree."""
        file = self._by_path.get(path)
        if file is None:
            raise UnreadableFileError("there is no such file", where=shown(path))
        if file.size > limit:
            raise UnreadableFileError(f"is larger than {limit} bytes, and was not read", where=shown(path))
        return b"".join(self.chunks(file))


@contextmanager
def open_plugin_directory(path: str, compat: Compat = Compat.NONE) -> Iterator[PluginDirectory]:
    """Read a plugin's directory, and hold it open so that its files' content can be read.

    Args:
        path: an absolute path.
        compat: the profile, which says which hidden files belong to the plugin, and with which permission bits.

    Raises:
        PluginError: the directory cannot be packaged as it stands; the subclass says why. Faults of the manifest come
            first, then those of the files in the order of their paths, as in the reference.
    """
    with OpenDirectory(path) as directory:
        content, file = directory.read_manifest()
        manifest = parse_plugin_manifest(content)
        listing = list_files(directory, compat, file)
        if _let_settle(listing) and directory.read_manifest() != (content, file):
            raise changed(MANIFEST_PATH)
        yield PluginDirectory(directory, manifest, content, listing)


def _let_settle(listing: Listing) -> bool:
    """Wait until every file has been left alone for SETTLE_TIME; say whether there was a need to.

    A write sets a file's times when it begins, in steps of up to 10 ms. So what is read of a file that was written a moment
    ago may be half of a write whose other half leaves no trace. Afterwards, whatever is written shows.
    """
    newest = max(max(file.stamp[3:]) for file in listing.files)
    age = (time.time_ns() - newest) / 1e9
    if age >= SETTLE_TIME:
        return False
    time.sleep(min(SETTLE_TIME - age, SETTLE_TIME))
    return True
