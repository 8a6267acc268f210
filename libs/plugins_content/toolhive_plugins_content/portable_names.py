"""Names of files that mean the same on every system, and of plugins, which are names of folders too.

Windows reads some names as something other than a file in their folder: `C:x` is on another drive, `x:y` is a stream of `x`, and
`nul.txt` is a device (https://learn.microsoft.com/windows/win32/fileio/naming-a-file). Others it cannot hold.
"""

import re
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_plugins_interfaces.errors import NotAPluginError

MAX_WRITTEN_DEPTH: Final = 128
"""How many folders a file that is written may be deep."""

_NUMBERS: Final = "0123456789\u00b9\u00b2\u00b3"
_PORTS: Final = frozenset(f"{port}{number}" for port in ("com", "lpt") for number in _NUMBERS)
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", "clock$", *_PORTS})
_FORBIDDEN: Final = frozenset('<>:"|?*\\')
_MAX_NAME: Final = 255

_PLUGIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]", re.ASCII)


def is_portable(name: str) -> bool:
    """Tell whether no system reads a file's or folder's name as a drive, a device or a stream."""
    return ":" not in name and name.partition(".")[0].rstrip(" ").lower() not in _DEVICES


def check_portable(path: str) -> None:
    """Check a path, whose parts are separated by slashes, before it is written.

    What some system reads as a drive, a device or a stream is refused on every system, so that what one person reviewed on Linux is
    what another person gets on Windows.

    Raises:
        NotAPluginError: it is too deep, or a part of it is not portable.
    """
    parts = path.split("/")
    if len(parts) > MAX_WRITTEN_DEPTH + 1:
        raise NotAPluginError(f"is more than {MAX_WRITTEN_DEPTH} folders deep", where=shown(path), remedy=_REMEDY)
    for part in parts:
        if not is_portable(part):
            problem = f"Windows reads the name {shown(part)!r} as a drive, a device or a stream"
            raise NotAPluginError(problem, where=shown(path), remedy=_REMEDY)


_REMEDY: Final = "Nothing was extracted; ask the publisher to rename the file"


def why_not_everywhere(name: str) -> str:
    """Say why some system cannot hold a file or folder of that name; empty where all can."""
    if not is_portable(name):
        return "Windows reads it as a drive, a device or a stream"
    if forbidden := sorted(_FORBIDDEN.intersection(name)):
        return f"Windows allows no {forbidden[0]} in a name"
    if any(ord(character) < 0x20 for character in name):
        return "Windows allows no control characters in a name"
    if name[-1:] in (" ", "."):
        return "Windows drops the space or period at its end"
    if len(name.encode("utf-8", "surrogateescape")) > _MAX_NAME:
        return f"a name may be {_MAX_NAME} bytes long on most systems"
    if any("\udc80" <= character <= "\udcff" for character in name):
        return "it is not UTF-8, which macOS and Windows cannot hold"
    return ""


def is_plugin_name(name: str) -> bool:
    """Tell whether ToolHive installs a plugin of that name: 2 to 64 lower-case letters, digits and single hyphens."""
    return _PLUGIN_NAME.fullmatch(name) is not None and "--" not in name
