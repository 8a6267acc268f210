"""Counts a plugin's components, by the rule of each profile."""

from attrs import frozen

from toolhive_artifact.json_reader import JsonObject, JsonValue
from toolhive_plugins_content.components import ComponentType, Source
from toolhive_plugins_content.declarations import MARKDOWN_TYPES, default_files, read_declaration
from toolhive_plugins_content.discovery import read_json_components
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import PluginManifest
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_interfaces.diagnostics import Diagnostic
from toolhive_plugins_mediatypes import ComponentInventory


@frozen
class InventoryResult:
    """A count, and what was wrong on the way."""

    inventory: ComponentInventory | None
    """How many components of each type; a type that has none is left out; None where all are."""

    problems: tuple[Diagnostic, ...] = ()
    """Declarations that lead nowhere, and files that cannot be parsed; they count for nothing."""


def component_inventory(tree: FileTree, manifest: PluginManifest) -> InventoryResult:
    """Count what a plugin ships: the default profile's inventory.

    A type that `plugin.json` declares is counted as declared: a path, or each path of a list, by what stands there, and
    all else as the reference counts it. A type that it does not declare is counted from its default place. A path that leads
    out of the plugin is not followed and counts for nothing.

    Raises:
        ToolhiveError: a file cannot be read, or changed since the tree was made.
    """
    findings = Findings()
    counts = {kind.value: _count(tree, manifest, kind, findings) for kind in ComponentType}
    return InventoryResult(_without_zeros(counts), findings.in_order_found())


def declared_inventory(manifest: PluginManifest) -> ComponentInventory | None:
    """Count what `plugin.json` declares: the reference's inventory, which looks at no other file."""
    return _without_zeros({kind.value: _declared_count(manifest.declared(kind.value)) for kind in ComponentType})


def _count(tree: FileTree, manifest: PluginManifest, kind: ComponentType, findings: Findings) -> int:
    declaration = read_declaration(tree, manifest, kind, findings)
    if declaration is None:
        files, counted = default_files(tree, kind), 0
    else:
        files, counted = declaration.files, declaration.counted
    if kind in MARKDOWN_TYPES:
        return counted + len(files)
    declared = declaration is not None
    return counted + sum(len(read_json_components(tree, Source(file, declared), kind, findings)) for file in files)


def _declared_count(value: JsonValue) -> int:
    if value is None:
        return 0
    return len(value) if isinstance(value, tuple | JsonObject) else 1


def _without_zeros(counts: dict[str, int]) -> ComponentInventory | None:
    inventory = ComponentInventory({kind: count for kind, count in counts.items() if count})
    return inventory or None
