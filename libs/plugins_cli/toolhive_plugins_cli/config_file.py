"""The configuration file: where it is, and its one table of settings, in TOML."""

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from toolhive_plugins_service import errors, shown

_MAX_SIZE: Final = 64 * 1024
"""In bytes."""

_NAME: Final = "config.toml"


def config_path(environ: Mapping[str, str]) -> str:
    """Return the path of the configuration file, whether or not there is one."""
    from platformdirs import user_config_dir

    return environ.get("THV_PLUGIN_CONFIG") or str(Path(user_config_dir("toolhive-plugins", appauthor=False), _NAME))


def read_config_file(path: str, known: Sequence[str]) -> Mapping[str, object] | None:
    """Return the file's table; None where there is no such file.

    Args:
        path: of the file.
        known: the keys that it may have.

    Raises:
        RequestError: it cannot be read, is too large, not a regular file, not TOML, or has a key that is not known.
    """
    data = _read(path)
    if data is None:
        return None
    import tomllib

    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _refused("is not UTF-8", path) from error
    except tomllib.TOMLDecodeError as error:
        raise _refused(f"is not TOML: {shown(error)}", path) from error
    except RecursionError as error:
        raise _refused("is nested too deeply", path) from error
    for key in table:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, n=1)
            remedy = f"Did you mean {near[0]}" if near else f"It may have {', '.join(known)}"
            raise errors.RequestError("there is no such setting", where=f"{shown(path)}: {shown(key)}", remedy=remedy)
    return table


def _read(path: str) -> bytes | None:
    try:
        # O_NONBLOCK: a pipe in the file's place must not be waited for.
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _refused("cannot be opened", path) from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise _refused("is not a regular file", path)
        with open(fd, "rb", closefd=False) as file:
            data = file.read(_MAX_SIZE + 1)
    finally:
        os.close(fd)
    if len(data) > _MAX_SIZE:
        raise _refused(f"is larger than {_MAX_SIZE} bytes", path)
    return data


def _refused(problem: str, path: str) -> errors.RequestError:
    return errors.RequestError(f"the configuration {problem}", where=shown(path), remedy="Correct it, or move it away")
