"""What Copilot CLI makes of a plugin: what it rejects when a session loads it, found by asking it (docs/clients.md).

It prefers the Agent Plugins format; without any manifest it still loads what is in the default places.
"""

from typing import Final

from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.several_manifests import OPEN_SERVERS, claims_open_format
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.agent_plugins import manifest_reasons
from toolhive_plugins_content.verdicts.reasons import Reasons
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict, Effect

_LSP: Final = ".lsp.json"


def copilot_verdict(tree: FileTree) -> ClientVerdict:
    """Return what Copilot CLI would make of a plugin's files."""
    reasons = Reasons(tree)
    if claims_open_format(tree):
        for each in manifest_reasons(tree):
            if each.effect is Effect.REFUSES:
                at = (each.line, each.column)
                reasons.refuse(Rule.COPILOT_MANIFEST, each.path, each.message, each.remedy, at)
        _check_servers(tree, reasons)
    _check_language_servers(tree, reasons)
    return ClientVerdict(Client.COPILOT, reasons.all())


def _check_servers(tree: FileTree, reasons: Reasons) -> None:
    """Note servers of Claude Code's that it does not look for, since it takes the other format's (seen)."""
    if OPEN_SERVERS in tree.files:
        return
    places = [".mcp.json"] if ".mcp.json" in tree.files else []
    if MANIFEST_PATH in tree.files:
        read = Reasons(tree).json(Rule.COPILOT_MANIFEST, MANIFEST_PATH)
        if read and isinstance(read[0], JsonObject) and read[0].get("mcpServers"):
            places.append(MANIFEST_PATH)
    for path in places:
        message = "its servers are not loaded: beside plugin.json, only those of mcp.json are"
        reasons.ignore(Rule.COPILOT_MANIFEST, path, message, f"Say them in {OPEN_SERVERS} too")


def _check_language_servers(tree: FileTree, reasons: Reasons) -> None:
    if _LSP not in tree.files:
        return
    read = Reasons(tree).json(Rule.COPILOT_LSP, _LSP)
    document = read[0] if read else None
    if not isinstance(document, JsonObject) or not isinstance(document.get("lspServers"), JsonObject):
        remedy = 'It reads {"lspServers": {...}}, and Claude Code reads what is in there without that key'
        reasons.ignore(
            Rule.COPILOT_LSP, _LSP, "its language servers are not loaded: there is no object 'lspServers'", remedy
        )
