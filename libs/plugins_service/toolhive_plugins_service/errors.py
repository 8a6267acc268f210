"""What the service itself raises."""

import enum

from toolhive_plugins import ToolhiveError


class Hint(enum.StrEnum):
    """Codes of the remedies that a program words with its own commands and options."""

    ADAPT = "adapt-format"
    """A manifest can be made from the one of another format."""

    LIST_BUILDS = "list-builds"
    """The local store's builds have other names."""

    LIST_FILES = "list-files"
    """The plugin's files have other names."""

    NAME_A_TARGET = "name-a-target"
    """A target is a local tag, a reference or a directory."""

    REPLACE_PLUGIN = "replace-plugin"
    """A plugin is there already and may be replaced."""


class ServiceError(ToolhiveError):
    """The base of the service's own errors."""


class TargetNotFoundError(ServiceError):
    """The name is not that of a directory, a local tag or digest, and not a complete reference."""


class DestinationError(ServiceError):
    """The destination of an extraction is taken, or cannot be written."""


class RequestError(ServiceError):
    """A request has a value that cannot be used, such as an epoch that is not a number."""
