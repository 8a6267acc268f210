"""Where the store is: in the folder that the `thv` program uses.

`thv` asks the Go library adrg/xdg for the data home. Its rules are followed here: `$XDG_DATA_HOME` counts on every
platform, but only if it is absolute once a leading `~` or `$HOME` (`%USERPROFILE%` on Windows) is expanded.
platformdirs is used for Windows's known folder only, since it ignores `$XDG_DATA_HOME` there.
"""

import os
import posixpath
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def store_root(data_home: str | os.PathLike[str]) -> "Path":
    """Return the root of the store within a data home: `toolhive/plugins` in it."""
    from pathlib import Path

    return Path(data_home, "toolhive", "plugins")


def default_store_root() -> "Path":
    """Return the root of this user's store.

    It is in `$XDG_DATA_HOME` if that is absolute; else in `~/.local/share` on Linux, `~/Library/Application Support` on
    macOS, `%LOCALAPPDATA%` on Windows.
    """
    return store_root(_own_data_home())


def absolute_root(root: str | os.PathLike[str] | None) -> str:
    """Return the absolute path of a store's folder, as `Path.absolute` does; None is this user's store.

    As text, since listing builds does not import pathlib.
    """
    text = _own_store_root() if root is None else os.fspath(root)
    if sys.platform == "win32" or ".." in text:
        from pathlib import Path

        return str(Path(text).absolute())
    if not posixpath.isabs(text):
        text = posixpath.join(os.getcwd(), text)
    return posixpath.normpath(text)


def _own_store_root() -> str:
    return os.path.join(_own_data_home(), "toolhive", "plugins")


def _own_data_home() -> str:
    return _data_home(sys.platform, os.environ, _local_app_data)


def state_home() -> str:
    """Return the folder for programs' state: `$XDG_STATE_HOME` or its default, by the same rules as the data home."""
    return _base_folder("XDG_STATE_HOME", (".local", "state"), sys.platform, os.environ, _local_app_data)


def _data_home(platform: str, environ: Mapping[str, str], local_app_data: Callable[[], str]) -> str:
    return _base_folder("XDG_DATA_HOME", (".local", "share"), platform, environ, local_app_data)


def _base_folder(
    variable: str,
    default: tuple[str, str],
    platform: str,
    environ: Mapping[str, str],
    local_app_data: Callable[[], str],
) -> str:
    named = environ.get(variable, "")
    if platform == "win32":
        import ntpath  # only here: other systems do not load it

        profile = environ.get("USERPROFILE", "")
        if profile and named.startswith("%USERPROFILE%"):
            named = profile + named.removeprefix("%USERPROFILE%")
        return named if ntpath.isabs(named) else local_app_data()
    home = environ.get("HOME") or "/"
    for short in ("~", "$HOME"):
        if named.startswith(short):
            named = posixpath.normpath(f"{home}/{named.removeprefix(short)}")
    if posixpath.isabs(named):
        return named
    return posixpath.join(home, *(["Library", "Application Support"] if platform == "darwin" else default))


def _local_app_data() -> str:
    import platformdirs  # only Windows needs it

    return platformdirs.user_data_dir(appname=None, appauthor=False)
