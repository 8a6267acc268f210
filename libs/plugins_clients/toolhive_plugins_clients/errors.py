"""Errors of what installing into a client meets."""

from enum import StrEnum

from toolhive_plugins import ToolhiveError


class Hint(StrEnum):
    """Codes for remedies that a command words with options of its own."""

    CORRECT_FILE = "correct-client-file"
    """A file of the client's must be corrected, or moved away, by hand."""

    NAME_PROJECT = "name-project"
    """Another folder is to be named as the project."""

    ADAPT = "adapt-plugin"
    """The plugin has to be built for the client too, or installed into others."""


class ClientError(ToolhiveError):
    """Something about a client, or its files, keeps a plugin from being installed or removed there."""


class PlacementError(ClientError):
    """A plugin cannot go where it was asked to: its name, the project, or a folder on the way is not usable."""


class ClientFileError(ClientError):
    """A client's own file cannot be read, is not what the client takes, or cannot be changed without losing something."""
