"""Reads a plugin: its files, its manifest, its components, and what is wrong with them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_content.components import Agent as Agent
    from toolhive_plugins_content.components import Command as Command
    from toolhive_plugins_content.components import ComponentProblem as ComponentProblem
    from toolhive_plugins_content.components import Components as Components
    from toolhive_plugins_content.components import ComponentType as ComponentType
    from toolhive_plugins_content.components import Hook as Hook
    from toolhive_plugins_content.components import LspServer as LspServer
    from toolhive_plugins_content.components import McpServer as McpServer
    from toolhive_plugins_content.components import Monitor as Monitor
    from toolhive_plugins_content.components import Skill as Skill
    from toolhive_plugins_content.components import Source as Source
    from toolhive_plugins_content.directory import PluginFile as PluginFile
    from toolhive_plugins_content.discovery import discover_components as discover_components
    from toolhive_plugins_content.front_matter import FrontMatter as FrontMatter
    from toolhive_plugins_content.front_matter import FrontMatterError as FrontMatterError
    from toolhive_plugins_content.front_matter import read_front_matter as read_front_matter
    from toolhive_plugins_content.inventory import InventoryResult as InventoryResult
    from toolhive_plugins_content.inventory import component_inventory as component_inventory
    from toolhive_plugins_content.inventory import declared_inventory as declared_inventory
    from toolhive_plugins_content.plugin_directory import PluginDirectory as PluginDirectory
    from toolhive_plugins_content.plugin_directory import open_plugin_directory as open_plugin_directory
    from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH as MANIFEST_PATH
    from toolhive_plugins_content.plugin_manifest import PluginManifest as PluginManifest
    from toolhive_plugins_content.plugin_manifest import parse_plugin_manifest as parse_plugin_manifest
    from toolhive_plugins_content.tree import FileTree as FileTree
    from toolhive_plugins_content.tree import MemoryTree as MemoryTree
    from toolhive_plugins_content.tree import UnreadableFileError as UnreadableFileError
    from toolhive_plugins_content.tree import resolve_path as resolve_path
    from toolhive_plugins_content.walk import MAX_FILES as MAX_FILES
    from toolhive_plugins_content.walk import MAX_TOTAL_SIZE as MAX_TOTAL_SIZE
else:
    from toolhive_artifact.exports import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
