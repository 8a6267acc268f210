"""The files of an artifact's layer, unpacked and read in any order."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import BinaryIO, Final

from toolhive_artifact import read_tar
from toolhive_artifact.digest import Digest
from toolhive_artifact.gzip_reader import decompress_chunks
from toolhive_artifact.limits import MAX_DECOMPRESSED_SIZE
from toolhive_plugins_content.tree import HEAD_SIZE, FileTree, PluginFile, path_bytes

_CHUNK: Final = 256 * 1024

_IN_MEMORY: Final = 1024 * 1024
"""Size in bytes up to which the files are kept in memory; larger ones go to an unnamed temporary file."""


class LayerTree(FileTree):
    """The files of a layer.

    Args:
        layer: the compressed layer, already checked against its digest or checked as it is read.

    Raises:
        InvalidGzipError, InvalidArchiveError, SizeLimitError: the layer is malformed or breaks a limit.
    """

    def __init__(self, layer: Iterable[bytes]) -> None:
        self._spool: BinaryIO = BytesIO()
        self._offsets: dict[str, int] = {}
        self._heads: dict[str, bytes] = {}
        found: dict[str, PluginFile] = {}
        hasher = hashlib.sha256()
        try:
            tar = _hashed(decompress_chunks(layer, max_size=MAX_DECOMPRESSED_SIZE), hasher.update)
            for member, content in read_tar(tar):
                self._offsets[member.path] = self._spool.tell()
                self._heads[member.path] = self._copy(content)
                found[member.path] = PluginFile(member.path, member.size, member.mode & 0o777)
            for _ in tar:
                pass  # Whatever follows the end of the archive is part of what the diff ID is taken of.
        except BaseException:
            self._spool.close()
            raise
        self.diff_id = Digest("sha256:" + hasher.hexdigest())
        """The digest of the archive that the layer really holds."""
        self.files = {path: found[path] for path in sorted(found, key=path_bytes)}

    def _copy(self, content: Iterable[bytes]) -> bytes:
        """Copy a file to the spool, and return how it begins."""
        head = b""
        for chunk in content:
            self._spool.write(chunk)
            if isinstance(self._spool, BytesIO) and self._spool.tell() > _IN_MEMORY:
                self._spool = _moved_to_disk(self._spool)
            head += chunk[: HEAD_SIZE - len(head)]
        return head

    def chunks(self, path: str) -> Iterator[bytes]:
        """See FileTree."""
        position, left = self._offsets[path], self.files[path].size
        while left:
            self._spool.seek(position)
            chunk = self._spool.read(min(left, _CHUNK))
            position += len(chunk)
            left -= len(chunk)
            yield chunk

    def head(self, path: str) -> bytes:
        """See FileTree."""
        return self._heads[path]

    def close(self) -> None:
        """Release the temporary file."""
        self._spool.close()


def _moved_to_disk(spool: BytesIO) -> BinaryIO:
    from tempfile import TemporaryFile  # lazily: most layers are small, and it imports a dozen modules

    file: BinaryIO = TemporaryFile(prefix="thv-plugin-")  # noqa: SIM115 - closed by LayerTree.close()
    file.write(spool.getbuffer())
    return file


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk
