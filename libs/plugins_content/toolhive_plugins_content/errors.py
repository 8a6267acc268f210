"""The errors that only readers of plugins raise."""

from toolhive_artifact.errors import SizeLimitError, ToolhiveError
from toolhive_plugins_interfaces.errors import InvalidPluginFileError


class ChangedFileError(InvalidPluginFileError):
    """A file or folder is not what it was when it was listed: it changed, vanished, or something else took its place."""


class UnreadableFileError(ToolhiveError):
    """A file of a tree does not exist, or is larger than the reader takes."""


class SurfaceLimitError(SizeLimitError):
    """A plugin has more components, or more text in them, than anybody could look through."""
