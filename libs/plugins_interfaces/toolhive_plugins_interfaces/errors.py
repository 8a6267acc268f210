"""The errors that packagers and registry clients raise, whoever implements them."""

from toolhive_artifact import ToolhiveError


class PluginError(ToolhiveError):
    """A plugin directory cannot be packaged as it stands."""


class InvalidPluginDirError(PluginError):
    """The plugin directory is absent, unreadable, not a directory or not given as an absolute path."""


class PluginManifestMissingError(PluginError):
    """The directory has no `.claude-plugin/plugin.json`."""


class InvalidPluginManifestError(PluginError):
    """`.claude-plugin/plugin.json` is too large, malformed, or lacks a name."""


class TooManyFilesError(PluginError):
    """The directory holds more than 1,000 files beside the manifest."""


class PluginTooLargeError(PluginError):
    """The files of the directory add up to more than 95 MiB."""


class InvalidPluginFileError(PluginError):
    """A file is a link, a device or another thing that is no regular file, changed while it was read, or has a path that is refused."""


class InvalidReferenceError(ToolhiveError):
    """A reference is malformed, or carries neither a tag nor a digest."""


class CredentialError(ToolhiveError):
    """Credentials are configured but cannot be read, or a credential helper failed."""


class RegistryError(ToolhiveError):
    """A registry could not be reached, refused, or answered with something that is not to be trusted."""


class RegistryConnectionError(RegistryError):
    """No usable connection: name resolution, refused, reset, TLS, or out of time."""


class RegistryAuthError(RegistryError):
    """The registry, or its token service, did not accept the credentials or their absence."""


class RegistryNotFoundError(RegistryError):
    """The registry does not have the repository, tag, manifest or blob."""


class RegistryResponseError(RegistryError):
    """The registry answered outside the protocol, or with an error that repeating did not cure."""


class InvalidArtifactError(RegistryError):
    """What the registry holds under the reference is no plugin artifact, or breaks a limit for one."""
