"""Marketplaces: read, pushed, copied, generated, shown.

Names load on first use, so that a program that looks a plugin up in a catalog does not load what reads marketplaces.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_marketplaces.catalog import Catalog as Catalog
    from toolhive_plugins_marketplaces.catalog import CatalogPlugin as CatalogPlugin
    from toolhive_plugins_marketplaces.catalog import Owner as Owner
    from toolhive_plugins_marketplaces.catalog import SurfaceSummary as SurfaceSummary
    from toolhive_plugins_marketplaces.catalog_artifact import ARTIFACT_TYPE_CATALOG as ARTIFACT_TYPE_CATALOG
    from toolhive_plugins_marketplaces.catalog_artifact import MEDIA_TYPE_CATALOG as MEDIA_TYPE_CATALOG
    from toolhive_plugins_marketplaces.catalog_artifact import CatalogReader as CatalogReader
    from toolhive_plugins_marketplaces.catalog_artifact import OpenCatalog as OpenCatalog
    from toolhive_plugins_marketplaces.catalog_artifact import fetch_catalog as fetch_catalog
    from toolhive_plugins_marketplaces.catalog_artifact import push_catalog as push_catalog
    from toolhive_plugins_marketplaces.catalog_artifact import put_catalog as put_catalog
    from toolhive_plugins_marketplaces.catalog_diff import CatalogChange as CatalogChange
    from toolhive_plugins_marketplaces.catalog_diff import CatalogChangeKind as CatalogChangeKind
    from toolhive_plugins_marketplaces.catalog_diff import CatalogComparison as CatalogComparison
    from toolhive_plugins_marketplaces.catalog_diff import compare_catalogs as compare_catalogs
    from toolhive_plugins_marketplaces.catalog_document import read_catalog as read_catalog
    from toolhive_plugins_marketplaces.catalog_document import write_catalog as write_catalog
    from toolhive_plugins_marketplaces.client_files import SourceChoice as SourceChoice
    from toolhive_plugins_marketplaces.copying import CopiedPlugin as CopiedPlugin
    from toolhive_plugins_marketplaces.copying import CopyState as CopyState
    from toolhive_plugins_marketplaces.copying import MarketplaceCopy as MarketplaceCopy
    from toolhive_plugins_marketplaces.copying import copy_marketplace as copy_marketplace
    from toolhive_plugins_marketplaces.document import Entry as Entry
    from toolhive_plugins_marketplaces.document import Marketplace as Marketplace
    from toolhive_plugins_marketplaces.document import Refusal as Refusal
    from toolhive_plugins_marketplaces.document import read_marketplace as read_marketplace
    from toolhive_plugins_marketplaces.errors import AddressError as AddressError
    from toolhive_plugins_marketplaces.errors import GenerateError as GenerateError
    from toolhive_plugins_marketplaces.errors import Hint as Hint
    from toolhive_plugins_marketplaces.errors import InvalidCatalogError as InvalidCatalogError
    from toolhive_plugins_marketplaces.errors import InvalidMarketplaceError as InvalidMarketplaceError
    from toolhive_plugins_marketplaces.errors import MarketplaceError as MarketplaceError
    from toolhive_plugins_marketplaces.errors import RefusedEntryError as RefusedEntryError
    from toolhive_plugins_marketplaces.gates import Gate as Gate
    from toolhive_plugins_marketplaces.generating import ForbiddenPlugin as ForbiddenPlugin
    from toolhive_plugins_marketplaces.generating import Generated as Generated
    from toolhive_plugins_marketplaces.generating import GeneratedPlugin as GeneratedPlugin
    from toolhive_plugins_marketplaces.generating import GenerateOptions as GenerateOptions
    from toolhive_plugins_marketplaces.generating import generate as generate
    from toolhive_plugins_marketplaces.generating import resolve_plugins as resolve_plugins
    from toolhive_plugins_marketplaces.names import CATALOG_REPOSITORY as CATALOG_REPOSITORY
    from toolhive_plugins_marketplaces.names import CatalogName as CatalogName
    from toolhive_plugins_marketplaces.names import Prefix as Prefix
    from toolhive_plugins_marketplaces.names import parse_catalog_name as parse_catalog_name
    from toolhive_plugins_marketplaces.names import parse_prefix as parse_prefix
    from toolhive_plugins_marketplaces.packages import PackageFetcher as PackageFetcher
    from toolhive_plugins_marketplaces.packages import npm_registry_of as npm_registry_of
    from toolhive_plugins_marketplaces.push_results import MarketplacePush as MarketplacePush
    from toolhive_plugins_marketplaces.push_results import PushedPlugin as PushedPlugin
    from toolhive_plugins_marketplaces.push_results import PushState as PushState
    from toolhive_plugins_marketplaces.pushing import MADE_MANIFEST as MADE_MANIFEST
    from toolhive_plugins_marketplaces.pushing import PushOptions as PushOptions
    from toolhive_plugins_marketplaces.pushing import push_marketplace as push_marketplace
    from toolhive_plugins_marketplaces.read_report import MarketplaceReport as MarketplaceReport
    from toolhive_plugins_marketplaces.read_report import ReadPlugin as ReadPlugin
    from toolhive_plugins_marketplaces.read_report import ReadState as ReadState
    from toolhive_plugins_marketplaces.read_report import report_on_marketplace as report_on_marketplace
    from toolhive_plugins_marketplaces.reading import INCLUDABLE as INCLUDABLE
    from toolhive_plugins_marketplaces.reading import OpenMarketplace as OpenMarketplace
    from toolhive_plugins_marketplaces.reading import OpenPlugin as OpenPlugin
    from toolhive_plugins_marketplaces.reading import open_marketplace as open_marketplace
    from toolhive_plugins_marketplaces.server_catalogs import ServerCatalog as ServerCatalog
    from toolhive_plugins_marketplaces.server_catalogs import WebReader as WebReader
    from toolhive_plugins_marketplaces.server_catalogs import find_on_server as find_on_server
    from toolhive_plugins_marketplaces.server_catalogs import names_a_server as names_a_server
    from toolhive_plugins_marketplaces.server_catalogs import read_server_catalog as read_server_catalog
    from toolhive_plugins_marketplaces.site.making import Site as Site
    from toolhive_plugins_marketplaces.site.making import SitePlugin as SitePlugin
    from toolhive_plugins_marketplaces.site.making import make_site as make_site
else:
    from toolhive_plugins import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
