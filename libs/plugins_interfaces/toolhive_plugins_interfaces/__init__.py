"""What packagers and registry clients promise: Protocols, options, results, errors."""

from toolhive_plugins_interfaces.errors import (
    CredentialError,
    InvalidArtifactError,
    InvalidPluginDirError,
    InvalidPluginFileError,
    InvalidPluginManifestError,
    InvalidReferenceError,
    PluginError,
    PluginManifestMissingError,
    PluginTooLargeError,
    RegistryAuthError,
    RegistryConnectionError,
    RegistryError,
    RegistryNotFoundError,
    RegistryResponseError,
    TooManyFilesError,
)
from toolhive_plugins_interfaces.interfaces import (
    Compat,
    PackageOptions,
    PackageResult,
    PluginPackager,
    Progress,
    RegistryClient,
)
from toolhive_plugins_interfaces.options import default_package_options

__all__ = [
    "Compat",
    "CredentialError",
    "InvalidArtifactError",
    "InvalidPluginDirError",
    "InvalidPluginFileError",
    "InvalidPluginManifestError",
    "InvalidReferenceError",
    "PackageOptions",
    "PackageResult",
    "PluginError",
    "PluginManifestMissingError",
    "PluginPackager",
    "PluginTooLargeError",
    "Progress",
    "RegistryAuthError",
    "RegistryClient",
    "RegistryConnectionError",
    "RegistryError",
    "RegistryNotFoundError",
    "RegistryResponseError",
    "TooManyFilesError",
    "default_package_options",
]
