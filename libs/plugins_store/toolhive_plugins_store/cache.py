"""A cache of short texts, by digest, for programs that use the store.

A text may be lost at any time, and whoever reads one checks it. So nothing here flushes, takes a lock or raises an
error of the store. The texts are in 256 files, by the first byte of the key, one a line; a file that reaches 64 KiB
is emptied.
"""

import contextlib
import os
from typing import Final

from toolhive_artifact import Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreError
from toolhive_plugins_store.layout import Layout, read_plain_file, require_folder

MAX_TEXT_LENGTH: Final = 1024
"""Characters of a text."""

_MAX_FILE_SIZE: Final = 64 * 1024


class Cache:
    """The cache of one store."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.cache
        self._private = layout.private

    def recall(self, key: Digest) -> str:
        """Return the text that was last kept under the key; empty if there is none."""
        try:
            if not (require_folder(self._private) and require_folder(self._folder)):
                return ""
            data = read_plain_file(self._file(key), 2 * _MAX_FILE_SIZE) or b""
        except StoreError:
            return ""
        start = f"{key.encoded} "
        for line in reversed(data.decode("ascii", "replace").split("\n")):
            if line.startswith(start):
                checksum, _, text = line[len(start) :].partition(" ")
                if checksum == _checksum(key, text):
                    return text
        return ""

    def keep(self, key: Digest, text: str) -> None:
        """Keep the text, if the disk can be written.

        Raises:
            ValueError: it is empty or too long, or not printable ASCII.
        """
        if not (text.isascii() and text.isprintable() and 0 < len(text) <= MAX_TEXT_LENGTH):
            raise ValueError("not a line of printable ASCII")
        with contextlib.suppress(StoreError):
            if not require_folder(self._private):
                return
            _fs.make_folder(self._folder)
            if require_folder(self._folder):
                # The first newline ends a line that a killed process may have left unfinished.
                self._append(self._file(key), f"\n{key.encoded} {_checksum(key, text)} {text}\n".encode("ascii"))

    def _append(self, path: str, line: bytes) -> None:
        file = _fs.append_to(path)
        try:
            if os.fstat(file).st_size + len(line) > _MAX_FILE_SIZE:
                _fs.truncate(file, 0, path)
            _fs.write(file, line, path)
        finally:
            os.close(file)

    def _file(self, key: Digest) -> str:
        return f"{self._folder}{os.sep}{key.encoded[:2]}"


def _checksum(key: Digest, text: str) -> str:
    """Return what tells a sound line from a damaged one."""
    return Digest.of(f"{key} {text}".encode("ascii")).encoded[:8]
