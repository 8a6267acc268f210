"""Packages plugins as OCI artifacts in the local store: the same files give the same digests.

The layer is streamed from the files through tar and gzip into the store, so that no more of the plugin is in memory than the pieces being
compressed.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from toolhive_artifact import MAX_BLOB_SIZE, Digest, DocumentLimitError, FileSource, compress_chunks, tar_chunks
from toolhive_plugins_content.inventory import component_inventory, declared_inventory
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.plugin_directory import open_plugin_directory
from toolhive_plugins_content.plugin_manifest import PluginManifest
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.selection import MAX_TOTAL_SIZE
from toolhive_plugins_content.surface.limits import judge_surface_size
from toolhive_plugins_content.tree import PluginFile
from toolhive_plugins_content.validation import check_plugin, judge_layer_size, judge_manifests
from toolhive_plugins_content.verdicts.toolhive import MAX_INSTALLED_LAYER
from toolhive_plugins_interfaces.errors import PluginError
from toolhive_plugins_interfaces.interfaces import Compat, PackageOptions, PackageResult, default_package_options
from toolhive_plugins_mediatypes import ComponentInventory, PluginConfig
from toolhive_plugins_packager.documents import Layer, build_documents
from toolhive_plugins_packager.layer_cache import layer_key, recall_layer, remember_layer
from toolhive_plugins_store import Store, StoreError, Transaction

_MAX_HEADERS: Final = 4096
"""Size in bytes of what a tar archive adds to a file, at most: headers, of a long name too, and padding."""

_QUICKLY_READ: Final = 1024 * 1024
"""Size in bytes up to which a known layer is read and checked; of a larger one, only the size is."""


class Packager:
    """Packages plugin directories into one store; a PluginPackager. Threads may share it, and then wait for the disk together.

    Args:
        store: the store to write to.
        workers: the number of threads that compress one plugin; 1 uses only the caller's, None one for each processor, up to a limit.
            Digests do not depend on it.
    """

    def __init__(self, store: Store, *, workers: int | None = None) -> None:
        self._store = store
        self._workers = workers

    def package(self, plugin_dir: str | os.PathLike[str], options: PackageOptions | None = None) -> PackageResult:
        """Package the directory into the store, untagged. Either the whole artifact is stored or nothing.

        Args:
            plugin_dir: an absolute path.
            options: how to build; None means `default_package_options()`.

        Raises:
            PluginError: the directory cannot be packaged; the subclass says why.
            GitError: `options` name a commit, and git is not installed or failed.
            InvalidEpochError: `options` is None, and SOURCE_DATE_EPOCH is malformed.
            DocumentLimitError: the artifact's metadata would be larger than what can be pulled.
            CompressorError: the installed deflate library would not write the promised bytes.
            StoreError: the store cannot be written.
        """
        options = options or default_package_options()
        if options.commit:
            # Here, since most builds do not run git.
            from toolhive_plugins_content.commit_tree import open_plugin_commit

            with open_plugin_commit(os.fsdecode(plugin_dir), options.commit, options.compat) as committed:
                return self.package_tree(committed, options)
        with open_plugin_directory(os.fsdecode(plugin_dir), options.compat) as plugin:
            return self.package_tree(plugin, options)

    def package_tree(self, plugin: PluginTree, options: PackageOptions) -> PackageResult:
        """Package a plugin whose files have been listed, from wherever they are read, into the store.

        Args:
            plugin: the plugin; its findings end at the first fault.
            options: how to build; the files must have been chosen under its profile.

        Raises: as `package`.
        """
        if options.compat is Compat.NONE:
            judge_surface_size(plugin)
        check_plugin(plugin)
        if options.compat is Compat.NONE:
            judge_manifests(plugin)
        config = _config(plugin, plugin.manifest, options.compat)
        files = tuple(plugin.files.values())
        key = layer_key(files, options.epoch)
        known = recall_layer(self._store, key)
        with self._store.transaction() as transaction:
            layer = self._put_layer(transaction, plugin, options.epoch, known)
            documents = build_documents(config, layer, options)
            config_digests = [transaction.put_blob(data) for data in documents.configs]
            manifest_digests = [transaction.put_manifest(data) for data in documents.manifests]
            index_digest = transaction.put_manifest(documents.index)
        judge_layer_size(plugin, layer.size)
        if layer != known:
            remember_layer(self._store, key, layer)
        return PackageResult(
            index_digest=index_digest,
            manifest_digest=manifest_digests[0],
            config_digest=config_digests[0],
            layer_digest=layer.digest,
            config=config,
            platforms=options.platforms,
            diff_id=layer.diff_id,
            layer_size=layer.size,
            content_size=sum(file.size for file in files),
            left_out=plugin.left_out,
            warnings=plugin.findings.sorted(),
        )

    def _put_layer(self, transaction: Transaction, plugin: PluginTree, epoch: int, known: Layer | None) -> Layer:
        """Put the plugin's layer into the store, unless the known one is still there and has the same content."""
        if known and _diff_id(plugin, epoch) == known.diff_id and self._is_stored(transaction, known):
            return known
        tar = _tar(plugin, epoch)
        compressed = compress_chunks(tar, epoch=epoch, workers=self._workers)
        first = next(compressed)
        second = next(compressed, None)
        if second is None:  # Most plugins: whether the store has it already shows without writing a file.
            return Layer(transaction.put_blob(first), len(first), tar.digest())
        stored = transaction.put_blob_chunks(chain((first, second), compressed))
        return Layer(stored.digest, stored.size, tar.digest())

    def _is_stored(self, transaction: Transaction, layer: Layer) -> bool:
        """Return whether the layer is in the store, where the transaction then keeps it.

        A small layer is read and checked. Of a large one only the size is, as everywhere in the store.
        """
        if layer.size > _QUICKLY_READ:
            return transaction.has(layer.digest, size=layer.size)
        try:
            data = self._store.get_blob(layer.digest)
        except StoreError:
            return False
        return len(data) == layer.size and transaction.put_blob(data) == layer.digest


