"""Notes: short texts that a program which uses the store wants to find again the next time.

They save work and carry no truth: a note may be lost at any time, and whoever recalls one checks what it says. So
nothing here waits for the disk, takes a lock or raises an error of the store. The notes lie in 256 files, by the first
byte of the key, one line each; a file that has grown to 64 KiB is begun anew.
"""

import contextlib
import os
from binascii import crc32
from typing import Final

from toolhive_artifact import Digest
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import StoreError
from toolhive_plugins_store.layout import Layout, read_plain_file, require_folder

MAX_NOTE_LENGTH: Final = 1024
"""Characters of a note."""

_MAX_FILE_SIZE: Final = 64 * 1024


class Notes:
    """The notes of one store."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.notes
        self._private = layout.private

    def recall(self, key: Digest) -> str:
        """Return the text that was last kept under the key; empty where there is none."""
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
        """Keep the text, unless the disk will not have it.

        Raises:
            ValueError: it is empty or too long, or not printable ASCII.
        """
        if not (text.isascii() and text.isprintable() and 0 < len(text) <= MAX_NOTE_LENGTH):
            raise ValueError("a note is a line of printable ASCII")
        with contextlib.suppress(StoreError):
            if not require_folder(self._private):
                return
            _fs.make_folder(self._folder)
            if require_folder(self._folder):
                # The first newline ends what a write that was cut short may have left.
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
    """A note that the disk has damaged is none."""
    return f"{crc32(f'{key} {text}'.encode('ascii')):08x}"
