"""The paths of archive entries: which are valid, and which conflict with one another."""

from bisect import bisect_left, bisect_right

from toolhive_artifact.errors import ArchiveLimitError, InvalidArchiveError, shown
from toolhive_artifact.limits import MAX_TAR_PATH_LENGTH


def path_bytes(path: str) -> bytes:
    """Encode a path for an archive; surrogates are bytes that are not UTF-8 (`surrogateescape`).

    Raises:
        InvalidArchiveError: it has a surrogate that is not such a byte.
    """
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidArchiveError("the path cannot be encoded", where=shown(path)) from error


def check_entry_path(path: str) -> str:
    """Return the path of a file in an archive, cleaned as Go's path.Clean does, if the reader accepts it.

    Raises:
        InvalidArchiveError: it is empty or absolute, resolves to `.`, leaves the archive, or contains a backslash or NUL.
        ArchiveLimitError: it is longer than 4,096 bytes.
    """
    cleaned = clean_path(path)
    if cleaned == ".":
        raise InvalidArchiveError("the path does not name a file", where=repr(shown(path)))
    return cleaned


def clean_path(path: str) -> str:
    """Do the same as `check_entry_path`, but allow `.`, which can be a directory."""
    where = shown(path)
    if len(path_bytes(path)) > MAX_TAR_PATH_LENGTH:
        raise ArchiveLimitError(f"the path is longer than {MAX_TAR_PATH_LENGTH} bytes", where=where)
    if not path:
        raise InvalidArchiveError("the path is empty", where="''")
    if "\\" in path:
        raise InvalidArchiveError(
            "the path contains a backslash", where=where, remedy="Separate directories with slashes"
        )
    if "\0" in path:
        raise InvalidArchiveError("the path contains a NUL character", where=where)
    if path.startswith("/"):
        raise InvalidArchiveError("the path is absolute", where=where)
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not kept:
                raise InvalidArchiveError("the path leaves the archive", where=where)
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return "/".join(kept) or "."


class EntryPaths:
    """The cleaned paths of an archive's entries so far, none of which may be a file and anything else too.

    With slashes sorted before all other characters, a path is followed by what is below it. No file is below another, so
    a path can only conflict with its neighbours in that order.
    """

    def __init__(self) -> None:
        self._files: list[str] = []
        self._directories: list[str] = []

    def add_file(self, path: str) -> None:
        """Add a file.

        Raises:
            InvalidArchiveError: the path is already a file or a directory, or is below a file.
        """
        key = path.replace("/", "\0")
        self._refuse_below_a_file(key, path)
        place = bisect_left(self._files, key)
        if self._files[place : place + 1] == [key]:
            raise InvalidArchiveError("duplicate path", where=shown(path))
        at = bisect_left(self._directories, key)
        for other in self._files[place : place + 1] + self._directories[at : at + 1]:
            if other == key or other.startswith(key + "\0"):
                raise InvalidArchiveError("the path is both a file and a directory", where=shown(path))
        self._files.insert(place, key)

    def add_directory(self, path: str) -> None:
        """Add a directory, perhaps again.

        Raises:
            InvalidArchiveError: the path is a file, or is below one.
        """
        if path == ".":
            return
        key = path.replace("/", "\0")
        self._refuse_below_a_file(key, path)
        place = bisect_left(self._files, key)
        if self._files[place : place + 1] == [key]:
            raise InvalidArchiveError("the path is both a file and a directory", where=shown(path))
        self._directories.insert(bisect_right(self._directories, key), key)

    def _refuse_below_a_file(self, key: str, path: str) -> None:
        before = bisect_left(self._files, key) - 1
        if before >= 0 and key.startswith(self._files[before] + "\0"):
            file = self._files[before].replace("\0", "/")
            raise InvalidArchiveError(f"the path is below {shown(file)!r}, which is a file", where=shown(path))
