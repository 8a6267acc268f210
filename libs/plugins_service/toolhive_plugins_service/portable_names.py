"""Names that are harmless on every system.

Windows reads some names as something other than a file in their folder: `C:x` is on another drive, `x:y` is a stream of `x`, and
`nul.txt` is a device (https://learn.microsoft.com/windows/win32/fileio/naming-a-file). They are refused on every system, so that
what one person reviewed on Linux is what another person gets on Windows.
"""

from typing import Final

from toolhive_plugins import shown
from toolhive_plugins_service.errors import NotAPluginError

MAX_DEPTH: Final = 128
"""How many folders a file may be deep."""

_NUMBERS: Final = "0123456789\u00b9\u00b2\u00b3"
_PORTS: Final = frozenset(f"{port}{number}" for port in ("com", "lpt") for number in _NUMBERS)
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", "clock$", *_PORTS})


def is_portable(name: str) -> bool:
    """Tell whether no system reads a file's or folder's name as a drive, a device or a stream."""
    return ":" not in name and name.partition(".")[0].rstrip(" ").lower() not in _DEVICES


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
