"""Turns plugin directories into OCI artifacts, and finds what a plugin would run."""

from toolhive_plugins_packager.components import (
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
from toolhive_plugins_packager.directory import PluginFile
from toolhive_plugins_packager.discovery import discover_components
from toolhive_plugins_packager.front_matter import FrontMatter, FrontMatterError, read_front_matter
from toolhive_plugins_packager.inventory import InventoryResult, component_inventory, declared_inventory
from toolhive_plugins_packager.manifest import MANIFEST_PATH, PluginManifest, parse_plugin_manifest
from toolhive_plugins_packager.packager import Packager
from toolhive_plugins_packager.plugin_directory import PluginDirectory, open_plugin_directory
from toolhive_plugins_packager.tree import FileTree, MemoryTree, UnreadableFileError, resolve_path
from toolhive_plugins_packager.walk import MAX_FILES, MAX_TOTAL_SIZE

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
    "Packager",
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
