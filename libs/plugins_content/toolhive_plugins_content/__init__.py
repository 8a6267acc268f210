"""Reads a plugin: its files, its manifest, its components, what it would run, and what is wrong with it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_content.adapting.adapt import Adapted as Adapted
    from toolhive_plugins_content.adapting.adapt import PluginFormat as PluginFormat
    from toolhive_plugins_content.adapting.adapt import adapt as adapt
    from toolhive_plugins_content.clones import ClonedPlugin as ClonedPlugin
    from toolhive_plugins_content.clones import open_plugin_clone as open_plugin_clone
    from toolhive_plugins_content.commit_tree import CommitTree as CommitTree
    from toolhive_plugins_content.commit_tree import open_plugin_commit as open_plugin_commit
    from toolhive_plugins_content.commits import CommitDirectory as CommitDirectory
    from toolhive_plugins_content.commits import LastChange as LastChange
    from toolhive_plugins_content.commits import find_commit_directory as find_commit_directory
    from toolhive_plugins_content.commits import find_last_change as find_last_change
    from toolhive_plugins_content.components import Agent as Agent
    from toolhive_plugins_content.components import Command as Command
    from toolhive_plugins_content.components import Components as Components
    from toolhive_plugins_content.components import ComponentType as ComponentType
    from toolhive_plugins_content.components import Hook as Hook
    from toolhive_plugins_content.components import LspServer as LspServer
    from toolhive_plugins_content.components import McpServer as McpServer
    from toolhive_plugins_content.components import Monitor as Monitor
    from toolhive_plugins_content.components import Prompt as Prompt
    from toolhive_plugins_content.components import Skill as Skill
    from toolhive_plugins_content.components import Source as Source
    from toolhive_plugins_content.discovery import discover_components as discover_components
    from toolhive_plugins_content.errors import AdaptError as AdaptError
    from toolhive_plugins_content.errors import ChangedFileError as ChangedFileError
    from toolhive_plugins_content.errors import CommitNotFoundError as CommitNotFoundError
    from toolhive_plugins_content.errors import GitError as GitError
    from toolhive_plugins_content.errors import GitFailedError as GitFailedError
    from toolhive_plugins_content.errors import GitMissingError as GitMissingError
    from toolhive_plugins_content.errors import ShallowHistoryError as ShallowHistoryError
    from toolhive_plugins_content.errors import SurfaceLimitError as SurfaceLimitError
    from toolhive_plugins_content.errors import UnreadableFileError as UnreadableFileError
    from toolhive_plugins_content.findings import Findings as Findings
    from toolhive_plugins_content.findings import FirstFault as FirstFault
    from toolhive_plugins_content.front_matter import FrontMatterReading as FrontMatterReading
    from toolhive_plugins_content.front_matter import read_front_matter as read_front_matter
    from toolhive_plugins_content.git import Repository as Repository
    from toolhive_plugins_content.git import clone_bare as clone_bare
    from toolhive_plugins_content.inventory import InventoryResult as InventoryResult
    from toolhive_plugins_content.inventory import component_inventory as component_inventory
    from toolhive_plugins_content.inventory import declared_inventory as declared_inventory
    from toolhive_plugins_content.layer_tree import LayerTree as LayerTree
    from toolhive_plugins_content.made_plugin import MadePlugin as MadePlugin
    from toolhive_plugins_content.plugin import Irregular as Irregular
    from toolhive_plugins_content.plugin import PluginTree as PluginTree
    from toolhive_plugins_content.plugin import read_manifest as read_manifest
    from toolhive_plugins_content.plugin_directory import PluginDirectory as PluginDirectory
    from toolhive_plugins_content.plugin_directory import open_plugin_directory as open_plugin_directory
    from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH as MANIFEST_PATH
    from toolhive_plugins_content.plugin_manifest import PluginManifest as PluginManifest
    from toolhive_plugins_content.plugin_manifest import parse_plugin_manifest as parse_plugin_manifest
    from toolhive_plugins_content.portable_names import check_portable as check_portable
    from toolhive_plugins_content.portable_names import is_plugin_name as is_plugin_name
    from toolhive_plugins_content.portable_names import is_portable as is_portable
    from toolhive_plugins_content.replacing import replace_directory as replace_directory
    from toolhive_plugins_content.rules import Rule as Rule
    from toolhive_plugins_content.selection import MAX_FILES as MAX_FILES
    from toolhive_plugins_content.selection import MAX_TOTAL_SIZE as MAX_TOTAL_SIZE
    from toolhive_plugins_content.selection import Entry as Entry
    from toolhive_plugins_content.selection import EntryKind as EntryKind
    from toolhive_plugins_content.selection import Fault as Fault
    from toolhive_plugins_content.selection import Selection as Selection
    from toolhive_plugins_content.selection import select as select
    from toolhive_plugins_content.several_manifests import claims_open_format as claims_open_format
    from toolhive_plugins_content.snapshot import Snapshot as Snapshot
    from toolhive_plugins_content.snapshot import open_snapshot as open_snapshot
    from toolhive_plugins_content.snapshot import snapshot_of as snapshot_of
    from toolhive_plugins_content.surface.commands import quoted as quoted
    from toolhive_plugins_content.surface.growth import ChangeKind as ChangeKind
    from toolhive_plugins_content.surface.growth import CodeChange as CodeChange
    from toolhive_plugins_content.surface.growth import PartChange as PartChange
    from toolhive_plugins_content.surface.growth import code_changes as code_changes
    from toolhive_plugins_content.surface.growth import compare_surfaces as compare_surfaces
    from toolhive_plugins_content.surface.limits import check_surface_size as check_surface_size
    from toolhive_plugins_content.surface.limits import judge_surface_size as judge_surface_size
    from toolhive_plugins_content.surface.parts import Part as Part
    from toolhive_plugins_content.surface.parts import PartKind as PartKind
    from toolhive_plugins_content.surface.parts import PartReader as PartReader
    from toolhive_plugins_content.surface.parts import Rights as Rights
    from toolhive_plugins_content.surface.programs import Program as Program
    from toolhive_plugins_content.surface.secrets import mask_tokens as mask_tokens
    from toolhive_plugins_content.surface.surface import Surface as Surface
    from toolhive_plugins_content.surface.surface import read_surface as read_surface
    from toolhive_plugins_content.surface.values import Fact as Fact
    from toolhive_plugins_content.surface.values import canonical as canonical
    from toolhive_plugins_content.surface.values import facts_of as facts_of
    from toolhive_plugins_content.surface.views import AtStart as AtStart
    from toolhive_plugins_content.surface.views import Module as Module
    from toolhive_plugins_content.surface.views import PartDocument as PartDocument
    from toolhive_plugins_content.surface.views import StatusLine as StatusLine
    from toolhive_plugins_content.surface.views import SurfaceDocument as SurfaceDocument
    from toolhive_plugins_content.surface.views import UnreadFile as UnreadFile
    from toolhive_plugins_content.surface.views import surface_document as surface_document
    from toolhive_plugins_content.tree import FileTree as FileTree
    from toolhive_plugins_content.tree import MemoryTree as MemoryTree
    from toolhive_plugins_content.tree import PluginFile as PluginFile
    from toolhive_plugins_content.tree import path_bytes as path_bytes
    from toolhive_plugins_content.tree import resolve_path as resolve_path
    from toolhive_plugins_content.tree_writer import FileModes as FileModes
    from toolhive_plugins_content.tree_writer import sync_folder as sync_folder
    from toolhive_plugins_content.tree_writer import write_files as write_files
    from toolhive_plugins_content.validation import ValidationReport as ValidationReport
    from toolhive_plugins_content.validation import check_plugin as check_plugin
    from toolhive_plugins_content.validation import report_on as report_on
    from toolhive_plugins_content.verdicts.claude_code_marketplace import (
        is_reserved_marketplace as is_reserved_marketplace,
    )
    from toolhive_plugins_content.verdicts.claude_code_marketplace import is_reserved_plugin as is_reserved_plugin
    from toolhive_plugins_content.verdicts.claude_code_marketplace import marketplace_faults as marketplace_faults
    from toolhive_plugins_content.verdicts.toolhive import MAX_INSTALLED_FILES as MAX_INSTALLED_FILES
    from toolhive_plugins_content.verdicts.toolhive import MAX_INSTALLED_LAYER as MAX_INSTALLED_LAYER
    from toolhive_plugins_content.verdicts.verdict import Client as Client
    from toolhive_plugins_content.verdicts.verdict import ClientVerdict as ClientVerdict
    from toolhive_plugins_content.verdicts.verdict import Effect as Effect
    from toolhive_plugins_content.verdicts.verdict import Outcome as Outcome
    from toolhive_plugins_content.verdicts.verdict import Reason as Reason
    from toolhive_plugins_content.verdicts.verdicts import client_verdicts as client_verdicts
else:
    from toolhive_artifact.exports import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
