"""The paths of archive entries: which are valid."""

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
