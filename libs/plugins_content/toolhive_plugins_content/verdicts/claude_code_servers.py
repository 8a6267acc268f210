"""What Claude Code minds about MCP servers, in `plugin.json` and in files."""

import re
from collections.abc import Iterator
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.plugin_manifest import MANIFEST_PATH
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.tree import resolve_path
from toolhive_plugins_content.verdicts.claude_code_manifest import HOST_SERVER_TYPES, MCP_SERVER
from toolhive_plugins_content.verdicts.reasons import Reasons, position
from toolhive_plugins_content.verdicts.shapes import Path, kind
from toolhive_plugins_content.verdicts.web_addresses import is_absolute_url

_RULE: Final = Rule.CLAUDE_CODE_MCP
_DEFAULT: Final = ".mcp.json"
_OPTION: Final = re.compile(r"\$\{user_config\.([^}]*)\}")


def check_mcp_servers(manifest: JsonObject, reasons: Reasons) -> None:
    """Check the servers that `plugin.json` itself holds, beyond their shapes."""
    declared = manifest.get("mcpServers")
    parts = list(enumerate(declared)) if isinstance(declared, tuple) else [(None, declared)]
    for index, part in parts:
        if isinstance(part, JsonObject):
            base: Path = ("mcpServers",) if index is None else ("mcpServers", index)
            for name, server in part.items():
                if isinstance(server, JsonObject) and not list(MCP_SERVER.faults(server)):
                    _check_server(manifest, server, name, reasons, MANIFEST_PATH, manifest, (*base, name))


def check_mcp_files(manifest: JsonObject, reasons: Reasons) -> None:
    """Check `.mcp.json` and the files that `plugin.json` names."""
    declared = manifest.get("mcpServers")
    named = [part for part in (declared if isinstance(declared, tuple) else (declared,)) if isinstance(part, str)]
    files = [resolve_path(path) for path in named if path.endswith(".json")]
    for path in dict.fromkeys((_DEFAULT, *files)):
        if path is not None and reasons.has_file(path):
            _check_file(manifest, path, reasons)


def _check_file(manifest: JsonObject, path: str, reasons: Reasons) -> None:
    read = reasons.json(_RULE, path)
    if read is None:
        return
    (document,) = read
    servers = document
    base: Path = ()
    if isinstance(document, JsonObject) and document.get("mcpServers") is not None:
        servers, base = document["mcpServers"], ("mcpServers",)
    entries = _entries(servers)
    if entries is None:
        reasons.refuse(
            _RULE, path, f"must be an object of servers, and is {kind(servers)}", at=position(document, base)
        )
        return
    for key, server in entries:
        if reasons.is_full(path):
            break
        place: Path = (*base, key)
        faults = list(MCP_SERVER.faults(server, place))
        for fault in faults:
            reasons.fault(_RULE, path, document, fault)
        if faults or not isinstance(server, JsonObject):
            continue
        if server.get("type") in HOST_SERVER_TYPES:
            message = f"the server {shown(str(key))!r} has a type that only the client itself may use"
            reasons.refuse(_RULE, path, message, at=position(document, place))
        else:
            _check_server(manifest, server, str(key), reasons, path, document, place)


def _entries(servers: JsonValue) -> list[tuple[str | int, JsonValue]] | None:
    """Return the servers by name, or by index in a list, which JavaScript takes for an object too."""
    if isinstance(servers, JsonObject):
        return list(servers.items())
    return list(enumerate(servers)) if isinstance(servers, tuple) else None


def _check_server(
    manifest: JsonObject, server: JsonObject, name: str, reasons: Reasons, path: str, document: JsonValue, place: Path
) -> None:
    """Check the address and the options that a well-formed server refers to."""
    if server.get("type") in HOST_SERVER_TYPES:
        return
    url = server.get("url")
    if server.get("type", "stdio") != "stdio" and isinstance(url, str) and not _is_address(url):
        message = f"the server {shown(name)!r} has a 'url' that is not an absolute URL"
        reasons.refuse(_RULE, path, message, at=position(document, (*place, "url")))
    helper = server.get("headersHelper")
    if isinstance(helper, str) and "${user_config." in helper:
        message = (
            f"the 'headersHelper' of {shown(name)!r} refers to a user option, which is never put into a command line"
        )
        reasons.refuse(_RULE, path, message, at=position(document, (*place, "headersHelper")))
    known = _options(manifest, name)
    for at, text in _texts(server, place):
        for found in _OPTION.finditer(text):
            if found[1] not in known:
                message = (
                    f"the server {shown(name)!r} refers to the user option {shown(found[1])!r}, which is not declared"
                )
                reasons.refuse(_RULE, path, message, "Declare it under 'userConfig'", position(document, at))


def _is_address(url: str) -> bool:
    """Say whether the client takes a server's address: blank, with something yet to be filled in, or an absolute URL."""
    return not url.strip() or "${" in url or is_absolute_url(url)


def _options(manifest: JsonObject, server: str) -> set[str]:
    """Return the user options that a server may refer to: the plugin's, and those of its channel."""
    declared = manifest.get("userConfig")
    known = set(declared) if isinstance(declared, JsonObject) else set()
    channels = manifest.get("channels")
    for channel in channels if isinstance(channels, tuple) else ():
        if isinstance(channel, JsonObject) and channel.get("server") == server:
            own = channel.get("userConfig")
            known |= set(own) if isinstance(own, JsonObject) else set()
    return known


def _texts(server: JsonObject, place: Path) -> Iterator[tuple[Path, str]]:
    """Yield the texts of a server that options are put into."""
    for key in ("command", "url"):
        value = server.get(key)
        if isinstance(value, str):
            yield (*place, key), value
    for key in ("args", "env", "headers"):
        value = server.get(key)
        entries = _entries(value) or []
        for step, text in entries:
            if isinstance(text, str):
                yield (*place, key, step), text
