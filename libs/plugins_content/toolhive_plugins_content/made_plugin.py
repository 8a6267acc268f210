"""A plugin with files that its source has not: a manifest made for it, or completed, by somebody who knows more."""

from collections.abc import Collection, Iterator, Mapping

from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest, parse_plugin_manifest
from toolhive_plugins_content.selection import MANIFEST_MODE
from toolhive_plugins_content.tree import HEAD_SIZE, PluginFile, path_bytes


class MadeFiles(PluginTree):
    """A plugin's files with some that were made, and perhaps without others. It is of use as long as the source is open.

    Args:
        source: the files, whether they have a manifest or not.
        made: the content of what was made, by path. It takes the place of files of the source.
        dropped: the paths of files that do not belong to the plugin.

    Raises:
        InvalidPluginManifestError: a manifest was made that is no such document.
    """

    def __init__(self, source: PluginTree, made: Mapping[str, bytes], dropped: Collection[str] = ()) -> None:
        self._source = source
        self._made = dict(made)
        self._manifest = parse_plugin_manifest(made[MANIFEST_PATH]) if MANIFEST_PATH in made else None
        files = {path: file for path, file in source.files.items() if path not in dropped}
        files |= {path: PluginFile(path, len(content), MANIFEST_MODE) for path, content in made.items()}
        self.files = {path: files[path] for path in sorted(files, key=path_bytes)}
        self.folder = source.folder
        self.left_out = source.left_out
        self.irregular = source.irregular
        self.findings = source.findings

    @property
    def manifest(self) -> PluginManifest:
        """See PluginTree."""
        return self._source.manifest if self._manifest is None else self._manifest

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        return iter((self._made[path],)) if path in self._made else self._source.chunks(path)

    def head(self, path: str) -> bytes:
        """See FileTree."""
        return self._made[path][:HEAD_SIZE] if path in self._made else self._source.head(path)


class MadePlugin(MadeFiles):
    """A plugin's files with another manifest.

    Args:
        source: the files, whether they have a manifest or not.
        manifest: the bytes of the manifest.
        dropped: the paths of files that do not belong to the plugin.

    Raises:
        InvalidPluginManifestError: the manifest is no such document.
    """

    def __init__(self, source: PluginTree, manifest: bytes, dropped: Collection[str] = ()) -> None:
        super().__init__(source, {MANIFEST_PATH: manifest}, dropped)
