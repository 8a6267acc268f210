"""The errors that packagers and registry clients raise, whoever implements them."""

from toolhive_artifact import ToolhiveError


class PluginError(ToolhiveError):
    """A plugin directory cannot be packaged as it is."""


class InvalidPluginDirError(PluginError):
    """The plugin directory is absent, unreadable, not a directory or not given as an absolute path."""


class PluginManifestMissingError(PluginError):
    """The directory has no `.claude-plugin/plugin.json`."""


class InvalidPluginManifestError(PluginError):
    """`.claude-plugin/plugin.json` is too large, malformed, or lacks a name."""


class TooManyFilesError(PluginError):
    """The directory holds more than 1,000 files besides the manifest."""


class PluginTooLargeError(PluginError):
    """The files of the directory add up to more than 95 MiB."""


class InvalidPluginFileError(PluginError):
    """A file is not a regular one (a link, a device), changed while it was read, or has a path that is refused."""


class InvalidAnnotationError(ToolhiveError):
    """An annotation is not one that a caller of a packager may give."""


class InvalidReferenceError(ToolhiveError):
    """A reference is malformed, or carries neither a tag nor a digest."""


class CredentialError(ToolhiveError):
    """Credentials are configured but cannot be read, or a credential helper failed."""


class RegistryError(ToolhiveError):
    """A registry could not be reached, refused, or answered with something that cannot be trusted."""


class RegistryConnectionError(RegistryError):
    """There is no usable connection: name resolution, refused, reset, TLS, or out of time."""


class RegistryAuthError(RegistryError):
    """The registry, or its token service, did not accept the credentials or their absence."""

    registry: str = ""
    """The registry's host, as a login names it; may be empty."""


class RegistryNotFoundError(RegistryError):
    """The registry does not have the repository, tag, manifest or blob."""


class RegistryResponseError(RegistryError):
    """The registry answered outside the protocol, or with an error that retries did not cure."""


class InvalidArtifactError(RegistryError):
    """What the registry has under the reference is not a plugin artifact, or exceeds a limit for one."""


class NotAPluginError(ToolhiveError):
    """An artifact was read, but it is not a plugin, or not a well-formed one."""


class NameMismatchError(NotAPluginError):
    """A plugin's name is not the last part of the repository or folder that it came from."""
