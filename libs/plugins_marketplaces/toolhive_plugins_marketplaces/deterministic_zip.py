"""Writes a plugin as a zip file: the same files give the same bytes, with any Python and any zlib.

Nothing is compressed, since what deflate makes of a file differs between builds of zlib.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from toolhive_plugins import FileTree

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can say."""

_UNIX: Final = 3
_REGULAR: Final = 0o100000


def write_zip(tree: FileTree, path: Path) -> str:
    """Write a plugin's files to a new zip file, and return its sha256 in hexadecimal digits.

    Raises:
        OSError: the disk refuses.
        ToolhiveError: a file cannot be read.
    """
    with path.open("xb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
            for name, file in tree.files.items():
                info = zipfile.ZipInfo(name, _TIME)
                info.create_system = _UNIX
                info.external_attr = (_REGULAR | (0o755 if file.executable else 0o644)) << 16
                archive.writestr(info, b"".join(tree.chunks(name)))
        out.flush()
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk
