"""Whether two folders hold the same plugin."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from toolhive_plugins_clients.files import unusable

MAX_ENTRIES: Final = 20_000
MAX_BYTES: Final = 1024 * 1024 * 1024
_CHUNK: Final = 1024 * 1024

Listing = dict[str, tuple[int, bool]]
"""By path from the root: the size in bytes, and whether the owner may execute it."""


def same_tree(one: Path, other: Path) -> bool:
    """Tell whether two folders have the same files with the same content and the same executable bits.

    Raises:
        ClientFileError: one cannot be read, has a link or a special file, or more than 20,000 entries or 1 GiB.
    """
    listed = _listing(one)
    if listed != _listing(other):
        return False
    return all(_hash(one / path) == _hash(other / path) for path in listed)


def _listing(root: Path) -> Listing:
    files: Listing = {}
    pending = [""]
    count = size = 0
    while pending:
        prefix = pending.pop()
        try:
            with os.scandir(root / prefix) as entries:
                for entry in entries:
                    count += 1
                    state = entry.stat(follow_symlinks=False)
                    path = prefix + entry.name
                    if stat.S_ISDIR(state.st_mode):
                        pending.append(path + "/")
                    elif stat.S_ISREG(state.st_mode):
                        size += state.st_size
                        files[path] = (state.st_size, bool(state.st_mode & 0o100))
                    else:
                        raise unusable("is a link or a special file", root / path)
                    if count > MAX_ENTRIES or size > MAX_BYTES:
                        raise unusable(f"has more than {MAX_ENTRIES} entries, or {MAX_BYTES} bytes", root)
        except OSError as error:
            raise unusable(f"cannot be read: {error.strerror}", root / prefix) from error
    return files


def _hash(path: Path) -> bytes:
    digest = hashlib.sha256()
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        with open(fd, "rb", closefd=True) as file:  # noqa: PTH123
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise unusable(f"cannot be read: {error.strerror}", path) from error
    return digest.digest()
