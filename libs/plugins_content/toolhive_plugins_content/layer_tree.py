"""The files of an artifact's layer, unpacked and read in any order."""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from toolhive_artifact import read_tar
from toolhive_artifact.digest import Digest
from toolhive_artifact.gzip_reader import decompress_chunks
from toolhive_artifact.limits import MAX_DECOMPRESSED_SIZE
from toolhive_plugins_content.spool import Spool
from toolhive_plugins_content.tree import FileTree, PluginFile, path_bytes


class LayerTree(FileTree):
    """The files of a layer.

    Args:
        layer: the compressed layer, already checked against its digest or checked as it is read.

    Raises:
        InvalidGzipError, InvalidArchiveError, SizeLimitError: the layer is malformed or breaks a limit.
    """

    def __init__(self, layer: Iterable[bytes]) -> None:
        self._spool = Spool()
        found: dict[str, PluginFile] = {}
        hasher = hashlib.sha256()
        try:
            tar = _hashed(decompress_chunks(layer, max_size=MAX_DECOMPRESSED_SIZE), hasher.update)
            for member, content in read_tar(tar):
                self._spool.add(member.path, content)
                found[member.path] = PluginFile(member.path, member.size, member.mode & 0o777)
            for _ in tar:
                pass  # Whatever follows the end of the archive is part of what the diff ID is taken of.
        except BaseException:
            self._spool.close()
            raise
        self.diff_id = Digest("sha256:" + hasher.hexdigest())
        """The digest of the archive that the layer really holds."""
        self.files = {path: found[path] for path in sorted(found, key=path_bytes)}

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        return self._spool.chunks(path)

    def head(self, path: str) -> bytes:
        """See FileTree."""
        return self._spool.head(path)

    def close(self) -> None:
        """Release the temporary file."""
        self._spool.close()


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk
