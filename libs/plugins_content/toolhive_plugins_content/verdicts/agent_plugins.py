"""What the Agent Plugins format, version 1.0.0, makes of a plugin: each rule of its specification, with how much a fault costs.

Every message ends with the section of the specification that it comes from. The text of the specification decides, also where its
JSON schemas or a client take more or less (docs/open-format.md).
"""

import re
from collections.abc import Mapping
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.several_manifests import OPEN_MANIFEST, OPEN_MANIFEST_SCHEMA
from toolhive_plugins_content.tree import FileTree
from toolhive_plugins_content.verdicts.agent_plugins_reasons import OpenFormatReasons, leads_out
from toolhive_plugins_content.verdicts.shapes import Fault, Fields, ListOf, MapOf, Shape, kind, text
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict, Reason

MAX_OPEN_NAME: Final = 64
"""Characters of a name."""

_RULE: Final = Rule.AGENT_PLUGINS_MANIFEST
_name_form = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.ASCII).fullmatch
_namespace_form = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII).fullmatch


def open_name_problem(name: str) -> str:
    """A check: say what is wrong with a name of the format; empty where nothing is."""
    if _name_form(name) and len(name) <= MAX_OPEN_NAME and "--" not in name and ".." not in name:
        return ""
    return f"must be 1 to {MAX_OPEN_NAME} of a-z, 0-9, single hyphens and single periods, with a letter or digit at both ends"


_TEXT: Final = text()
_REQUIRED: Final[Mapping[str, Shape]] = {"name": text(open_name_problem)}
_METADATA: Final[Mapping[str, Shape]] = {
    "version": _TEXT,
    "description": _TEXT,
    "author": Fields(optional={"name": _TEXT, "email": _TEXT, "url": _TEXT}, closed=True),
    "homepage": _TEXT,
    "repository": _TEXT,
    "license": _TEXT,
    "keywords": ListOf(_TEXT),
}
_SECTIONS: Final = {"name": "5.5", "extensions": "8.1"}
_EXTENSIONS: Final = MapOf(Fields())


def agent_plugins_verdict(tree: FileTree) -> ClientVerdict:
    """Return what a client that follows the specification to the letter would make of a plugin's files."""
    reasons = OpenFormatReasons(tree)
    if _check_manifest(tree, reasons):
        from toolhive_plugins_content.verdicts.agent_plugins_servers import check_servers
        from toolhive_plugins_content.verdicts.agent_plugins_skills import check_skills

        check_skills(tree, reasons)
        check_servers(tree, reasons)
    return ClientVerdict(Client.AGENT_PLUGINS, reasons.all())


def manifest_reasons(tree: FileTree) -> tuple[Reason, ...]:
    """Return what is wrong with the manifest alone."""
    reasons = OpenFormatReasons(tree)
    _check_manifest(tree, reasons)
    return reasons.all()


def _check_manifest(tree: FileTree, reasons: OpenFormatReasons) -> bool:
    """Check `plugin.json`, and say whether the components count at all."""
    if not reasons.has_file(OPEN_MANIFEST):
        what = "leads out of the plugin" if leads_out(tree, OPEN_MANIFEST) else "there is none at the plugin's root"
        reasons.reject(_RULE, OPEN_MANIFEST, what, "4.1")
        return False
    read = reasons.document(_RULE, OPEN_MANIFEST, "5.2")
    if read is None:
        return False
    (document,) = read
    if not isinstance(document, JsonObject):
        reasons.reject(_RULE, OPEN_MANIFEST, f"must be an object, and is {kind(document)}", "5.2", at=(1, 1))
        return False
    if not _check_schema(document, reasons):
        return False
    for key in document.duplicates:
        message = f"{shown(key)!r} is there twice, and readers differ in which one counts"
        reasons.report(_RULE, OPEN_MANIFEST, message, "5.2", at=document.key_position(key))
    for key, shape in {**_REQUIRED, **_METADATA}.items():
        if key not in document:
            if key in _REQUIRED:
                reasons.reject(_RULE, OPEN_MANIFEST, f"has no {key!r}", "5.3", at=(1, 1))
            continue
        for fault in shape.faults(document[key], (key,)):
            reasons.reject_value(OPEN_MANIFEST, document, fault, _SECTIONS.get(key, "5.4"))
    _check_extensions(document, reasons)
    for key in document:
        if key not in _REQUIRED and key not in _METADATA and key not in ("$schema", "extensions"):
            message = f"{shown(key)!r} is no field of the format, and is ignored"
            remedy = "What is for one client belongs under 'extensions'"
            reasons.report(_RULE, OPEN_MANIFEST, message, "5.2", remedy, at=document.key_position(key))
    return not reasons.refused


def _check_schema(document: JsonObject, reasons: OpenFormatReasons) -> bool:
    schema = document.get("$schema")
    remedy = f"Write {OPEN_MANIFEST_SCHEMA!r}"
    if schema == OPEN_MANIFEST_SCHEMA:
        return True
    if not isinstance(schema, str) or not schema:
        what = "there is no '$schema'" if "$schema" not in document else "'$schema' must be a string"
        reasons.reject(_RULE, OPEN_MANIFEST, what, "5.3", remedy, at=(1, 1))
    else:
        message = (
            f"'$schema' names {shown(schema)!r}, which is not version 1.0.0; a client that knows it may load the plugin"
        )
        reasons.reject(_RULE, OPEN_MANIFEST, message, "5.2", remedy, at=document.position("$schema"))
    return False


def _check_extensions(document: JsonObject, reasons: OpenFormatReasons) -> None:
    if "extensions" not in document:
        return
    extensions = document["extensions"]
    at = document.position("extensions")
    if not isinstance(extensions, JsonObject):
        message = f"'extensions' must be an object, is {kind(extensions)}, and is ignored"
        reasons.report(_RULE, OPEN_MANIFEST, message, "8.1", at=at)
        return
    for fault in _EXTENSIONS.faults(extensions, ("extensions",)):
        reasons.reject_value(OPEN_MANIFEST, document, Fault(fault.path, fault.problem), "8.1")
    for key in extensions:
        if not _namespace_form(key):
            message = f"{shown(key)!r} is no reverse-domain name of a client, and no client will look for it"
            reasons.report(_RULE, OPEN_MANIFEST, message, "8", at=extensions.key_position(key))
