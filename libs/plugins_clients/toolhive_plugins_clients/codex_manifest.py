"""What Codex makes of a plugin: the verdict on its files, and on its name.

Codex reads one manifest (docs/clients.md), and adds a plugin only if that has the name of the marketplace's entry, which is the name in
`.claude-plugin/plugin.json`: the one that the plugin is installed, locked and updated by.
"""

from typing import Final

from attrs import evolve

from toolhive_plugins import (
    Client,
    ClientVerdict,
    Effect,
    FileTree,
    JsonObject,
    JsonValue,
    Reason,
    Rule,
    ToolhiveError,
    client_verdicts,
    parse_json,
    read_manifest,
    shown,
)

_OPEN_MANIFEST: Final = "plugin.json"
_OPEN_SCHEMAS: Final = "https://agent-plugins.org/schemas/"
_OWN_MANIFEST: Final = ".codex-plugin/plugin.json"
_MAX_MANIFEST: Final = 1024 * 1024


def codex_verdict(plugin: FileTree) -> ClientVerdict:
    """Return whether Codex adds a plugin that is installed by the name in `.claude-plugin/plugin.json`."""
    verdict = client_verdicts(plugin, [Client.CODEX])[0]
    try:
        name = read_manifest(plugin, where="the plugin").name
    except ToolhiveError:
        return verdict
    path, document = _manifest(plugin)
    own = document.get("name") if isinstance(document, JsonObject) else None
    if not path or not isinstance(own, str) or own.strip() in ("", name):
        return verdict
    message = (
        f"Codex reads the name {shown(own)!r} here, and does not add a plugin that is installed as {shown(name)!r}"
    )
    reason = Reason(Effect.REFUSES, Rule.CODEX_MANIFEST, path, message, "Give both manifests the same name")
    return evolve(verdict, reasons=(*verdict.reasons, reason))


def _manifest(plugin: FileTree) -> tuple[str, JsonValue]:
    """Return the manifest that Codex prefers to `.claude-plugin/plugin.json`; an empty path where there is none."""
    document = _json(plugin, _OPEN_MANIFEST)
    schema = document.get("$schema") if isinstance(document, JsonObject) else None
    if isinstance(schema, str) and schema.startswith(_OPEN_SCHEMAS):
        return _OPEN_MANIFEST, document
    return (_OWN_MANIFEST, _json(plugin, _OWN_MANIFEST)) if _OWN_MANIFEST in plugin.files else ("", None)


def _json(plugin: FileTree, path: str) -> JsonValue:
    try:
        return parse_json(plugin.read(path, _MAX_MANIFEST), where=path) if path in plugin.files else None
    except ToolhiveError:
        return None
