"""Finds the layer of an unchanged plugin in the store, so that it need not be compressed again.

Compressing takes most of the time of packaging. So the store keeps a note of each layer, under a key made of all that the
layer depends on but the files' content: their paths, sizes and modes, the epoch, and how we compress. Where there is a
note for a plugin, its tar is hashed first. Only if that is the tar which the layer was made of is the layer taken.
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
_note: Final = re.compile(r"(sha256:[0-9a-f]{64}) (sha256:[0-9a-f]{64}) ([0-9]{1,12})", re.ASCII)


def layer_key(files: Iterable[PluginFile], epoch: int) -> Digest:
    """Return the key of the note on the layer that these files make, if their content is what it was."""
    described = [_PROFILE, b"%d" % epoch]
    for file in files:
        described += [path_bytes(file.path), b"%d %o" % (file.size, file.mode)]
    return Digest.of(b"\0".join(described))


def recall_layer(store: Store, key: Digest) -> Layer | None:
    """Return the layer that a note under the key is on. Whether it is the layer of this plugin, its diff ID tells."""
    match = _note.fullmatch(store.recall(key))
    if match is None:
        return None
    diff_id, digest, size = match.groups()
    return Layer(Digest(digest), int(size), Digest(diff_id))


def remember_layer(store: Store, key: Digest, layer: Layer) -> None:
    """Keep a note on a layer that is in the store."""
    store.remember(key, f"{layer.diff_id} {layer.digest} {layer.size}")
