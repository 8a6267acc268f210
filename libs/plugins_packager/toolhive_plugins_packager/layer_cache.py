"""Finds the layer of an unchanged plugin in the store, so that it need not be compressed again.

Compression takes most of the time of packaging. So the store caches what layer a plugin gave, under a key made of everything that the
layer depends on except the files' content: their paths, sizes and modes, the epoch, and the compressor's settings. If there is an entry for
a plugin, its tar is hashed first, and the layer is reused only if it was made of that very tar.
"""

import re
from collections.abc import Iterable
from typing import Final

from toolhive_artifact import Digest
from toolhive_artifact.gzip_writer import LEVEL_OF_MANY, LEVEL_OF_ONE, PIECE_SIZE
from toolhive_plugins_content.tree import PluginFile, path_bytes
from toolhive_plugins_packager.documents import Layer
from toolhive_plugins_store import Store

_PROFILE: Final = b"layer, pieces of %d, levels %d and %d" % (PIECE_SIZE, LEVEL_OF_ONE, LEVEL_OF_MANY)
_entry: Final = re.compile(r"(sha256:[0-9a-f]{64}) (sha256:[0-9a-f]{64}) ([0-9]{1,12})", re.ASCII)


def layer_key(files: Iterable[PluginFile], epoch: int) -> Digest:
    """Return the key under which the layer of these files is cached."""
    described = [_PROFILE, b"%d" % epoch]
    for file in files:
        described += [path_bytes(file.path), b"%d %o" % (file.size, file.mode)]
    return Digest.of(b"\0".join(described))


def recall_layer(store: Store, key: Digest) -> Layer | None:
    """Return the layer cached under the key, or None. It is the layer of the plugin only if its diff ID is that of the plugin's tar."""
    match = _entry.fullmatch(store.recall(key))
    if match is None:
        return None
    diff_id, digest, size = match.groups()
    return Layer(Digest(digest), int(size), Digest(diff_id))


def remember_layer(store: Store, key: Digest, layer: Layer) -> None:
    """Cache a layer that is in the store."""
    store.remember(key, f"{layer.diff_id} {layer.digest} {layer.size}")