def check_metadata_size(plugin: PluginTree) -> None:
    """Add to a plugin's findings if its artifact's documents would be larger than what can be pulled.

    Does nothing if the manifest or a component's file cannot be read, which other checks report.
    """
    try:
        config = _config(plugin, plugin.manifest, Compat.NONE)
    except PluginError:
        return
    nothing = Digest("sha256:" + "0" * 64)
    try:
        build_documents(config, Layer(nothing, MAX_BLOB_SIZE, nothing), PackageOptions())
    except DocumentLimitError as error:
        plugin.findings.refuse(Rule.METADATA_SIZE, error)


def large_layer_size(plugin: PluginTree) -> int | None:
    """Return the size in bytes that the plugin's layer would have, by compressing it; None if that is too small to matter to any client.

    None also if the plugin cannot be packaged, which other checks report.
    """
    content = sum(file.size for file in plugin.files.values())
    # What does not compress at all grows by its tar headers and by less than a thousandth.
    if content * 1.001 + len(plugin.files) * _MAX_HEADERS <= MAX_INSTALLED_LAYER or content > MAX_TOTAL_SIZE:
        return None
    try:
        return sum(map(len, compress_chunks(_tar(plugin, 0), epoch=0)))
    except PluginError:
        return None


class _Hashing:
    """Passes chunks on and hashes them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            yield chunk

    def digest(self) -> Digest:
        return Digest("sha256:" + self._hash.hexdigest())


def _tar(plugin: PluginTree, epoch: int) -> _Hashing:
    return _Hashing(tar_chunks((_source(plugin, file) for file in plugin.files.values()), epoch=epoch))


def _diff_id(plugin: PluginTree, epoch: int) -> Digest:
    tar = _tar(plugin, epoch)
    for _ in tar:
        pass
    return tar.digest()


def _source(plugin: PluginTree, file: PluginFile) -> FileSource:
    return FileSource(file.path, file.size, file.mode, lambda: plugin.chunks(file.path))


def _config(plugin: PluginTree, manifest: PluginManifest, compat: Compat) -> PluginConfig:
    return PluginConfig(
        name=manifest.name,
        description=manifest.description,
        version=manifest.version,
        license=manifest.license,
        files=plugin.paths,
        components=_inventory(plugin, manifest, compat),
        requires=manifest.requires,
    )


def _inventory(plugin: PluginTree, manifest: PluginManifest, compat: Compat) -> ComponentInventory | None:
    if compat is Compat.TOOLHIVE_CORE:
        return declared_inventory(manifest)
    return component_inventory(plugin, manifest).inventory
