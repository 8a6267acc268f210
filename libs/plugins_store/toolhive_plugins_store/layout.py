"""The files of an OCI image layout (OCI image-spec, image-layout.md), and what we keep beside them.

oci-layout, index.json, blobs/sha256/<hex>     the layout, shared with every other tool
.toolhive/                                     ours; a dot folder, which oras-go, skopeo and umoci ignore
  lock                                         held while index.json changes or blobs are removed; never deleted
  journal                                      what our tags were and are (see `journal`)
  index.new, index.patch, index.old            index.json before it is renamed into place
  index.spare                                  the index.json before the present one
  sessions/<id>.lock, sessions/<id>/           a process that writes: its lease, its unfinished blobs, its claims
  cache/                                       what saves a program work; may be removed at any time
  quarantine/                                  what `repair` took out of the layout; nothing reads it
"""

import json
import os
import stat
from typing import TYPE_CHECKING, Final

from toolhive_artifact import Digest, shown
from toolhive_plugins_store import _fs
from toolhive_plugins_store.errors import CorruptStoreError, Hint, StoreNotFoundError, io_error

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT_VERSION: Final = "1.0.0"
LAYOUT_DOCUMENT: Final = b'{"imageLayoutVersion":"1.0.0"}'
EMPTY_INDEX: Final = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'

MAX_INDEX_SIZE: Final = 256 * 1024 * 1024
"""Size in bytes of the largest index.json that is read: some 800,000 builds."""

_MAX_LAYOUT_SIZE: Final = 64 * 1024


class Layout:
    """The paths of one store, as text, since listing builds does not import pathlib."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.top = os.fspath(root)
        self.index = _within(self.top, "index.json")
        self.marker = _within(self.top, "oci-layout")
        self.blobs = _within(self.top, "blobs")
        self.sha256 = _within(self.blobs, "sha256")
        self.private = _within(self.top, ".toolhive")
        self.lock = _within(self.private, "lock")
        self.journal = _within(self.private, "journal")
        self.journal_new = _within(self.private, "journal.new")
        self.index_new = _within(self.private, "index.new")
        self.index_patch = _within(self.private, "index.patch")
        self.index_old = _within(self.private, "index.old")
        self.index_spare = _within(self.private, "index.spare")
        self.marker_new = _within(self.private, "oci-layout.new")
        self.unfinished = (self.journal_new, self.index_new, self.index_patch, self.index_old, self.marker_new)
        self.sessions = _within(self.private, "sessions")
        self.cache = _within(self.private, "cache")
        self.quarantine = _within(self.private, "quarantine")

    @property
    def root(self) -> "Path":
        """The folder of the store."""
        from pathlib import Path

        return Path(self.top)

    def check_folders(self) -> bool:
        """Return whether the folder of blobs exists.

        Raises:
            CorruptStoreError: it, or the one above it, is a file, or a link, which may lead out of the store.
        """
        return require_folder(self.blobs) and require_folder(self.sha256)

    def exists(self) -> bool:
        """Return whether the store's folder exists."""
        return os.path.exists(self.top)

    def blob(self, digest: Digest) -> str:
        """Return the path of a blob. A digest is checked when it is made, so the path cannot leave the folder."""
        return f"{self.sha256}{os.sep}{digest[7:]}"


def _within(folder: str, name: str) -> str:
    return os.path.join(folder, name)


