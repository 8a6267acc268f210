"""What this library raises, and the hints that a program words with its own commands."""

import enum

from toolhive_plugins import ToolhiveError


class Hint(enum.StrEnum):
    """Codes of the remedies that a program words with its own commands and options."""

    ACCEPT_GROWTH = "accept-growth"
    """The new version can do more, which can be accepted."""

    ALLOW_DOWNGRADE = "allow-downgrade"
    """An older version can be accepted."""

    ALLOW_REF_CHANGE = "allow-ref-change"
    """That a plugin comes from another repository can be accepted."""

    ALLOW_SIGNER_CHANGE = "allow-signer-change"
    """Another signer than before can be accepted."""

    ALLOW_UNSIGNED = "allow-unsigned"
    """An unsigned plugin can be accepted."""

    ANSWER = "answer-beforehand"
    """A question can be answered beforehand."""

    BUILD_FIRST = "build-first"
    """The target is a directory, and only an artifact is installed."""

    LIST_INSTALLS = "list-installs"
    """What is installed has other names."""

    NAME_AN_INSTALLABLE = "name-an-installable"
    """A target is a reference, a local tag, a git address, or a name in a catalog."""

    TRUST_SIGNER = "trust-signer"
    """The message names the signers that were found; one of them can be trusted."""

    REPLACE_FOLDER = "replace-folder"
    """What is there can be replaced, or removed, by force."""


class InstallsError(ToolhiveError):
    """The base of this library's own errors."""


class InvalidTargetError(InstallsError):
    """A target is malformed, or of a kind that cannot be installed, such as a directory."""


class UnknownTargetError(InstallsError):
    """A target is neither in the local store, nor a complete reference, nor in a catalog."""


class AmbiguousTargetError(InvalidTargetError):
    """A name or the beginning of a digest means several things."""


class ContentDigestError(InstallsError):
    """A plugin has a file whose name cannot be part of a content digest."""


class LockFileError(InstallsError):
    """A lock file is malformed, contradicts itself, or cannot be read or written."""


class DiskError(InstallsError, OSError):
    """The operating system refused or failed to change a disk; `errno` says why."""

    def __init__(
        self, problem: str, *, where: str = "", remedy: str = "", hint: str = "", errno: int | None = None
    ) -> None:
        super().__init__(problem, where=where, remedy=remedy, hint=hint)
        self.errno = errno
        self.strerror = problem
        self.filename = where


class ChangedMeanwhileError(InstallsError):
    """A file or folder is not what it was when the change was planned; nothing was changed, and it can be tried again."""


class JournalError(InstallsError):
    """The journal of an interrupted run cannot be read, or what it did cannot be taken back now."""


class RecordsError(InstallsError):
    """The record of what is installed is damaged, or of another version."""


class BusyError(InstallsError):
    """Another process is installing or removing plugins."""


class UnsupportedSystemError(InstallsError):
    """Plugins are not installed into clients on this operating system."""


class FolderLimitError(InstallsError):
    """A folder has more in it than is looked at."""


class FolderTakenError(InstallsError):
    """A folder was not made by us, or was edited since, and is neither replaced nor removed unless that is asked for."""


class NotInstalledError(InstallsError):
    """No plugin of that name is installed there."""


class NoClientError(InstallsError):
    """There is no client to install into, or none that was asked for."""


class UntrustedError(InstallsError):
    """A plugin may not be installed: it is not signed, or not by whom it should be."""


class DowngradeError(UntrustedError):
    """A version is older than the one that is there: perhaps one whose faults are known."""


class DeclinedError(UntrustedError):
    """A person said no."""


class UnansweredError(InstallsError):
    """A question came up, and there is nobody to ask."""


class GrowthError(InstallsError):
    """A new version can do more than the installed one, and nobody has accepted that."""


class ChangedSourceError(InstallsError):
    """A source names another plugin, or the same one from another repository."""
