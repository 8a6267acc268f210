"""Plugins with several manifests: Claude Code's, and `plugin.json` of the Agent Plugins format, which other clients read first."""

from typing import Final

from toolhive_artifact.errors import InvalidDocumentError, shown
from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.plugin import PluginTree
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_interfaces.errors import InvalidPluginManifestError

OPEN_MANIFEST: Final = "plugin.json"
OPEN_SERVERS: Final = "mcp.json"
OPEN_SCHEMAS: Final = "https://agent-plugins.org/schemas/"
OPEN_MANIFEST_SCHEMA: Final = f"{OPEN_SCHEMAS}1.0.0/plugin.schema.json"
OPEN_SERVERS_SCHEMA: Final = f"{OPEN_SCHEMAS}1.0.0/mcp.schema.json"

MAX_OPEN_DOCUMENT: Final = 1024 * 1024
"""Size in bytes of the largest document of the format that is read."""

_COMPARED: Final = ("version", "description", "license")


def claims_open_format(tree: FileTree) -> bool:
    """Say whether a plugin has a root `plugin.json` of the Agent Plugins format, of whatever version.

    Raises:
        ToolhiveError: the file changed, or its disk failed, while it was read.
    """
    return _open_document(tree) is not None


def open_name(tree: FileTree) -> tuple[str, str]:
    """Return the name and the version that a root `plugin.json` of the format gives; each is empty where it gives none."""
    document = _open_document(tree) or JsonObject(())
    name, version = document.get("name"), document.get("version")
    return name if isinstance(name, str) else "", version if isinstance(version, str) else ""


def check_manifests_agree(plugin: PluginTree) -> None:
    """Compare what the manifests of a plugin say of it. Another name is a fault, any other contradiction a warning.

    Raises:
        InvalidPluginManifestError: the names differ, and the findings end at the first fault.
    """
    ours = _open_document(plugin)
    if ours is None or MANIFEST_PATH not in plugin.files:
        return
    theirs = _document(plugin, MANIFEST_PATH)
    if theirs is None:
        return
    other_name = theirs.field("name")
    if isinstance(other_name, str) and ours.get("name") not in (other_name, None):
        problem = f"the name is {_said(ours, 'name')}, and {shown(other_name)!r} in {MANIFEST_PATH}"
        error = InvalidPluginManifestError(problem, where=OPEN_MANIFEST, remedy="Give the plugin one name")
        plugin.findings.refuse(Rule.MANIFEST_NAMES, error, OPEN_MANIFEST)
    for field in _COMPARED:
        if field in ours and (there := theirs.field(field)) is not None and ours[field] != there:
            problem = f"{field!r} is {_said(ours, field)}, and {_said(theirs, field)} in {MANIFEST_PATH}"
            remedy = "Clients that read this file first show it; say the same in both"
            at = ours.position(field)
            plugin.findings.warning(Rule.MANIFESTS_DIFFER, problem, OPEN_MANIFEST, at, remedy)


def _said(document: JsonObject, field: str) -> str:
    value = document.field(field)
    return repr(shown(value)) if isinstance(value, str) else "no string"


def _open_document(tree: FileTree) -> JsonObject | None:
    document = _document(tree, OPEN_MANIFEST)
    schema = None if document is None else document.get("$schema")
    return document if isinstance(schema, str) and schema.startswith(OPEN_SCHEMAS) else None


def _document(tree: FileTree, path: str) -> JsonObject | None:
    if path not in tree.files or tree.files[path].size > MAX_OPEN_DOCUMENT:
        return None
    try:
        document = tree.json(path, MAX_OPEN_DOCUMENT)
    except InvalidDocumentError:
        return None
    return document if isinstance(document, JsonObject) else None
