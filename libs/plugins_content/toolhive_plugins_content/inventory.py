"""Counts a plugin's components, by the rule of each profile."""

from collections.abc import Iterable

from attrs import frozen

from toolhive_artifact import JsonObject, JsonValue
from toolhive_plugins_content.components import ComponentType, Hook, Source
from toolhive_plugins_content.declarations import (
    MARKDOWN_TYPES,
    REPLACES_DEFAULT,
    Declaration,
    default_files,
    read_declaration,
)
from toolhive_plugins_content.discovery import read_json_components
from toolhive_plugins_content.findings import Findings
from toolhive_plugins_content.plugin_manifest import PluginManifest
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_interfaces.diagnostics import Diagnostic
from toolhive_plugins_mediatypes import ComponentInventory


@frozen
class InventoryResult:
    """A count, and the problems found while counting."""

    inventory: ComponentInventory | None
    """The number of components by type, without types that have none; None if no type has any."""

    problems: tuple[Diagnostic, ...] = ()
    """Declarations that lead nowhere, and files that cannot be parsed; neither are counted."""


def component_inventory(tree: FileTree, manifest: PluginManifest) -> InventoryResult:
    """Count a plugin's components: the default profile's inventory.

    What Claude Code loads is counted (seen at version 2.1.332): declared commands and agents replace those in the default place; all
    else that is declared adds to it. Of servers that share a name, one counts. A declared path, or each path of a list, is counted by
    the components there, each file once; everything else in a declaration as toolhive-core counts it. A path that leads out of the
    plugin is not followed and not counted.

    Raises:
        ToolhiveError: a file cannot be read, or changed since the tree was made.
    """
    findings = Findings()
    counts = {kind.value: _count(tree, manifest, kind, findings) for kind in ComponentType}
    return InventoryResult(_without_zeros(counts), findings.in_order_found())


def declared_inventory(manifest: PluginManifest) -> ComponentInventory | None:
    """Count what `plugin.json` declares, without looking at other files: toolhive-core's inventory."""
    return _without_zeros({kind.value: _declared_count(manifest.declared(kind.value)) for kind in ComponentType})


def _count(tree: FileTree, manifest: PluginManifest, kind: ComponentType, findings: Findings) -> int:
    declaration = read_declaration(tree, manifest, kind, findings)
    if declaration is None:
        declaration = Declaration()
        default = default_files(tree, kind)
    else:
        default = () if kind in REPLACES_DEFAULT else default_files(tree, kind)
    # A file in the default place may be declared as well: it is one file.
    files = dict.fromkeys(declaration.files, True) | dict.fromkeys(default, False)
    if kind in MARKDOWN_TYPES:
        return declaration.counted + len(files)
    found = [
        component
        for path, declared in files.items()
        for component in read_json_components(tree, Source(path, declared), kind, findings)
    ]
    if kind is ComponentType.HOOKS:
        return declaration.counted + len(found)
    return _server_count(declaration, [item.name for item in found if not isinstance(item, Hook)])


def _server_count(declaration: Declaration, names: Iterable[str]) -> int:
    """Count servers: of those that share a name, the client keeps one."""
    whole = next((inline.value for inline in declaration.inline if len(inline.at) == 1), None)
    inline_names = tuple(whole) if isinstance(whole, JsonObject) else ()
    return declaration.counted - len(inline_names) + len({*inline_names, *names})


def _declared_count(value: JsonValue) -> int:
    if value is None:
        return 0
    return len(value) if isinstance(value, tuple | JsonObject) else 1


def _without_zeros(counts: dict[str, int]) -> ComponentInventory | None:
    inventory = ComponentInventory({kind: count for kind, count in counts.items() if count})
    return inventory or None
