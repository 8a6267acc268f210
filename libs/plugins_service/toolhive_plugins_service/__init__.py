"""What one does with ToolHive plugins: build, validate, push, pull, list, inspect, compare, verify, extract.

Names are loaded on first use, so that a program which lists builds does not pay for what compares them. The names of the
released surface that a caller of the service needs are handed on.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins import Agent as Agent
    from toolhive_plugins import AtStart as AtStart
    from toolhive_plugins import ChangeKind as ChangeKind
    from toolhive_plugins import Client as Client
    from toolhive_plugins import Command as Command
    from toolhive_plugins import Compat as Compat
    from toolhive_plugins import Descriptor as Descriptor
    from toolhive_plugins import Diagnostic as Diagnostic
    from toolhive_plugins import Digest as Digest
    from toolhive_plugins import Fact as Fact
    from toolhive_plugins import GcReport as GcReport
    from toolhive_plugins import Hook as Hook
    from toolhive_plugins import Irregular as Irregular
    from toolhive_plugins import LspServer as LspServer
    from toolhive_plugins import McpServer as McpServer
    from toolhive_plugins import Module as Module
    from toolhive_plugins import Monitor as Monitor
    from toolhive_plugins import NameMismatchError as NameMismatchError
    from toolhive_plugins import NotAPluginError as NotAPluginError
    from toolhive_plugins import Notice as Notice
    from toolhive_plugins import NoticeKind as NoticeKind
    from toolhive_plugins import Part as Part
    from toolhive_plugins import PartKind as PartKind
    from toolhive_plugins import PartReader as PartReader
    from toolhive_plugins import Platform as Platform
    from toolhive_plugins import Problem as Problem
    from toolhive_plugins import Program as Program
    from toolhive_plugins import Progress as Progress
    from toolhive_plugins import Registry as Registry
    from toolhive_plugins import RetryPolicy as RetryPolicy
    from toolhive_plugins import Rule as Rule
    from toolhive_plugins import Severity as Severity
    from toolhive_plugins import Skill as Skill
    from toolhive_plugins import StatusLine as StatusLine
    from toolhive_plugins import Store as Store
    from toolhive_plugins import Surface as Surface
    from toolhive_plugins import SurfaceDocument as SurfaceDocument
    from toolhive_plugins import Timeouts as Timeouts
    from toolhive_plugins import ToolhiveError as ToolhiveError
    from toolhive_plugins import UnreadFile as UnreadFile
    from toolhive_plugins import ValidationReport as ValidationReport
    from toolhive_plugins import mask_tokens as mask_tokens
    from toolhive_plugins import parse_platform as parse_platform
    from toolhive_plugins import parse_registry as parse_registry
    from toolhive_plugins import running_server as running_server
    from toolhive_plugins import shown as shown
    from toolhive_plugins import surface_document as surface_document
    from toolhive_plugins_installs import HandedOut as HandedOut
    from toolhive_plugins_installs import Seeded as Seeded
    from toolhive_plugins_installs import SeedRequest as SeedRequest
    from toolhive_plugins_marketplaces import CatalogChange as CatalogChange
    from toolhive_plugins_marketplaces import CatalogChangeKind as CatalogChangeKind
    from toolhive_plugins_marketplaces import CatalogComparison as CatalogComparison
    from toolhive_plugins_marketplaces import CatalogPlugin as CatalogPlugin
    from toolhive_plugins_marketplaces import CopiedPlugin as CopiedPlugin
    from toolhive_plugins_marketplaces import CopyState as CopyState
    from toolhive_plugins_marketplaces import Generated as Generated
    from toolhive_plugins_marketplaces import GenerateOptions as GenerateOptions
    from toolhive_plugins_marketplaces import MarketplaceCopy as MarketplaceCopy
    from toolhive_plugins_marketplaces import MarketplacePush as MarketplacePush
    from toolhive_plugins_marketplaces import MarketplaceReport as MarketplaceReport
    from toolhive_plugins_marketplaces import Owner as Owner
    from toolhive_plugins_marketplaces import PushedPlugin as PushedPlugin
    from toolhive_plugins_marketplaces import PushOptions as PushOptions
    from toolhive_plugins_marketplaces import PushState as PushState
    from toolhive_plugins_marketplaces import ReadPlugin as ReadPlugin
    from toolhive_plugins_marketplaces import ReadState as ReadState
    from toolhive_plugins_marketplaces import SourceChoice as SourceChoice
    from toolhive_plugins_marketplaces import SurfaceSummary as SurfaceSummary
    from toolhive_plugins_service.builds import Build as Build
    from toolhive_plugins_service.builds import BuildRequest as BuildRequest
    from toolhive_plugins_service.comparison import Comparison as Comparison
    from toolhive_plugins_service.comparison import MetadataChange as MetadataChange
    from toolhive_plugins_service.comparison import SurfaceChange as SurfaceChange
    from toolhive_plugins_service.content import Content as Content
    from toolhive_plugins_service.content import ContentFile as ContentFile
    from toolhive_plugins_service.differences import Aspect as Aspect
    from toolhive_plugins_service.differences import Difference as Difference
    from toolhive_plugins_service.differences import DifferenceField as DifferenceField
    from toolhive_plugins_service.errors import DestinationError as DestinationError
    from toolhive_plugins_service.errors import RequestError as RequestError
    from toolhive_plugins_service.errors import ServiceError as ServiceError
    from toolhive_plugins_service.errors import TargetNotFoundError as TargetNotFoundError
    from toolhive_plugins_service.extraction import Extracted as Extracted
    from toolhive_plugins_service.extraction import ExtractRequest as ExtractRequest
    from toolhive_plugins_service.files import FileChange as FileChange
    from toolhive_plugins_service.files import FileChangeKind as FileChangeKind
    from toolhive_plugins_service.inspection import Disagreement as Disagreement
    from toolhive_plugins_service.inspection import Inspection as Inspection
    from toolhive_plugins_service.inspection import PlatformSurface as PlatformSurface
    from toolhive_plugins_service.listing import StoredBuild as StoredBuild
    from toolhive_plugins_service.logins import LoggedIn as LoggedIn
    from toolhive_plugins_service.logins import LoggedOut as LoggedOut
    from toolhive_plugins_service.logins import log_in as log_in
    from toolhive_plugins_service.logins import log_out as log_out
    from toolhive_plugins_service.marketplaces import CatalogView as CatalogView
    from toolhive_plugins_service.marketplaces import MarketplaceService as MarketplaceService
    from toolhive_plugins_service.marketplaces import MarketplaceSource as MarketplaceSource
    from toolhive_plugins_service.service import Service as Service
    from toolhive_plugins_service.sources import Source as Source
    from toolhive_plugins_service.store_check import StoreCheck as StoreCheck
    from toolhive_plugins_service.tagging import Copied as Copied
    from toolhive_plugins_service.tagging import RepositoryTags as RepositoryTags
    from toolhive_plugins_service.tagging import Tagged as Tagged
    from toolhive_plugins_service.targets import DirectoryTarget as DirectoryTarget
    from toolhive_plugins_service.targets import LocalTarget as LocalTarget
    from toolhive_plugins_service.targets import Origin as Origin
    from toolhive_plugins_service.targets import OriginKind as OriginKind
    from toolhive_plugins_service.targets import RemoteTarget as RemoteTarget
    from toolhive_plugins_service.transfer import Pulled as Pulled
    from toolhive_plugins_service.transfer import Pushed as Pushed
    from toolhive_plugins_service.verification import Verdict as Verdict
    from toolhive_plugins_service.verification import Verification as Verification
else:
    from toolhive_plugins import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
