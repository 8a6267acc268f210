"""What Gemini CLI makes of a plugin: whether it loads the folder as an extension, found by asking it (docs/clients.md)."""

import re
from typing import Final

from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.reasons import Reasons
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict

_MANIFEST: Final = "gemini-extension.json"

_name = re.compile(r"[A-Za-z0-9-]+", re.ASCII).fullmatch


def gemini_verdict(tree: FileTree) -> ClientVerdict:
    """Return what Gemini CLI would make of a plugin's files."""
    reasons = Reasons(tree)
    _check(tree, reasons)
    return ClientVerdict(Client.GEMINI, reasons.all())


def _check(tree: FileTree, reasons: Reasons) -> None:
    if _MANIFEST not in tree.files:
        remedy = "It can be made from the other manifests when the plugin is built"
        reasons.refuse(Rule.GEMINI_MANIFEST, _MANIFEST, "it is missing, and no other manifest is read", remedy)
        return
    read = reasons.json(Rule.GEMINI_MANIFEST, _MANIFEST)
    if read is None:
        return
    document = read[0]
    if not isinstance(document, JsonObject):
        reasons.refuse(Rule.GEMINI_MANIFEST, _MANIFEST, "it is not an object")
        return
    name = document.get("name")
    if not isinstance(name, str) or not _name(name):
        reasons.refuse(Rule.GEMINI_MANIFEST, _MANIFEST, "'name' is not of letters, digits and hyphens")
    if not document.get("version"):
        reasons.refuse(Rule.GEMINI_MANIFEST, _MANIFEST, "there is no 'version'")
