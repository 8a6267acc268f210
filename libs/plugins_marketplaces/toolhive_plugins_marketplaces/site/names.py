"""What the files of a site are called."""

from typing import Final

from toolhive_plugins import is_portable, shown
from toolhive_plugins_marketplaces.errors import GenerateError
from toolhive_plugins_marketplaces.names import is_repository_name

INDEX: Final = "index.html"
PLUGINS: Final = "plugins"
"""The folder of the plugins' pages."""


def page_of(name: str) -> str:
    """Return the file of a plugin's page: its name, which the rule of repositories' names keeps harmless.

    No such name ends in a hyphen, so one that is a device to Windows gets one, and is no other's.

    Raises:
        GenerateError: no repository can have that name.
    """
    if not is_repository_name(name):
        raise GenerateError("cannot have a page under that name", where=shown(name))
    return f"{name}.html" if is_portable(name) else f"{_hyphenated(name)}.html"


def _hyphenated(name: str) -> str:
    first, dot, rest = name.partition(".")
    return f"{first}-{dot}{rest}"
