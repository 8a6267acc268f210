"""Turns a plugin's directory into an OCI artifact in the local store: the same files give the same digests.

The layer is streamed from the files through tar and gzip into the store; at no time is more of the plugin in memory
than the pieces that are being compressed.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from toolhive_artifact import Digest
from toolhive_artifact.gzip import compress_chunks
from toolhive_artifact.tar import FileSource, tar_chunks
from toolhive_plugins_content.directory import PluginFile
from toolhive_plugins_content.inventory import InventoryResult, component_inventory, declared_inventory
from toolhive_plugins_content.plugin_directory import PluginDirectory, open_plugin_directory
from toolhive_plugins_interfaces.interfaces import Compat, PackageOptions, PackageResult
from toolhive_plugins_interfaces.options import default_package_options
from toolhive_plugins_mediatypes import PluginConfig
from toolhive_plugins_packager.documents import Layer, build_documents
from toolhive_plugins_packager.layer_notes import layer_key, recall_layer, remember_layer
from toolhive_plugins_store import Store, StoreError, Transaction

_QUICKLY_READ: Final = 1024 * 1024
"""Bytes of a layer that is read rather than trusted to be what it was."""


class Packager:
    """Packages plugin directories into one store; a PluginPackager.

    Args:
        store: where artifacts go.
        workers: threads that compress one plugin, 1 for the caller's only; None for one a processor, within reason.
            Digests do not depend on it.
    """

    def __init__(self, store: Store, *, workers: int | None = None) -> None:
        self._store = store
        self._workers = workers

    def package(self, plugin_dir: str | os.PathLike[str], options: PackageOptions | None = None) -> PackageResult:
        """Package the directory into the store, untagged. All of the artifact is stored, or nothing.

        Args:
            plugin_dir: an absolute path.
            options: how to build; None means `default_package_options()`.

        Raises:
            PluginError: the directory cannot be packaged; the subclass says why.
            InvalidEpochError: `options` is None, and SOURCE_DATE_EPOCH is malformed.
            DocumentLimitError: the artifact's metadata would be larger than what can be pulled.
            CompressorError: the installed deflate library would not write the promised bytes.
            StoreError: the store cannot be written.
        """
        options = options or default_package_options()
        with open_plugin_directory(os.fsdecode(plugin_dir), options.compat) as plugin:
            inventory = _inventory(plugin, options.compat)
            key = layer_key(plugin.files, options.epoch)
            known = recall_layer(self._store, key)
            with self._store.transaction() as transaction:
                layer = self._put_layer(transaction, plugin, options.epoch, known)
                config = _config(plugin, inventory)
                documents = build_documents(config, layer, options)
                config_digests = [transaction.put_blob(data) for data in documents.configs]
                manifest_digests = [transaction.put_manifest(data) for data in documents.manifests]
                index_digest = transaction.put_manifest(documents.index)
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
            content_size=sum(file.size for file in plugin.files),
            left_out=plugin.left_out,
            warnings=(*plugin.warnings, *map(str, inventory.problems)),
        )

    def _put_layer(self, transaction: Transaction, plugin: PluginDirectory, epoch: int, known: Layer | None) -> Layer:
        """Have the plugin's layer in the store. It is not made anew where it is the one that is known and there."""
        if known and _diff_id(plugin, epoch) == known.diff_id and self._stands(transaction, known):
            return known
        tar = _tar(plugin, epoch)
        compressed = compress_chunks(tar, epoch=epoch, workers=self._workers)
        first = next(compressed)
        second = next(compressed, None)
        if second is None:  # Most plugins: no file need be written to learn that the store has it already.
            return Layer(transaction.put_blob(first), len(first), tar.digest())
        stored = transaction.put_blob_chunks(chain((first, second), compressed))
        return Layer(stored.digest, stored.size, tar.digest())

    def _stands(self, transaction: Transaction, layer: Layer) -> bool:
        """Return whether the layer is in the store, and stays there while the transaction lasts.

        A small one is read and checked; of one that would take long, as everywhere in the store, the size is looked at.
        """
        if layer.size > _QUICKLY_READ:
            return transaction.has(layer.digest, size=layer.size)
        try:
            data = self._store.get_blob(layer.digest)
        except StoreError:
            return False
        return len(data) == layer.size and transaction.put_blob(data) == layer.digest


class _Hashing:
    """Hands pieces on, and knows the digest of those that have gone by."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            yield chunk

    def digest(self) -> Digest:
        return Digest("sha256:" + self._hash.hexdigest())


def _tar(plugin: PluginDirectory, epoch: int) -> _Hashing:
    return _Hashing(tar_chunks((_source(plugin, file) for file in plugin.files), epoch=epoch))


def _diff_id(plugin: PluginDirectory, epoch: int) -> Digest:
    tar = _tar(plugin, epoch)
    for _ in tar:
        pass
    return tar.digest()


def _source(plugin: PluginDirectory, file: PluginFile) -> FileSource:
    return FileSource(file.path, file.size, file.mode, lambda: plugin.chunks(file))


def _inventory(plugin: PluginDirectory, compat: Compat) -> InventoryResult:
    if compat is Compat.TOOLHIVE_CORE:
        return InventoryResult(declared_inventory(plugin.manifest))
    return component_inventory(plugin, plugin.manifest)


def _config(plugin: PluginDirectory, inventory: InventoryResult) -> PluginConfig:
    manifest = plugin.manifest
    return PluginConfig(
        name=manifest.name,
        description=manifest.description,
        version=manifest.version,
        license=manifest.license,
        files=plugin.paths,
        components=inventory.inventory,
        requires=manifest.requires,
    )
