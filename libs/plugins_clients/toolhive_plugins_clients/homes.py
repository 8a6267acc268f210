"""Where a user's clients keep their files, as the environment says."""

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from toolhive_plugins import shown
from toolhive_plugins_clients.errors import PlacementError


def _absolute(path: Path, where: str) -> Path:
    text = str(path)
    if not path.is_absolute() or "\0" in text or "\n" in text or ".." in path.parts:
        problem = f"{shown(text)!r} is not an absolute path without '..'"
        raise PlacementError(problem, where=where, remedy="Name a folder by its full path")
    return path


@frozen
class Homes:
    """The user's home, and the variables by which clients keep their files elsewhere.

    Each adapter asks for its own folder, so that a new client needs nothing here. All paths are absolute and have no `..`.
    """

    home: Path = field(converter=Path)
    """The user's home."""

    variables: Mapping[str, str] = field(factory=dict, hash=False, repr=False)
    """The environment, from which adapters read their variables (`CLAUDE_CONFIG_DIR`, `CODEX_HOME`)."""

    system: Path = field(default=Path("/"), converter=Path)
    """The root of the machine's own settings, which adapters read and never write: `/`, or another folder in tests."""

    def __attrs_post_init__(self) -> None:
        _absolute(self.home, "the home folder")
        _absolute(self.system, "the folder of the machine's settings")

    def folder(self, variable: str, default: str) -> Path:
        """Return the folder that an environment variable names, or one below the home.

        Args:
            variable: its name; not set and empty are the same.
            default: a path from the home.

        Raises:
            PlacementError: the variable holds something other than an absolute path.
        """
        value = self.variables.get(variable, "")
        return _absolute(Path(value), variable) if value else self.home / default


def homes_from(environ: Mapping[str, str]) -> Homes:
    """Return the homes of the user whose environment this is, as it is now.

    Raises:
        PlacementError: it names no home, or not by its full path.
    """
    home = environ.get("USERPROFILE" if os.name == "nt" else "HOME") or str(Path("~").expanduser())
    return Homes(Path(os.path.normpath(home)), dict(environ))
