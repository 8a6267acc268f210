"""Reads a plugin: its files, its manifest, its components, and what is wrong with them."""

from toolhive_plugins_content.components import (
    Agent,
    Command,
    ComponentProblem,
    Components,
    ComponentType,
    Hook,
    LspServer,
    McpServer,
    Monitor,
    Skill,
    Source,
)
from toolhive_plugins_content.directory import PluginFile
from toolhive_plugins_content.discovery import discover_components
from toolhive_plugins_content.front_matter import FrontMatter, FrontMatterError, read_front_matter
from toolhive_plugins_content.inventory import InventoryResult, component_inventory, declared_inventory
from toolhive_plugins_content.plugin_directory import PluginDirectory, open_plugin_directory
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH, PluginManifest, parse_plugin_manifest
from toolhive_plugins_content.tree import FileTree, MemoryTree, UnreadableFileError, resolve_path
from toolhive_plugins_content.walk import MAX_FILES, MAX_TOTAL_SIZE

__all__ = [
    "MANIFEST_PATH",
    "MAX_FILES",
    "MAX_TOTAL_SIZE",
    "Agent",
    "Command",
    "ComponentProblem",
    "ComponentType",
    "Components",
    "FileTree",
    "FrontMatter",
    "FrontMatterError",
    "Hook",
    "InventoryResult",
    "LspServer",
    "McpServer",
    "MemoryTree",
    "Monitor",
    "PluginDirectory",
    "PluginFile",
    "PluginManifest",
    "Skill",
    "Source",
    "UnreadableFileError",
    "component_inventory",
    "declared_inventory",
    "discover_components",
    "open_plugin_directory",
    "parse_plugin_manifest",
    "read_front_matter",
    "resolve_path",
]
