"""The paths of an archive's entries: which conflict with one another."""

from bisect import bisect_left, bisect_right

from toolhive_artifact.errors import InvalidArchiveError, shown


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
