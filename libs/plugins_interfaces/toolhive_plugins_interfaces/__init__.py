"""What packagers and registry clients promise: Protocols, options, results, errors.

What they say of a plugin is a `PluginConfig`; it and its reader are handed on from `toolhive_plugins_mediatypes`, so that a registry
client, which judges an artifact by them, depends on the interfaces alone.
"""

from toolhive_plugins_interfaces.diagnostics import Diagnostic, Severity
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
    RegistryCatalog,
    RegistryClient,
)
from toolhive_plugins_interfaces.options import default_package_options
from toolhive_plugins_mediatypes import ARTIFACT_TYPE_PLUGIN, PluginConfig, plugin_config_from_image_config

__all__ = [
    "ARTIFACT_TYPE_PLUGIN",
    "Compat",
    "CredentialError",
    "Diagnostic",
    "InvalidArtifactError",
    "InvalidPluginDirError",
    "InvalidPluginFileError",
    "InvalidPluginManifestError",
    "InvalidReferenceError",
    "PackageOptions",
    "PackageResult",
    "PluginConfig",
    "PluginError",
    "PluginManifestMissingError",
    "PluginPackager",
    "PluginTooLargeError",
    "Progress",
    "RegistryAuthError",
    "RegistryCatalog",
    "RegistryClient",
    "RegistryConnectionError",
    "RegistryError",
    "RegistryNotFoundError",
    "RegistryResponseError",
    "Severity",
    "TooManyFilesError",
    "default_package_options",
    "plugin_config_from_image_config",
]
