"""The shape that Claude Code wants `plugin.json` to have, found by asking it (docs/clients.md)."""

import re
from collections.abc import Iterator
from typing import Final

from toolhive_artifact.errors import shown
from toolhive_artifact.json_values import JsonObject
from toolhive_plugins_content.verdicts.client_names import name_problem
from toolhive_plugins_content.verdicts.shapes import (
    Anything,
    Choice,
    Fault,
    Fields,
    Flag,
    ListOf,
    MapOf,
    Number,
    ObjectWith,
    Path,
    Shape,
    absolute_url,
    any_of,
    kind,
    matching,
    not_empty,
    or_list,
    text,
)


def _https(value: str) -> str:
    return "must be an https:// URL" if absolute_url(value) or not value.startswith("https://") else ""


def _from_root(value: str) -> str:
    return "" if value.startswith("./") else "must begin with ./"


def _ending(suffix: str) -> Shape:
    return text(_from_root, matching(f".*{re.escape(suffix)}", f"must end with {suffix}"))


_TEXT: Final = text()
_TEXTS: Final = ListOf(_TEXT)
_TEXT_MAP: Final = MapOf(_TEXT)
_POSITIVE: Final = Number(whole=True, above=0)

PATH: Final = text(_from_root)
JSON_PATH: Final = _ending(".json")
_MARKDOWN_PATH: Final = _ending(".md")
_SKILL_PATH: Final = text(lambda value: "" if value == "." else _from_root(value))

BUNDLE_PATH: Final = text(matching(r"\./.*\.(?:mcpb|dxt)", "must be a path that ends with .mcpb or .dxt"))
_BUNDLE_URL: Final = text(absolute_url, matching(r".*\.(?:mcpb|dxt)", "must end with .mcpb or .dxt"))

_COMMAND: Final = Fields(
    optional={
        "source": PATH,
        "content": _TEXT,
        "description": _TEXT,
        "argumentHint": _TEXT,
        "model": _TEXT,
        "allowedTools": _TEXTS,
    }
)

_OAUTH: Final = Fields(
    optional={
        "clientId": _TEXT,
        "callbackPort": _POSITIVE,
        "authServerMetadataUrl": text(_https),
        "xaa": Flag(),
        "scopes": text(not_empty),
    }
)
_EVERY_SERVER: Final[dict[str, Shape]] = {"timeout": _POSITIVE, "alwaysLoad": Flag()}
_TOOLS: Final = ListOf(
    Fields({"name": _TEXT}, {"permission_policy": Choice(("always_allow", "always_ask", "always_deny"))})
)
_REMOTE: Final[dict[str, Shape]] = {"headers": _TEXT_MAP, "headersHelper": _TEXT, **_EVERY_SERVER}

SERVER_TYPES: Final[dict[str, Fields]] = {
    "stdio": Fields({"command": text(not_empty)}, {"args": _TEXTS, "env": _TEXT_MAP, **_EVERY_SERVER}),
    "http": Fields({"url": _TEXT}, {"oauth": _OAUTH, "tools": _TOOLS, **_REMOTE}),
    "streamable-http": Fields({"url": _TEXT}, {"oauth": _OAUTH, "tools": _TOOLS, **_REMOTE}),
    "sse": Fields({"url": _TEXT}, {"oauth": _OAUTH, "tools": _TOOLS, **_REMOTE}),
    "ws": Fields({"url": _TEXT}, _REMOTE),
}
"""The types that a plugin's MCP server may have; `stdio` where it names none."""

HOST_SERVER_TYPES: Final[dict[str, Fields]] = {
    "sdk": Fields({"name": _TEXT}),
    "sse-ide": Fields({"url": _TEXT, "ideName": _TEXT}),
    "ws-ide": Fields({"url": _TEXT, "ideName": _TEXT}),
    "claudeai-proxy": Fields({"url": _TEXT, "id": _TEXT}),
}
"""Types that the client itself uses: it passes over such a server in `plugin.json`, and minds one in a file."""

_ALL_SERVER_TYPES: Final = {**SERVER_TYPES, **HOST_SERVER_TYPES}


def _server_faults(server: JsonObject, path: Path) -> Iterator[Fault]:
    named = server.get("type", "stdio")
    shape = _ALL_SERVER_TYPES.get(named) if isinstance(named, str) else None
    if shape is None:
        found = shown(named) if isinstance(named, str) else kind(named)
        yield Fault((*path, "type"), f"must be one of {', '.join(SERVER_TYPES)}, and is {found}")
    elif "type" not in server and "command" not in server and "url" in server:
        yield Fault(path, "has a 'url' and no 'type', which makes it a stdio server without a 'command'")
    else:
        yield from shape.faults(server, path)


MCP_SERVER: Final = ObjectWith(_server_faults)
"""The shape of one MCP server, which its `type` decides."""

