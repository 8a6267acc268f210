"""What the service itself raises, and the kinds that callers tell apart (the command's exit statuses, say)."""

import enum
from typing import Final

from toolhive_plugins import (
    InvalidEpochError,
    InvalidPlatformError,
    InvalidPluginDirError,
    InvalidReferenceError,
    InvalidTagError,
    PluginError,
    RegistryNotFoundError,
    StoreNotFoundError,
    ToolhiveError,
)


class Hint(enum.StrEnum):
    """Codes of the remedies that a program words with its own commands and options."""

    LIST_BUILDS = "list-builds"
    """The local store's builds have other names."""

    LIST_FILES = "list-files"
    """The plugin's files have other names."""

    NAME_A_TARGET = "name-a-target"
    """A target is a local tag, a reference or a directory."""

    REPLACE_PLUGIN = "replace-plugin"
    """A plugin is there already and may be replaced."""


class ServiceError(ToolhiveError):
    """The base of what only the service raises."""


class TargetNotFoundError(ServiceError):
    """Nothing by that name: no directory, no local tag or digest, and no complete remote reference."""


class NotAPluginError(ServiceError):
    """An artifact was read, but what it holds is no plugin or breaks the form of one."""


class NameMismatchError(NotAPluginError):
    """The plugin's name is not the last part of the repository it came from."""


class DestinationError(ServiceError):
    """The destination of an extraction exists already, or cannot be written."""


class RequestError(ServiceError):
    """A request has a value that no build could satisfy: an epoch that is no number, say."""


USAGE: Final = (RequestError, InvalidEpochError, InvalidPlatformError, InvalidReferenceError, InvalidTagError)
"""The caller asked wrongly."""

NOT_FOUND: Final = (TargetNotFoundError, StoreNotFoundError, RegistryNotFoundError, InvalidPluginDirError)
"""What was asked for is not there. Look here first: a directory that is missing is a PluginError as well."""

INVALID_PLUGIN: Final = (PluginError, NotAPluginError)
"""The directory or artifact is no valid plugin."""
