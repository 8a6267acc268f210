"""What Claude Code makes of a plugin: the answer of `claude plugin validate`, found by asking it (docs/clients.md)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import FileTree, resolve_path
from toolhive_plugins_content.verdicts.claude_code_files import check_hooks_files, check_prompts
from toolhive_plugins_content.verdicts.claude_code_manifest import EXPERIMENTAL, MANIFEST, METADATA
from toolhive_plugins_content.verdicts.client_names import only_from_a_marketplace, reserved
from toolhive_plugins_content.verdicts.reasons import Reasons, position
from toolhive_plugins_content.verdicts.shapes import Path
from toolhive_plugins_content.verdicts.verdict import Client, ClientVerdict

_PATH_FIELDS: Final = (
    "commands", "agents", "skills", "workflows", "outputStyles", "hooks", "mcpServers", "lspServers", "themes", "monitors",
)  # fmt: skip
_REMOTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)


def claude_code_verdict(tree: FileTree) -> ClientVerdict:
    """Return what Claude Code would say of a plugin's files."""
    reasons = Reasons(tree)
    if not reasons.has_file(MANIFEST_PATH):
        from toolhive_plugins_content.several_manifests import claims_open_format  # lazily: most plugins have one

        problem = f"there is no {MANIFEST_PATH}"
        if claims_open_format(tree):
            reasons.refuse(Rule.CLAUDE_CODE_MANIFEST, ".", problem, "It ignores the Agent Plugins format")
        else:
            reasons.leave_open(Rule.CLAUDE_CODE_MANIFEST, ".", problem)
        return ClientVerdict(Client.CLAUDE_CODE, reasons.all())
    manifest: JsonObject | None = None
    if read := reasons.json(Rule.CLAUDE_CODE_MANIFEST, MANIFEST_PATH, byte_order_mark=True):
        (document,) = read
        if isinstance(document, JsonObject):
            manifest = document
            _check_manifest(manifest, tree, reasons)
        else:
            reasons.refuse(Rule.CLAUDE_CODE_MANIFEST, MANIFEST_PATH, "must be an object", at=(1, 1))
    declared = manifest if manifest is not None else JsonObject(())
    check_hooks_files(declared, reasons)
    if declared.get("mcpServers") is not None or reasons.has_file(".mcp.json"):
        from toolhive_plugins_content.verdicts.claude_code_servers import (
            check_mcp_files,  # lazily: few plugins have servers
        )

        check_mcp_files(declared, reasons)
    check_prompts(tree, reasons)
    return ClientVerdict(Client.CLAUDE_CODE, reasons.all())


def _check_manifest(manifest: JsonObject, tree: FileTree, reasons: Reasons) -> None:
    for fault in MANIFEST.faults(manifest):
        reasons.fault(Rule.CLAUDE_CODE_MANIFEST, MANIFEST_PATH, manifest, fault)
    experimental = manifest.get("experimental")
    if isinstance(experimental, JsonObject):
        for fault in EXPERIMENTAL.faults(experimental, ("experimental",)):
            reasons.fault(Rule.CLAUDE_CODE_MANIFEST, MANIFEST_PATH, manifest, fault)
    _check_name(manifest, reasons)
    commands = manifest.get("commands")
    if isinstance(commands, JsonObject):
        for name, command in commands.items():
            if isinstance(command, JsonObject) and bool(command.get("source")) == bool(command.get("content")):
                message = f"the command {shown(name)!r} must have either a 'source' or a 'content'"
                reasons.refuse(
                    Rule.CLAUDE_CODE_MANIFEST, MANIFEST_PATH, message, at=position(manifest, ("commands", name))
                )
    _check_monitor_names(manifest, reasons)
    _check_paths(manifest, tree, reasons)
    if manifest.get("mcpServers") is not None:
        from toolhive_plugins_content.verdicts.claude_code_servers import check_mcp_servers

        check_mcp_servers(manifest, reasons)


def _check_name(manifest: JsonObject, reasons: Reasons) -> None:
    name = manifest.get("name")
    if not isinstance(name, str):
        return
    at = position(manifest, ("name",))
    if reserved(name):
        message = f"the name {shown(name)!r} reads as one of Claude Code's maker, whose names are reserved"
        reasons.refuse(Rule.CLAUDE_CODE_NAME, MANIFEST_PATH, message, "Name it for what it does", at)
    elif only_from_a_marketplace(name):
        message = f"a plugin named {shown(name)!r} cannot be loaded by its path"
        reasons.ignore(Rule.CLAUDE_CODE_NAME, MANIFEST_PATH, message, "Use lower-case letters, digits and hyphens", at)


def _check_monitor_names(manifest: JsonObject, reasons: Reasons) -> None:
    for path in (("monitors",), ("experimental", "monitors")):
        monitors = _at(manifest, path)
        names = [
            monitor.get("name")
            for monitor in (monitors if isinstance(monitors, tuple) else ())
            if isinstance(monitor, JsonObject)
        ]
        if len(names) != len({name for name in names if isinstance(name, str)}):
            reasons.refuse(
                Rule.CLAUDE_CODE_MANIFEST,
                MANIFEST_PATH,
                "monitors must have names that differ",
                at=position(manifest, path),
            )


def _check_paths(manifest: JsonObject, tree: FileTree, reasons: Reasons) -> None:
    """Check that every declared path stays in the plugin and leads to something."""
    files = frozenset(tree.paths)
    folders = {"", *(path[: found.start()] for path in files for found in re.finditer("/", path))}
    for place, value in _declared_paths(manifest):
        at = position(manifest, place)
        if ".." in re.split(r"[/\\]", value):
            message = f"the path {shown(value)!r} has a '..' in it"
            reasons.refuse(Rule.CLAUDE_CODE_PATH, MANIFEST_PATH, message, at=at)
            continue
        resolved = resolve_path(value)
        if resolved not in files and resolved not in folders:
            message = f"nothing that is packaged is at {shown(value)!r}"
            reasons.refuse(Rule.CLAUDE_CODE_PATH, MANIFEST_PATH, message, at=at)
        elif place[0] == "skills" and resolved in files:
            message = f"{shown(value)!r} is a file, and must be the folder that holds a SKILL.md"
            reasons.refuse(Rule.CLAUDE_CODE_PATH, MANIFEST_PATH, message, at=at)


def _declared_paths(manifest: JsonObject) -> Iterator[tuple[Path, str]]:
    for path in (*((name,) for name in _PATH_FIELDS), ("experimental", "themes"), ("experimental", "monitors")):
        value = _at(manifest, path)
        if isinstance(value, str):
            yield from _local(path, value)
        elif isinstance(value, tuple):
            for index, element in enumerate(value):
                if isinstance(element, str):
                    yield from _local((*path, index), element)
        elif path == ("commands",) and isinstance(value, JsonObject):
            for name, command in value.items():
                source = command.get("source") if isinstance(command, JsonObject) else None
                if isinstance(source, str) and source:
                    yield from _local(("commands", name, "source"), source)


def _local(path: Path, value: str) -> Iterator[tuple[Path, str]]:
    if value and not (path[0] == "mcpServers" and _REMOTE.match(value)):
        yield path, value


def _at(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


METADATA_FIELDS: Final = frozenset(METADATA)
"""Fields of `plugin.json` whose faults fail the validator only; a session passes over them."""
