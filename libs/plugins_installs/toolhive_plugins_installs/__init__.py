"""What is installed where: install, lock file, sync, upgrade."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_installs.consent import Change as Change
    from toolhive_plugins_installs.consent import Comparer as Comparer
    from toolhive_plugins_installs.consent import Consent as Consent
    from toolhive_plugins_installs.consent import Occasion as Occasion
    from toolhive_plugins_installs.consent import Proposal as Proposal
    from toolhive_plugins_installs.consent import Unattended as Unattended
    from toolhive_plugins_installs.consent import refuse_growth as refuse_growth
    from toolhive_plugins_installs.content_digests import content_digest as content_digest
    from toolhive_plugins_installs.content_digests import digest_of_files as digest_of_files
    from toolhive_plugins_installs.errors import AmbiguousTargetError as AmbiguousTargetError
    from toolhive_plugins_installs.errors import BusyError as BusyError
    from toolhive_plugins_installs.errors import ChangedMeanwhileError as ChangedMeanwhileError
    from toolhive_plugins_installs.errors import ChangedSourceError as ChangedSourceError
    from toolhive_plugins_installs.errors import ContentDigestError as ContentDigestError
    from toolhive_plugins_installs.errors import DeclinedError as DeclinedError
    from toolhive_plugins_installs.errors import DiskError as DiskError
    from toolhive_plugins_installs.errors import FolderLimitError as FolderLimitError
    from toolhive_plugins_installs.errors import FolderTakenError as FolderTakenError
    from toolhive_plugins_installs.errors import GrowthError as GrowthError
    from toolhive_plugins_installs.errors import Hint as Hint
    from toolhive_plugins_installs.errors import InstallsError as InstallsError
    from toolhive_plugins_installs.errors import InvalidTargetError as InvalidTargetError
    from toolhive_plugins_installs.errors import JournalError as JournalError
    from toolhive_plugins_installs.errors import LockFileError as LockFileError
    from toolhive_plugins_installs.errors import NoClientError as NoClientError
    from toolhive_plugins_installs.errors import NotInstalledError as NotInstalledError
    from toolhive_plugins_installs.errors import RecordsError as RecordsError
    from toolhive_plugins_installs.errors import SourceLimitError as SourceLimitError
    from toolhive_plugins_installs.errors import UnansweredError as UnansweredError
    from toolhive_plugins_installs.errors import UnknownTargetError as UnknownTargetError
    from toolhive_plugins_installs.errors import UnsupportedSystemError as UnsupportedSystemError
    from toolhive_plugins_installs.errors import UntrustedError as UntrustedError
    from toolhive_plugins_installs.git_targets import GitTarget as GitTarget
    from toolhive_plugins_installs.git_targets import parse_git_target as parse_git_target
    from toolhive_plugins_installs.growth import can_do_more as can_do_more
    from toolhive_plugins_installs.handing_out import HandedOut as HandedOut
    from toolhive_plugins_installs.handing_out import hand_out as hand_out
    from toolhive_plugins_installs.installing import InstallRequest as InstallRequest
    from toolhive_plugins_installs.installing import install as install
    from toolhive_plugins_installs.listing import ListRequest as ListRequest
    from toolhive_plugins_installs.listing import info as info
    from toolhive_plugins_installs.listing import list_installed as list_installed
    from toolhive_plugins_installs.local_builds import LocalTagTarget as LocalTagTarget
    from toolhive_plugins_installs.local_builds import find_local_build as find_local_build
    from toolhive_plugins_installs.lock_entries import LockEntry as LockEntry
    from toolhive_plugins_installs.lock_entries import Provenance as Provenance
    from toolhive_plugins_installs.lock_file import LOCK_FILE as LOCK_FILE
    from toolhive_plugins_installs.lock_file import LockFile as LockFile
    from toolhive_plugins_installs.lock_file import parse_lock_file as parse_lock_file
    from toolhive_plugins_installs.plugin_folders import PluginFolders as PluginFolders
    from toolhive_plugins_installs.pulling import pull_artifact as pull_artifact
    from toolhive_plugins_installs.records import RecordBook as RecordBook
    from toolhive_plugins_installs.resolved import CatalogEntry as CatalogEntry
    from toolhive_plugins_installs.resolved import NameResolver as NameResolver
    from toolhive_plugins_installs.resolved import ResolvedPlugin as ResolvedPlugin
    from toolhive_plugins_installs.resolved import SourceKind as SourceKind
    from toolhive_plugins_installs.resolving import Resolver as Resolver
    from toolhive_plugins_installs.resolving import pin as pin
    from toolhive_plugins_installs.results import ClientDetail as ClientDetail
    from toolhive_plugins_installs.results import ClientFolder as ClientFolder
    from toolhive_plugins_installs.results import Installed as Installed
    from toolhive_plugins_installs.results import InstalledClient as InstalledClient
    from toolhive_plugins_installs.results import InstalledPlugin as InstalledPlugin
    from toolhive_plugins_installs.results import InstallInfo as InstallInfo
    from toolhive_plugins_installs.results import OwedStep as OwedStep
    from toolhive_plugins_installs.results import Status as Status
    from toolhive_plugins_installs.results import Synced as Synced
    from toolhive_plugins_installs.results import SyncedPlugin as SyncedPlugin
    from toolhive_plugins_installs.results import SyncStatus as SyncStatus
    from toolhive_plugins_installs.results import Trouble as Trouble
    from toolhive_plugins_installs.results import Uninstalled as Uninstalled
    from toolhive_plugins_installs.results import UpgradedPlugin as UpgradedPlugin
    from toolhive_plugins_installs.results import UpgradeStatus as UpgradeStatus
    from toolhive_plugins_installs.site import Place as Place
    from toolhive_plugins_installs.site import Site as Site
    from toolhive_plugins_installs.syncing import SyncRequest as SyncRequest
    from toolhive_plugins_installs.syncing import default_project as default_project
    from toolhive_plugins_installs.syncing import sync as sync
    from toolhive_plugins_installs.targets import CatalogName as CatalogName
    from toolhive_plugins_installs.targets import InstallTarget as InstallTarget
    from toolhive_plugins_installs.targets import ReferenceTarget as ReferenceTarget
    from toolhive_plugins_installs.targets import parse_install_target as parse_install_target
    from toolhive_plugins_installs.trust import Candidate as Candidate
    from toolhive_plugins_installs.trust import Judge as Judge
    from toolhive_plugins_installs.trust import UnsignedJudge as UnsignedJudge
    from toolhive_plugins_installs.uninstalling import UninstallRequest as UninstallRequest
    from toolhive_plugins_installs.uninstalling import uninstall as uninstall
    from toolhive_plugins_installs.upgrading import UpgradeRequest as UpgradeRequest
    from toolhive_plugins_installs.upgrading import upgrade as upgrade
else:
    from toolhive_plugins import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
