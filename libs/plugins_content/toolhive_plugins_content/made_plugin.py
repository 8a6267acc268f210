"""A plugin whose manifest is not the one of its source: made for it, or completed, by somebody who knows more."""

from collections.abc import Collection, Iterator

from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest, parse_plugin_manifest
from toolhive_plugins_content.selection import MANIFEST_MODE
from toolhive_plugins_content.tree import HEAD_SIZE, PluginFile, path_bytes


class MadePlugin(PluginTree):
    """A plugin's files with another manifest, and perhaps without some files. It is of use as long as the source is open.

    Args:
        source: the files, whether they have a manifest or not.
        manifest: the bytes of the manifest.
        dropped: the paths of files that do not belong to the plugin.

    Raises:
        InvalidPluginManifestError: the manifest is not such a document.
    """

    def __init__(self, source: PluginTree, manifest: bytes, dropped: Collection[str] = ()) -> None:
        self._source = source
        self._content = manifest
        self._manifest = parse_plugin_manifest(manifest)
        files = {path: file for path, file in source.files.items() if path not in dropped}
        files[MANIFEST_PATH] = PluginFile(MANIFEST_PATH, len(manifest), MANIFEST_MODE)
        self.files = {path: files[path] for path in sorted(files, key=path_bytes)}
        self.folder = source.folder
        self.left_out = source.left_out
        self.irregular = source.irregular
        self.findings = source.findings

    @property
    def manifest(self) -> PluginManifest:
        """See PluginTree."""
        return self._manifest

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        return iter((self._content,)) if path == MANIFEST_PATH else self._source.chunks(path)

    def head(self, path: str) -> bytes:
        """See FileTree."""
        return self._content[:HEAD_SIZE] if path == MANIFEST_PATH else self._source.head(path)
