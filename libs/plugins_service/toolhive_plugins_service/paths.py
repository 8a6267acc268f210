"""Paths as a person names them, as text: pathlib costs a small command more modules than it saves lines."""

import os


def absolute(path: str) -> str:
    """Return a path that does not depend on the working directory. No link and no `..` in it is resolved."""
    return os.path.join(os.getcwd(), "" if path == "." else path.removeprefix("./")).rstrip(os.sep) or os.sep


def is_directory(path: str) -> bool:
    """Tell whether there is a directory at `path`."""
    try:
        return os.path.isdir(path)
    except ValueError:  # a NUL in it
        return False