_LSP_SERVER: Final = Fields(
    required={
        "command": text(
            not_empty,
            lambda value: "must not contain spaces" if " " in value and not value.startswith("/") else "",
        ),
        "extensionToLanguage": MapOf(text(not_empty), key=text(matching(r"\..+", "must begin with a period")), least=1),
    },
    optional={
        "args": ListOf(text(not_empty)),
        "transport": Choice(("stdio", "socket")),
        "env": _TEXT_MAP,
        "initializationOptions": Anything(),
        "settings": Anything(),
        "workspaceFolder": _TEXT,
        "startupTimeout": _POSITIVE,
        "shutdownTimeout": _POSITIVE,
        "requestTimeout": _POSITIVE,
        "restartOnCrash": Flag(),
        "maxRestarts": Number(whole=True, least=0),
        "diagnostics": Flag(),
    },
    closed=True,
)

MONITOR: Final = Fields(
    required={"name": text(not_empty), "command": text(not_empty), "description": text(not_empty)},
    optional={
        "when": any_of(
            "always or on-skill-invoke:SKILL",
            Choice(("always",)),
            text(matching("on-skill-invoke:.+", "must be always or on-skill-invoke:SKILL")),
        )
    },
    closed=True,
)
MONITORS: Final = ListOf(MONITOR)

_USER_OPTION: Final = Fields(
    required={
        "type": Choice(("string", "number", "boolean", "directory", "file")),
        "title": _TEXT,
        "description": _TEXT,
    },
    optional={
        "sensitive": Flag(),
        "required": Flag(),
        "multiple": Flag(),
        "default": any_of("a string, a number, true, false or a list of strings", _TEXT, Number(), Flag(), _TEXTS),
        "min": Number(),
        "max": Number(),
    },
    closed=True,
)
_USER_OPTIONS: Final = MapOf(
    _USER_OPTION, key=text(matching("[A-Za-z_][A-Za-z0-9_]*", "must be made of letters, digits and _"))
)

_CHANNEL: Final = Fields(
    required={"server": text(not_empty)}, optional={"displayName": _TEXT, "userConfig": _USER_OPTIONS}, closed=True
)

_NAME: Final = "[A-Za-z0-9][A-Za-z0-9._-]*"
_DEPENDENCY: Final = any_of(
    "a plugin's name, or an object that has one",
    text(matching(rf"{_NAME}(?:@{_NAME})?(?:@\^[^@]*)?", "must be NAME or NAME@MARKETPLACE")),
    Fields(
        required={"name": text(matching(_NAME, "must be a plugin's name"))},
        optional={"marketplace": text(matching(_NAME, "must be a marketplace's name"))},
    ),
)

_PATHS: Final = or_list(PATH, "a path")
_HOOKS: Final = any_of("a path, or an object of hooks", JSON_PATH, Fields())
_MCP_SERVERS: Final = any_of("a path, or an object of servers", JSON_PATH, BUNDLE_PATH, _BUNDLE_URL, MapOf(MCP_SERVER))
_LSP_SERVERS: Final = any_of("a path, or an object of servers", JSON_PATH, MapOf(_LSP_SERVER))
_THEMES: Final = _PATHS
_MONITORS: Final = any_of("a path, or a list of monitors", JSON_PATH, MONITORS)

METADATA: Final[dict[str, Shape]] = {
    "displayName": _TEXT,
    "description": _TEXT,
    "author": Fields(required={"name": text(not_empty)}, optional={"email": _TEXT, "url": _TEXT}),
    "homepage": text(absolute_url),
    "repository": _TEXT,
    "license": _TEXT,
    "keywords": _TEXTS,
}
"""Fields whose faults fail the client's validator, and which a session passes over."""

MANIFEST: Final = Fields(
    required={"name": text(name_problem)},
    optional={
        **METADATA,
        "$schema": _TEXT,
        "version": _TEXT,
        "defaultEnabled": Flag(),
        "commands": any_of("a path, a list of paths, or an object of commands", PATH, ListOf(PATH), MapOf(_COMMAND)),
        "agents": or_list(_MARKDOWN_PATH, "a path that ends with .md"),
        "skills": or_list(_SKILL_PATH, "a folder's path"),
        "workflows": _PATHS,
        "outputStyles": _PATHS,
        "hooks": or_list(_HOOKS, "a path, or an object of hooks"),
        "mcpServers": or_list(_MCP_SERVERS, "a path, or an object of servers"),
        "lspServers": or_list(_LSP_SERVERS, "a path, or an object of servers"),
        "themes": _THEMES,
        "monitors": _MONITORS,
        "userConfig": _USER_OPTIONS,
        "channels": ListOf(_CHANNEL),
        "dependencies": ListOf(_DEPENDENCY),
        "settings": Fields(),
    },
)
"""The whole document; what it does not name may be anything."""

EXPERIMENTAL: Final = Fields(optional={"themes": _THEMES, "monitors": _MONITORS})
"""What `experimental` holds, where that is an object; anything else there is ignored."""
