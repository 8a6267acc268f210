"""`mcp.json` of the Agent Plugins format: a fault in the document turns all servers off, one in a server only that server."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject, JsonValue
from toolhive_plugins_content.rules import Rule
from toolhive_plugins_content.several_manifests import OPEN_SERVERS, OPEN_SERVERS_SCHEMA
from toolhive_plugins_content.tree import FileTree, resolve_path, under
from toolhive_plugins_content.verdicts.agent_plugins_reasons import OpenFormatReasons, leads_out
from toolhive_plugins_content.verdicts.open_addresses import address_problem
from toolhive_plugins_content.verdicts.reasons import position, spelled
from toolhive_plugins_content.verdicts.shapes import Fault, Fields, ListOf, MapOf, Shape, kind, text

PLUGIN_ROOT: Final = "${PLUGIN_ROOT}"
PLUGIN_DATA: Final = "${PLUGIN_DATA}"
RESERVED_VARIABLES: Final = ("PLUGIN_ROOT", "PLUGIN_DATA")

_OFF: Final = "MCP servers are turned off"
_RULE: Final = Rule.AGENT_PLUGINS_MCP
_SERVER_RULE: Final = Rule.AGENT_PLUGINS_SERVER
_SECTION: Final = "7.2.1"
_MAX_FAULTS: Final = 100
"""Faults told of one server."""

_is_token = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII).fullmatch
_is_field_value = re.compile(
    r"(?:[\x21-\x7e\x80-\U0010ffff](?:[\t\x20-\x7e\x80-\U0010ffff]*[\x21-\x7e\x80-\U0010ffff])?)?"
).fullmatch


def command_problem(command: str) -> str:
    """A check: say why a command is not one executable token, a bare name or a path in the plugin; empty where it is."""
    if command.startswith("./"):
        if "\0" in command:
            return "must not have a NUL in it"
        resolved = resolve_path(command)
        if resolved is None:
            return "leads out of the plugin"
        return "" if resolved else "names the plugin's root, and no program"
    if not command:
        return "must not be empty"
    if "/" in command or "\\" in command:
        return "must be a bare name, or a path that begins with ./"
    if command in (".", "..") or re.search(r"[\s\0]", command):
        return "must be one executable, without arguments: those belong in 'args'"
    return ""


def cwd_problem(cwd: str) -> str:
    """A check: say why a working directory has none of the three forms, or leads out of where it begins; empty where it has."""
    for base in (PLUGIN_ROOT, PLUGIN_DATA):
        if cwd == base:
            return ""
        if cwd.startswith(f"{base}/"):
            return _escape(f".{cwd.removeprefix(base)}", base)
    return _escape(cwd, "the plugin") if cwd.startswith("./") else f"must begin with ./, {PLUGIN_ROOT} or {PLUGIN_DATA}"


def _escape(path: str, base: str) -> str:
    return f"leads out of {base}" if resolve_path(path) is None else ""


def _header_name(name: str) -> str:
    return "" if _is_token(name) else "is no name of an HTTP header"


def _header_value(value: str) -> str:
    return "" if _is_field_value(value) else "is no value of an HTTP header"


def _variable(name: str) -> str:
    return "is set by the client, and must not be here" if name in RESERVED_VARIABLES else ""


_TEXT: Final = text()
_REMOTE: Final = {"url": text(address_problem)}
_HEADERS: Final[Mapping[str, Shape]] = {"headers": MapOf(text(_header_value), text(_header_name))}
_TYPES: Final = {
    "stdio": Fields(
        required={"type": _TEXT, "command": text(command_problem)},
        optional={"args": ListOf(_TEXT), "env": MapOf(_TEXT, text(_variable)), "cwd": text(cwd_problem)},
        closed=True,
    ),
    "streamable-http": Fields(required={"type": _TEXT, **_REMOTE}, optional=_HEADERS, closed=True),
    "sse": Fields(required={"type": _TEXT, **_REMOTE}, optional=_HEADERS, closed=True),
}


def server_faults(server: JsonValue) -> Iterator[Fault]:
    """Yield what is wrong with one server, for which it is skipped."""
    if not isinstance(server, JsonObject):
        yield Fault((), f"must be an object, and is {kind(server)}")
        return
    transport = server.get("type")
    if not isinstance(transport, str):
        yield Fault(("type",) if "type" in server else (), "must have a 'type' that is a string")
        return
    shape = _TYPES.get(transport)
    if shape is None:
        yield Fault(("type",), f"must be one of {', '.join(_TYPES)}, and is {shown(transport)}")
        return
    yield from shape.faults(server)
    headers = server.get("headers")
    if isinstance(headers, JsonObject):
        folded: dict[str, str] = {}
        for name in headers:
            other = folded.setdefault(name.lower(), name)
            if other != name:
                yield Fault(("headers", name), f"is {shown(other)!r} again, in other case")


def check_servers(tree: FileTree, reasons: OpenFormatReasons) -> None:
    """Check `mcp.json`, where there is one."""
    if not reasons.has_file(OPEN_SERVERS):
        if under(tree.paths, OPEN_SERVERS):
            reasons.report(_RULE, OPEN_SERVERS, f"{_OFF}: it is a folder", "6.2")
        elif leads_out(tree, OPEN_SERVERS):
            reasons.report(_RULE, OPEN_SERVERS, f"{_OFF}: it leads out of the plugin", "4.1")
        return
    read = reasons.document(_RULE, OPEN_SERVERS, "7.2.2", _OFF)
    if read is None:
        return
    (document,) = read
    off = tuple(document_faults(document))
    for fault, section in off:
        message = f"{_OFF}: {spelled(fault.path)} {fault.problem}".replace(":  ", ": ")
        reasons.report(_RULE, OPEN_SERVERS, message, section, at=position(document, fault.path))
    if off or not isinstance(document, JsonObject):
        return
    servers = document["mcpServers"]
    for name, server in servers.items() if isinstance(servers, JsonObject) else ():
        _check_server(tree, document, name, server, reasons)


def document_faults(document: JsonValue) -> Iterator[tuple[Fault, str]]:
    """Yield what is wrong with `mcp.json` as a document, for which all servers are turned off, each with its section."""
    if not isinstance(document, JsonObject):
        yield Fault((), f"must be an object, and is {kind(document)}"), _SECTION
        return
    schema = document.get("$schema")
    if "$schema" not in document:
        yield Fault((), f"has no '$schema', which must be {OPEN_SERVERS_SCHEMA!r}"), _SECTION
    elif schema != OPEN_SERVERS_SCHEMA:
        yield Fault(("$schema",), f"must be {OPEN_SERVERS_SCHEMA!r}, of the version that plugin.json has"), "10.1"
    if "mcpServers" not in document:
        yield Fault((), "has no 'mcpServers'"), _SECTION
    elif not isinstance(document["mcpServers"], JsonObject):
        yield Fault(("mcpServers",), f"must be an object, and is {kind(document['mcpServers'])}"), _SECTION
    for key in document:
        if key not in ("$schema", "mcpServers"):
            yield Fault((key,), "is not a key that may be here"), _SECTION


def _check_server(
    tree: FileTree, document: JsonObject, name: str, server: JsonValue, reasons: OpenFormatReasons
) -> None:
    called = f"the server {shown(name)!r}"
    is_skipped = False
    for number, fault in enumerate(server_faults(server)):
        is_skipped = True
        if number == _MAX_FAULTS:
            break
        at = position(document, ("mcpServers", name, *fault.path))
        message = f"{called} is skipped: {spelled(fault.path)} {fault.problem}".replace(":  ", ": ")
        reasons.report(_SERVER_RULE, OPEN_SERVERS, message, _section(fault), at=at)
    if not is_skipped and isinstance(server, JsonObject):
        for key, what in _unmet(tree, server):
            at = position(document, ("mcpServers", name, key))
            reasons.report(_SERVER_RULE, OPEN_SERVERS, f"{called} will not start: {what}", "7.2.2", at=at)


def _section(fault: Fault) -> str:
    if "leads out of" in fault.problem:
        return "4.1"
    return (
        "9.2"
        if fault.path[:1] == ("env",) and len(fault.path) > 1 and fault.path[1] in RESERVED_VARIABLES
        else _SECTION
    )


def _unmet(tree: FileTree, server: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield what a server names in the plugin and is not there: no fault of the configuration, but it cannot run."""
    command, cwd = server.get("command"), server.get("cwd")
    if isinstance(command, str) and command.startswith("./") and resolve_path(command) not in tree.files:
        yield "command", f"there is no file at {shown(command)!r}"
    if isinstance(cwd, str) and not cwd.startswith(PLUGIN_DATA):
        folder = resolve_path("." + cwd.removeprefix(PLUGIN_ROOT) if cwd.startswith(PLUGIN_ROOT) else cwd)
        if folder and PLUGIN_DATA not in folder and PLUGIN_ROOT not in folder and not under(tree.paths, folder):
            yield "cwd", f"there is no folder at {shown(cwd)!r}"
