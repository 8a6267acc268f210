"""The operating systems that this library works on."""

import sys

from toolhive_plugins_installs.errors import UnsupportedSystemError


def check_supported() -> None:
    """Refuse to work on Windows.

    Raises:
        UnsupportedSystemError: this is Windows.
    """
    if sys.platform == "win32":
        raise UnsupportedSystemError(
            "plugins are not installed into clients on Windows",
            remedy="Install inside WSL, or write the plugin's files to a folder and add that to the client by hand",
        )
