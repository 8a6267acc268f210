"""What this library raises, and the hints that a program words with its own commands."""

import enum

from toolhive_plugins import ToolhiveError


class Hint(enum.StrEnum):
    """Codes of the remedies that a program words with its own commands and options."""

    BUILD_FIRST = "build-first"
    """The target is a directory, and only an artifact is installed."""

    NAME_AN_INSTALLABLE = "name-an-installable"
    """A target is a reference, a local tag, a git address, or a name in a catalog."""


class InstallsError(ToolhiveError):
    """The base of this library's own errors."""


class InvalidTargetError(InstallsError):
    """A target is malformed, or of a kind that cannot be installed, such as a directory."""


class UnknownTargetError(InstallsError):
    """A target is neither in the local store, nor a complete reference, nor in a catalog."""


class AmbiguousTargetError(InvalidTargetError):
    """A name or the beginning of a digest means several things."""


class SourceLimitError(InstallsError):
    """What a target names is larger, or takes longer, than is allowed."""
