"""Where a plugin goes: its name, the scope, the way, the homes, the project. All checked once, here."""

import os
import re
import stat
from enum import StrEnum
from pathlib import Path
from typing import Final

from attrs import field, frozen

from toolhive_plugins import is_portable, shown
from toolhive_plugins_clients.errors import Hint, PlacementError
from toolhive_plugins_clients.homes import Homes

MAX_NAME: Final = 64
"""Characters of a plugin's name."""

_name = re.compile(r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]", re.ASCII).fullmatch

OWN_FOLDERS: Final = frozenset(
    {"cache", "data", "marketplaces", "npm-cache", "repos", "store", "synced", "toolhive", "toolhive-plugins"}
)
"""Names of folders that Claude Code has beside plugins, also where `thv` puts them, and of those that are ours."""


class Scope(StrEnum):
    """For whom a plugin is installed."""

    USER = "user"
    """For one user, in every folder."""

    PROJECT = "project"
    """For everybody who works on a project, by files that are shared through git."""


class Method(StrEnum):
    """How a plugin gets into a client."""

    FOLDER = "folder"
    """A folder that the client loads in place."""

    MARKETPLACE = "marketplace"
    """An entry of a marketplace that the client is told of."""


def check_name(name: str) -> str:
    """Return a plugin's name that can be a folder in every client.

    Raises:
        PlacementError: it is not 2 to 64 lower-case letters, digits and single hyphens, begins or ends with a hyphen, is a device
            on Windows, or is the name of a folder of a client's own.
    """
    if not _name(name) or "--" in name:
        problem = f"{shown(name)!r} cannot be the name of an installed plugin"
        remedy = "Names have 2 to 64 lower-case letters, digits and single hyphens, with a letter or digit at both ends"
        raise PlacementError(problem, where=shown(name), remedy=remedy)
    if name in OWN_FOLDERS or not is_portable(name):
        why = "is a folder of the client's own" if name in OWN_FOLDERS else "is a device on Windows"
        raise PlacementError(f"the name {name!r} {why}", where=name, remedy="The publisher must rename the plugin")
    return name


def check_project(path: Path) -> Path:
    """Return a project's root that can be installed into.

    Raises:
        PlacementError: it is not absolute, has a NUL or `..`, is not a folder, has a symbolic link anywhere, or holds no `.git`.
    """
    text = os.fspath(path)
    where = shown(text)
    if not path.is_absolute() or "\0" in text or ".." in path.parts:
        raise _not_a_project("is not an absolute path without '..'", where)
    for part in (*reversed(path.parents), path):
        try:
            mode = os.lstat(part).st_mode
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise _not_a_project(f"is not a folder that can be used: {reason}", where) from error
        if stat.S_ISLNK(mode):
            raise _not_a_project(f"{shown(part)} is a symbolic link", where, "Name the folder that it leads to")
        if not stat.S_ISDIR(mode):
            raise _not_a_project(f"{shown(part)} is not a folder", where)
    if not (path / ".git").exists():
        raise _not_a_project("is not the root of a git repository: there is no .git", where)
    return path


def _not_a_project(problem: str, where: str, remedy: str = "Name the root of a git repository") -> PlacementError:
    return PlacementError(problem, where=where, remedy=remedy, hint=Hint.NAME_PROJECT)


@frozen(kw_only=True)
class Placement:
    """One plugin in one scope: what an adapter needs to know to say where it goes.

    Raises:
        PlacementError: the name or the project cannot be used, or a project is missing or not wanted.
    """

    name: str = field(converter=check_name)
    scope: Scope = Scope.USER
    method: Method
    homes: Homes
    project: Path | None = None
    """The root of the project, for that scope only."""

    def __attrs_post_init__(self) -> None:
        if (self.scope is Scope.PROJECT) is not (self.project is not None):
            problem = "a project install needs a project" if self.project is None else "a user install has no project"
            raise PlacementError(problem, where=self.name, hint=Hint.NAME_PROJECT)
        if self.project is not None:
            check_project(self.project)
