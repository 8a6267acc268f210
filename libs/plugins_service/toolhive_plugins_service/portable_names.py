"""What may be written of a plugin: names that some system reads as a drive, a device or a stream are refused on every system, so that
what one person reviewed on Linux is what another person gets on Windows.
"""

from typing import Final

from toolhive_plugins import is_portable, shown
from toolhive_plugins_service.errors import NotAPluginError

MAX_DEPTH: Final = 128
"""How many folders a file may be deep."""


def check_portable(path: str) -> None:
    """Check a path, whose parts are separated by slashes, before it is written.

    Raises:
        NotAPluginError: it is too deep, or a part of it is not portable.
    """
    parts = path.split("/")
    if len(parts) > MAX_DEPTH + 1:
        raise NotAPluginError(f"is more than {MAX_DEPTH} folders deep", where=shown(path), remedy=_REMEDY)
    for part in parts:
        if not is_portable(part):
            problem = f"Windows reads the name {shown(part)!r} as a drive, a device or a stream"
            raise NotAPluginError(problem, where=shown(path), remedy=_REMEDY)


_REMEDY: Final = "Nothing was extracted; ask the publisher to rename the file"
