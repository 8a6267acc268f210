"""The errors that readers and writers of marketplaces raise."""

import enum

from toolhive_plugins import ToolhiveError


class Hint(enum.StrEnum):
    """Codes of the remedies that a program words with its own commands and options."""

    NAME_A_CATALOG = "name-a-catalog"
    """A catalog is named by its prefix, or by reference."""

    INCLUDE_SOURCE = "include-source"
    """Sources of this kind are read only where that was asked for."""

    MOVE_TAGS = "move-tags"
    """A tag names something else, and may be moved."""


class MarketplaceError(ToolhiveError):
    """The base of this library's errors."""


class InvalidMarketplaceError(MarketplaceError):
    """The marketplace's own file is missing, malformed, or too large."""


class AddressError(MarketplaceError):
    """An address is malformed, of another protocol, or not one to go to."""


class RefusedEntryError(MarketplaceError):
    """One entry of a marketplace cannot be packaged; the others can."""


class InvalidCatalogError(MarketplaceError):
    """An artifact is not a catalog, or not a well-formed one."""


class GenerateError(MarketplaceError):
    """A client's file, or a site, cannot be made from these plugins, or not there."""
