"""What packagers and registry clients promise: Protocols, options, results, errors.

`PluginConfig` and its reader come from `toolhive_plugins_mediatypes`, so that a registry client, which judges artifacts by
them, depends only on the interfaces.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_interfaces.diagnostics import Diagnostic as Diagnostic
    from toolhive_plugins_interfaces.diagnostics import Severity as Severity
    from toolhive_plugins_interfaces.errors import CredentialError as CredentialError
    from toolhive_plugins_interfaces.errors import InvalidAnnotationError as InvalidAnnotationError
    from toolhive_plugins_interfaces.errors import InvalidArtifactError as InvalidArtifactError
    from toolhive_plugins_interfaces.errors import InvalidPluginDirError as InvalidPluginDirError
    from toolhive_plugins_interfaces.errors import InvalidPluginFileError as InvalidPluginFileError
    from toolhive_plugins_interfaces.errors import InvalidPluginManifestError as InvalidPluginManifestError
    from toolhive_plugins_interfaces.errors import InvalidReferenceError as InvalidReferenceError
    from toolhive_plugins_interfaces.errors import NameMismatchError as NameMismatchError
    from toolhive_plugins_interfaces.errors import NotAPluginError as NotAPluginError
    from toolhive_plugins_interfaces.errors import PluginError as PluginError
    from toolhive_plugins_interfaces.errors import PluginManifestMissingError as PluginManifestMissingError
    from toolhive_plugins_interfaces.errors import PluginTooLargeError as PluginTooLargeError
    from toolhive_plugins_interfaces.errors import RegistryAuthError as RegistryAuthError
    from toolhive_plugins_interfaces.errors import RegistryConnectionError as RegistryConnectionError
    from toolhive_plugins_interfaces.errors import RegistryError as RegistryError
    from toolhive_plugins_interfaces.errors import RegistryNotFoundError as RegistryNotFoundError
    from toolhive_plugins_interfaces.errors import RegistryResponseError as RegistryResponseError
    from toolhive_plugins_interfaces.errors import TooManyFilesError as TooManyFilesError
    from toolhive_plugins_interfaces.interfaces import SOURCE_DATE_EPOCH as SOURCE_DATE_EPOCH
    from toolhive_plugins_interfaces.interfaces import Compat as Compat
    from toolhive_plugins_interfaces.interfaces import PackageOptions as PackageOptions
    from toolhive_plugins_interfaces.interfaces import PackageResult as PackageResult
    from toolhive_plugins_interfaces.interfaces import PluginPackager as PluginPackager
    from toolhive_plugins_interfaces.interfaces import Progress as Progress
    from toolhive_plugins_interfaces.interfaces import RegistryCatalog as RegistryCatalog
    from toolhive_plugins_interfaces.interfaces import RegistryClient as RegistryClient
    from toolhive_plugins_interfaces.interfaces import default_package_options as default_package_options
    from toolhive_plugins_mediatypes import ARTIFACT_TYPE_PLUGIN as ARTIFACT_TYPE_PLUGIN
    from toolhive_plugins_mediatypes import PluginConfig as PluginConfig
    from toolhive_plugins_mediatypes import plugin_config_from_image_config as plugin_config_from_image_config
else:
    from toolhive_artifact import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
