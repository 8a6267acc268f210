"""The errors that only readers of plugins raise."""

from toolhive_artifact.errors import SizeLimitError, ToolhiveError
from toolhive_plugins_interfaces.errors import InvalidPluginFileError, PluginError


class ChangedFileError(InvalidPluginFileError):
    """A file or folder is not what it was when it was listed: it changed, vanished, or something else took its place."""


class UnreadableFileError(ToolhiveError):
    """A file of a tree does not exist, or is larger than the reader takes."""


class SurfaceLimitError(SizeLimitError):
    """A plugin has more components, or more text in them, than anybody could look through."""


class GitError(ToolhiveError):
    """Git is not installed, failed, wrote too much or took too long."""


class GitMissingError(GitError):
    """Git is not installed, or not on the PATH."""


class GitFailedError(GitError):
    """A command of git ended with an error, which `problem` tells in git's own words."""


class ShallowHistoryError(GitError):
    """A repository does not have the history that tells which commit last changed a directory."""


class AdaptError(PluginError):
    """A plugin cannot be given another client's format, since that cannot say what it is."""


class CommitNotFoundError(PluginError):
    """There is no such commit, or it does not have the plugin's directory."""
