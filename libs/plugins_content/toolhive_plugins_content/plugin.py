"""A plugin whose files have been listed, from any source: the input of packaging, validation and inspection."""

from abc import abstractmethod

from attrs import frozen

from toolhive_artifact.errors import shown
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import (
    MANIFEST_PATH,
    MAX_PLUGIN_MANIFEST_SIZE,
    PluginManifest,
    parse_plugin_manifest,
)
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_interfaces.errors import InvalidPluginManifestError, PluginManifestMissingError


@frozen
class Irregular:
    """Something in a plugin's source that cannot be packaged."""

    path: str
    """From the plugin's root."""

    what: str
    """What it is, such as `a symbolic link`, `a named pipe` or `a file that cannot be read`."""

    target: str = ""
    """The text of a link; empty for anything else, and in the toolhive-core profile."""


class PluginTree(FileTree):
    """The files of a plugin's source that belong to the plugin, with its manifest: what can be packaged."""

    folder: str = ""
    """The name of the directory that the files are in; empty if it is not known."""

    directory: str = ""
    """The absolute path of that directory, if its files are read as they are there; empty for those of a commit."""

    left_out: tuple[str, ...]
    """Hidden paths that do not belong to the plugin, sorted; a folder ends in a slash."""

    irregular: tuple[Irregular, ...]
    """What keeps the plugin from being packaged, sorted by path; empty if the first fault ends the reading."""

    findings: Findings
    """What is wrong with the plugin; further checks add to it."""

    def as_clients_read_it(self) -> FileTree:
        """Return the plugin with the hidden files that clients read in its directory, although no artifact holds them."""
        return self

    @property
    @abstractmethod
    def manifest(self) -> PluginManifest:
        """The manifest.

        Raises:
            PluginError: it is missing, or cannot be read.
        """


def read_manifest(tree: FileTree, *, where: str) -> PluginManifest:
    """Return the manifest of a plugin whose files are in a tree.

    Args:
        tree: the files.
        where: the plugin's name in errors.

    Raises:
        PluginManifestMissingError: there is none.
        InvalidPluginManifestError: it is larger than 64 KiB, malformed, or names no plugin.
        ToolhiveError: it cannot be read.
    """
    file = tree.files.get(MANIFEST_PATH)
    if file is None:
        remedy = "A plugin needs one; check that this is the plugin's own directory"
        raise PluginManifestMissingError(f"there is no {MANIFEST_PATH}", where=shown(where), remedy=remedy)
    if file.size > MAX_PLUGIN_MANIFEST_SIZE:
        raise manifest_too_large(file.size)
    return parse_plugin_manifest(tree.read(MANIFEST_PATH, MAX_PLUGIN_MANIFEST_SIZE))


def manifest_too_large(size: int) -> InvalidPluginManifestError:
    """Return the error for a manifest of `size` bytes."""
    return InvalidPluginManifestError(
        f"is {size} bytes, and {MAX_PLUGIN_MANIFEST_SIZE} is the limit", where=MANIFEST_PATH
    )
