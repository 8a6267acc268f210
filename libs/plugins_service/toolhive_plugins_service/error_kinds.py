"""The kinds of error that callers distinguish, as the command does by its exit status."""

from typing import Final

from toolhive_plugins import (
    CommitNotFoundError,
    InvalidEpochError,
    InvalidPlatformError,
    InvalidPluginDirError,
    InvalidReferenceError,
    InvalidTagError,
    NotAPluginError,
    PluginError,
    RegistryNotFoundError,
    StoreNotFoundError,
    SurfaceLimitError,
)
from toolhive_plugins_clients import PlacementError
from toolhive_plugins_installs import (
    GrowthError,
    InvalidTargetError,
    NoClientError,
    NotInstalledError,
    UnansweredError,
    UnknownTargetError,
    UntrustedError,
)
from toolhive_plugins_marketplaces import AddressError, GenerateError, InvalidCatalogError, InvalidMarketplaceError
from toolhive_plugins_service.errors import RequestError, TargetNotFoundError
from toolhive_plugins_signatures import KeyFileError, NotTrustedError, PolicyError, TrustError

USAGE: Final = (
    RequestError,
    InvalidEpochError,
    InvalidPlatformError,
    InvalidReferenceError,
    InvalidTagError,
    InvalidTargetError,
    AddressError,
    GenerateError,
    KeyFileError,
    PolicyError,
    TrustError,
    PlacementError,
    UnansweredError,
)
"""The request is wrong."""

NOT_FOUND: Final = (
    TargetNotFoundError,
    UnknownTargetError,
    NoClientError,
    NotInstalledError,
    StoreNotFoundError,
    RegistryNotFoundError,
    InvalidPluginDirError,
    CommitNotFoundError,
)
"""What was asked for does not exist. Check these first: a missing directory is a PluginError too."""

INVALID_PLUGIN: Final = (PluginError, NotAPluginError, SurfaceLimitError, InvalidMarketplaceError, InvalidCatalogError)
"""The directory or artifact is not a valid plugin, marketplace or catalog."""

GREW: Final = (GrowthError,)
"""A newer version can do more, and nobody has accepted that."""

NOT_TRUSTED: Final = (NotTrustedError, UntrustedError)
"""Nobody whom the caller trusts has signed it; or it is not signed, or a person said no."""
