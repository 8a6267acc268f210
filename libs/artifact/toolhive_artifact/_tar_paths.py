"""The paths of archive entries: what one may look like, and which cannot stand together."""

from bisect import bisect_left, bisect_right

from toolhive_artifact.errors import ArchiveLimitError, InvalidArchiveError, shown
from toolhive_artifact.limits import MAX_TAR_PATH_LENGTH


def path_bytes(path: str) -> bytes:
    """Return a path as an archive holds it; surrogates stand for bytes that are not UTF-8 (`surrogateescape`).

    Raises:
        InvalidArchiveError: it has a surrogate that stands for nothing.
    """
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidArchiveError("the path cannot be encoded", where=shown(path)) from error


def check_entry_path(path: str) -> str:
    """Return the path of a file in an archive, cleaned as Go's path.Clean does, where our reader accepts it.

    Raises:
        InvalidArchiveError: it is empty or comes to `.`, is absolute, leads out of the archive, or holds a
            backslash or a NUL.
        ArchiveLimitError: it is longer than 4,096 bytes.
    """
    cleaned = clean_path(path)
    if cleaned == ".":
        raise InvalidArchiveError("the path names no file", where=repr(shown(path)))
    return cleaned


def clean_path(path: str) -> str:
    """Do as `check_entry_path`, but let `.` through, which is a fine name for a directory."""
    where = shown(path)
    if len(path_bytes(path)) > MAX_TAR_PATH_LENGTH:
        raise ArchiveLimitError(f"the path is longer than {MAX_TAR_PATH_LENGTH} bytes", where=where)
    if not path:
        raise InvalidArchiveError("the path is empty", where="''")
    if "\\" in path:
        raise InvalidArchiveError("the path has a backslash", where=where, remedy="Separate folders with slashes")
    if "\0" in path:
        raise InvalidArchiveError("the path has a NUL character", where=where)
    if path.startswith("/"):
        raise InvalidArchiveError("the path is absolute", where=where)
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not kept:
                raise InvalidArchiveError("the path leads out of the archive", where=where)
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return "/".join(kept) or "."


class EntryPaths:
    """The cleaned paths of an archive's entries so far, of which none may be both a file and something else.

    With slashes sorted before everything, whatever stands beneath a path comes right after it. No file stands
    beneath another, so a file's neighbours in the order are the only ones that it can clash with.
    """

    def __init__(self) -> None:
        self._files: list[str] = []
        self._folders: list[str] = []

    def add_file(self, path: str) -> None:
        """Take a file in.

        Raises:
            InvalidArchiveError: the path is there already, or is a folder's, or has a file's in the place of a folder.
        """
        key = path.replace("/", "\0")
        self._refuse_beneath_a_file(key, path)
        place = bisect_left(self._files, key)
        if self._files[place : place + 1] == [key]:
            raise InvalidArchiveError("the path is there twice", where=shown(path))
        folder = bisect_left(self._folders, key)
        for other in self._files[place : place + 1] + self._folders[folder : folder + 1]:
            if other == key or other.startswith(key + "\0"):
                raise InvalidArchiveError("the path is a file's and a folder's", where=shown(path))
        self._files.insert(place, key)

    def add_folder(self, path: str) -> None:
        """Take a folder in; one that is there already is as good.

        Raises:
            InvalidArchiveError: the path is a file's, or has a file's in the place of a folder.
        """
        if path == ".":
            return
        key = path.replace("/", "\0")
        self._refuse_beneath_a_file(key, path)
        place = bisect_left(self._files, key)
        if self._files[place : place + 1] == [key]:
            raise InvalidArchiveError("the path is a file's and a folder's", where=shown(path))
        self._folders.insert(bisect_right(self._folders, key), key)

    def _refuse_beneath_a_file(self, key: str, path: str) -> None:
        before = bisect_left(self._files, key) - 1
        if before >= 0 and key.startswith(self._files[before] + "\0"):
            file = self._files[before].replace("\0", "/")
            raise InvalidArchiveError(f"the path leads through {shown(file)!r}, which is a file", where=shown(path))
