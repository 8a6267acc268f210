"""Where a plugin's files come from: the directory as it is, or as a commit has it, and the address of the source code.

Paths are text: pathlib costs a small command more modules than it saves lines.
"""

import os
import re
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from toolhive_plugins_service.errors import RequestError

if TYPE_CHECKING:
    from toolhive_plugins import LastChange

# No user name, password, query or fragment: each may be a secret, and an annotation is public.
_ADDRESS: Final = re.compile(
    r"(https?|ssh|git)://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:%/-]*)?",
    re.ASCII,
)
_MAX_ADDRESS: Final = 2048


def _address(given: str) -> str:
    if given and (len(given) > _MAX_ADDRESS or _ADDRESS.fullmatch(given) is None):
        raise RequestError(  # It is not shown: it may hold a password.
            "the address of the source is not a plain URL",
            remedy="Write it as https://host/path, without a user name, password, query or fragment",
        )
    return given


@frozen
class Source:
    """The source of a plugin, besides its directory."""

    revision: str | None = None
    """Names the commit to read the directory from: HEAD, a branch, a tag, an ID. None for the files as they are on disk."""

    url: str = field(default="", converter=_address)
    """The address of the source code; empty if it is not told. RequestError if it is not a URL, or has a user name or password."""


def absolute(path: str) -> str:
    """Return a path that does not depend on the working directory. No link and no `..` in it is resolved."""
    return os.path.join(os.getcwd(), "" if path == "." else path.removeprefix("./")).rstrip(os.sep) or os.sep


def is_directory(path: str) -> bool:
    """Tell whether there is a directory at `path`."""
    try:
        return os.path.isdir(path)
    except ValueError:  # a NUL in it
        return False


def find_source(directory: str, revision: str) -> "tuple[str, LastChange]":
    """Return the ID of the commit that a revision names, and the last commit up to it that changed the directory.

    Raises:
        PluginError: there is no such directory or commit.
        GitError: git is not installed or failed, or the history is not there.
    """
    from toolhive_plugins import find_commit_directory, find_last_change  # lazily: most commands run no git

    found = find_commit_directory(directory, revision)
    return found.commit, find_last_change(found)