def look(path: str) -> os.stat_result | None:
    """Return the status of what is at `path`, without following a link; None if nothing is there."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise io_error(error, "look at", path) from error


def describe(mode: int) -> str:
    """Name the kind of thing that has this mode, for a message."""
    kinds = (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for test, name in kinds if test(mode)), "something other than a regular file")


def require_folder(path: str) -> bool:
    """Check that a real folder is at `path`; return False if nothing is there.

    Raises:
        CorruptStoreError: it is a file, or a link, which may lead out of the store.
    """
    found = look(path)
    if found is None:
        return False
    if not stat.S_ISDIR(found.st_mode):
        kind = describe(found.st_mode) if not stat.S_ISREG(found.st_mode) else "a file"
        raise CorruptStoreError(
            f"a folder should be here, and {kind} is",
            where=path,
            remedy="Move it away, or put a folder in its place; the store does not follow links",
        )
    return True


def read_plain_file(path: str, limit: int) -> bytes | None:
    """Read a regular file of at most `limit` bytes; None if there is none.

    Raises:
        CorruptStoreError: a link or something else is there, or the file is larger.
        StoreIOError: it cannot be read.
    """
    try:
        file = os.open(path, _fs.READ_ONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        found = look(path)
        if found is not None and not stat.S_ISREG(found.st_mode):
            raise _no_plain_file(path, found.st_mode) from error
        raise io_error(error, "open", path) from error
    try:
        return read_open_file(file, path, limit)
    finally:
        os.close(file)


def read_open_file(file: int, path: str, limit: int) -> bytes:
    """Read a file that is open from its beginning, and raise as `read_plain_file`."""
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise _no_plain_file(path, found.st_mode)
        if found.st_size > limit:
            raise CorruptStoreError(
                f"its size is {found.st_size} bytes, and {limit} is the limit", where=path, hint=Hint.REPAIR_STORE
            )
        os.lseek(file, 0, os.SEEK_SET)
        return _read(file, found.st_size, limit)
    except OSError as error:
        raise io_error(error, "read", path) from error


def _read(file: int, size: int, limit: int) -> bytes:
    """Read to the end, which may have moved since `size` was asked for."""
    data = os.read(file, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    total = len(data)
    while data and total <= limit:
        data = os.read(file, 1024 * 1024)
        parts.append(data)
        total += len(data)
    return b"".join(parts)[:limit]


def _no_plain_file(path: str, mode: int) -> CorruptStoreError:
    return CorruptStoreError(f"a file should be here, and {describe(mode)} is", where=path, hint=Hint.REPAIR_STORE)


def check_marker(layout: Layout) -> bool:
    """Check the `oci-layout` file; return whether there is one.

    Raises:
        CorruptStoreError: it is damaged, or its version is not supported.
    """
    data = read_plain_file(layout.marker, _MAX_LAYOUT_SIZE)
    if data is None:
        return False
    if data == LAYOUT_DOCUMENT:
        return True
    try:
        document = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise CorruptStoreError("not JSON", where=layout.marker, hint=Hint.REPAIR_STORE) from error
    version = document.get("imageLayoutVersion") if isinstance(document, dict) else None
    if version != LAYOUT_VERSION:
        raise CorruptStoreError(
            f"the layout version is {shown(version)!r}, and only {LAYOUT_VERSION!r} is supported",
            where=layout.marker,
            hint=Hint.REPAIR_STORE,
        )
    return True


def has_blobs(layout: Layout) -> bool:
    """Return whether there is any blob."""
    if not layout.check_folders():
        return False
    try:
        with os.scandir(layout.sha256) as entries:
            return any(len(entry.name) == 64 for entry in entries)
    except OSError as error:
        raise io_error(error, "list", layout.sha256) from error


def blob_names(layout: Layout) -> list[Digest]:
    """Return the digests that the names in the blobs folder give, sorted, whatever has those names."""
    if not layout.check_folders():
        return []
    try:
        names = sorted(os.listdir(layout.sha256))
    except OSError as error:
        raise io_error(error, "list", layout.sha256) from error
    return [Digest("sha256:" + name) for name in names if is_hex(name)]


def is_hex(name: str) -> bool:
    return len(name) == 64 and not set(name) - set("0123456789abcdef")


def missing_blob(digest: Digest) -> StoreNotFoundError:
    """Return the error for a digest that the store does not have."""
    return StoreNotFoundError(f"the store does not have {digest}", hint=Hint.BUILD_OR_PULL)
